"""What is committed to SQLite is brought to disk before anybody is told; where that fails, nothing more is written."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from hub.clock import SystemClock
from hub.errors import Unreachable
from hub.ledger import Change, Kind, Ledger, NewMessage
from hub.ledger.turn import Turn
from hub.ledger.wal import Wal
from tests.descriptors import no_descriptor_left


def _insert(ledger: Ledger, name: str) -> None:
    def work(change: Change) -> bool:
        return change.insert(NewMessage(id=name, kind=Kind.DOCUMENT, type="850", partner="p"))

    ledger.write(work)


def test_a_log_that_cannot_be_brought_to_disk_ends_all_writing(tmp_path: Path) -> None:
    ledger = Ledger.open(f"sqlite:///{tmp_path}/ledger.db", home=tmp_path, clock=SystemClock())
    _insert(ledger, "kept")
    log = tmp_path / "ledger.db-wal"
    log.rename(tmp_path / "elsewhere")
    with pytest.raises(Unreachable, match="does not keep what is written"):
        _insert(ledger, "doubtful")
    (tmp_path / "elsewhere").rename(log)
    with pytest.raises(Unreachable, match="does not keep what is written"):
        _insert(ledger, "refused")
    assert "does not keep" in ledger.trouble()
    ledger.close()
    again = Ledger.open(f"sqlite:///{tmp_path}/ledger.db", home=tmp_path, clock=SystemClock())
    assert again.message("kept").id == "kept"
    _insert(again, "refused")
    again.close()


def test_all_are_told_before_it_closes(tmp_path: Path) -> None:
    (tmp_path / "ledger.db-wal").write_bytes(b"frames")
    wal, told = Wal(tmp_path / "ledger.db"), list[OSError | None]()
    for _ in range(100):
        wal.tell_when_on_disk(told.append)
    wal.close()
    assert told == [None] * 100


def test_that_no_more_files_can_be_opened_ends_no_writing(tmp_path: Path) -> None:
    ledger = Ledger.open(f"sqlite:///{tmp_path}/ledger.db", home=tmp_path, clock=SystemClock())
    _insert(ledger, "before")
    with no_descriptor_left():
        _insert(ledger, "meanwhile")
    _insert(ledger, "after")
    assert ledger.trouble() == ""
    ledger.close()


def test_a_log_that_cannot_be_opened_yet_is_opened_later(tmp_path: Path) -> None:
    (tmp_path / "ledger.db-wal").write_bytes(b"frames")
    wal, told, heard = Wal(tmp_path / "ledger.db"), list[OSError | None](), threading.Event()

    def tell(error: OSError | None) -> None:
        told.append(error)
        heard.set()

    with no_descriptor_left():
        wal.tell_when_on_disk(tell)
        assert not heard.wait(0.2)
    assert heard.wait(10)
    assert (told, wal.failed) == ([None], None)
    wal.close()


def test_a_log_that_cannot_be_opened_for_long_is_not_taken_for_lost(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hub.ledger.wal._OPEN_SECONDS", 0.1)
    (tmp_path / "ledger.db-wal").write_bytes(b"frames")
    wal, told = Wal(tmp_path / "ledger.db"), list[OSError | None]()
    with no_descriptor_left():
        wal.tell_when_on_disk(told.append)
        wal.tell_when_on_disk(lambda _: None)
        while not told:
            threading.Event().wait(0.02)
    assert wal.failed is None
    wal.tell_when_on_disk(told.append)
    wal.close()
    assert [error is None for error in told] == [False, True]


def _steps(turn: Turn, other: Callable[[], None]) -> list[str]:
    """What happens in which order: ``other`` begins while the turn is taken."""
    steps: list[str] = []

    def beside() -> None:
        other()
        steps.append("other")

    thread = threading.Thread(target=beside)
    with turn.taken():
        thread.start()
        thread.join(0.05)
        steps.append("writer")
    thread.join()
    return steps


def test_who_computes_gives_way_to_who_writes(tmp_path: Path) -> None:
    turn = Turn(tmp_path / "turn")
    assert _steps(turn, turn.give_way) == ["writer", "other"]
    turn.close()


def test_another_process_waits_for_the_turn(tmp_path: Path) -> None:
    """Two opened files stand for two processes: the lock is that of the open file (flock(2))."""
    first, second = Turn(tmp_path / "turn"), Turn(tmp_path / "turn")

    def write() -> None:
        with second.taken():
            pass

    assert _steps(first, write) == ["writer", "other"]
    first.close()
    second.close()


def test_who_writes_does_not_wait_for_itself(tmp_path: Path) -> None:
    turn = Turn(tmp_path / "turn")

    def write() -> None:
        with turn.taken():
            turn.give_way()

    thread = threading.Thread(target=write, daemon=True)
    thread.start()
    thread.join(10)
    assert not thread.is_alive()
    turn.close()
