"""migrate, archive, backup, restore: keeping a ledger over years and machines."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from hub.cli.exits import Exit
from hub.clock import SystemClock
from hub.contracts.partner import Retention
from hub.ledger import Ledger, State
from hub.ledger.migrate import HEAD
from hub.ledger.revisions import apply_pending, course
from hub.server.upkeep import Upkeep
from tests.cli.conftest import Command
from tests.ledger.conftest import HandClock
from tests.records import Records

DAY_SECONDS = 86_400


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


def test_a_home_that_was_made_anew_is_adopted(
    crossdock: Command, home: Path, postgres_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Ledger.open(postgres_url, home=tmp_path / "lost", clock=SystemClock()).close()
    monkeypatch.setenv("CROSSDOCK_DATABASE_URL", postgres_url)
    for verb in ("messages", "audit", "doctor", "up", "worker"):
        refused = crossdock(verb)
        assert (refused.code, f"crossdock adopt --home {home}" in refused.err) == (Exit.USAGE, True)
    told = crossdock("adopt", "--json").json
    assert told["home"] == str(home)
    assert told["was"] != told["id"]
    assert crossdock("messages", "--json").json == []
    monkeypatch.delenv("CROSSDOCK_DATABASE_URL")
    assert "is in PostgreSQL" in crossdock("adopt").err


@pytest.fixture
def aged(home: Path) -> dict[str, str]:
    """A finished and a dead message whose bytes came 500 days ago."""
    ledger = Ledger.open(f"sqlite:///{home / 'ledger.db'}", home=home, clock=HandClock(time.time() - 500 * DAY_SECONDS))
    records = Records(ledger)
    ids = {
        "done": records.message(State.DELIVERED, payload=b"done"),
        "dead": records.message(State.DEAD, payload=b"dead"),
        "rejected": records.message(State.REJECTED, payload=b"rejected"),
    }
    ledger.close()
    return ids


def test_archive_moves_lists_and_shows(crossdock: Command, home: Path, aged: dict[str, str], tmp_path: Path) -> None:
    assert crossdock("archive", "--json").json == []
    planned = crossdock("archive", "--older-than", "400d", "--dry-run", "--json").json
    assert (planned["payloads"], planned["kept"], planned["dry_run"]) == (2, 1, True)
    done = crossdock("archive", "--older-than", "400d", "--to", tmp_path / "tapes", "--json").json
    (pack,) = crossdock("archive", "--json").json
    assert (pack["payloads"], pack["is_there"], pack["name"]) == (2, True, done["packs"][0]["name"])
    assert crossdock("show", aged["done"], "--payload").out == b"done"
    shown = crossdock("show", aged["done"], "--json").json
    assert shown["archived"] == [
        {"sha256": shown["payload_sha256"], "pack": str(tmp_path / "tapes" / pack["name"]), "is_there": True}
    ]
    assert "archived    payload in" in crossdock("show", aged["done"]).text
    assert crossdock("show", aged["dead"], "--json").json["archived"] == []
    assert crossdock("audit").code == 0
    assert crossdock("archive", "--older-than", "long").code == Exit.USAGE


def test_what_was_taken_elsewhere_is_replayed_once_it_is_back(
    crossdock: Command, home: Path, aged: dict[str, str], tmp_path: Path
) -> None:
    done = crossdock("archive", "--older-than", "400d", "--json").json
    pack = home / "archive" / done["packs"][0]["name"]
    pack.rename(tmp_path / "tape")
    refused = crossdock("replay", aged["rejected"], "--reason", "mended")
    assert refused.code == Exit.CONFLICT
    assert f"{pack.name} has to be brought back to {pack.parent}" in refused.text + refused.err
    assert crossdock("show", aged["rejected"], "--payload").code == Exit.CONFLICT
    (tmp_path / "tape").rename(pack)
    assert crossdock("replay", aged["rejected"], "--reason", "mended").code == 0


def test_the_hub_does_it_by_itself(records: Records, aged: dict[str, str], tmp_path: Path) -> None:
    upkeep = Upkeep(records.ledger, Retention(payload_days=400, archive=tmp_path / "tapes"), first_seconds=0.0)
    upkeep.start()
    _wait_for_a_pack(records.ledger)
    upkeep.stop()
    ((pack, path),) = records.ledger.packs()
    assert (pack.payloads, path.parent) == (2, tmp_path / "tapes")


def _wait_for_a_pack(ledger: Ledger) -> None:
    until = time.monotonic() + 60
    while not ledger.packs():
        assert time.monotonic() < until, "nothing was archived"
        time.sleep(0.01)
