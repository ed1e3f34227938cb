"""Places: one id for a named place wherever it is named, one of its own for each that hides its name.

A neighbour's figure in a township's report is the worst fault there is, so nothing is guessed: a
redacted place stays with its document and section until the manifest names it.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping

import pandas as pd
from pypinyin import Style, lazy_pinyin

from helpers.documents.clean import clean
from helpers.documents.manifest import Entry, entry_of
from helpers.schema import PLACES

ID = re.compile(r"[a-z0-9-]{1,64}")
_COUNTED = ("township", "county", "city", "village", "institution", "province", "nation", "")
# **镇, XX乡, 某县: a name the text hides.
_HIDDEN = re.compile("[*＊×□○_]|[xX]{1,4}(?=[省市县区镇乡村街社])|^某")
TITLE = 14
UNNAMED = {"township": "未具名乡镇", "county": "未具名县区", "city": "未具名市", "village": "未具名村", "institution": "未具名机构",
           "province": "未具名省", "nation": "全国", "": "未具名地方"}


def place_id(name: str, county: str = "", *, hidden: str = "", digits: int = 4) -> str:
    """The id of a place: its pinyin and a short hash of its name and county (`[a-z0-9-]`, at most 64).

    `hidden` stands for the name where the text hides it (document and section); `digits` is the length of the hash.

    >>> place_id("沙栏镇")
    'shalanzhen-61f0'
    """
    slug = re.sub(r"[^a-z0-9]+", "-", pinyin(name or hidden).lower()).strip("-")[:40].strip("-") or "place"
    digest = hashlib.blake2s(f"{county}\x00{name}\x00{hidden}".encode(), digest_size=digits // 2).hexdigest()
    return f"{slug}-{digest}"


def pinyin(name: str) -> str:
    """The name in pinyin without tones, syllables run together; other letters stay."""
    return "".join(lazy_pinyin(name, style=Style.NORMAL, errors=lambda text: re.sub(r"[^A-Za-z0-9]+", "-", text)))


def settle(facts: pd.DataFrame, manifest: Mapping[str, Entry], titles: Mapping[str, str] | None = None) -> tuple[pd.DataFrame, pd.DataFrame]:
    """FACTS with `place_id` and full names, and the PLACES table.

    Where the manifest names a document's place, facts of that level (or of none) that the document
    leaves unnamed, or names alike, belong to it; facts it gives to other places stay theirs. A place whose
    name the text hides is shown with the document's title (`titles`) and the article's number.
    """
    if facts.empty:
        return facts, PLACES.conform([])
    keyed = facts[["doc", "section", "place", "level"]].drop_duplicates()
    settled = _told_apart({tuple(row): _settled(*row, entry_of(manifest, row[0], row[1]), (titles or {}).get(row[0], ""))
                           for row in keyed.itertuples(index=False, name=None)})
    keys = list(facts[["doc", "section", "place", "level"]].itertuples(index=False, name=None))
    named = facts.assign(place_id=[settled[key]["place_id"] for key in keys], place=[settled[key]["name"] for key in keys],
                         level=[settled[key]["level"] for key in keys])
    return named, _table(named, settled)


def _told_apart(settled: dict[tuple, dict]) -> dict[tuple, dict]:
    """The same with longer hashes wherever two places came to one id, so that no figure lands on a neighbour's page."""
    owners: dict[str, set[tuple]] = {}
    for item in settled.values():
        owners.setdefault(item["place_id"], set()).add(item["seed"])
    shared = {place for place, seeds in owners.items() if len(seeds) > 1}
    return {key: {**item, "place_id": _id(item["seed"], digits=16)} if item["place_id"] in shared else item for key, item in settled.items()}


def _id(seed: tuple[str, str, str], digits: int = 4) -> str:
    name, county, hidden = seed
    return place_id(name, county, hidden=hidden, digits=digits)


def _settled(doc: str, section: int, name: str, level: str, entry: Entry | None, title: str) -> dict:
    county = entry.county if entry else ""
    province = entry.province if entry else ""
    simulated = bool(entry and entry.simulated)
    alias = ""
    if entry and entry.place and not _HIDDEN.search(entry.place) and _same_place(name, level, entry):
        alias = name if name and name != entry.place else ""
        name, level = entry.place, entry.level or level
    elif entry and level in ("county", "city") and entry.county and not name:
        name = entry.county
    if not name or _HIDDEN.search(name):
        seed = ("", "", f"{doc}-s{section}-{level}")
        return {"place_id": _id(seed), "seed": seed, "name": _unnamed(doc, section, level, title), "level": level,
                "county": county, "province": province, "simulated": simulated, "redacted": True, "alias": alias}
    within = county if level in ("township", "village", "institution") else ""
    seed = (name, within, "")
    return {"place_id": _id(seed), "seed": seed, "name": name, "level": level, "county": within, "province": province,
            "simulated": simulated, "redacted": False, "alias": alias}


def _unnamed(doc: str, section: int, level: str, title: str) -> str:
    """未具名乡镇（乡镇工作计划…第4篇）: what is known of a place whose name is hidden."""
    shown = clean(title).text.strip() or doc
    shown = shown if len(shown) <= TITLE else shown[:TITLE] + "…"
    return f"{UNNAMED.get(level, UNNAMED[''])}（{shown}，第{section}篇）"


def _same_place(name: str, level: str, entry: Entry) -> bool:
    if name:
        return name == entry.place or entry.place.endswith(name) or name.endswith(entry.place)
    return level in ("", entry.level)


def _table(named: pd.DataFrame, settled: Mapping) -> pd.DataFrame:
    counts = named.groupby("place_id").agg(documents=("doc", "nunique"), facts=("fact", "size"))
    rows: dict[str, dict] = {}
    for item in settled.values():
        row = rows.setdefault(item["place_id"], {**item, "aliases": set()})
        row["aliases"] |= {item["alias"]} - {""}
    table = []
    for place, row in rows.items():
        table.append({"place_id": place, "name": row["name"], "pinyin": pinyin(row["name"]), "level": row["level"], "county": row["county"],
                      "province": row["province"], "aliases": ";".join(sorted(row["aliases"])), "redacted": row["redacted"],
                      "simulated": row["simulated"], "documents": counts.documents[place], "facts": counts.facts[place]})
    frame = PLACES.conform(table)
    rank = frame["level"].map({level: i for i, level in enumerate(_COUNTED)}).fillna(len(_COUNTED))
    return frame.assign(rank=rank).sort_values(["rank", "pinyin", "place_id"]).drop(columns="rank").reset_index(drop=True)
