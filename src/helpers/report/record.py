"""The run record `run.json`: what was made of what, why, how long it took, what failed.

While a run lasts, each finished report is a line of `.run.jsonl`; the record is written whole when the run ends. A
killed run leaves the lines, and the next one goes on from them.
"""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from helpers import __version__
from helpers.errors import ReportError
from helpers.report.keys import LIBRARIES, Key, difference
from helpers.workspace import write_text

FILE, JOURNAL, LOG = "run.json", ".run.jsonl", "run.log"
NEW, FAILED, MISSING, FORCED, CHANGED = "new", "failed", "missing", "forced", "changed"


@dataclass
class RunRecord:
    """Pages by place and the totals of the last run.

    pages: `key` (digest by part), `with` (name of the shared parts), `seconds`, `size`, `error`, `why`, `made`.
    made_with: the shared parts (template, code, catalogue, libraries, language) by their name.
    listing: what the index was made of.
    """

    pages: dict[str, dict] = field(default_factory=dict)
    run: dict = field(default_factory=dict)
    made_with: dict[str, dict] = field(default_factory=dict)
    listing: dict = field(default_factory=dict)
    _begun: dict[str, Key] = field(default_factory=dict)

    @property
    def failures(self) -> dict[str, str]:
        """Error by place, of the places the last run was asked for."""
        asked = set(self.run.get("places", ()))
        return {place: page["error"] for place, page in self.pages.items() if page.get("error") and place in asked}

    def told(self) -> list[str]:
        """For each place the last run was asked for: why its page was built, or that it was up to date, and why it had been built."""
        why = self.run.get("why", {})
        return [f"{place}: {why[place]}" if place in why else f"{place}: {up_to_date(self.pages.get(place, {}))}" for place in self.run.get("places", ())]

    @classmethod
    def read(cls, out: Path) -> RunRecord:
        """The record of the last run in `out`, a killed one's pages included; empty where there is none to be read."""
        record = cls()
        with suppress(OSError, ValueError, KeyError, TypeError, AttributeError):
            stored = json.loads((out / FILE).read_text(encoding="utf-8"))
            record = cls(pages={place: dict(page) for place, page in stored["pages"].items()}, made_with=dict(stored.get("made_with", {})),
                         listing=dict(stored.get("listing", {})))
        pages, made_with = _journal(out / JOURNAL)
        record.pages |= pages
        record.made_with |= made_with
        return record

    def why(self, place: str, key: Key, there: set[str]) -> str:
        """Why the page is due: new, failed, missing, or changed and what has; empty when it is up to date.

        there: the places whose page lies in the folder.
        """
        page = self.pages.get(place)
        if page is None:
            return NEW
        if page.get("error"):
            return FAILED
        if place not in there:
            return MISSING
        if page.get("with") == key.made_with and page.get("key") == key.own:
            return ""
        before = page["key"] if isinstance(page.get("key"), dict) else {}
        parts = difference(before, key.own) + difference(self.made_with.get(page.get("with", ""), {}), key.shared)
        return f"{CHANGED}: {', '.join(parts)}" if before else f"{CHANGED}: made by an earlier version"

    def begin(self, places: Iterable[str], keys: Mapping[str, Key], reasons: Mapping[str, str], out: Path) -> None:
        """Note what this run was asked for; what its pages are made with is on disk before the first of them."""
        self._begun = dict(keys)
        shared = {key.made_with: dict(key.shared) for key in keys.values()}
        self.made_with |= shared
        some = next(iter(keys.values()))
        self.run = {
            "started": _now(), "township_notebooks": __version__, "python": platform.python_version(),
            "libraries": {name: some.shared[name] for name in LIBRARIES}, "places": list(places),
            "why": {place: reason for place, reason in reasons.items() if reason},
            "unchanged": sum(not reason for reason in reasons.values()), "complete": False}
        if self.run["why"]:
            self._write_down(out, {name: {"": parts} for name, parts in shared.items()})

    def note(self, outcome, out: Path) -> None:
        """Keep the outcome of one report, on disk at once; a failed one keeps no key, so that the next run tries again.

        Raises ReportError when it cannot be written down: a run that could not say what it did has to stop.
        """
        key = self._begun[outcome.place]
        page = {"key": {} if outcome.error else dict(key.own), "with": "" if outcome.error else key.made_with,
                "seconds": round(outcome.seconds, 3), "size": outcome.size, "error": outcome.error,
                "why": self.run["why"].get(outcome.place, ""), "made": _now()}
        self.pages[outcome.place] = page
        told = outcome.error or f"{outcome.seconds:.2f} s, {outcome.size} bytes"
        self._write_down(out, {outcome.place: page}, f"{page['made']} {outcome.place} ({page['why']}): {told}")

    def _write_down(self, out: Path, entry: dict, told: str = "") -> None:
        try:
            _append(out / JOURNAL, json.dumps(entry, ensure_ascii=False))
            if told:
                _append(out / LOG, told)
        except OSError as error:
            raise ReportError(f"{out} takes no more ({error.strerror}): make room and run again; the {len(self.pages)} pages "
                              "recorded so far are kept.") from error

    def finish(self, seconds: float, known: set[str]) -> None:
        """Close the run; pages of places the data no longer have are forgotten."""
        self.pages = {place: page for place, page in sorted(self.pages.items()) if place in known}
        used = {page.get("with", "") for page in self.pages.values()}
        self.made_with = {name: parts for name, parts in self.made_with.items() if name in used}
        self.run |= {"seconds": round(seconds, 3), "rendered": len(self.run["why"]) - len(self.failures),
                     "failed": len(self.failures), "complete": True}

    def write(self, out: Path) -> None:
        """Write `run.json` in one step, a page a line; the journal is not needed any more."""
        parts = [f'"run": {json.dumps({**self.run, "failures": self.failures}, ensure_ascii=False)}',
                 f'"made_with": {json.dumps(self.made_with, ensure_ascii=False, indent=1)}', f'"listing": {json.dumps(self.listing)}']
        pages = ",\n".join(f"{json.dumps(place)}: {json.dumps(page, ensure_ascii=False)}" for place, page in self.pages.items())
        try:
            write_text(out / FILE, "{" + ",\n".join([*parts, f'"pages": {{\n{pages}\n}}']) + "}\n")
        except OSError as error:
            raise ReportError(f"{out / FILE} cannot be written ({error.strerror}): make room and run again; "
                              "no finished page is lost.") from error
        (out / JOURNAL).unlink(missing_ok=True)


def up_to_date(page: dict) -> str:
    """How a page that need not be built is spoken of.

    >>> up_to_date({"made": "2026-11-22T06:00:00+00:00", "why": "new"})
    'up to date (built 2026-11-22T06:00:00+00:00: new)'
    """
    return f"up to date (built {page['made']}: {page['why']})" if page.get("made") else "up to date"


def pages_in(out: Path) -> set[str]:
    """The places whose page lies in `out`, from one look at the folder."""
    with os.scandir(out) as entries:
        return {entry.name.removesuffix(".html") for entry in entries if entry.name.endswith(".html")}


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def _append(path: Path, line: str) -> None:
    with path.open("a", encoding="utf-8") as stream:
        stream.write(line + "\n")


def _journal(path: Path) -> tuple[dict[str, dict], dict[str, dict]]:
    """The pages a killed run had finished, and what they were made with; a line that was cut off is passed over."""
    pages: dict[str, dict] = {}
    made_with: dict[str, dict] = {}
    if not path.is_file():  # a device would be read for ever
        return pages, made_with
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except OSError:
        return pages, made_with
    for line in lines:
        with suppress(ValueError, TypeError, AttributeError):
            for name, told in json.loads(line).items():
                if "" in told:
                    made_with[name] = dict(told[""])
                else:
                    pages[name] = dict(told)
    return pages, made_with
