"""`--notify`: told when a run ends, well or badly; never in the way of the run."""

import json
import shlex
import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import click
import pytest
from click.testing import CliRunner

from helpers import cli, notify
from helpers.errors import InputError


@pytest.fixture
def server():
    """A web server on loopback; `heard` are the messages, `answer` is its status."""
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            self.server.heard.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(self.server.answer)
            self.end_headers()

        def log_message(self, *_):
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as http:
        http.heard, http.answer = [], 200
        http.address = f"http://127.0.0.1:{http.server_port}/token?key=secret"
        threading.Thread(target=http.serve_forever, daemon=True).start()
        yield http
        http.shutdown()


def call(tmp_path, target, end):
    @click.command()
    @click.option("--out", default=str(tmp_path))
    @notify.told
    @click.pass_context
    def job(ctx, out):
        run = {"started": "2999-01-01T00:00:00+00:00", "rendered": 2, "unchanged": 1, "failed": 1, "failures": {"a": "secret"}}
        (tmp_path / "run.json").write_text(json.dumps({"run": run}), encoding="utf-8")
        if isinstance(end, Exception):
            raise end
        ctx.exit(end)

    return CliRunner().invoke(job, ["--notify", target])


@pytest.mark.parametrize(("end", "code"), [(0, 0), (1, 1), (InputError("no figures."), 2), (OSError(28, "full"), 2), (KeyError("x"), 1)])
def test_an_address_is_told_however_the_run_ends(tmp_path, server, end, code):
    result = call(tmp_path, server.address, end)
    message, = server.heard
    assert message["exit"] == code and message["ok"] is (code == 0) and message["rendered"] == 2 and message["failed_places"] == ["a"]
    assert "secret" not in json.dumps(message) and (result.exception is end if isinstance(end, Exception) else result.exit_code == end)


def test_a_command_gets_the_summary_on_stdin_and_no_shell(tmp_path):
    told = tmp_path / "told.json"
    script = "import sys; open(sys.argv[1], 'wb').write(sys.stdin.buffer.read())"
    assert call(tmp_path, shlex.join([sys.executable, "-c", script, str(told), "; $(x)"]), 0).exit_code == 0
    assert json.loads(told.read_text(encoding="utf-8"))["ok"]


@pytest.mark.parametrize("end", [0, 1])
def test_a_target_that_fails_is_said_and_changes_nothing(tmp_path, server, end):
    server.answer = 500
    for target in (server.address, "false", "http://127.0.0.1:9/secret"):
        result = call(tmp_path, target, end)
        assert result.exit_code == end and "could not be told" in result.stderr
    log = (tmp_path / "run.log").read_text(encoding="utf-8")
    assert log.count("could not be told") == 3 and "secret" not in log


@pytest.mark.parametrize("target", ["http://", "no-such-program-here x", "'", " "])
@pytest.mark.parametrize("command", [["report"], ["render"], ["schedule", "0 6 1 * *"]])
def test_a_target_that_cannot_be_is_refused_before_the_run(target, command):
    result = CliRunner().invoke(cli.main, [*command, "--notify", target])
    assert result.exit_code == 2 and "neither" in result.stderr
