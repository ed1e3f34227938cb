"""Word of a run that has ended, well or badly: a small JSON summary to a web address or to a command.

Nothing that goes wrong here changes what the run did or its exit code; it is said in the log and on stderr.
"""

from __future__ import annotations

import errno
import functools
import json
import shlex
import shutil
import subprocess
import urllib.request
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

import click

from helpers.errors import TownshipError
from helpers.workspace import Workspace

PATIENCE = 30.0  # seconds an address or a command may take
NAMED = 10  # failed places named in a summary


def told(command: Callable) -> Callable:
    """Give a command that renders the option `--notify`, and keep its promise however the command ends."""
    @functools.wraps(command)
    def run(*args, notify: str, **options):
        if not notify or options.get("dry_run"):
            return command(*args, **options)
        name, began = click.get_current_context().info_name, datetime.now(UTC).replace(microsecond=0)
        code, error = 1, "the run was broken off."
        try:
            result = command(*args, **options)
            code, error = 0, ""
            return result
        except click.exceptions.Exit as end:
            code, error = end.exit_code, ""
            raise
        except TownshipError as end:
            code, error = 2, str(end)
            raise
        except OSError as end:
            code, error = 1 if end.errno == errno.EPIPE else 2, end.strerror or type(end).__name__
            raise
        finally:
            out = Path(options.get("out") or Workspace().reports)
            _tell(notify, summary(name, code, error, out, began), out)

    return click.option("--notify", default="", metavar="TARGET", callback=_checked,
                        help="When the run has ended, well or badly, POST a JSON summary to TARGET (http:// or https://), or run "
                             "the command TARGET with it on stdin.")(run)


def summary(command: str, code: int, error: str, out: Path, began: datetime) -> dict:
    """What is told: what ended how, and the counts of `run.json` where this run wrote one."""
    message = {"command": command, "ok": code == 0, "exit": code, "error": error[:600], "out": str(out.resolve()),
               "began": began.isoformat(), "ended": datetime.now(UTC).isoformat(timespec="seconds")}
    with suppress(OSError, ValueError, KeyError, TypeError):
        run = json.loads((out / "run.json").read_text(encoding="utf-8"))["run"]
        if datetime.fromisoformat(run["started"]) >= began:
            message |= {name: run[name] for name in ("rendered", "unchanged", "failed")}
            message["failed_places"] = list(run["failures"])[:NAMED]
    return message


def send(target: str, message: dict) -> None:
    """Deliver a message; raises OSError, ValueError or SubprocessError when it does not arrive."""
    body = json.dumps(message, ensure_ascii=False).encode("utf-8")
    if _is_address(target):
        request = urllib.request.Request(target, data=body, headers={"Content-Type": "application/json; charset=utf-8"}, method="POST")
        with urllib.request.urlopen(request, timeout=PATIENCE):
            return
    subprocess.run(shlex.split(target), input=body, stdout=subprocess.DEVNULL, timeout=PATIENCE, check=True)


def _tell(target: str, message: dict, out: Path) -> None:
    try:
        send(target, message)
    except Exception as error:
        why = str(getattr(error, "reason", "")) or type(error).__name__
        if isinstance(error, subprocess.CalledProcessError):
            why = f"exit code {error.returncode}"
        line = f"--notify: {_name(target)} could not be told that the run has ended ({why}); the run itself is not touched by it."
        click.echo(line, err=True)
        with suppress(OSError), (out / "run.log").open("a", encoding="utf-8") as log:
            log.write(f"{message['ended']} {line}\n")


def _checked(ctx: click.Context, parameter: click.Parameter, target: str) -> str:
    if not target:
        return target
    try:
        fine = bool(urlsplit(target).hostname) if _is_address(target) else bool(shutil.which(shlex.split(target)[0]))
    except (ValueError, IndexError):
        fine = False
    if not fine:
        raise click.BadParameter(f"{_name(target)} is neither an http(s) address nor a command that is there.", ctx, parameter)
    return target


def _is_address(target: str) -> bool:
    return target.lower().startswith(("http://", "https://"))


def _name(target: str) -> str:
    """The target without what may be secret in it: of an address only the host, of a command only the program."""
    if _is_address(target):
        return target.split("/")[2].rpartition("@")[2].partition("?")[0]
    return target.split()[0] if target.split() else "an empty TARGET"
