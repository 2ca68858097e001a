"""Schema upgrades: beside a hub that runs, interrupted anywhere, and not against an older one that is alive."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from hub.clock import SystemClock
from hub.errors import Held, Misconfigured
from hub.ledger import Ledger
from hub.ledger.engines import open_database
from hub.ledger.migrate import FOLDER, HEAD, make_ready
from hub.ledger.revisions import apply_pending, course

ROOT = Path(__file__).parent.parent.parent
CLOCK = SystemClock()
REVISION = '''"""Revision {id} of a test."""

import os
import signal
from pathlib import Path

import sqlalchemy as sa
from alembic import op

revision, down_revision, branch_labels, depends_on = "{id}", "{before}", None, None
phase = "{phase}"


def upgrade() -> None:
    op.create_table("first_{id}", sa.Column("id", sa.Integer(), primary_key=True))
    if Path({deadly!r}).exists():
        os.kill(os.getpid(), signal.SIGKILL)
    op.create_table("second_{id}", sa.Column("id", sa.Integer(), primary_key=True))
'''
Add = Callable[..., Path]


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'ledger.db'}"
    return str(request.getfixturevalue("postgres_url"))


@pytest.fixture
def add(tmp_path: Path) -> Add:
    """Adds a revision to a copy of the program's own; the folder of all."""
    folder = tmp_path / "migrations"
    shutil.copytree(FOLDER, folder, ignore=shutil.ignore_patterns("__pycache__"))
    before = [HEAD]

    def write(revision: str, phase: str = "expand") -> Path:
        text = REVISION.format(id=revision, before=before[-1], phase=phase, deadly=str(tmp_path / "deadly"))
        (folder / "versions" / f"{revision}_test.py").write_text(text)
        before.append(revision)
        return folder

    return write


@pytest.fixture
def old_hub(url: str, tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """A hub of revision 0001 at work."""
    apply_pending(url, home=tmp_path, clock=CLOCK, to="0001")
    command = [sys.executable, "-m", "tests.ledger.hub_of_0001", url, str(tmp_path / "stop")]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        yield process
        process.kill()


def test_a_hub_of_the_first_revision_works_on_while_all_others_are_applied(
    url: str, tmp_path: Path, old_hub: subprocess.Popen[str]
) -> None:
    assert old_hub.stdout is not None
    taken = [old_hub.stdout.readline().strip() for _ in range(20)]
    assert [step.id for step in apply_pending(url, home=tmp_path, clock=CLOCK)][-1] == HEAD
    taken += [old_hub.stdout.readline().strip() for _ in range(20)]
    while f"old-{len(taken):06d}" > taken[-1] and len(taken) < 60:
        taken.append(old_hub.stdout.readline().strip())
    (tmp_path / "stop").touch()
    taken += old_hub.stdout.read().split()
    assert old_hub.wait(60) == 0
    with_all = Ledger.open(url, home=tmp_path, clock=CLOCK)
    report = with_all.audit()
    with_all.close()
    assert (report["balanced"], report["chain_ok"], report["problems"]) == (True, True, [])
    assert report["delivered"] == report["received"] == len(set(taken)) >= 40


def test_what_is_pending_is_told_and_nothing_changed(url: str, tmp_path: Path) -> None:
    apply_pending(url, home=tmp_path, clock=CLOCK, to="0001")
    for _ in range(2):
        found = course(url, clock=CLOCK)
        assert (found.current, found.target) == ("0001", HEAD)
        assert found.pending[0].id == "0002"
        assert found.pending[0].phase == "expand"
        assert found.pending[0].does.startswith("What people say of a cause")
    apply_pending(url, home=tmp_path, clock=CLOCK)
    assert course(url, clock=CLOCK).pending == ()


def test_a_migration_that_was_killed_is_run_again(url: str, tmp_path: Path, add: Add) -> None:
    add("9001")
    folder = add("9002")
    apply_pending(url, home=tmp_path, clock=CLOCK, to="9001", folder=folder)
    (tmp_path / "deadly").touch()
    program = (
        "import sys; from pathlib import Path; from hub.clock import SystemClock\n"
        "from hub.ledger.revisions import apply_pending\n"
        "apply_pending(sys.argv[1], home=Path(sys.argv[2]), clock=SystemClock(), folder=Path(sys.argv[3]))\n"
    )
    command = [sys.executable, "-c", program, url, str(tmp_path), str(folder)]
    assert subprocess.run(command, cwd=ROOT, check=False).returncode == -9
    (tmp_path / "deadly").unlink()
    assert course(url, clock=CLOCK, folder=folder).current == "9001"
    apply_pending(url, home=tmp_path, clock=CLOCK, folder=folder)
    assert course(url, clock=CLOCK, folder=folder).current == "9002"


def test_nothing_is_taken_away_while_an_older_process_lives(url: str, tmp_path: Path, add: Add) -> None:
    add("9001")
    folder = add("9002", "contract")
    older = Ledger.open(url, home=tmp_path, clock=CLOCK)
    with pytest.raises(Held, match="revision 9002 takes away"):
        apply_pending(url, home=tmp_path, clock=CLOCK, folder=folder)
    assert course(url, clock=CLOCK, folder=folder).current == "9001"
    assert older.counts() == {}
    older.close()
    apply_pending(url, home=tmp_path, clock=CLOCK, folder=folder)
    assert course(url, clock=CLOCK, folder=folder).pending == ()


def test_on_postgresql_processes_of_other_machines_are_seen(postgres_url: str, tmp_path: Path, add: Add) -> None:
    folder = add("9001", "contract")
    elsewhere = Ledger.open(postgres_url, home=tmp_path / "elsewhere", clock=CLOCK)
    with pytest.raises(Held, match="session"):
        apply_pending(postgres_url, home=tmp_path, clock=CLOCK, folder=folder)
    elsewhere.close()
    apply_pending(postgres_url, home=tmp_path, clock=CLOCK, folder=folder)


def test_opening_never_contracts_by_itself(url: str, tmp_path: Path, add: Add) -> None:
    Ledger.open(url, home=tmp_path, clock=CLOCK).close()
    folder = add("9001", "contract")
    database = open_database(url, CLOCK)
    make_ready(database.engine, tmp_path, folder)
    assert course(url, clock=CLOCK, folder=folder).current == HEAD
    add("9002")
    with pytest.raises(Misconfigured, match="older than this Crossdock needs") as told:
        make_ready(database.engine, tmp_path, folder)
    database.close()
    assert "crossdock migrate" in told.value.fix
