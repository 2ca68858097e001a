"""migrate, archive, backup, restore: keeping a ledger over years and machines."""

from __future__ import annotations

from pathlib import Path

from hub.cli.exits import Exit
from hub.clock import SystemClock
from hub.ledger.migrate import HEAD
from hub.ledger.revisions import apply_pending, course
from tests.cli.conftest import Command


def test_migrate_tells_what_it_would_do_and_does_it(crossdock: Command, home: Path) -> None:
    url = f"sqlite:///{home / 'ledger.db'}"
    apply_pending(url, home=home, clock=SystemClock(), to="0001")
    planned = crossdock("migrate", "--dry-run", "--json").json
    assert (planned["from"], planned["to"], planned["applied"]) == ("0001", HEAD, False)
    assert {"id", "phase", "does"} == planned["revisions"][0].keys()
    assert course(url, clock=SystemClock()).current == "0001"
    done = crossdock("migrate")
    assert (done.code, done.text.splitlines()[0]) == (0, f"from 0001 to {HEAD}")
    again = crossdock("migrate")
    assert "up to date" in again.err
    assert crossdock("migrate", "--home", home / "nowhere").code == Exit.NOT_FOUND
