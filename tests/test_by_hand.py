"""The README's part for OpenSSH's sftp, word for word, against a running hub."""

from __future__ import annotations

import json
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from demo import home as homes
from demo import settings
from demo.ports import Ports
from tests.cli.conftest import GOOD

ROOT = Path(__file__).parent.parent
TRIES = 60


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Path]:
    """A hub as the demo sets one up, with nobody else there; its home."""
    home = homes.take(tmp_path / "run-1")
    ports = Ports.reserve()
    settings.write(home.path / "config", ports, home.make_secrets())
    ports.release()
    hub = subprocess.Popen(
        [sys.executable, "-m", "hub.cli", "up", "--json", "--home", home.path], stdout=subprocess.PIPE, text=True
    )
    try:
        assert hub.stdout is not None
        ready = json.loads(hub.stdout.readline())
        assert ready["mailbox"] == f"sftp://127.0.0.1:{ports['mailbox']}"
        (home.path / "port").write_text(str(ports["mailbox"]))
        yield home.path
    finally:
        hub.send_signal(signal.SIGINT)
        output, _ = hub.communicate(timeout=60)
        home.release()
    assert (hub.returncode, output) == (0, "")


def readme() -> tuple[str, list[str]]:
    """The command and what is typed at its prompt."""
    block = (ROOT / "README.md").read_text("utf-8").split("## Be the retailer yourself", 1)[1].split("\n## ", 1)[0]
    lines = [line.strip() for line in re.sub(r"\\\n *", "", block).splitlines() if line.startswith("    ")]
    return lines[0], [line.removeprefix("sftp> ") for line in lines[1:]]


def typed(home: Path, command: str, lines: list[str], work: Path) -> str:
    """What sftp prints for these lines."""
    words = command.replace(".demo/run-1", str(home)).replace("PORT", (home / "port").read_text()).split()
    text = "\n".join(line.replace("ORDER.edi", str(work / "order.edi")) for line in lines)
    done = subprocess.run(words, input=text, cwd=work, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.skipif(shutil.which("sftp") is None, reason="OpenSSH's sftp is not installed")
def test_the_readme_can_be_typed(running: Path, tmp_path: Path) -> None:
    command, lines = readme()
    (tmp_path / "order.edi").write_bytes(GOOD)
    put, rename, look, get = lines
    typed(running, command, [put, rename], tmp_path)
    for _ in range(TRIES):
        seen = typed(running, command, [look], tmp_path)
        if re.search(r"\b997_\d+\.edi", seen):
            break
    else:
        pytest.fail(f"no 997 came: {seen}")
    typed(running, command, [get], tmp_path)
    (answer,) = tmp_path.glob("997*.edi")
    assert b"AK9*A*1*1*1" in answer.read_bytes()
