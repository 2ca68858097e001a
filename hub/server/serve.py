"""`crossdock up`: start what is needed, run until told to stop, end in order."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from functools import partial
from pathlib import Path

from hub.contracts.connector import Accept, Accepted, Arrival, HttpListener, Listener, Source
from hub.contracts.http_bodies import BodyLimits, widest
from hub.errors import Broken
from hub.flow import receive
from hub.queue import Supervisor
from hub.runtime import Hub
from hub.server.home import announce, occupied
from hub.server.http import HttpServer
from hub.server.poll import Poller
from hub.server.upkeep import Upkeep
from hub.server.worker import DRAIN_SECONDS, THREADS, broker_url, queued
from hub.stopping import stopped_by_signals
from hub.web.app import build

__all__ = ["serve"]


def serve(home: Path, *, workers: int = 0, ready: Callable[[Mapping[str, str]], None] | None = None) -> int:
    """Run the hub on a home directory until SIGTERM or SIGINT; 0 when it ended in order.

    ``workers``: processes beside this one. With a broker that they share they do all the work; without one this
    process works too, and they find by themselves what is due. ``ready`` is called once everything listens, with
    ``page``, ``api``, ``home`` and each listener's address by connection. Raises Misconfigured, and Broken after an
    end in order when something that listens died: whoever started the hub starts it again.
    """
    threads, lanes = (0, None) if workers and broker_url() else (THREADS, ("flow", "delivery") if workers else None)
    with stopped_by_signals() as stop, occupied(home), queued(home, threads=threads, lanes=lanes) as (hub, stack):
        accept = _accepting(hub)
        if workers:
            command = [sys.executable, "-m", "hub.cli", "worker", "--home", str(home)]
            supervisor = Supervisor(command, workers)
            supervisor.start()
            stack.callback(supervisor.stop, DRAIN_SECONDS)
        upkeep = Upkeep(hub.ledger, hub.settings.retention)
        upkeep.start()
        stack.callback(upkeep.stop)
        dead: list[str] = []

        def died(what: str) -> None:
            dead.append(what)
            stop.ask()

        addresses = {"home": str(home), **_listen(hub, accept, stack, died)}
        announce(home, addresses)
        if ready is not None:
            ready(addresses)
        stop.wait()
    if dead:
        raise Broken(f"{dead[0]} died; the hub has ended", fix="start it again; its log says why")
    return 0


def _accepting(hub: Hub) -> Accept:
    desk = hub.flow

    def accept(arrival: Arrival) -> Accepted:
        return receive.accept(desk, arrival)

    return accept


def _listen(hub: Hub, accept: Accept, stack: ExitStack, died: Callable[[str], None]) -> dict[str, str]:
    """Open every listener, start every poller; where each can be reached. ``died`` hears which one ended by itself."""
    addresses: dict[str, str] = {}
    app = build(hub)
    bodies = [BodyLimits()]
    for name in hub.settings.connections:
        connection = hub.connection(name)
        if isinstance(connection, HttpListener):
            app.include_router(connection.router(accept))
            bodies.append(connection.bodies)
        elif isinstance(connection, Listener):
            connection.start(accept, partial(died, f"the listener of connection {name}"))
            stack.callback(connection.close)
            addresses[name] = connection.address()
        if isinstance(connection, Source):
            poller = Poller(name, connection, accept, hub.settings.timing.source_poll_seconds)
            poller.start()
            stack.callback(poller.join, DRAIN_SECONDS)
            stack.callback(poller.stop)
    http = hub.settings.http
    page_died = partial(died, "page, API and inbound HTTP")
    server = HttpServer(app, http.host, http.port, bodies=widest(bodies), died=page_died)
    server.start()
    stack.callback(server.stop)
    return {"page": f"{server.url}/", "api": f"{server.url}/v1", **addresses}
