"""Where a run lives: folders, ports, secrets, configuration."""

import stat
import tomllib

import pytest

import connectors
from demo import home as homes
from demo import settings
from demo.ports import NAMES, Ports
from hub.runtime.config import load_config


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_two_runs_side_by_side_have_folders_of_their_own(here):
    first, second = homes.take(None), homes.take(None)
    assert [first.path.name, second.path.name] == ["run-1", "run-2"]
    with pytest.raises(homes.Busy):
        homes.take(first.path)
    first.release()
    second.release()


def test_the_newest_run_that_is_neither_ended_nor_held_is_gone_on_with(here):
    runs = [homes.take(None) for _ in range(3)]
    runs[2].close_story(done=True)
    for run in runs:
        run.release()
    again = homes.take(None)
    assert again.path.name == "run-2"
    third = homes.take(None)
    assert third.path.name == "run-1"
    assert homes.take(None).path.name == "run-4"


def test_ports_are_never_shared_and_are_the_same_again():
    first, second = Ports.reserve(), Ports.reserve()
    assert first.base != second.base
    assert len({first[name] for name in NAMES} | {second[name] for name in NAMES}) == 2 * len(NAMES)
    taken = Ports.reserve(first.base)
    assert taken.base != first.base
    first.release()
    again = Ports.reserve(first.base)
    assert again.base == first.base
    for ports in (second, taken, again):
        ports.release()


def test_secrets_are_made_once_and_for_the_owner_only(here):
    home = homes.take(None)
    public = home.make_secrets()
    values = {path.name: path.read_text() for path in (home.path / "secrets").iterdir()}
    assert home.make_secrets() == public
    assert {path.name: path.read_text() for path in (home.path / "secrets").iterdir()} == values
    assert all(stat.S_IMODE(path.stat().st_mode) == 0o600 for path in (home.path / "secrets").iterdir())
    assert public.startswith("ssh-ed25519 ")
    home.release()


def test_the_configuration_is_written_anew_with_the_ports_of_the_day(here):
    first, second = Ports.reserve(), Ports.reserve()
    settings.write(here, first, "ssh-ed25519 AAAA bigbox")
    settings.write(here, second, "ssh-ed25519 AAAA bigbox")
    hub = tomllib.loads((here / "hub.toml").read_text())
    partner = tomllib.loads((here / "partners" / "bigbox.toml").read_text())
    assert hub["connections"]["mailbox"]["settings"]["port"] == second["mailbox"]
    assert hub["roles"]["warehouse"] == "rno1"
    assert partner["prices"]["SKU-RED"] == "9.95"
    assert partner["channel_settings"]["authorized_keys"] == ["ssh-ed25519 AAAA bigbox"]
    first.release()
    second.release()


def test_the_hub_takes_the_configuration(here):
    """The one place where the demo and the hub meet in a test: the hub's own models read what the demo wrote."""
    ports = Ports.reserve()
    home = homes.take(None)
    settings.write(here, ports, home.make_secrets())
    config = load_config(here)
    assert sorted(config.partners) == ["bigbox"]
    for connection in config.hub.connections.values():
        assert connectors.CATALOG[connection.connector].settings.model_validate(connection.settings)
    mailbox = connectors.CATALOG["sftp_mailbox"].partner_settings
    assert mailbox is not None
    assert mailbox.model_validate(config.partners["bigbox"].channel_settings)
    ports.release()
    home.release()
