"""Far ends and sites for the tests of connectors."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from connectors.sftp import Sftp, SftpSettings
from connectors.sftp_mailbox import MailboxSettings, SftpMailbox
from tests.contract.host_keys import give_host_keys
from tests.contract.http_server import HttpFarEnd
from tests.contract.site import Hub, Time, site
from tests.contract.ssh_server import PartnerServer


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def hub() -> Hub:
    return Hub()


@pytest.fixture
def elsewhere(tmp_path: Path) -> Iterator[Path]:
    """A folder on another file system than ``tmp_path``."""
    memory = Path("/dev/shm")
    if not memory.is_dir() or memory.stat().st_dev == tmp_path.stat().st_dev:
        pytest.skip("there is only one file system here")
    with tempfile.TemporaryDirectory(dir=memory) as name:
        yield Path(name)


@pytest.fixture
def http_far_end() -> Iterator[HttpFarEnd]:
    server = HttpFarEnd().start()
    yield server
    server.stop()


@pytest.fixture
def partner_server(tmp_path: Path) -> Iterator[PartnerServer]:
    root = tmp_path / "partner"
    for folder in ("in", "out", "done", "claimed"):
        (root / folder).mkdir(parents=True)
    server = PartnerServer(root).start()
    yield server
    server.stop()


@pytest.fixture
def mailbox(tmp_path: Path, time: Time) -> Iterator[Callable[..., SftpMailbox]]:
    """Builds mailboxes over one home, for the partners bigbox and other; closes them at the end."""
    built: list[SftpMailbox] = []
    give_host_keys(tmp_path / "home")

    def build(**settings: Any) -> SftpMailbox:
        passwords = dict.fromkeys(("bigbox", "other"), "mailbox_password") | settings.pop("passwords", {})
        partners = {name: {"password_secret": secret} for name, secret in passwords.items()}
        extra = settings.pop("authorized_keys", None)
        if extra:
            partners["bigbox"]["authorized_keys"] = extra
        built.append(SftpMailbox(MailboxSettings(port=0, **settings), site(tmp_path / "home", time, partners)))
        return built[-1]

    yield build
    for each in built:
        each.close()


@pytest.fixture
def sftp(partner_server: PartnerServer, tmp_path: Path, time: Time) -> Iterator[Callable[..., Sftp]]:
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
