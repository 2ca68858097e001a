"""The SFTP client against a real server: finished files, atomic uploads, and trouble at every step."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable

import pytest

from connectors.sftp import Sftp
from hub.contracts.connector import Accepted
from hub.errors import KeyConflict, OutcomeUnknown, Rejected, Unreachable
from tests.contract.site import Time, parcel
from tests.contract.ssh_server import PartnerServer

Build = Callable[..., Sftp]
DONE = Accepted(message_id="m1")


def shown(server: PartnerServer, folder: str) -> list[str]:
    return sorted(path.name for path in (server.root / folder).iterdir())


def names(connector: Sftp, limit: int = 10) -> list[str]:
    return [arrival.name for arrival in connector.fetch(limit)]


def test_a_file_is_taken_when_it_stopped_changing(sftp: Build, partner_server: PartnerServer, time: Time) -> None:
    connector = sftp(ready="stable", stable_seconds=2)
    path = partner_server.root / "in" / "850.edi"
    path.write_bytes(b"ISA")
    assert names(connector) == []
    assert names(connector) == []
    time.seconds += 2
    path.write_bytes(b"ISA*850~")
    assert names(connector) == []
    time.seconds += 2
    (arrival,) = connector.fetch(10)
    assert arrival.data == b"ISA*850~"


def test_what_is_not_taken(sftp: Build, partner_server: PartnerServer) -> None:
    for name in (".850.edi", "850.edi.tmp", "850.filepart", "850.txt", "850.edi", "0.edi"):
        (partner_server.root / "in" / name).write_bytes(b"" if name == "0.edi" else b"ISA~")
    (partner_server.root / "in" / "folder.edi").mkdir()
    assert sorted(names(sftp(pattern="*.edi"))) == ["0.edi", "850.edi"]
    assert len(names(sftp(pattern="*.edi"), 1)) == 1


def test_a_large_file_does_not_stop_the_others(sftp: Build, partner_server: PartnerServer) -> None:
    (partner_server.root / "in" / "a.edi").write_bytes(b"x" * 101)
    (partner_server.root / "in" / "b.edi").write_bytes(b"x" * 100)
    fetched = sftp(file_bytes_max=100).fetch(10)
    assert next(fetched).name == "b.edi"
    with pytest.raises(Rejected, match="1 files"):
        next(fetched)


def test_a_megabyte_arrives_whole(sftp: Build, partner_server: PartnerServer) -> None:
    content = os.urandom(1_500_000)
    (partner_server.root / "in" / "850.edi").write_bytes(content)
    (arrival,) = sftp(answer_timeout_seconds=20).fetch(1)
    assert arrival.data == content


def test_settled_files_are_archived_or_deleted(sftp: Build, partner_server: PartnerServer) -> None:
    connector = sftp()
    for number, content in enumerate((b"1", b"2")):
        path = partner_server.root / "in" / "850.edi"
        path.write_bytes(content)
        os.utime(path, (1000 + number, 1000 + number))
        (arrival,) = connector.fetch(10)
        connector.settle(arrival, DONE)
        connector.settle(arrival, DONE)
    assert len(shown(partner_server, "done")) == 2
    (partner_server.root / "in" / "850.edi").write_bytes(b"3")
    deleting = sftp(archive=None)
    (arrival,) = deleting.fetch(10)
    deleting.settle(arrival, DONE)
    assert shown(partner_server, "in") == []


def test_claimed_files_are_where_only_we_look(sftp: Build, partner_server: PartnerServer) -> None:
    """F-83: a file is claimed by renaming it, so nobody reads it twice or half."""
    (partner_server.root / "in" / "850.edi").write_bytes(b"ISA~")
    connector = sftp(claim="/claimed")
    (arrival,) = connector.fetch(10)
    assert shown(partner_server, "in") == []
    assert shown(partner_server, "claimed") == ["850.edi"]
    (again,) = sftp(claim="/claimed").fetch(10)
    assert again == arrival, "after a crash it is still ours"
    connector.settle(arrival, DONE)
    assert shown(partner_server, "claimed") == []
    assert shown(partner_server, "done") == ["850.edi"]


@pytest.mark.parametrize("operation", ["open", "read"])
@pytest.mark.parametrize("kind", ["cut_before", "stall", "refuse"])
def test_fetching_that_fails_takes_nothing(
    sftp: Build, partner_server: PartnerServer, operation: str, kind: str
) -> None:
    (partner_server.root / "in" / "850.edi").write_bytes(b"ISA~" * 100)
    connector = sftp()
    partner_server.trouble[operation] = kind
    with pytest.raises(Unreachable):
        names(connector)
    partner_server.trouble.clear()
    assert names(connector) == ["850.edi"]


# Sink ------------------------------------------------------------------------------------------------------------


def test_an_upload_is_renamed_into_place(sftp: Build, partner_server: PartnerServer) -> None:
    """F-83: nobody sees an upload under its name before it is whole."""
    connector = sftp()
    receipt = connector.deliver(parcel("k-1", data=b"x" * 300_000))
    assert receipt.reference.startswith("/out/997_1-")
    (name,) = shown(partner_server, "out")
    assert receipt.reference == f"/out/{name}"
    assert (partner_server.root / "out" / name).read_bytes() == b"x" * 300_000
    (partner_server.root / "out" / name).unlink()
    assert connector.deliver(parcel("k-1", data=b"x" * 300_000)).repeated
    assert sftp().find(parcel("k-1", data=b"x" * 300_000)) is not None
    assert shown(partner_server, "out") == [], "the partner has taken it; it is not sent again"
    with pytest.raises(KeyConflict):
        connector.deliver(parcel("k-1", data=b"other"))


def test_a_server_without_posix_rename(sftp: Build, partner_server: PartnerServer) -> None:
    partner_server.trouble["posix_rename"] = "refuse"
    sftp().deliver(parcel("k-1"))
    assert len(shown(partner_server, "out")) == 1


def test_a_server_without_any_rename(sftp: Build, partner_server: PartnerServer) -> None:
    partner_server.trouble.update(posix_rename="refuse", rename="refuse")
    with pytest.raises(Unreachable, match="not today"):
        sftp().deliver(parcel("k-1"))
    connector = sftp(rename=False)
    assert not connector.deliver(parcel("k-2")).repeated
    assert [name for name in shown(partner_server, "out") if not name.endswith(".tmp")] != []
    partner_server.trouble["write"] = "stall"
    with pytest.raises(OutcomeUnknown):
        connector.deliver(parcel("k-3"))


@pytest.mark.parametrize("operation", ["open", "write"])
@pytest.mark.parametrize("kind", ["cut_before", "cut", "stall", "refuse"])
def test_an_upload_that_fails_before_the_rename_delivered_nothing(
    sftp: Build, partner_server: PartnerServer, operation: str, kind: str
) -> None:
    connector = sftp()
    partner_server.trouble[operation] = kind
    with pytest.raises(Unreachable):
        connector.deliver(parcel("k-1"))
    partner_server.trouble.clear()
    assert connector.find(parcel("k-1")) is None
    assert not connector.deliver(parcel("k-1")).repeated
    assert len(shown(partner_server, "out")) == 1


@pytest.mark.parametrize("taken", [False, True])
@pytest.mark.parametrize("kind", ["cut", "stall"])
def test_a_lost_answer_to_the_rename_is_looked_up(
    sftp: Build, partner_server: PartnerServer, kind: str, taken: bool
) -> None:
    connector = sftp()
    partner_server.trouble["posix_rename"] = kind
    with pytest.raises(OutcomeUnknown):
        connector.deliver(parcel("k-1"))
    partner_server.trouble.clear()
    (name,) = shown(partner_server, "out")
    if taken:
        (partner_server.root / "out" / name).unlink()
        with pytest.raises(Rejected, match="may have taken it"):
            connector.find(parcel("k-1"))
        return
    found = connector.find(parcel("k-1"))
    assert found is not None
    assert found.reference == f"/out/{name}"
    assert connector.deliver(parcel("k-1")).repeated
    assert shown(partner_server, "out") == [name]


def test_a_rename_that_never_arrived_is_sent_again(sftp: Build, partner_server: PartnerServer) -> None:
    connector = sftp()
    partner_server.trouble["posix_rename"] = "cut_before"
    with pytest.raises(OutcomeUnknown):
        connector.deliver(parcel("k-1"))
    partner_server.trouble.clear()
    assert connector.find(parcel("k-1")) is None
    assert not connector.deliver(parcel("k-1")).repeated
    assert len(shown(partner_server, "out")) == 1


def test_what_was_delivered_is_found_without_our_memory(sftp: Build, partner_server: PartnerServer) -> None:
    sftp(home="one").deliver(parcel("k-1"))
    other = sftp(home="two")
    assert other.find(parcel("k-1")) is not None
    assert sftp(home="three").deliver(parcel("k-1")).repeated
    assert len(shown(partner_server, "out")) == 1


def test_plain_names_never_replace_a_file_that_waits(sftp: Build, partner_server: PartnerServer) -> None:
    connector = sftp(unique_names=False)
    connector.deliver(parcel("k-1", data=b"1"))
    with pytest.raises(Unreachable, match="still holds another file"):
        connector.deliver(parcel("k-2", data=b"2"))
    assert connector.find(parcel("k-2", data=b"2")) is None
    assert (partner_server.root / "out" / "997_1.edi").read_bytes() == b"1"
    (partner_server.root / "out" / "997_1.edi").unlink()
    assert not connector.deliver(parcel("k-2", data=b"2")).repeated


def test_a_memory_that_cannot_be_kept_is_said_before_anything_is_sent(
    sftp: Build, partner_server: PartnerServer
) -> None:
    connector = sftp()
    connector._records.directory.parent.mkdir(parents=True, exist_ok=True)
    connector._records.directory.write_bytes(b"")
    with pytest.raises(Unreachable, match="cannot be read: Not a directory"):
        connector.deliver(parcel("k-1"))
    with pytest.raises(Unreachable, match="cannot be read: Not a directory"):
        connector.find(parcel("k-1"))
    assert shown(partner_server, "out") == []


def test_what_was_sent_and_cannot_be_noted_is_found_later(
    sftp: Build, partner_server: PartnerServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    connector, there = sftp(), partner_server.root / "out"
    sync = os.fsync

    def full(number: int) -> None:
        if any(path.suffix == ".edi" for path in there.iterdir()):
            raise OSError(errno.ENOSPC, "No space left on device")
        sync(number)

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", full)
        with pytest.raises(OutcomeUnknown, match=r"is there.*cannot be written: No space left"):
            connector.deliver(parcel("k-1"))
    assert connector.find(parcel("k-1")) is not None
    assert connector.deliver(parcel("k-1")).repeated
    assert len(shown(partner_server, "out")) == 1
