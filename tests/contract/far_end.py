"""What a far end is: the hooks with which the contract suite tries its rules.

A hook that a connector has no use for raises `NoSuchShape`; the rule then needs a waiver with its reason.
"""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from connectors import CATALOG
from hub.contracts.connector import Parcel
from tests.contract.site import Time, site

__all__ = ["FarEnd", "NoSuchShape", "closed_port"]


class NoSuchShape(Exception):
    """The connector does not do this at all."""


class FarEnd:
    """``connector`` talks to something that works, until a hook makes it misbehave."""

    id = ""
    secrets: tuple[str, ...] = ()

    def __init__(self, home: Path) -> None:
        self.home = home
        self.time = Time()
        self.connector: Any = None

    def settings(self) -> dict[str, Any]:
        raise NoSuchShape

    def build(self, **changes: Any) -> Any:
        spec = CATALOG[self.id]
        model = spec.settings.model_validate({**self.settings(), **changes})
        return spec.build(model, site(self.home, self.time, self.partners()))

    def partners(self) -> dict[str, dict[str, Any]]:
        return {}

    @contextmanager
    def open(self) -> Iterator[FarEnd]:
        self.connector = self.build()
        try:
            yield self
        finally:
            self.connector.close()

    def unreachable(self) -> Any:
        """The connector, built towards something that is not there."""
        raise NoSuchShape

    def call(self, connector: Any) -> Any:
        """The connector's main call."""
        raise NoSuchShape

    def arrive(self, name: str, data: bytes) -> None:
        """A file appears, finished."""
        raise NoSuchShape

    def parcel(self, key: str) -> Parcel:
        raise NoSuchShape

    def effects(self) -> int:
        """How many documents the far end was given."""
        raise NoSuchShape

    def go_silent(self) -> None:
        """From now on the far end takes documents and does not answer."""
        raise NoSuchShape

    def answer(self, status: int, headers: dict[str, str]) -> None:
        """From now on the far end answers so."""
        raise NoSuchShape

    def oversized(self) -> Any:
        """Make the connector meet more bytes than it takes; returns what came of it."""
        raise NoSuchShape

    def transcript(self) -> bytes:
        """What went over the wire, as a tap would show it."""
        raise NoSuchShape


def closed_port() -> int:
    """A port on which nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
