"""After a restore: what the lost hub did since the backup is looked for, or held; nothing happens twice (P2)."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from hub.clock import SystemClock
from hub.flow import replay, work
from hub.ledger import Kind, State
from hub.runtime import open_hub
from hub.runtime.backup import back_up
from hub.runtime.restore import restore
from tests.flow.confirmations import ship
from tests.flow.world import World


@contextmanager
def restored(world: World, backup: str, home: Path, *, doubt_seconds: float = 3600.0) -> Iterator[World]:
    """The same world with a hub made from a backup, as an operator would leave it."""
    restore(Path(backup), home, clock=SystemClock(), skip=1000, doubt_seconds=doubt_seconds)
    shutil.copytree(world.hub.home / "secrets", home / "secrets")
    with open_hub(home) as hub:
        yield World(hub, world.journals, world.far_ends, control=world.control)


@pytest.fixture(autouse=True)
def _restored_to_sqlite(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The hub that is restored has a ledger in its home, whatever the lost one had."""
    monkeypatch.delenv("CROSSDOCK_DATABASE_URL")


def _back_up(world: World, folder: Path) -> str:
    return str(back_up(world.hub.ledger, world.hub.home, folder, version="test")["file"])


def test_what_was_delivered_after_the_backup_is_found_and_not_sent_again(world: World, tmp_path: Path) -> None:
    early, late = world.order("PO-EARLY"), world.order("PO-LATE")
    world.drop(early)
    for stage in ("interchange", "document"):
        work.run(world.hub.flow, stage)
    backup = _back_up(world, tmp_path)
    world.drop(late)
    world.run()
    assert len(world.journals["erp"].all("taken")) == 2
    with restored(world, backup, tmp_path / "again") as again:
        again.drop(late, "sent-again.edi")
        again.run()
        orders = again.messages(Kind.DELIVERY, "erp_order")
        assert [m.state for m in orders] == [State.DELIVERED] * 2, again.trouble()
        again.audit()
    assert len(world.journals["erp"].all("taken")) == 2
    assert world.journals["erp"].all("repeated") == [], "it was looked for, not sent again"


def test_numbers_go_on_behind_those_that_may_have_been_used(world: World, tmp_path: Path) -> None:
    backup = _back_up(world, tmp_path)
    world.drop(world.order("PO-1"))
    world.run()
    used = {entry.control for entry in world.outbox("997")}
    with restored(world, backup, tmp_path / "again", doubt_seconds=0) as again:
        again.drop(again.order("PO-2"))
        again.run()
        assert again.outbox("997")
        assert used.isdisjoint({entry.control for entry in again.outbox("997")})


def test_our_own_mailbox_remembers_nothing_since_the_backup(world: World, tmp_path: Path) -> None:
    backup = _back_up(world, tmp_path)
    with restored(world, backup, tmp_path / "again") as again:
        again.drop(again.order("PO-1"))
        again.run()
        (answer,) = again.messages(Kind.DELIVERY, "855")
        assert (answer.state, answer.cause) == (State.HELD, "outcome_unknown")
        assert "as old as the backup" in answer.detail
        assert again.audit()["unknown"] == 1
        assert len(again.outbox("997")) == 1, "an acknowledgment may come twice"
        replay.run(again.hub.flow, [answer.id], actor="test", reason="it is not there")
        again.run()
        assert len(again.outbox("855")) == 1
        assert again.audit()["unknown"] == 0


def test_an_invoice_that_may_have_had_another_number_is_held(world: World, tmp_path: Path) -> None:
    world.drop(world.order("PO-1"))
    world.until(lambda: not world.hub.ledger.audit()["in_flight"])
    backup = _back_up(world, tmp_path)
    with restored(world, backup, tmp_path / "again") as again:
        again.post("shipment_confirmation", ship("PO-1", 10))
        again.until(lambda: again.messages(Kind.DOCUMENT, "invoice"))
        (invoice,) = again.messages(Kind.DOCUMENT, "invoice")
        assert (invoice.state, invoice.cause) == (State.HELD, "outcome_unknown")
        replay.run(again.hub.flow, [invoice.id], actor="test", reason="it is not in the ERP")
        again.until(lambda: again.one(Kind.DOCUMENT, "invoice").state is State.DELIVERED)
