"""A folder that may be handed out: the tables of a run without small counts, made anew from what is left.

    facts, findings, texts = suppress(…)     the only place that knows both what is hidden and what is shown
    panel     = panel.build(facts)           from here on as in `helpers.pipeline`, on what may be known
    rates     = rates.build(panel, …)
"""

from __future__ import annotations

from pathlib import Path

from helpers import audit, panel, rates
from helpers.curate import in_force
from helpers.errors import InputError
from helpers.schema import DOUBTS
from helpers.suppress import suppress
from helpers.workspace import Workspace, write_text

PRIVATE = ".private"  # behind the name of a folder of pages: where the tables with small counts are


def private_workspace(out: Path) -> Workspace:
    """Where the tables with every count are kept, beside the folder that is handed out and never in it."""
    return Workspace(data=out.with_name(out.name + PRIVATE), reports=out)


def check(out: Path, below: int | None) -> None:
    """See that pages with and pages without small counts never share a folder.

    Raises InputError when `out` holds pages of the other kind: a number left over would undo what is hidden.
    """
    workspace = Workspace.under(out)
    suppressed, built = workspace.table_path("hidden").exists(), workspace.table_path("facts").exists() or (out / "data" / "exports").exists()
    if below is not None and built and not suppressed:
        raise InputError(f"{out} holds pages with small counts in them: give --suppress-below a folder of its own with --out.")
    if below is None and suppressed:
        raise InputError(f"{out} holds pages without small counts: give another folder with --out, or --suppress-below again.")


def publish(private: Workspace, out: Path, below: int) -> Workspace:
    """Write the tables and texts of `private` under `out` without counts from 1 to `below` - 1; gives back their workspace.

    Raises InputError when `private` has not been built, `below` is under 2, or `out` holds pages with small counts.
    """
    check(out, below)
    public = Workspace.under(out)
    public.prepare()
    places, documents = private.read("places"), private.read("documents")
    facts = in_force(private.read("facts"))
    kept = suppress(facts, private.read("findings"), documents, places, _texts(private, documents["doc"]), below)
    cells = audit.question(panel.build(kept.facts), kept.findings)
    table, comparisons = rates.build_and_compare(cells, places)
    for name, frame in (("hidden", kept.hidden), ("documents", kept.documents), ("facts", kept.facts), ("doubts", DOUBTS.conform([])),
                        ("places", places), ("panel", cells), ("rates", table), ("comparisons", comparisons),
                        ("findings", kept.findings)):
        public.write(name, frame)
    folder = public.interim / "text"
    for old in folder.glob("*.txt"):
        if old.stem not in kept.texts:
            old.unlink()
    for doc, text in kept.texts.items():
        write_text(folder / f"{doc}.txt", text)
    return public


def _texts(workspace: Workspace, docs) -> dict[str, str]:
    found = {}
    for doc in docs:
        path = workspace.interim / "text" / f"{doc}.txt"
        if "/" not in doc and path.is_file():
            with path.open(encoding="utf-8", newline="") as stream:
                found[doc] = stream.read()
    return found
