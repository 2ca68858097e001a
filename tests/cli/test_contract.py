"""What holds for every verb: help with examples, --json, --home, one table of exit codes, errors in words."""

from __future__ import annotations

import errno
import inspect
import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from hub import errors
from hub.cli.app import VERBS
from hub.cli.exits import MEANINGS, Exit, exit_for
from hub.cli.output import show_error
from tests.cli.conftest import Command

ALL = [verb for verbs in VERBS.values() for verb in verbs]
NAMES = [verb.__name__ for verb in ALL]


@pytest.mark.parametrize("verb", ALL, ids=NAMES)
def test_every_verb_has_json_home_and_examples(verb: object) -> None:
    assert callable(verb)
    assert {"json", "home"} <= set(inspect.signature(verb).parameters)
    first, _, rest = (verb.__doc__ or "").partition("\n")
    assert first.endswith(".")
    assert re.search(rf"Examples:\n +.*crossdock {verb.__name__}\b", rest)


@pytest.mark.parametrize("verb", NAMES)
def test_help_is_given_and_leaves_with_0(crossdock: Command, verb: str) -> None:
    result = crossdock(verb, "--help")
    assert result.code == 0
    assert f"crossdock {verb}" in result.text
    assert "--json" in result.text


def test_help_lists_every_verb_and_every_exit_code(crossdock: Command) -> None:
    text = crossdock("--help").text
    assert [name for name in NAMES if not re.search(rf"\b{name}\b", text)] == []
    assert [code for code in MEANINGS if not re.search(rf"^ +{code.value} +\w", text, re.MULTILINE)] == []


def test_every_error_has_an_exit_code() -> None:
    kinds = [value for name in errors.__all__ if issubclass(value := getattr(errors, name), errors.CrossdockError)]
    codes = {kind.__name__: exit_for(kind("it is so")).value for kind in kinds}
    assert codes == {
        "AuthExpired": 4, "BadDocument": 5, "Broken": 1, "CrossdockError": 1, "Duplicate": 6, "Held": 6,
        "KeyConflict": 6, "Misconfigured": 2, "NotFound": 3, "NotYet": 7, "OutcomeUnknown": 7, "Rejected": 1,
        "Retryable": 7, "Throttled": 7, "Unreachable": 7,
    }  # fmt: skip
    assert exit_for(FileNotFoundError()) is Exit.NOT_FOUND
    assert exit_for(PermissionError()) is Exit.NOT_ALLOWED


@pytest.mark.parametrize("arguments", [("nonsense",), ("inspect",), ("messages", "--limit", "0"), ("up", "--bogus")])
def test_a_wrong_command_leaves_with_2_and_prints_no_data(crossdock: Command, arguments: tuple[str, ...]) -> None:
    result = crossdock(*arguments)
    assert result.code == Exit.USAGE
    assert result.out == b""
    assert result.err
    told = json.loads(crossdock(*arguments, "--json").err)
    assert told["error"] == "misconfigured"
    assert "--help" in told["fix"]


def test_without_a_home_it_says_where_it_looked(crossdock: Command, tmp_path: Path) -> None:
    result = crossdock("messages", "--home", tmp_path / "nothing")
    assert result.code == Exit.NOT_FOUND
    assert str(tmp_path / "nothing") in result.err
    assert "how to mend it" in result.err
    assert "Traceback" not in result.err
    assert not (tmp_path / "nothing").exists()


@pytest.mark.parametrize("verb", ["up", "worker"])
def test_where_there_is_no_hub_none_is_begun(crossdock: Command, tmp_path: Path, verb: str) -> None:
    result = crossdock(verb, "--home", tmp_path / "nothing" / "here")
    assert result.code == Exit.NOT_FOUND
    assert result.err.startswith("error: There is no hub in")
    assert not (tmp_path / "nothing").exists()


def test_a_hub_that_cannot_start_leaves_no_word_of_itself(crossdock: Command, home: Path) -> None:
    (home / "config" / "hub.toml").write_text("wrong = 1\n")
    assert crossdock("up").code == Exit.USAGE
    assert not (home / "hub.pid").exists()


def test_an_error_is_one_json_object_with_json(crossdock: Command, tmp_path: Path) -> None:
    result = crossdock("messages", "--json", "--home", tmp_path / "nothing")
    told = json.loads(result.err)
    assert {"error", "message", "fix"} <= told.keys()
    assert result.out == b""


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EACCES, errno.EROFS, errno.ENOENT, errno.EADDRINUSE])
def test_what_the_system_refuses_says_how_to_mend_it(capsys: pytest.CaptureFixture[str], number: int) -> None:
    show_error(OSError(number, os.strerror(number)), as_json=True)
    told = json.loads(capsys.readouterr().err)
    assert told["message"] == os.strerror(number)
    assert told["fix"]


def test_a_fault_of_ours_is_told_without_a_traceback(
    crossdock: Command, monkeypatch: pytest.MonkeyPatch, good: Path
) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError("by nothing")

    monkeypatch.setattr("hub.cli.inspect.tell", broken)
    result = crossdock("inspect", good)
    assert result.code == Exit.FAILED
    assert "ZeroDivisionError: by nothing" in result.err
    assert "CROSSDOCK_DEBUG=1" in result.err
    monkeypatch.setenv("CROSSDOCK_DEBUG", "1")
    with pytest.raises(ZeroDivisionError):
        crossdock("inspect", good)


def test_no_colour_where_it_is_not_a_terminal(crossdock: Command, faulty: Path) -> None:
    assert b"\x1b" not in crossdock("inspect", faulty).out


def test_version_names_what_it_stands_on(crossdock: Command) -> None:
    found = crossdock("version", "--json").json
    assert {"crossdock", "python", "pyx12", "dramatiq"} <= found.keys()
    assert crossdock("--version").text == f"crossdock {found['crossdock']}\n"


def test_a_benchmark_that_is_not_there_is_said_to_be_missing(
    crossdock: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hub.cli.bench.find_spec", lambda _: None)
    result = crossdock("bench", "flow")
    assert result.code == Exit.NOT_FOUND
    assert "it has: none" in result.err


def test_figures_are_a_table_and_json(crossdock: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    measured = [{"document": "850", "crossdock_us": 12.5}]
    monkeypatch.setattr("bench.x12.figures", lambda: measured)
    assert crossdock("bench", "x12", "--json").json == measured
    assert crossdock("bench", "x12").text.split() == ["document", "crossdock_us", "850", "12.5"]


def process(*arguments: str | Path, **options: object) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "hub.cli", *map(str, arguments)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, **options)  # type: ignore[call-overload,no-any-return]


def test_a_reader_that_goes_away_is_no_drama(tmp_path: Path, good: Path) -> None:
    many = tmp_path / "many"
    many.mkdir()
    for number in range(300):
        (many / f"{number}.edi").write_bytes(good.read_bytes())
    running = process("inspect", "--json", many)
    assert running.stdout is not None
    assert running.stderr is not None
    running.stdout.readline()
    running.stdout.close()
    error = running.stderr.read()
    running.stderr.close()
    assert running.wait(60) == Exit.FAILED
    assert error == b""


def test_ctrl_c_leaves_with_130(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    running = process("ack", "-", stdin=subprocess.PIPE)
    assert running.stdin is not None
    running.stdin.write(b"ISA" * 50_000)
    running.stdin.flush()
    running.send_signal(signal.SIGINT)
    output, error = running.communicate(timeout=60)
    assert running.returncode == Exit.INTERRUPTED
    assert output == b""
    assert b"Traceback" not in error
