"""The command line: `township COMMAND`. Each command is thin; the work is in the package it names.

Exit codes: 0 all went well (findings are results, not failures); 1 some document or report failed,
the rest is done and the failures are listed; 2 a wrong call, or nothing could be done.
"""

from __future__ import annotations

import errno
import sys
from pathlib import Path

import click

from helpers import __version__, notify
from helpers.errors import TownshipError
from helpers.workspace import NOTEBOOKS, PROJECT, SAMPLE, Workspace

SOME_FAILED, NOTHING_DONE = 1, 2

PATHS = click.argument("paths", nargs=-1, type=click.Path(path_type=Path))
DATA = click.option("--data", type=click.Path(path_type=Path, file_okay=False), default=PROJECT / "data",
                    show_default="the project's data/", help="Folder with the current interim/ and processed/ tables.")
LANGUAGE = click.option("--language", type=click.Choice(["zh", "en"]), default="zh", show_default=True,
                        help="Language of titles, labels and sentences.")
JOBS = click.option("--jobs", type=click.IntRange(min=1), default=None, show_default="the number of cores",
                    help="Reports rendered at once.")
TIMEOUT = click.option("--timeout", type=click.FloatRange(min=1), default=600, show_default=True,
                       help="Seconds a cell of a report may take; a report that hangs is ended and listed as failed.")
BELOW = click.option("--suppress-below", "below", type=click.IntRange(min=2), default=None, metavar="N",
                     help="Hide every count from 1 to N-1, and what would let one be reckoned back, in all that is written to --out.")
PDF = click.option("--pdf", is_flag=True, help="Print every page, and letter, as one PDF file beside it (needs Chromium, Chrome or Edge).")
LETTERS = click.option("--letters", is_flag=True, help="Write letters/PLACE.html: one page back to the township with what does not add up.")
EXPLAIN = click.option("--explain", is_flag=True, help="Say of each page why it was built, or that it is up to date.")
SCHEDULER = click.option("--scheduler", default="", metavar="ADDRESS",
                         help="Render with the workers of the Dask scheduler there, such as tcp://192.168.0.10:8786 (docs/scaling.md).")
FORCE = click.option("--force", is_flag=True, help="Do the work again even where nothing changed.")


class _Errors(click.Group):
    """Turns the suite's own errors into one sentence on stderr and exit code 2."""

    def invoke(self, ctx: click.Context):
        try:
            return super().invoke(ctx)
        except TownshipError as error:
            click.echo(f"township: {error}", err=True)
            ctx.exit(NOTHING_DONE)
        except OSError as error:
            if error.errno == errno.EPIPE:  # the reader of our output has gone: click knows what to do
                raise
            where = f"{error.filename}: " if error.filename else ""
            click.echo(f"township: {where}{error.strerror or error}: check the folder, its space and its permissions, and run again.", err=True)
            ctx.exit(NOTHING_DONE)


@click.group(cls=_Errors, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="township")
def main() -> None:
    """From a folder of Chinese township work reports to one trustworthy HTML report per township.

    \b
    Example:
      township report data/raw --out reports
    """


@main.command()
@PATHS
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), default=None,
              show_default="reports/", help="Folder for the pages (its data/ holds the tables).")
@JOBS
@LANGUAGE
@FORCE
@TIMEOUT
@EXPLAIN
@SCHEDULER
@BELOW
@PDF
@LETTERS
@notify.told
@click.pass_context
def report(ctx: click.Context, paths, out, jobs, language, force, timeout, explain, scheduler, below, pdf, letters) -> None:
    """The main job: read the documents, build the tables, render a page per place.

    PATH is a document or a folder; without one the sample documents in data/raw are read. Text (.txt, .md), Word (.docx, .doc),
    Excel (.xlsx, .xls, .csv), PDF with a text layer and saved web pages (.html) are read.

    \b
    Examples:
      township report
      township report ~/计生材料 --out ~/计生材料/报告
      township report ~/计生材料 --out ~/公开 --suppress-below 5
      township report ~/计生材料 --out ~/计生材料/报告 --letters --pdf
      township report --notify "mail -s 报告 root"
    """
    from helpers import pipeline, publish

    workspace = Workspace() if out is None else Workspace.under(out) if below is None else publish.private_workspace(out)
    publish.check(workspace.reports, below)
    _can_print(pdf)
    built = pipeline.build(list(paths) or [SAMPLE], workspace, say=_say, force=force)
    if below is not None:
        workspace = _published(workspace, workspace.reports, below)
    from helpers.report import render as render_pages

    record = render_pages(workspace, jobs=jobs, language=language, force=force, timeout=timeout, scheduler=scheduler)
    if explain:
        click.echo("\n".join(record.told()))
    undone = _handed_out(workspace, workspace.reports, language, None, letters, pdf)
    if built.failures or record.failures or undone:
        ctx.exit(SOME_FAILED)


@main.command()
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--out", required=True, type=click.Path(path_type=Path, file_okay=False),
              help="Folder for one <stem>.jsonl (and <stem>.doubts.jsonl) per document.")
@click.pass_context
def extract(ctx: click.Context, paths, out) -> None:
    """Read documents into facts: one JSON object per stated figure, with its span.

    Of a Word, Excel, PDF, CSV file or a web page the text taken out, which spans point into, is put into DIR/text.

    \b
    Example:
      township extract data/raw --out /tmp/facts
    """
    from helpers import pipeline

    failures = pipeline.extract_to(list(paths), out, say=_say)
    if failures:
        ctx.exit(SOME_FAILED)


@main.command()
@click.argument("gold", type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.argument("predicted", type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.option("--earlier", type=click.Path(path_type=Path, exists=True, file_okay=False), default=None,
              help="An earlier PREDICTED folder: list gained, lost and changed facts.")
@click.option("--by", type=click.Choice(["code", "doc"]), multiple=True, help="Break the score down.")
def evaluate(gold, predicted, earlier, by) -> None:
    """Score extracted facts against gold facts: precision, recall and F1.

    \b
    Example:
      township evaluate tests/golden /tmp/facts --by code
    """
    from helpers.extract import evaluation

    click.echo(evaluation.report(gold, predicted, by=by, earlier=earlier), nl=False)


@main.command()
@PATHS
@DATA
@FORCE
@click.pass_context
def build(ctx: click.Context, paths, data, force) -> None:
    """Documents to tables: facts, panel, rates, findings (Parquet in data/). Only what changed is read anew.

    \b
    Example:
      township build data/raw
    """
    from helpers import pipeline

    built = pipeline.build(list(paths) or [SAMPLE], Workspace(data=data), say=_say, force=force)
    if built.failures:
        ctx.exit(SOME_FAILED)


@main.command()
@PATHS
@DATA
@click.option("--format", "form", type=click.Choice(["table", "json", "csv", "xlsx"]), default="table", show_default=True)
@click.option("--severity", type=click.IntRange(0, 4), default=2, show_default=True,
              help="Least severity shown: 2 is a finding, 1 a note, 0 everything checked.")
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), default=None, help="File to write (needed for xlsx).")
@LANGUAGE
@click.option("--queries", type=click.Path(path_type=Path, file_okay=False), default=None,
              help="Write one 查询单 (.xlsx) per township to send back.")
@click.option("--answers", type=click.Path(path_type=Path, file_okay=False, exists=True), default=None,
              help="Take the answered 查询单 of this folder in as corrections, instead of an audit.")
@click.pass_context
def audit(ctx: click.Context, paths, data, form, severity, out, language, queries, answers) -> None:
    """What does not add up: every stated figure recomputed within what rounding allows.

    Without PATH the current data are audited; with PATH the documents are read first.

    \b
    Examples:
      township audit --severity 1
      township audit 报告.txt --format json
      township audit --queries 查询单
      township audit --answers 查询单/已答复
    """
    from helpers.audit import command

    if answers is not None:
        failures = command.take_answers(answers, list(paths), Workspace(data=data))
    else:
        failures = command.run(list(paths), Workspace(data=data), form=form, severity=severity, out=out,
                               language=language, queries=queries)
    if failures:
        ctx.exit(SOME_FAILED)


@main.command()
@DATA
@click.option("--format", "form", type=click.Choice(["ids", "json"]), default="ids", show_default=True)
def places(data, form) -> None:
    """The place ids of the current data, one a line.

    \b
    Example:
      township places --format json
    """
    frame = Workspace(data=data).read("places")
    if form == "json":
        click.echo(frame.to_json(orient="records", force_ascii=False, indent=1))
    else:
        for place_id in frame["place_id"]:
            click.echo(place_id)


@main.command()
@DATA
@click.option("--out", required=True, type=click.Path(path_type=Path, file_okay=False), help="Folder for one <stem>.jsonl per document.")
def gold(data, out) -> None:
    """The facts people have confirmed in corrections.csv (accepted, fixed, added), as gold for `township evaluate`.

    \b
    Example:
      township gold --out /tmp/gold
    """
    from helpers.curate import write_gold

    _say(f"{write_gold(Workspace(data=data).read('facts'), out):,} confirmed facts → {out}")


@main.command()
@click.argument("places", nargs=-1)
@DATA
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), default=PROJECT / "reports",
              show_default="reports/", help="Folder for the pages.")
@JOBS
@LANGUAGE
@FORCE
@TIMEOUT
@EXPLAIN
@SCHEDULER
@BELOW
@PDF
@LETTERS
@click.option("--dry-run", is_flag=True, help="With the reasons of --explain, but build nothing.")
@click.option("--notebook", type=click.Path(path_type=Path, dir_okay=False), default=NOTEBOOKS / "township_report.ipynb",
              show_default="notebooks/township_report.ipynb", help="The report notebook, or one's own.")
@click.option("-p", "parameters", type=(str, str), multiple=True, metavar="NAME VALUE",
              help="A parameter such a notebook takes besides place, data and language.")
@notify.told
@click.pass_context
def render(ctx: click.Context, places, data, out, jobs, language, force, timeout, explain, scheduler, below, pdf, letters, dry_run, notebook, parameters) -> None:
    """Render the report notebook for each PLACE (all places without one).

    \b
    Examples:
      township render --jobs 2 --language en
      township render --explain --dry-run
      township render --out ~/公开 --suppress-below 5
      township render --letters --pdf
    """
    from helpers import publish
    from helpers import report as reports

    publish.check(out, below)
    _can_print(pdf)
    workspace, names = Workspace(data=data, reports=out), list(places) or None
    if below is not None:
        workspace = _published(workspace, out, below)
    options = {"language": language, "force": force, "notebook": notebook, "parameters": dict(parameters)}
    if dry_run:
        for place, why in reports.explain(workspace, names, **options).items():
            click.echo(f"{place}: {why or 'up to date'}")
        return
    record = reports.render(workspace, names, jobs=jobs, timeout=timeout, scheduler=scheduler, **options)
    if explain:
        click.echo("\n".join(record.told()))
    if record.failures or _handed_out(workspace, out, language, names, letters, pdf):
        ctx.exit(SOME_FAILED)


@main.command(context_settings={"ignore_unknown_options": True})
@click.argument("line", metavar="CRON")
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED, metavar="[REPORT ARGUMENTS]...")
def schedule(line, arguments) -> None:
    """The main job on a timetable: `township report` with REPORT ARGUMENTS whenever CRON is due, local time.

    CRON is minute, hour, day, month, weekday (0 and 7 are Sunday). One run at a time; runs that were missed are made
    up for by one. SIGTERM or Ctrl-C ends it, and the run it is in. With --notify among REPORT ARGUMENTS each run is told of.

    \b
    Example (at six in the morning of every first day of a month):
      township schedule "0 6 1 * *" ~/计生材料 --out ~/计生材料/报告
    """
    import threading

    from helpers import timetable
    from helpers.documents.read import find_sources

    told = report.make_context("report", list(arguments), parent=click.get_current_context()).params
    timetable.check_line(line)
    find_sources(list(told["paths"]) or [SAMPLE])  # said now, not in a month
    folder = told["out"] or Workspace().reports
    command = [sys.executable, "-m", "helpers.cli", "report", *arguments]
    stop = threading.Event()
    with timetable.stopped_by_signal(stop):
        timetable.follow(line, lambda stop: timetable.run_command(command, stop), folder, stop, _say)


@main.command()
@click.option("--townships", type=click.IntRange(min=1), required=True)
@click.option("--years", type=click.IntRange(min=1, max=30), required=True)
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), required=True)
@click.option("--seed", type=int, default=1, show_default=True)
@click.option("--format", "form", type=click.Choice(["documents", "panel"]), default="documents", show_default=True)
@click.option("--errors", type=click.FloatRange(0, 1), default=0.1, show_default=True,
              help="Share of documents with a planted error (see answers.csv).")
@click.option("--style", default="mixed", show_default=True,
              help="How the documents look: mixed, plain, table, traditional, ocr or redacted.")
def simulate(townships, years, out, seed, form, errors, style) -> None:
    """A synthetic county, clearly labelled, for demos, tests and load.

    \b
    Example:
      township simulate --townships 12 --years 8 --out /tmp/county
    """
    from helpers.simulate import write

    written = write(out, townships=townships, years=years, seed=seed, form=form, errors=errors, style=style)
    _say(f"simulated, in {out}: " + ", ".join(f"{count:,} {what}" for what, count in written.items()))


@main.command(context_settings={"ignore_unknown_options": True})
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def lab(arguments) -> None:
    """Open JupyterLab on the notebooks.

    \b
    Example:
      township lab --no-browser
    """
    import subprocess

    sys.exit(subprocess.call([sys.executable, "-m", "jupyterlab", str(NOTEBOOKS), *arguments]))


def _can_print(pdf: bool) -> None:
    """Say before the work begins that nothing can be printed."""
    if pdf:
        from helpers.report import printing

        printing.browser()


def _handed_out(workspace: Workspace, out: Path, language: str, places: list[str] | None, letters: bool, pdf: bool) -> bool:
    """Letters and PDF where they are wanted; whether something failed, which is said."""
    from helpers.report import handouts

    failed = handouts.hand_out(workspace, out, language, places, with_letters=letters, pdf=pdf) if letters or pdf else []
    for line in failed:
        _say(line)
    return bool(failed)


def _published(private: Workspace, out: Path, below: int) -> Workspace:
    from helpers import publish

    public = publish.publish(private, out, below)
    _say(f"{len(public.read('hidden')):,} figures hidden so that no count from 1 to {below - 1} can be read or reckoned back in {out}; "
         f"all figures stay in {private.data}")
    return public


def _say(line: str) -> None:
    """A line of progress, on stderr so that stdout stays for results."""
    click.echo(line, err=True)


if __name__ == "__main__":
    main(prog_name="township")
