"""Where a connector under test runs: a clock that stands still, secrets that must never be seen, a home of its own."""

from __future__ import annotations

import base64
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from hub.contracts.connector import Accepted, Arrival, Parcel, Site
from hub.errors import Misconfigured

__all__ = ["HUB_SECRETS", "Hub", "Time", "parcel", "site"]

NOW = 1_790_000_000.0
HUB_SECRETS = {
    "signing": "whsec_" + base64.b64encode(b"a signing key of thirty-two bytes").decode(),
    "signing_next": "whsec_" + base64.b64encode(b"the next signing key, also long!").decode(),
    "bearer": "bearer-token-9f2c61d0",
    "basic": "erp-user:basic-pass-71e2",
    "avatax": "2000134479:licence-key-51aa07",
    "ups": "ups-client-id:ups-client-key-88be",
    "password": "correct horse battery staple",
    "mailbox_password": "mailbox-pass-3a7d",
}


class Time:
    """A clock that only tests move."""

    def __init__(self) -> None:
        self.seconds = NOW

    def __call__(self) -> float:
        return self.seconds


class Hub:
    """What accepts arrivals: keeps them by source key, as the hub does; raises ``refusal`` while it is set."""

    def __init__(self) -> None:
        self.arrivals: list[Arrival] = []
        self.calls = 0
        self.refusal: Exception | None = None
        self.problems: tuple[dict[str, Any], ...] = ()
        self._lock = threading.Lock()

    def accept(self, arrival: Arrival) -> Accepted:
        with self._lock:
            return self._accept(arrival)

    def _accept(self, arrival: Arrival) -> Accepted:
        self.calls += 1
        if self.refusal is not None:
            raise self.refusal
        known = [earlier.source_key for earlier in self.arrivals]
        if arrival.source_key in known:
            return Accepted(message_id=f"m{known.index(arrival.source_key) + 1}", duplicate=True)
        self.arrivals.append(arrival)
        return Accepted(message_id=f"m{len(self.arrivals)}", problems=self.problems)


def site(home: Path, time: Time, partners: Mapping[str, Mapping[str, Any]] | None = None, **secrets: str) -> Site:
    """A site for the connection ``under_test``."""

    def secret(name: str) -> str:
        try:
            return {**HUB_SECRETS, **secrets}[name]
        except KeyError:
            raise Misconfigured(f"There is no secret {name}.") from None

    return Site(connection="under_test", home=home, secret=secret, now=time, partners=partners or {})


def parcel(key: str = "k-1", **changes: Any) -> Parcel:
    """A parcel for bigbox."""
    values: dict[str, Any] = {
        "key": key, "name": "997_1.edi", "data": b"ISA*00*~IEA*1~", "document": "997", "partner": "bigbox",
    }  # fmt: skip
    return Parcel(**{**values, **changes})
