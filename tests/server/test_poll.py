"""A source is asked again, whatever happened when it was asked before."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from connectors.folder import Folder, FolderSettings
from hub.contracts.connector import Accepted, Arrival
from hub.server.poll import Poller
from tests.contract.site import Time, site

PATIENCE_SECONDS = 20.0


class Hub:
    """Accepts what it is offered, after ``failures`` times at which it fails with a bug."""

    def __init__(self, failures: int) -> None:
        self.failures, self.offered, self.accepted = failures, list[str](), list[str]()

    def accept(self, arrival: Arrival) -> Accepted:
        self.offered.append(arrival.name)
        if len(self.offered) <= self.failures:
            raise ZeroDivisionError("what was in the file")
        self.accepted.append(arrival.name)
        return Accepted(message_id=arrival.name)


class Breaking(Folder):
    """A folder that fails with a bug when it is asked first."""

    broken = True

    def fetch(self, limit: int) -> Iterator[Arrival]:
        if self.broken:
            self.broken = False
            raise ZeroDivisionError("a secret")
        yield from super().fetch(limit)


@pytest.fixture
def inbox(tmp_path: Path) -> Path:
    folder = tmp_path / "in"
    folder.mkdir()
    for name in ("a.edi", "b.edi"):
        (folder / name).write_bytes(b"ISA~")
    return folder


def _polled(source: Folder, hub: Hub, until: Callable[[], bool]) -> None:
    poller = Poller("folder", source, hub.accept, 0.02)
    poller.start()
    end = time.monotonic() + PATIENCE_SECONDS
    while not until():
        assert time.monotonic() < end, hub.offered
        threading.Event().wait(0.02)
    poller.stop()
    poller.join(PATIENCE_SECONDS)


def _source(kind: type[Folder], inbox: Path) -> Folder:
    return kind(FolderSettings(inbox=inbox, ready="renamed"), site(inbox.parent, Time()))


def test_a_bug_with_one_file_stops_neither_the_others_nor_the_next_look(
    inbox: Path, caplog: pytest.LogCaptureFixture
) -> None:
    hub = Hub(failures=3)
    _polled(_source(Folder, inbox), hub, lambda: sorted(hub.accepted) == ["a.edi", "b.edi"])
    assert list(inbox.iterdir()) == []
    assert "a.edi: ZeroDivisionError in accept" in caplog.text
    assert "what was in the file" not in caplog.text


def test_a_bug_in_the_source_does_not_end_the_looking(inbox: Path, caplog: pytest.LogCaptureFixture) -> None:
    hub = Hub(failures=0)
    _polled(_source(Breaking, inbox), hub, lambda: len(hub.accepted) == 2)
    assert "folder: ZeroDivisionError in fetch" in caplog.text
    assert "a secret" not in caplog.text
