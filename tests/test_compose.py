"""docker-compose.yml says only what the program knows: its variables, commands, ports, files and settings."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from hub.cli.app import VERBS
from hub.clock import SystemClock
from hub.ledger import Ledger
from hub.runtime import Hub, load_config
from hub.runtime.check import check_routes
from hub.runtime.secrets import read_secret

ROOT = Path(__file__).parent.parent
OURS = ("hub", "workers")
VALUES = {
    "CROSSDOCK_ERP_URL": "https://erp.example",
    "CROSSDOCK_WAREHOUSE_URL": "https://wms.example",
    "CROSSDOCK_SECRET_BIGBOX_PASSWORD": "a long password",
}


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    parsed = yaml.safe_load((ROOT / "docker-compose.yml").read_text("utf-8"))
    assert isinstance(parsed, dict)
    return parsed


@pytest.fixture
def environment(compose: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """The variables of the hub's service as compose would resolve them."""
    given = {name: resolved(name, str(value)) for name, value in compose["services"]["hub"]["environment"].items()}
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    return given


def resolved(name: str, value: str) -> str:
    def one(match: re.Match[str]) -> str:
        return VALUES.get(match[1]) or (match[3] if match[2] == ":-" else f"{name}-value")

    return re.sub(r"\$\{([A-Z0-9_]+)(:[-?])([^}]*)\}", one, value)


def asked_for() -> Iterator[str]:
    """Variables that the program or the configuration reads."""
    for path in (ROOT / "hub").rglob("*.py"):
        yield from re.findall(r"environ(?:\.get\(|\[)\"(CROSSDOCK_[A-Z_]+)\"", path.read_text("utf-8"))
    for path in (ROOT / "deploy" / "config").rglob("*.toml"):
        text = path.read_text("utf-8")
        yield from re.findall(r"\$\{([A-Z0-9_]+)\}", text)
        for names in re.findall(r"\w*secrets? = (.+)", text):
            for name in re.findall(r'"([a-z0-9_-]+)"', names):
                yield f"CROSSDOCK_SECRET_{name.upper().replace('-', '_')}"


def test_every_variable_is_one_the_program_reads(compose: dict[str, Any]) -> None:
    known = set(asked_for())
    for service in OURS:
        given = set(compose["services"][service]["environment"])
        assert given <= known
        assert {name for name in known if "SECRET" in name or "_URL" in name} <= given


def test_every_command_is_a_verb(compose: dict[str, Any]) -> None:
    verbs = {verb.__name__ for verbs in VERBS.values() for verb in verbs}
    assert {compose["services"][service]["command"][0] for service in OURS} <= verbs
    assert re.search(r'ENTRYPOINT \["crossdock"\]', (ROOT / "Dockerfile").read_text("utf-8"))


def test_every_port_is_one_that_is_listened_on(compose: dict[str, Any], environment: dict[str, str]) -> None:
    settings = load_config(ROOT / "deploy" / "config").hub
    listening = {settings.http.port, settings.connections["mailbox"].settings["port"]}
    published = {int(str(port).rpartition(":")[2]) for port in compose["services"]["hub"]["ports"]}
    exposed = re.search(r"^EXPOSE (.+)$", (ROOT / "Dockerfile").read_text("utf-8"), re.MULTILINE)
    assert exposed is not None
    assert published == listening == {int(port) for port in exposed[1].split()}
    assert settings.http.host == environment["CROSSDOCK_LISTEN_HOST"]


def test_the_page_is_published_to_this_machine_only(compose: dict[str, Any]) -> None:
    page = [port for port in compose["services"]["hub"]["ports"] if port.endswith(":8080")]
    assert page == ["127.0.0.1:8080:8080"]


def test_urls_name_services_of_the_file(compose: dict[str, Any], environment: dict[str, str]) -> None:
    for name in ("CROSSDOCK_DATABASE_URL", "CROSSDOCK_BROKER_URL"):
        host = re.sub(r".*[@/]([a-z]+):\d+/.*", r"\1", environment[name])
        assert host in compose["services"], name


def test_files_that_are_mounted_or_copied_exist(compose: dict[str, Any]) -> None:
    mounted = [volume.split(":")[0] for volume in compose["services"]["hub"]["volumes"]]
    named = {volume for volume in mounted if not volume.startswith(".")}
    assert named <= set(compose["volumes"])
    copied = re.findall(r"^COPY (.+) \S+$", (ROOT / "Dockerfile").read_text("utf-8"), re.MULTILINE)
    paths = [volume for volume in mounted if volume.startswith(".")] + " ".join(copied).split()
    assert [path for path in paths if not (ROOT / path).exists()] == []


def test_the_configuration_is_one_that_a_hub_takes(environment: dict[str, str], tmp_path: Path) -> None:
    config = load_config(ROOT / "deploy" / "config")
    check_routes(config.hub)
    clock = SystemClock()
    ledger = Ledger.open(f"sqlite:///{tmp_path / 'ledger.db'}", home=tmp_path, clock=clock)
    hub = Hub(
        home=tmp_path, settings=config.hub, partners=config.partners, ledger=ledger, clock=clock, hint=lambda _: None
    )
    try:
        hub.check()
    finally:
        hub.close()
    assert read_secret(tmp_path, "bigbox_password") == environment["CROSSDOCK_SECRET_BIGBOX_PASSWORD"]
