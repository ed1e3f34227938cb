"""The run record `run.json`: what was made of what, how long it took, what failed.

While a run lasts, each finished report is a line of `.run.jsonl`; the record is written whole when the run ends. A
killed run leaves the lines, and the next one goes on from them.
"""

from __future__ import annotations

import json
import platform
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from helpers import __version__
from helpers.errors import ReportError
from helpers.workspace import write_text

FILE, JOURNAL, LOG = "run.json", ".run.jsonl", "run.log"
LIBRARIES = ("pandas", "numpy", "scipy", "statsmodels", "matplotlib", "seaborn", "papermill", "nbconvert", "jinja2", "pyarrow", "fonttools")


@dataclass
class RunRecord:
    """Pages by place (`key`, `seconds`, `size`, `error`, `why`) and the totals of the last run."""

    pages: dict[str, dict] = field(default_factory=dict)
    run: dict = field(default_factory=dict)
    _begun: dict[str, str] = field(default_factory=dict)

    @property
    def failures(self) -> dict[str, str]:
        """Error by place, of the places the last run was asked for."""
        asked = set(self.run.get("places", ()))
        return {place: page["error"] for place, page in self.pages.items() if page.get("error") and place in asked}

    @classmethod
    def read(cls, out: Path) -> RunRecord:
        """The record of the last run in `out`, a killed one's pages included; empty where there is none to be read."""
        try:
            stored = json.loads((out / FILE).read_text(encoding="utf-8"))
            record = cls(pages={place: dict(page) for place, page in stored["pages"].items()})
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            record = cls()
        record.pages |= _journal(out / JOURNAL)
        return record

    def why(self, place: str, key: str, out: Path) -> str:
        """Why the page is due: new, missing, failed or changed; empty when it is up to date."""
        page = self.pages.get(place)
        if page is None:
            return "new"
        if page.get("error"):
            return "failed"
        if not (out / f"{place}.html").is_file():
            return "missing"
        return "" if page.get("key") == key else "changed"

    def begin(self, places: Iterable[str], keys: Mapping[str, str], reasons: Mapping[str, str]) -> None:
        """Note what this run was asked for."""
        self._begun = dict(keys)
        libraries = {name: version(name) for name in LIBRARIES}
        self.run = {
            "started": datetime.now(UTC).isoformat(timespec="seconds"), "township_notebooks": __version__,
            "python": platform.python_version(), "libraries": libraries, "places": list(places),
            "why": {place: reason for place, reason in reasons.items() if reason},
            "unchanged": sum(not reason for reason in reasons.values()), "complete": False}

    def note(self, outcome, out: Path) -> None:
        """Keep the outcome of one report, on disk at once; a failed one keeps no key, so that the next run tries again.

        Raises ReportError when it cannot be written down: a run that could not say what it did has to stop.
        """
        page = {"key": "" if outcome.error else self._begun[outcome.place], "seconds": round(outcome.seconds, 3),
                "size": outcome.size, "error": outcome.error, "why": self.run["why"].get(outcome.place, "")}
        self.pages[outcome.place] = page
        now = datetime.now(UTC).isoformat(timespec="seconds")
        told = outcome.error or f"{outcome.seconds:.2f} s, {outcome.size} bytes"
        try:
            _append(out / JOURNAL, json.dumps({outcome.place: page}, ensure_ascii=False))
            _append(out / LOG, f"{now} {outcome.place} ({page['why']}): {told}")
        except OSError as error:
            raise ReportError(f"{out} takes no more ({error.strerror}): make room and run again; the {len(self.pages)} pages "
                              "recorded so far are kept.") from error

    def finish(self, seconds: float, known: set[str]) -> None:
        """Close the run; pages of places the data no longer have are forgotten."""
        self.pages = {place: page for place, page in sorted(self.pages.items()) if place in known}
        self.run |= {"seconds": round(seconds, 3), "rendered": len(self.run["why"]) - len(self.failures),
                     "failed": len(self.failures), "complete": True}

    def write(self, out: Path) -> None:
        """Write `run.json` in one step; the journal is not needed any more."""
        stored = {"run": {**self.run, "failures": self.failures}, "pages": self.pages}
        try:
            write_text(out / FILE, json.dumps(stored, ensure_ascii=False, indent=1) + "\n")
        except OSError as error:
            raise ReportError(f"{out / FILE} cannot be written ({error.strerror}): make room and run again; "
                              "no finished page is lost.") from error
        (out / JOURNAL).unlink(missing_ok=True)


def _append(path: Path, line: str) -> None:
    with path.open("a", encoding="utf-8") as stream:
        stream.write(line + "\n")


def _journal(path: Path) -> dict[str, dict]:
    """The pages a killed run had finished; a line that was cut off is passed over."""
    found: dict[str, dict] = {}
    if not path.is_file():  # a device would be read for ever
        return found
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except OSError:
        return found
    for line in lines:
        try:
            found |= {place: dict(page) for place, page in json.loads(line).items()}
        except (ValueError, TypeError, AttributeError):
            continue
    return found
