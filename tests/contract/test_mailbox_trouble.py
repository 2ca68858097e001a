"""The hosted mailbox when things go wrong: P1 (nothing accepted is lost), P2 (one effect), P10 (no, politely)."""

from __future__ import annotations

import io
import os
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import paramiko
import pytest
from paramiko.sftp import CMD_RENAME

from connectors.sftp_mailbox import MailboxSettings, SftpMailbox
from hub.contracts.connector import Accepted, Arrival
from hub.errors import Broken, Duplicate, KeyConflict, Misconfigured, Unreachable
from tests.contract.sftp_clients import log_in, session
from tests.contract.site import Hub, Time, parcel, site
from tests.contract.waiting import WAIT_SECONDS_MAX, eventually

Build = Callable[..., SftpMailbox]


def files_below(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


@pytest.mark.parametrize("name", ["850.edi", "850.edi.tmp"])
def test_a_connection_lost_before_close_leaves_nothing(mailbox: Build, hub: Hub, tmp_path: Path, name: str) -> None:
    opened = mailbox()
    opened.start(hub.accept)
    home = tmp_path / "home" / "bigbox"
    transport = log_in(opened.address())
    files = paramiko.SFTPClient.from_transport(transport)
    assert files is not None
    file = files.open(f"/inbox/{name}", "w")
    file.write(b"ISA*half")
    file.flush()
    assert len(files_below(home / ".uploads")) == 1
    assert files.listdir("/inbox") == []
    transport.sock.close()
    eventually(lambda: files_below(home / ".uploads") == [])
    assert files_below(home) == []
    assert hub.calls == 0
    transport.close()


def test_a_session_closed_before_the_file_leaves_nothing(mailbox: Build, hub: Hub, tmp_path: Path) -> None:
    opened = mailbox()
    opened.start(hub.accept)
    home = tmp_path / "home" / "bigbox"
    with session(opened.address()) as files:
        file = files.open("/inbox/850.edi", "w")
        file.write(b"ISA*half")
        file.flush()
        channel = files.get_channel()
        assert channel is not None
        channel.shutdown_write()  # end of file on the SFTP channel: the politest way to go without closing a file
        eventually(lambda: files_below(home) == [])
    assert hub.calls == 0


@pytest.mark.parametrize(
    ("refusal", "words"),
    [
        (Unreachable("the ledger is away"), "cannot be taken now"),
        (Misconfigured("secret internals"), "cannot be taken now"),
        (Broken("x"), "cannot be taken now"),
        (RuntimeError("a mistake"), "cannot be taken now"),
        (KeyConflict("The same key came with other bytes."), "The same key came with other bytes"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_what_the_hub_does_not_take_stays_as_it_was(
    mailbox: Build, hub: Hub, tmp_path: Path, refusal: Exception, words: str
) -> None:
    opened = mailbox()
    opened.start(hub.accept)
    home = tmp_path / "home" / "bigbox"
    hub.refusal = refusal
    with session(opened.address()) as files:
        with pytest.raises(OSError, match=words):
            files.putfo(io.BytesIO(b"ISA~"), "/inbox/850.edi")
        assert files_below(home) == []
        files.putfo(io.BytesIO(b"ISA~"), "/inbox/850.tmp")
        for rename in (files.rename, files.posix_rename):
            with pytest.raises(OSError, match=words):
                rename("/inbox/850.tmp", "/inbox/850.edi")
        assert files_below(home) == ["inbox/850.tmp"]
        hub.refusal = None
        files.rename("/inbox/850.tmp", "/inbox/850.edi")
    assert [arrival.name for arrival in hub.arrivals] == ["850.edi"]


def test_a_client_that_goes_while_its_file_is_taken(mailbox: Build, tmp_path: Path) -> None:
    """What was being taken is taken; what else it had open leaves nothing behind."""
    entered, released = threading.Event(), threading.Event()
    taken: list[str] = []

    def accept(arrival: Arrival) -> Accepted:
        entered.set()
        assert released.wait(WAIT_SECONDS_MAX)
        taken.append(arrival.name)
        return Accepted(message_id="m1")

    opened = mailbox()
    opened.start(accept)
    home = tmp_path / "home" / "bigbox"
    transport = log_in(opened.address())
    files = paramiko.SFTPClient.from_transport(transport)
    assert files is not None
    files.putfo(io.BytesIO(b"ISA~"), "/inbox/850.tmp")
    halves = [files.open(f"/inbox/{name}", "w") for name in ("other.edi", "further.tmp")]
    for half in halves:
        half.write(b"ISA*half")
        half.flush()
    files._async_request(type(None), CMD_RENAME, b"/inbox/850.tmp", b"/inbox/850.edi")
    assert entered.wait(WAIT_SECONDS_MAX)
    transport.sock.close()
    released.set()
    eventually(lambda: taken == ["850.edi"] and len(files_below(home / "archive")) == 1)
    eventually(lambda: files_below(home / ".uploads") == files_below(home / "inbox") == [])
    transport.close()


def test_what_the_hub_has_already_is_answered_as_taken(mailbox: Build, hub: Hub) -> None:
    opened = mailbox()
    opened.start(hub.accept)
    hub.refusal = Duplicate()
    with session(opened.address()) as files:
        files.putfo(io.BytesIO(b"ISA~"), "/inbox/850.edi")
        assert len(files.listdir("/archive")) == 1


def test_the_partner_is_answered_only_after_the_hub_owns_the_bytes(mailbox: Build) -> None:
    entered, released = threading.Event(), threading.Event()

    def accept(arrival: Arrival) -> Accepted:
        entered.set()
        assert released.wait(WAIT_SECONDS_MAX)
        return Accepted(message_id="m1")

    opened = mailbox()
    opened.start(accept)
    with session(opened.address()) as files, session(opened.address()) as others:
        files.putfo(io.BytesIO(b"ISA~"), "/inbox/850.tmp")
        rename = threading.Thread(target=files.rename, args=("/inbox/850.tmp", "/inbox/850.edi"))
        rename.start()
        assert entered.wait(WAIT_SECONDS_MAX)
        assert rename.is_alive()
        assert others.listdir("/inbox") == []
        for attempt in (
            lambda: others.remove("/inbox/850.tmp"),
            lambda: others.rename("/inbox/850.tmp", "/inbox/other.tmp"),
            lambda: others.putfo(io.BytesIO(b"ISA~"), "/inbox/850.edi"),
        ):
            with pytest.raises(OSError, match="being taken right now"):
                attempt()
        released.set()
        rename.join(WAIT_SECONDS_MAX)
        assert len(others.listdir("/archive")) == 1


def test_two_clients_upload_one_name_at_once(mailbox: Build, hub: Hub) -> None:
    opened = mailbox()
    opened.start(hub.accept)
    with session(opened.address()) as one, session(opened.address()) as two:
        first, second = one.open("/inbox/850.edi", "w"), two.open("/inbox/850.edi", "w")
        first.write(b"ISA*1~")
        second.write(b"ISA*2~")
        first.close()
        second.close()
    assert sorted(arrival.data for arrival in hub.arrivals) == [b"ISA*1~", b"ISA*2~"]


def test_a_refused_upload_never_passes_for_an_earlier_one(mailbox: Build, hub: Hub) -> None:
    """paramiko does not hear what close answers; it believes the size that it is shown afterwards."""
    opened = mailbox()
    opened.start(hub.accept)
    with session(opened.address()) as files:
        files.putfo(io.BytesIO(b"ISA*1~"), "/inbox/850.edi")
        hub.refusal = Unreachable()
        with pytest.raises(OSError, match="cannot be taken now"):
            files.putfo(io.BytesIO(b"ISA*2~"), "/inbox/850.edi")
        files.putfo(io.BytesIO(b"ISA*3~"), "/inbox/850.tmp")
        with pytest.raises(OSError, match="cannot be taken now"):
            files.rename("/inbox/850.tmp", "/inbox/850.edi")
        with pytest.raises(FileNotFoundError):
            files.stat("/inbox/850.edi")
    assert [arrival.data for arrival in hub.arrivals] == [b"ISA*1~"]


def crash_while_accepting(home: Path, accepted: Path, upload: Callable[[paramiko.SFTPClient], object]) -> str:
    """Run a mailbox that dies in ``accept``; returns the source key that was accepted."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.contract.crashing_mailbox", str(home), str(accepted)],
        stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[2],
    )  # fmt: skip
    assert process.stdout is not None
    with process.stdout, session(process.stdout.readline().strip()) as files:
        with pytest.raises((OSError, EOFError, paramiko.SSHException)):
            upload(files)
        assert process.wait(WAIT_SECONDS_MAX) == 9
    return accepted.read_text()


def test_a_crash_between_acceptance_and_answer_is_recognised_after_close(
    mailbox: Build, hub: Hub, tmp_path: Path
) -> None:
    opened = mailbox()
    key = crash_while_accepting(
        tmp_path / "home", tmp_path / "key", lambda files: files.putfo(io.BytesIO(b"ISA~"), "/inbox/850.edi")
    )
    assert files_below(tmp_path / "home" / "bigbox") == ["inbox/850.edi"]
    opened.start(hub.accept)
    eventually(lambda: hub.arrivals)
    assert [arrival.source_key for arrival in hub.arrivals] == [key]
    with session(opened.address()) as files:
        eventually(lambda: len(files.listdir("/archive")) == 1)
        assert files.listdir("/inbox") == []


def test_a_crash_between_acceptance_and_answer_is_recognised_after_rename(
    mailbox: Build, hub: Hub, tmp_path: Path
) -> None:
    opened = mailbox()

    def upload(files: paramiko.SFTPClient) -> None:
        files.putfo(io.BytesIO(b"ISA~"), "/inbox/850.tmp")
        files.rename("/inbox/850.tmp", "/inbox/850.edi")

    key = crash_while_accepting(tmp_path / "home", tmp_path / "key", upload)
    assert files_below(tmp_path / "home" / "bigbox") == ["inbox/850.tmp"]
    opened.start(hub.accept)
    with session(opened.address()) as files:
        files.rename("/inbox/850.tmp", "/inbox/850.edi")
    assert [arrival.source_key for arrival in hub.arrivals] == [key]


def test_what_the_hub_did_not_take_at_the_start_is_offered_again(mailbox: Build, hub: Hub, tmp_path: Path) -> None:
    inbox = tmp_path / "home" / "bigbox" / "inbox"
    inbox.mkdir(parents=True)
    (inbox / "850.edi").write_bytes(b"ISA~")
    (inbox / "855.edi.part").write_bytes(b"ISA~")
    hub.refusal = Unreachable()
    opened = mailbox(sweep_seconds=0.01)
    opened.start(hub.accept)
    eventually(lambda: hub.calls > 2)
    assert files_below(inbox) == ["850.edi", "855.edi.part"]
    hub.refusal = None
    eventually(lambda: files_below(inbox) == ["855.edi.part"])
    assert [arrival.name for arrival in hub.arrivals] == ["850.edi"]


def test_a_file_that_cannot_be_archived_does_not_stop_those_behind_it(mailbox: Build, hub: Hub, tmp_path: Path) -> None:
    inbox = tmp_path / "home" / "bigbox" / "inbox"
    inbox.mkdir(parents=True)
    long = "x" * 240 + ".edi"
    for name, seconds in ((long, 1000), ("850.edi", 2000)):
        (inbox / name).write_bytes(b"ISA~")
        os.utime(inbox / name, (seconds, seconds))
    opened = mailbox()
    opened.start(hub.accept)
    eventually(lambda: files_below(inbox) == [long])
    assert [arrival.name for arrival in hub.arrivals] == [long, "850.edi"]


def test_the_archive_may_be_on_another_file_system(mailbox: Build, hub: Hub, tmp_path: Path, elsewhere: Path) -> None:
    inbox = tmp_path / "home" / "bigbox" / "inbox"
    inbox.mkdir(parents=True)
    (inbox.parent / "archive").symlink_to(elsewhere)
    (inbox / "850.edi").write_bytes(b"ISA~")
    opened = mailbox()
    opened.start(hub.accept)
    eventually(lambda: files_below(inbox) == [])
    assert [path.read_bytes() for path in elsewhere.iterdir()] == [b"ISA~"]


def test_two_mailboxes_never_share_a_home(mailbox: Build, hub: Hub) -> None:
    first, second = mailbox(), mailbox()
    first.start(hub.accept)
    with pytest.raises(Misconfigured, match="Another process"):
        second.start(hub.accept)
    first.close()
    second.start(hub.accept)


def test_a_port_that_is_taken_is_said(mailbox: Build, hub: Hub, tmp_path: Path) -> None:
    first = mailbox()
    first.start(hub.accept)
    port = int(first.address().rpartition(":")[2])
    second = SftpMailbox(MailboxSettings(port=port), site(tmp_path / "second", Time()))
    with pytest.raises(Misconfigured, match="cannot listen"):
        second.start(hub.accept)
    second.close()


def test_a_mailbox_delivers_without_listening(mailbox: Build, tmp_path: Path) -> None:
    sender = mailbox()
    assert not sender.deliver(parcel("k-1")).repeated
    assert sender.probe().ok
    with pytest.raises(Misconfigured):
        sender.address()
    with pytest.raises(Misconfigured, match="no mailbox"):
        sender.deliver(parcel("k-1", partner="stranger"))
    with pytest.raises(KeyConflict):
        sender.deliver(parcel("k-1", data=b"other bytes"))
    assert files_below(tmp_path / "home" / "bigbox" / "outbox") == ["997_1.edi"]


def test_a_mailbox_stops_while_partners_are_connected(mailbox: Build, hub: Hub, tmp_path: Path) -> None:
    opened = mailbox()
    opened.start(hub.accept)
    transport = log_in(opened.address())
    files = paramiko.SFTPClient.from_transport(transport)
    assert files is not None
    file = files.open("/inbox/850.edi", "w")
    file.write(b"ISA*half")
    file.flush()
    opened.close()
    with pytest.raises((OSError, EOFError, paramiko.SSHException)):
        files.listdir("/inbox")
    transport.close()
    again = mailbox()
    again.start(hub.accept)
    assert files_below(tmp_path / "home" / "bigbox") == []
    assert hub.calls == 0
