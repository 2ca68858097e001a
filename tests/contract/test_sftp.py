"""The SFTP client against a real server: trust, finished files, atomic uploads, and trouble at every step."""

from __future__ import annotations

import contextlib
import os
import socket
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import asyncssh
import pytest
from pydantic import ValidationError

from connectors.sftp import Sftp, SftpSettings
from hub.contracts.connector import Accepted
from hub.errors import CrossdockError, KeyConflict, Misconfigured, OutcomeUnknown, Rejected, Unreachable
from tests.contract.site import Time, parcel, site
from tests.contract.ssh_server import PartnerServer

Build = Callable[..., Sftp]
DONE = Accepted(message_id="m1")
STRANGE = "SHA256:" + "A" * 43


@pytest.fixture
def sftp(partner_server: PartnerServer, tmp_path: Path, time: Time) -> Iterator[Build]:
    built: list[Sftp] = []

    def build(home: str = "home", secrets: dict[str, str] | None = None, **values: Any) -> Sftp:
        given = {
            "host": "127.0.0.1", "port": partner_server.port, "user": "crossdock",
            "host_keys": partner_server.fingerprints, "password_secret": "password",
            "inbox": "/in", "outbox": "/out", "archive": "/done", "ready": "renamed",
            "answer_timeout_seconds": 0.5, "connect_timeout_seconds": 5, **values,
        }  # fmt: skip
        model = SftpSettings.model_validate({name: value for name, value in given.items() if value is not None})
        built.append(Sftp(model, site(tmp_path / home, time, **(secrets or {}))))
        return built[-1]

    yield build
    for each in built:
        each.close()


def shown(server: PartnerServer, folder: str) -> list[str]:
    return sorted(path.name for path in (server.root / folder).iterdir())


def names(connector: Sftp, limit: int = 10) -> list[str]:
    return [arrival.name for arrival in connector.fetch(limit)]


# Trust -----------------------------------------------------------------------------------------------------------


def test_an_unknown_host_key_is_refused_with_what_was_shown(sftp: Build, partner_server: PartnerServer) -> None:
    with pytest.raises(Misconfigured, match="another host key") as caught:
        names(sftp(host_keys=[STRANGE]))
    assert caught.value.facts["shown"] == partner_server.fingerprints
    assert partner_server.logins == 0, "no password was shown to a stranger"


def test_two_host_keys_while_one_is_replaced(sftp: Build, partner_server: PartnerServer) -> None:
    assert names(sftp(host_keys=[STRANGE, *partner_server.fingerprints])) == []


def test_the_pinned_key_is_found_among_several(tmp_path: Path, time: Time) -> None:
    """A server with several host keys shows its favourite first; the pinned one may be another."""
    keys = [asyncssh.generate_private_key(kind) for kind in ("ssh-ed25519", "ecdsa-sha2-nistp256")]
    keys.append(asyncssh.generate_private_key("ssh-rsa", key_size=2048))
    server = PartnerServer(tmp_path, keys=keys).start()
    try:
        for fingerprint in server.fingerprints:
            values = {"host": "127.0.0.1", "port": server.port, "user": "crossdock", "inbox": "/"}
            model = SftpSettings(host_keys=(fingerprint,), password_secret="password", **values)
            connector = Sftp(model, site(tmp_path / "home", time))
            found = connector.probe()
            connector.close()
            assert found.ok, found.detail
    finally:
        server.stop()


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"kex_algs": ["diffie-hellman-group14-sha1"]}, "kex"),
        ({"encryption_algs": ["aes128-cbc"]}, "cipher"),
        ({"encryption_algs": ["aes128-ctr"], "mac_algs": ["hmac-sha1"]}, "mac"),
        ({"keys": ["ssh-ed448"]}, "host key"),  # a type paramiko does not know, as ssh-dss on old servers
    ],
)
def test_an_old_server_is_said_to_be_old(tmp_path: Path, time: Time, options: dict[str, Any], words: str) -> None:
    keys = [asyncssh.generate_private_key(kind) for kind in options.pop("keys", ["ssh-ed25519"])]
    server = PartnerServer(tmp_path, keys=keys, **options).start()
    values = {"host": "127.0.0.1", "port": server.port, "user": "crossdock", "inbox": "/"}
    model = SftpSettings(host_keys=(STRANGE,), password_secret="password", **values)
    connector = Sftp(model, site(tmp_path / "home", time))
    try:
        with pytest.raises(Misconfigured, match="no algorithm that is still safe") as caught:
            names(connector)
        assert words in caught.value.message
        assert "ssh-rsa (SHA-1)" in caught.value.fix
    finally:
        connector.close()
        server.stop()


@pytest.mark.parametrize("kind", ["ssh-ed25519", "ecdsa-sha2-nistp256", "ssh-rsa"])
@pytest.mark.parametrize("passphrase", [None, "pass-77aa"])
def test_a_private_key_logs_in(sftp: Build, partner_server: PartnerServer, kind: str, passphrase: str | None) -> None:
    key = asyncssh.generate_private_key(kind, **({"key_size": 2048} if kind == "ssh-rsa" else {}))
    partner_server.authorized = [key.get_fingerprint()]
    form = "pkcs8-pem" if kind == "ecdsa-sha2-nistp256" else "openssh"
    text = key.export_private_key(form, passphrase, **({"rounds": 64} if passphrase and form == "openssh" else {}))
    secrets = {"key": text.decode(), "phrase": passphrase or ""}
    values = {"passphrase_secret": "phrase"} if passphrase else {}
    connector = sftp(secrets=secrets, password_secret=None, private_key_secret="key", **values)
    assert names(connector) == []


@pytest.mark.parametrize(
    ("secrets", "values", "words"),
    [
        ({"password": "wrong"}, {}, "does not let crossdock in"),
        ({"key": "garbage-51f0"}, {"password_secret": None, "private_key_secret": "key"}, "no private key"),
        ({}, {"user": "other"}, "does not let other in"),
        ({}, {"password_secret": "missing"}, "no secret missing"),
    ],
)
def test_a_login_that_fails_is_a_setting(
    sftp: Build, secrets: dict[str, str], values: dict[str, Any], words: str
) -> None:
    connector = sftp(secrets=secrets, **values)
    with pytest.raises(Misconfigured, match=words) as caught:
        names(connector)
    assert not any(secret in repr(caught.value.as_json()) for secret in secrets.values())
    assert not connector.probe().ok


# Source ----------------------------------------------------------------------------------------------------------


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


# Connections -----------------------------------------------------------------------------------------------------


def test_connections_are_used_again_and_bounded(sftp: Build, partner_server: PartnerServer, time: Time) -> None:
    connector = sftp(connections_max=2, answer_timeout_seconds=20)
    for number in range(3):
        connector.deliver(parcel(f"k-{number}"))
    assert partner_server.logins == 1
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(lambda number: connector.deliver(parcel(f"t-{number}")), range(12)))
    assert partner_server.logins <= 2
    assert len(shown(partner_server, "out")) == 15
    time.seconds += 1000
    names(connector)
    assert partner_server.logins <= 3, "a connection that was idle for long is not trusted"


@pytest.mark.parametrize("greeting", [None, b"", b"220 ftp.example FTP server\r\n" * 10, b"SSH-2.0-x\r\n"])
def test_something_that_is_no_ssh_server(sftp: Build, greeting: bytes | None) -> None:
    """``None``: it accepts and stays silent."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        taken: list[socket.socket] = []

        def serve() -> None:
            with contextlib.suppress(OSError):
                while True:
                    connection, _ = listener.accept()
                    taken.append(connection)
                    if greeting is not None:
                        connection.sendall(greeting)
                        connection.shutdown(socket.SHUT_WR)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        connector = sftp(port=listener.getsockname()[1], connect_timeout_seconds=0.3)
        with pytest.raises(Unreachable):
            names(connector)
        listener.shutdown(socket.SHUT_RDWR)
    thread.join(10)
    for connection in taken:
        connection.close()


def test_missing_folders_are_said(sftp: Build) -> None:
    found = sftp(outbox="/nowhere").probe()
    assert not found.ok
    assert "/nowhere" in found.detail
    with pytest.raises(Misconfigured, match="no such folder"):
        sftp(outbox="/nowhere").deliver(parcel("k-1"))
    with pytest.raises(Misconfigured, match="no such folder"):
        names(sftp(inbox="/nowhere"))
    with pytest.raises(Misconfigured, match="has no inbox"):
        names(sftp(inbox=None))


def test_an_unknown_host_name_is_unreachable(sftp: Build) -> None:
    with pytest.raises(CrossdockError) as caught:
        names(sftp(host="nowhere.invalid"))
    assert isinstance(caught.value, Unreachable)


@pytest.mark.parametrize(
    "values",
    [
        {"host_keys": []},
        {"host_keys": ["MD5:aa:bb"]},
        {"host_keys": ["SHA256:short"]},
        {"password_secret": None},
        {"inbox": None, "outbox": None},
        {"temporary_name": "fixed.tmp"},
        {"temporary_name": "../{name}"},
        {"port": 0},
        {"password": "in plain sight"},
    ],
    ids=str,
)
def test_settings_that_are_refused(sftp: Build, values: dict[str, Any]) -> None:
    given = {"host": "h", "user": "u", "host_keys": [STRANGE], "password_secret": "p", "inbox": "/in", **values}
    with pytest.raises(ValidationError):
        SftpSettings.model_validate({name: value for name, value in given.items() if value is not None})
