"""The SFTP client before any file moves: whom it trusts, how it logs in, how it uses connections."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import asyncssh
import pytest
from pydantic import ValidationError

from connectors.sftp import Sftp, SftpSettings
from hub.contracts.connector import Accepted
from hub.errors import CrossdockError, Misconfigured, Unreachable
from tests.contract.site import Time, parcel, site
from tests.contract.ssh_server import PartnerServer

Build = Callable[..., Sftp]
DONE = Accepted(message_id="m1")
STRANGE = "SHA256:" + "A" * 43


def shown(server: PartnerServer, folder: str) -> list[str]:
    return sorted(path.name for path in (server.root / folder).iterdir())


def names(connector: Sftp) -> list[str]:
    return [arrival.name for arrival in connector.fetch(10)]


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
