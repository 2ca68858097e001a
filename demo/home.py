"""The folder of one run: which one, who holds it, and its keys and secrets."""

from __future__ import annotations

import fcntl
import json
import os
import re
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from demo import signing

__all__ = ["Busy", "Home", "take"]

RUNS = Path(".demo")
LEFTOVERS_SECONDS = 20.0
_ENDED = "ended"


class Busy(Exception):
    """Another run holds the folder, or something of an earlier run still lives."""


@dataclass(frozen=True, slots=True)
class Home:
    """A folder that this process holds; ``lock`` is the descriptor of the lock."""

    path: Path
    lock: int

    @property
    def children_lock(self) -> Path:
        """Held shared by everything that was started here."""
        return self.path / "children.lock"

    def close_story(self, *, done: bool) -> None:
        """The story was told to its end, good or bad: only who asks for this folder by name goes on with it."""
        (self.path / _ENDED).write_text("done\n" if done else "failed\n")

    @property
    def key(self) -> Path:
        """The retailer's private key."""
        return self.path / "secrets" / "bigbox_key"

    def secret(self, name: str) -> Path:
        """The file of a secret."""
        return self.path / "secrets" / name

    def remembered_base(self) -> int:
        """The block of ports of an earlier start, 0 if there was none."""
        try:
            return int(json.loads((self.path / "ports.json").read_text())["base"])
        except (FileNotFoundError, ValueError, KeyError):
            return 0

    def remember_base(self, base: int) -> None:
        """Keep the block of ports for the next start."""
        (self.path / "ports.json").write_text(json.dumps({"base": base}) + "\n")

    def make_secrets(self) -> str:
        """Keys and secrets that are not there yet, readable by the owner only; the retailer's public key."""
        (self.path / "secrets").mkdir(mode=0o700, exist_ok=True)
        for name in ("erp_webhook", "rno1_webhook", "wms_webhook"):
            _write_new(self.secret(name), signing.new_secret())
        for name, user in (("tax_credentials", "2000000001"), ("carrier_credentials", "crossdock")):
            _write_new(self.secret(name), f"{user}:{secrets.token_hex(16)}")
        _write_new(self.key, _ed25519_private_key())
        private = serialization.load_ssh_private_key(self.key.read_bytes(), password=None)
        public = private.public_key().public_bytes(serialization.Encoding.OpenSSH, serialization.PublicFormat.OpenSSH)
        return f"{public.decode()} bigbox"

    def wait_for_leftovers(self, sleep: Callable[[float], None]) -> None:
        """Wait until nothing lives of an earlier run that was killed; raises Busy, and what ``sleep`` raises."""
        descriptor = os.open(self.children_lock, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            deadline = time.monotonic() + LEFTOVERS_SECONDS
            while not _locked(descriptor):
                if time.monotonic() > deadline:
                    raise Busy(f"something of an earlier run has not ended; `fuser {self.children_lock}` tells what")
                sleep(0.1)
        finally:
            os.close(descriptor)

    def release(self) -> None:
        """Let others have the folder."""
        os.close(self.lock)


def take(wanted: Path | None) -> Home:
    """Hold the folder asked for, else the newest in ``.demo`` that has neither ended nor is held, else a new one.

    Raises Busy if the folder asked for is held.
    """
    if wanted is not None:
        home = _hold(wanted.resolve())
        if home is None:
            raise Busy(f"another run holds {wanted}")
        return home
    for path in sorted(RUNS.glob("run-*"), key=_number, reverse=True):
        home = None if (path / _ENDED).exists() else _hold(path.resolve())
        if home is not None:
            return home
    number = max(map(_number, RUNS.glob("run-*")), default=0)
    while True:
        number += 1
        home = _hold((RUNS / f"run-{number}").resolve())
        if home is not None:
            return home


def _hold(path: Path) -> Home | None:
    path.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path / "demo.lock", os.O_RDWR | os.O_CREAT, 0o600)
    if _locked(descriptor):
        return Home(path, descriptor)
    os.close(descriptor)
    return None


def _locked(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _number(path: Path) -> int:
    match = re.fullmatch(r"run-(\d{1,9})", path.name)
    return int(match[1]) if match else 0


def _write_new(path: Path, text: str) -> None:
    if path.exists():
        return
    fresh = path.with_name(path.name + ".new")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(text if text.endswith("\n") else text + "\n")
    fresh.replace(path)


def _ed25519_private_key() -> str:
    return (
        Ed25519PrivateKey.generate()
        .private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.OpenSSH, serialization.NoEncryption())
        .decode()
    )
