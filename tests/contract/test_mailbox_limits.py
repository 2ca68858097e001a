"""The hosted mailbox against partners that mean no good: no way out of their folders, no way to use it all up."""

from __future__ import annotations

import contextlib
import io
import os
import random
import socket
from collections.abc import Callable
from pathlib import Path

import asyncssh
import paramiko
import pytest
from paramiko.sftp import CMD_EXTENDED, CMD_READLINK, CMD_SYMLINK
from pydantic import ValidationError

from connectors.sftp_mailbox import MailboxPartnerSettings, SftpMailbox
from connectors.sftp_mailbox.tree import Place, leaf
from tests.contract.sftp_clients import log_in, port_of, session
from tests.contract.site import Hub, parcel
from tests.contract.waiting import eventually

Build = Callable[..., SftpMailbox]

OUTSIDE = [
    "/../other/outbox/997_1.edi",
    "/inbox/../../other/outbox/997_1.edi",
    "//inbox/../../../../etc/passwd",
    "/etc/passwd",
    "../other/outbox/997_1.edi",
    "/other/outbox/997_1.edi",
    "/.uploads/x",
    "/.deliveries/keys/.lock",
    "/inbox/further/x.edi",
    "/..",
    "/inbox/..\\..\\x",
    "/inbox/a\nb",
    "/inbox/" + "x" * 161,
]


@pytest.fixture
def open_mailbox(mailbox: Build, hub: Hub) -> SftpMailbox:
    opened = mailbox(file_bytes_max=100_000, inbox_bytes_max=250_000, open_handles_max=3, sessions_per_partner_max=2)
    opened.start(hub.accept)
    opened.deliver(parcel("k-1", partner="other", data=b"other's"))
    return opened


@pytest.mark.parametrize("path", OUTSIDE)
def test_there_is_no_way_out(open_mailbox: SftpMailbox, hub: Hub, tmp_path: Path, path: str) -> None:
    before = sorted(str(found) for found in tmp_path.rglob("*"))
    with session(open_mailbox.address()) as files:
        files.putfo(io.BytesIO(b"ISA~"), "/inbox/mine.tmp")
        for attempt in (
            lambda: files.open(path).read(),
            lambda: files.open(path, "w").close(),
            lambda: files.rename("/inbox/mine.tmp", path),
            lambda: files.posix_rename("/inbox/mine.tmp", path),
            lambda: files.rename(path, "/inbox/stolen.tmp"),
            lambda: files.remove(path),
            lambda: files.mkdir(path),
            lambda: files.rmdir(path),
            lambda: files.truncate(path, 0),
        ):
            with pytest.raises(OSError):
                attempt()
        files.remove("/inbox/mine.tmp")
    assert sorted(str(found) for found in tmp_path.rglob("*")) == before
    assert hub.calls == 0


def test_links_do_not_exist(open_mailbox: SftpMailbox, tmp_path: Path) -> None:
    with session(open_mailbox.address()) as files:
        files.putfo(io.BytesIO(b"ISA~"), "/inbox/mine.tmp")
        for packet in (
            (CMD_SYMLINK, "/inbox/mine.tmp", "/inbox/l"),
            (CMD_SYMLINK, "../../other/outbox", "/inbox/l"),
            (CMD_READLINK, "/inbox/mine.tmp"),
            (21, "/inbox/l", "/inbox/mine.tmp", 0),  # SSH_FXP_LINK of later versions
            (CMD_EXTENDED, "hardlink@openssh.com", "/inbox/mine.tmp", "/inbox/l"),
            (CMD_EXTENDED, "statvfs@openssh.com", "/"),
        ):
            with pytest.raises(OSError):
                files._request(*packet)
        assert files.listdir("/inbox") == ["mine.tmp"]


def test_links_made_on_the_disk_are_not_followed(open_mailbox: SftpMailbox, hub: Hub, tmp_path: Path) -> None:
    home = tmp_path / "home"
    (home / "bigbox" / "inbox" / "file.tmp").symlink_to(home / "other" / "outbox" / "997_1.edi")
    (home / "bigbox" / "inbox" / "folder.edi").symlink_to(home / "other" / "outbox")
    (home / "bigbox" / "outbox").rmdir()
    (home / "bigbox" / "outbox").symlink_to(home / "other" / "outbox")
    with session(open_mailbox.address()) as files:
        assert files.listdir("/inbox") == []
        for path in ("/inbox/file.tmp", "/outbox/997_1.edi"):
            with pytest.raises(OSError):
                files.open(path).read()
            with pytest.raises(OSError):
                files.remove(path)
        with pytest.raises(OSError):
            files.rename("/inbox/file.tmp", "/inbox/stolen.edi")
    assert (home / "other" / "outbox" / "997_1.edi").read_bytes() == b"other's"
    assert hub.calls == 0


def test_folders_have_their_use(open_mailbox: SftpMailbox) -> None:
    open_mailbox.deliver(parcel("k-2"))
    with session(open_mailbox.address()) as files:
        for attempt in (
            lambda: files.putfo(io.BytesIO(b"x"), "/outbox/x.edi"),
            lambda: files.putfo(io.BytesIO(b"x"), "/archive/x.edi"),
            lambda: files.open("/outbox/997_1.edi", "r+"),
            lambda: files.rename("/outbox/997_1.edi", "/inbox/x.edi"),
            lambda: files.rename("/inbox", "/outbox"),
            lambda: files.mkdir("/inbox/new"),
        ):
            with pytest.raises(OSError):
                attempt()
        with files.open("/outbox/997_1.edi") as file, pytest.raises(OSError):
            file.write(b"x")
        assert files.listdir("/outbox") == ["997_1.edi"]


def test_a_file_that_is_too_large_is_refused_and_not_taken(open_mailbox: SftpMailbox, hub: Hub, tmp_path: Path) -> None:
    with session(open_mailbox.address()) as files:
        with pytest.raises(OSError, match="at most 100000 bytes"):
            files.putfo(io.BytesIO(b"x" * 100_001), "/inbox/850.edi")
        sparse = files.open("/inbox/sparse.edi", "w", 0)
        sparse.seek(10**15)
        with pytest.raises(OSError, match="at most"):
            sparse.write(b"x")
        sparse.close()
        with pytest.raises(OSError, match="was not taken"):
            files.stat("/inbox/sparse.edi")
        with files.open("/inbox/exact.tmp", "w") as file, pytest.raises(OSError, match="at most"):
            file.truncate(10**15)
        files.putfo(io.BytesIO(b"x" * 100_000), "/inbox/850.edi")
    assert [len(arrival.data) for arrival in hub.arrivals] == [100_000]
    assert list((tmp_path / "home" / "bigbox" / ".uploads").iterdir()) == []


def test_a_partner_cannot_fill_the_disk(open_mailbox: SftpMailbox) -> None:
    with session(open_mailbox.address()) as files:
        for number in range(2):
            files.putfo(io.BytesIO(b"x" * 90_000), f"/inbox/{number}.tmp")
        with pytest.raises(OSError):
            files.putfo(io.BytesIO(b"x" * 90_000), "/inbox/2.tmp")
        files.putfo(io.BytesIO(b"x" * 70_000), "/inbox/2.tmp")
        with pytest.raises(OSError, match="inbox is full"):
            files.open("/inbox/3.tmp", "w")
        assert sum(entry.st_size or 0 for entry in files.listdir_attr("/inbox")) <= 250_000


def test_an_empty_file_is_refused(open_mailbox: SftpMailbox, hub: Hub) -> None:
    with session(open_mailbox.address()) as files:
        with pytest.raises(OSError, match="empty"):
            files.putfo(io.BytesIO(b""), "/inbox/850.edi")
        files.putfo(io.BytesIO(b""), "/inbox/850.tmp")
        with pytest.raises(OSError, match="empty"):
            files.rename("/inbox/850.tmp", "/inbox/850.edi")
    assert hub.calls == 0


def test_open_files_are_counted(open_mailbox: SftpMailbox) -> None:
    with session(open_mailbox.address()) as files:
        opened = [files.open(f"/inbox/{number}.tmp", "w") for number in range(3)]
        with pytest.raises(OSError, match="Too many files"):
            files.open("/inbox/3.tmp", "w")
        opened[0].close()
        files.open("/inbox/3.tmp", "w").close()


def test_sessions_of_a_partner_are_counted(open_mailbox: SftpMailbox) -> None:
    with session(open_mailbox.address()), session(open_mailbox.address()):
        with pytest.raises(paramiko.SSHException), session(open_mailbox.address()):
            pytest.fail("a third session was let in")
        with session(open_mailbox.address(), "other") as files:
            assert files.listdir("/outbox") == ["997_1.edi"]

    def again() -> bool:
        with contextlib.suppress(paramiko.SSHException), session(open_mailbox.address()):
            return True
        return False

    eventually(again)


def test_silent_and_surplus_connections_end(mailbox: Build, hub: Hub) -> None:
    opened = mailbox(connections_max=2, login_timeout_seconds=0.3, idle_timeout_seconds=0.3)
    opened.start(hub.accept)
    strangers = [socket.create_connection(("127.0.0.1", port_of(opened.address())), 10) for _ in range(3)]
    for stranger in strangers:
        stranger.settimeout(10)
        with stranger, contextlib.suppress(ConnectionError):
            while stranger.recv(4096):
                pass
    transport = log_in(opened.address())
    eventually(lambda: not transport.is_active())
    transport.close()


def test_guessing_passwords_ends_the_connection(open_mailbox: SftpMailbox) -> None:
    transport = paramiko.Transport(("127.0.0.1", port_of(open_mailbox.address())))
    transport.start_client(timeout=10)
    for _ in range(6):
        with pytest.raises(paramiko.SSHException):
            transport.auth_password("bigbox", "guess", fallback=False)
    eventually(lambda: not transport.is_active())
    transport.close()


@pytest.mark.parametrize(
    "noise", [b"", b"GET / HTTP/1.1\r\n\r\n", b"\0" * 100_000, b"SSH-2.0-x\r\n" + os.urandom(5000)]
)
def test_noise_is_survived(open_mailbox: SftpMailbox, noise: bytes) -> None:
    connection = socket.create_connection(("127.0.0.1", port_of(open_mailbox.address())), 10)
    with connection, contextlib.suppress(ConnectionError):
        connection.sendall(noise)
    with session(open_mailbox.address()) as files:
        assert len(files.listdir("/")) == 3


def test_a_broken_request_ends_only_its_session(open_mailbox: SftpMailbox, hub: Hub, tmp_path: Path) -> None:
    with session(open_mailbox.address()) as files:
        file = files.open("/inbox/850.edi", "w")
        file.write(b"ISA~")
        file.flush()
        channel = files.get_channel()
        assert channel is not None
        channel.sendall(b"\x7f\xff\xff\xff\x00")
        eventually(lambda: list((tmp_path / "home" / "bigbox" / ".uploads").iterdir()) == [])
    with session(open_mailbox.address()) as files:
        assert files.listdir("/inbox") == []
    assert hub.calls == 0


def test_random_requests_are_survived(open_mailbox: SftpMailbox, hub: Hub, tmp_path: Path) -> None:
    """Well-framed nonsense: every request type, with lengths and handles that are wrong."""
    chance = random.Random(20261122)
    before = sorted(str(path) for path in tmp_path.rglob("*"))
    for _ in range(40):
        with session(open_mailbox.address()) as files, contextlib.suppress(OSError):
            channel = files.get_channel()
            assert channel is not None
            for number in range(30):
                kind = chance.choice([*range(3, 24), 200, 201, chance.randrange(256)])
                content = b"".join(chance.choice(WORDS) for _ in range(chance.randrange(6)))
                packet = bytes([kind]) + number.to_bytes(4, "big") + content
                channel.sendall(len(packet).to_bytes(4, "big") + packet)
            channel.shutdown_write()
            while channel.recv(1 << 16):
                pass
    with session(open_mailbox.address()) as files:
        assert sorted(files.listdir("/")) == ["archive", "inbox", "outbox"]
    allowed = {str(tmp_path / "home" / "bigbox" / "inbox" / name) for name in ("a.tmp", "b.tmp")}
    eventually(lambda: not list((tmp_path / "home" / "bigbox" / ".uploads").iterdir()))
    assert {str(path) for path in tmp_path.rglob("*")} - set(before) <= allowed
    assert hub.calls == 0


WORDS = [
    b"", b"\0", b"\0\0\0\0", b"\0\0\0\1", b"\xff\xff\xff\xff", b"\x7f\xff\xff\xff", b"\0\0\0\x1a",
    *(
        len(text).to_bytes(4, "big") + text
        for text in (
            b"", b"/", b"/inbox", b"/inbox/a.tmp", b"/inbox/b.tmp", b"../..", b"/outbox/997_1.edi", b"\xff\xfe",
            b"/archive", b"\0\0\0\0", b"\0\0\0\1", b"posix-rename@openssh.com", b"copy-data", b"limits@openssh.com",
            b"ranges@asyncssh.com", b"fsync@openssh.com", b"lsetstat@openssh.com", b"x" * 3000,
        )
    ),
]  # fmt: skip


def test_paths_mean_one_thing() -> None:
    for path in (b"/inbox/a.edi", b"inbox/a.edi", b"//inbox//a.edi", b"/outbox/../inbox/./a.edi", b"/../inbox/a.edi"):
        assert leaf(path) == Place("inbox", "a.edi")
    for path in (b"", b"/", b".", b"..", b"/inbox/.."):
        assert leaf(path) == Place("", "")
    with pytest.raises(asyncssh.SFTPFailure):
        leaf(b"/inbox/\xff")


@pytest.mark.parametrize(
    "values",
    [
        {},
        {"authorized_keys": ["ssh-ed25519 nonsense"]},
        {"authorized_keys": ["not a key"]},
        {"password_secret": "x", "user": "../root"},
        {"password_secret": "x", "shell": True},
    ],
)
def test_partner_settings_that_are_refused(values: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        MailboxPartnerSettings.model_validate(values)
