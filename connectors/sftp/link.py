"""An authenticated SFTP connection, and what its failures mean."""

from __future__ import annotations

import io
import logging
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import paramiko
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
    load_ssh_private_key,
)

from connectors.sftp.settings import SftpSettings
from hub.errors import CrossdockError, Misconfigured, Unreachable

__all__ = ["Links", "lost"]

KEEPALIVE_SECONDS = 30
IDLE_SECONDS_MAX = 120.0
_KEY_TYPES: tuple[tuple[str, ...], ...] = (
    ("ssh-ed25519",),
    ("ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521"),
    ("rsa-sha2-512", "rsa-sha2-256"),
)
_WEAK = {
    "ciphers": ["3des-cbc", "aes128-cbc", "aes192-cbc", "aes256-cbc"],
    "macs": ["hmac-md5", "hmac-md5-96", "hmac-sha1", "hmac-sha1-96"],
}
_LOG_CHANNEL = "connectors.sftp.wire"
logging.getLogger(_LOG_CHANNEL).setLevel(logging.CRITICAL)  # what goes wrong is raised, not logged by paramiko


class _Link:
    """One connection; ``files`` is its SFTP session."""

    def __init__(self, transport: paramiko.Transport, files: paramiko.SFTPClient, now: float) -> None:
        self.transport = transport
        self.files = files
        self.used_at = now

    def close(self) -> None:
        self.transport.close()


class Links:
    """At most ``connections_max`` connections, each used by one thread at a time and kept for a while."""

    def __init__(self, settings: SftpSettings, secret: Callable[[str], str], now: Callable[[], float]) -> None:
        self._settings = settings
        self._secret = secret
        self._now = now
        self._idle: list[_Link] = []
        self._lock = threading.Lock()
        self._places = threading.BoundedSemaphore(settings.connections_max)
        self._key_types = _KEY_TYPES

    @contextmanager
    def one(self) -> Iterator[paramiko.SFTPClient]:
        """A connection for one piece of work; thrown away if the work fails by anything but a refusal of the server.

        Raises Unreachable or Misconfigured where there is none to be had.
        """
        if not self._places.acquire(timeout=self._settings.answer_timeout_seconds):
            raise Unreachable(f"{self._settings.host}: all {self._settings.connections_max} connections are in use.")
        try:
            link = self._take() or self._connect()
            try:
                yield link.files
            except BaseException as error:
                if isinstance(error, OSError) and not lost(error):
                    self._keep(link)
                else:
                    link.close()
                raise
            self._keep(link)
        finally:
            self._places.release()

    def close(self) -> None:
        with self._lock:
            idle, self._idle = self._idle, []
        for link in idle:
            link.close()

    def _take(self) -> _Link | None:
        while True:
            with self._lock:
                if not self._idle:
                    return None
                link = self._idle.pop()
            if link.transport.is_active() and self._now() - link.used_at < IDLE_SECONDS_MAX:
                return link
            link.close()

    def _keep(self, link: _Link) -> None:
        link.used_at = self._now()
        with self._lock:
            self._idle.append(link)

    def _connect(self) -> _Link:
        """Connect, find the pinned host key among those the server has, log in, open SFTP."""
        shown: list[str] = []
        refusals: list[str] = []
        for types in self._key_types:
            transport = self._transport(types)
            try:
                transport.start_client(timeout=self._settings.connect_timeout_seconds)
                shown.append(transport.get_remote_server_key().fingerprint)
                if shown[-1] not in self._settings.host_keys:
                    transport.close()
                    continue
                self._key_types = (types,)
                return self._log_in(transport)
            except paramiko.ssh_exception.IncompatiblePeer as error:
                transport.close()
                refusals.append(str(error))
                if "host key" not in str(error):
                    break  # another type of host key would not help
            except (paramiko.SSHException, OSError, EOFError) as error:
                transport.close()
                raise Unreachable(
                    f"{self._settings.host} broke off the handshake or the login.", cause=str(error)
                ) from error
            except CrossdockError:
                transport.close()
                raise
        self._key_types = _KEY_TYPES
        raise _no_trust(self._settings.host, shown, refusals)

    def _transport(self, types: tuple[str, ...]) -> paramiko.Transport:
        settings = self._settings
        try:
            connection = socket.create_connection((settings.host, settings.port), settings.connect_timeout_seconds)
        except OSError as error:
            why = error.strerror or type(error).__name__
            raise Unreachable(f"{settings.host}:{settings.port} could not be reached: {why}.") from error
        transport = paramiko.Transport(connection, disabled_algorithms=_WEAK)
        transport.set_log_channel(_LOG_CHANNEL)
        transport.banner_timeout = settings.connect_timeout_seconds
        transport.handshake_timeout = settings.connect_timeout_seconds
        transport.auth_timeout = settings.connect_timeout_seconds
        transport.channel_timeout = settings.connect_timeout_seconds
        transport.get_security_options().key_types = types
        return transport

    def _log_in(self, transport: paramiko.Transport) -> _Link:
        settings = self._settings
        remaining = ["password"]
        try:
            if settings.private_key_secret:
                remaining = list(transport.auth_publickey(settings.user, self._private_key()))
            if settings.password_secret and remaining:
                password = self._secret(settings.password_secret)
                remaining = list(transport.auth_password(settings.user, password, fallback=False))
        except paramiko.AuthenticationException as error:
            if "timeout" in str(error).lower():
                raise Unreachable(f"{settings.host} did not answer the login in time.") from error
            raise self._not_let_in() from error
        if remaining:
            raise self._not_let_in()
        transport.set_keepalive(KEEPALIVE_SECONDS)
        files = paramiko.SFTPClient.from_transport(transport)
        assert files is not None, "an authenticated transport opens channels or raises"
        channel = files.get_channel()
        assert channel is not None, "the client was made on a channel"
        channel.settimeout(settings.answer_timeout_seconds)
        return _Link(transport, files, self._now())

    def _not_let_in(self) -> Misconfigured:
        return Misconfigured(
            f"{self._settings.host} does not let {self._settings.user} in.",
            fix="have the partner add our public key, or check user and secrets",
        )

    def _private_key(self) -> paramiko.PKey:
        settings = self._settings
        assert settings.private_key_secret is not None, "asked for only where there is one"
        passphrase = self._secret(settings.passphrase_secret).encode() if settings.passphrase_secret else None
        try:
            return _paramiko_key(self._secret(settings.private_key_secret).encode(), passphrase)
        except (ValueError, TypeError, UnsupportedAlgorithm, paramiko.SSHException):
            raise Misconfigured(
                f"The secret {settings.private_key_secret} is no private key that can be used.",
                fix="store an Ed25519, ECDSA or RSA key in OpenSSH or PEM form, and its passphrase if it has one",
            ) from None  # what the parser says may quote the key


def _paramiko_key(text: bytes, passphrase: bytes | None) -> paramiko.PKey:
    """The key in ``text``. Raises ValueError, TypeError, UnsupportedAlgorithm or SSHException where there is none."""
    openssh = b"BEGIN OPENSSH PRIVATE KEY" in text
    key = (load_ssh_private_key if openssh else load_pem_private_key)(text, passphrase)
    if isinstance(key, rsa.RSAPrivateKey):
        return paramiko.RSAKey(key=key)
    if isinstance(key, ec.EllipticCurvePrivateKey):
        return paramiko.ECDSAKey(vals=(key, key.public_key()))
    plain = key.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption())
    return paramiko.Ed25519Key.from_private_key(io.StringIO(plain.decode()))


def lost(error: BaseException) -> bool:
    """Whether the connection is gone or silent, rather than a request refused by the server.

    paramiko raises OSError for the server's own status answers: errno ENOENT, EACCES or none.
    """
    return isinstance(error, TimeoutError | ConnectionError | EOFError | paramiko.SSHException)


def _no_trust(host: str, shown: list[str], refusals: list[str]) -> Misconfigured:
    if shown:
        return Misconfigured(
            f"{host} shows another host key than the one that is pinned.",
            fix="ask the partner whether its key changed; if it did, add the new fingerprint to host_keys",
            shown=list(dict.fromkeys(shown)),
        )
    return Misconfigured(
        f"{host} offers no algorithm that is still safe ({refusals[-1]}).",
        fix="have the partner update its server: ssh-rsa (SHA-1), diffie-hellman-group14-sha1, CBC ciphers and MD5 or "
        "SHA-1 MACs are not used",
    )
