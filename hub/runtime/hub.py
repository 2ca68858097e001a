"""The hub put together from its home directory."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock
from typing import Any

import connectors
import mappings
import routes
from hub.clock import Clock, SystemClock, TimeIds
from hub.contracts.connector import Connector, ConnectorSpec, Site
from hub.contracts.partner import HubSettings, Partner
from hub.errors import Misconfigured
from hub.flow.desk import Desk
from hub.ledger import Ledger
from hub.places import config_directory, database_url
from hub.runtime.check import check_guides, check_partners, check_routes
from hub.runtime.config import checked, load_config
from hub.runtime.secrets import read_secret

__all__ = ["Hub", "open_hub"]


@contextmanager
def open_hub(home: Path, *, hint: Callable[[str], None] | None = None) -> Iterator[Hub]:
    """Load and check the configuration and open the ledger; nothing listens and nothing is worked on.

    ``hint`` is called with each stage that gets work. Raises Misconfigured where anything is wrong with the settings.
    """
    config = load_config(config_directory(home))
    clock = SystemClock()
    ledger = Ledger.open(database_url(home), home=home, clock=clock)
    hub = Hub(
        home=home, settings=config.hub, partners=config.partners, ledger=ledger, clock=clock, hint=hint or _nobody
    )
    try:
        hub.check()
        yield hub
    finally:
        hub.close()


@dataclass(slots=True)
class Hub:
    """Configuration, ledger, connections and `desk`, what the stages work with."""

    home: Path
    settings: HubSettings
    partners: Mapping[str, Partner]
    ledger: Ledger
    clock: Clock
    hint: Callable[[str], None]
    _connections: dict[str, Connector] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)
    _desk: Desk | None = None

    @property
    def flow(self) -> Desk:
        """What the stages work with."""
        if self._desk is None:
            self._desk = Desk(
                ledger=self.ledger,
                clock=self.clock,
                ids=TimeIds(self.clock),
                settings=self.settings,
                partners=self.partners,
                routes=routes.CATALOG,
                find_mapping=lambda mapping_id, partner, version: mappings.find(
                    mapping_id, partner=partner, version=version
                ),
                find_guide=mappings.GUIDES.get,
                connection=self.connection,
                hint=lambda stage: self.hint(stage),
            )
        return self._desk

    def check(self) -> None:
        """Raises Misconfigured where a connection's settings, a partner's channel or guide or a route cannot work."""
        for name in self.settings.connections:
            self._settings(name)
        check_routes(self.settings)
        check_partners(self.partners.values())
        check_guides(self.partners.values())

    def connection(self, name: str) -> Connector:
        """The connection, built when it is first asked for."""
        with self._lock:
            if name not in self._connections:
                spec, settings = self._settings(name)
                self._connections[name] = spec.build(settings, self._site(name))
            return self._connections[name]

    def close(self) -> None:
        """Let go of all connections and the ledger."""
        for connection in self._connections.values():
            connection.close()
        self._connections.clear()
        self.ledger.close()

    def _settings(self, name: str) -> tuple[ConnectorSpec, Any]:
        connection = self.settings.connections.get(name)
        if connection is None:
            known = ", ".join(sorted(self.settings.connections))
            raise Misconfigured(f"There is no connection {name!r}; connections are: {known}.", fix="See hub.toml.")
        spec = connectors.CATALOG.get(connection.connector)
        if spec is None:
            known = ", ".join(sorted(connectors.CATALOG))
            raise Misconfigured(
                f"hub.toml: connections.{name}.connector is {connection.connector!r}; allowed: {known}.",
                fix="Name one of these connectors.",
            )
        where = f"hub.toml [connections.{name}.settings]"
        settings = checked(spec.settings, connection.settings, where)
        for partner_id, table in self._partner_tables(name).items():
            if spec.partner_settings is not None:
                checked(spec.partner_settings, dict(table), f"partners/{partner_id}.toml [channel_settings]")
        return spec, settings

    def _partner_tables(self, name: str) -> dict[str, dict[str, Any]]:
        return {
            partner.id: dict(partner.channel_settings) for partner in self.partners.values() if partner.channel == name
        }

    def _site(self, name: str) -> Site:
        home = self.home / "connections" / name
        home.mkdir(parents=True, exist_ok=True)
        return Site(
            connection=name,
            home=home,
            secret=lambda secret: read_secret(self.home, secret),
            now=self.clock.now,
            partners=self._partner_tables(name),
        )


def _nobody(stage: str) -> None:
    """Takes a hint where no queue runs in this process; the sweeper of the one that does finds the work."""
    assert stage, "a stage has a name"
