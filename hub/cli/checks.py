"""What `crossdock doctor` looks at: home, ledger, broker, and every connection, each tried without moving anything."""

from __future__ import annotations

import json
import os
import shutil
import socket
from collections.abc import Collection, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from hub.contracts.connector import HttpListener, Listener
from hub.errors import CrossdockError
from hub.flow.endpoints import MAINTENANCE
from hub.web.waiting import pauses

if TYPE_CHECKING:
    from hub.mapping.overlay import Edit
    from hub.runtime import Hub

__all__ = ["exceptions", "run"]

FREE_BYTES_MIN = 1 << 30
BROKER_SECONDS = 3.0
SOON = timedelta(days=30)
"""So long before its end an exception is told."""
_PORTS = {"redis": 6379, "rediss": 6379, "valkey": 6379, "valkeys": 6379, "amqp": 5672, "amqps": 5671}


def run(hub: Hub) -> list[dict[str, Any]]:
    """``[{check, ok, detail, fix}]``; never raises. That the hub could be opened proves its settings."""
    from mappings.overlays import OVERLAYS

    partners = len(hub.partners)
    settings = _check("settings", True, f"{len(hub.settings.connections)} connections, {partners} partners, all routes")
    with ThreadPoolExecutor(8) as pool:
        connections = list(pool.map(lambda name: _connection(hub, name), sorted(hub.settings.connections)))
    today = datetime.fromtimestamp(hub.clock.now(), UTC).date()
    ending = exceptions(OVERLAYS, hub.partners, today)
    return [settings, *ending, *_home(hub), *_ledger(hub), _broker(), *connections, *_endpoints(hub)]


def _check(name: str, ok: bool, detail: str, fix: str = "") -> dict[str, Any]:
    return {"check": name, "ok": ok, "detail": detail, "fix": "" if ok else fix}


def exceptions(
    overlays: Mapping[str, Mapping[str, Sequence[Edit]]], partners: Collection[str], today: date
) -> Iterator[dict[str, Any]]:
    """What partners may do for a while only: told when it is about to end, faulty once it has ended."""
    from hub.mapping.overlay import expired

    for partner in sorted(overlays.keys() & set(partners)):
        for document, edits in sorted(overlays[partner].items()):
            ended = expired(edits, today)
            for edit in expired(edits, today + SOON):
                yield _check(
                    f"exception {partner}",
                    edit not in ended,
                    f"{edit.name}({edit.path}) of {document}, allowed by {edit.grade.approver}, "
                    f"{'ended' if edit in ended else 'ends'} on {edit.grade.ends}: {edit.why}",
                    f"Remove it from mappings/overlays/{partner}.py, or have {edit.grade.approver} move its end.",
                )


def _home(hub: Hub) -> Iterator[dict[str, Any]]:
    free = shutil.disk_usage(hub.home).free
    yield _check(
        "disk", free > FREE_BYTES_MIN, f"{free >> 20} MiB free in {hub.home}", f"Keep {FREE_BYTES_MIN >> 20} MiB free."
    )
    secrets = [path for path in sorted((hub.home / "secrets").glob("*")) if path.is_file()]
    open_to_others = [
        path.name
        for path in secrets
        if path.stat().st_mode & 0o077 and path.suffix != ".pub" and not path.name.startswith("known_hosts")
    ]
    detail = f"readable by others: {', '.join(open_to_others)}" if open_to_others else "readable by their owner only"
    yield _check("secrets", not open_to_others, detail, f"Run chmod 600 on them, in {hub.home / 'secrets'}.")


def _ledger(hub: Hub) -> Iterator[dict[str, Any]]:
    try:
        facts = hub.ledger.doctor()
    except CrossdockError as error:
        yield _check("ledger", False, error.message, error.fix)
        return
    yield _check("ledger", True, f"{facts['engine']} {facts['version']}")
    for warning in facts["warnings"]:
        yield _check("ledger", False, warning, "Change that setting of the database.")


def _broker() -> dict[str, Any]:
    url = os.environ.get("CROSSDOCK_BROKER_URL", "")
    if not url:
        return _check("broker", True, "inside the process: CROSSDOCK_BROKER_URL is not set")
    parts = urlsplit(url)
    where = f"{parts.scheme}://{parts.hostname or parts.path}"
    try:
        if parts.scheme == "unix":
            with socket.socket(socket.AF_UNIX) as line:
                line.settimeout(BROKER_SECONDS)
                line.connect(parts.path)
        else:
            address = (parts.hostname or "localhost", parts.port or _PORTS.get(parts.scheme, 0))
            socket.create_connection(address, BROKER_SECONDS).close()
    except (OSError, ValueError) as error:
        return _check(
            "broker", False, f"{where} does not answer: {error}", "Start it, or correct CROSSDOCK_BROKER_URL."
        )
    return _check("broker", True, f"{where} answers")


def _endpoints(hub: Hub) -> Iterator[dict[str, Any]]:
    """Those to which nothing is sent now; one in a maintenance window is as it should be."""
    said, waiting = pauses(hub.ledger), {endpoint.name: endpoint.waiting for endpoint in hub.ledger.endpoints()}
    for endpoint in hub.ledger.paused_endpoints():
        detail = f"{waiting.get(endpoint.name, 0)} deliveries wait. {said[endpoint.name]}"
        fix = "See that the far end is up; they go on by themselves."
        yield _check(f"endpoint {endpoint.name}", endpoint.cause == MAINTENANCE, detail, fix)


def _connection(hub: Hub, name: str) -> dict[str, Any]:
    title = f"connection {name}"
    fix = f"See [connections.{name}] in hub.toml and that the far end is up."
    try:
        connection = hub.connection(name)
        probe = connection.probe()
        if probe.ok and isinstance(connection, Listener) and not isinstance(connection, HttpListener):
            return _listener(hub, name)
    except CrossdockError as error:
        return _check(title, False, error.message, error.fix or fix)
    return _check(title, probe.ok, probe.detail, probe.fix or fix)


def _listener(hub: Hub, name: str) -> dict[str, Any]:
    """It listens in the hub's own process, which says where in ``hub.json``."""
    title = f"connection {name}"
    try:
        address = urlsplit(str(json.loads((hub.home / "hub.json").read_text("utf-8"))[name]))
        socket.create_connection((address.hostname or "", address.port or 0), BROKER_SECONDS).close()
    except (FileNotFoundError, KeyError):
        return _check(title, True, "listens once the hub is up; it is not up now")
    except (OSError, ValueError) as error:
        return _check(title, False, f"the hub is up but does not answer there: {error}", "Restart the hub.")
    return _check(title, True, f"{address.geturl()} answers")
