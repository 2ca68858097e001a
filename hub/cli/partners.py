"""What this hub knows: partners, routes, version."""

from __future__ import annotations

import platform
from importlib import metadata

from hub.cli.home import opened
from hub.cli.options import Home, Json
from hub.cli.output import emit, table, text

__all__ = ["installed_version", "partners", "routes", "version"]


def partners(json: Json = False, home: Home = None) -> None:
    """List the partners this hub trades with, and their X12 identifiers.

    \b
    Examples:
      crossdock partners
      crossdock partners --json
    """
    with opened(home) as hub:
        found = [hub.partners[name] for name in sorted(hub.partners)]
    if json:
        emit([partner.model_dump(mode="json") for partner in found])
        return
    table(
        ("id", "name", "channel", "them", "us", "version", "usage", "currency"),
        [
            (
                partner.id,
                partner.name,
                partner.channel,
                f"{partner.x12.partner.qualifier}/{partner.x12.partner.id}",
                f"{partner.x12.us.qualifier}/{partner.x12.us.id}",
                partner.x12.version,
                {"T": "test", "P": "production"}[partner.x12.usage],
                partner.currency,
            )
            for partner in found
        ],
        empty="No partners: add partners/<partner>.toml to the home.",
    )


def routes(json: Json = False, home: Home = None) -> None:
    """List the routes: what happens with each kind of canonical message. Needs no home.

    \b
    Examples:
      crossdock routes
      crossdock routes --json
    """
    from dataclasses import asdict

    from routes import CATALOG

    del home
    found = [CATALOG[name] for name in sorted(CATALOG)]
    if json:
        emit([asdict(route) for route in found])
        return
    table(
        ("on", "gates", "asks", "delivers", "then"),
        [
            (
                route.on,
                ", ".join(gate.check for gate in route.gates),
                route.ask.service if route.ask else "",
                ", ".join(f"{delivery.document} to {delivery.to}" for delivery in route.deliver),
                ", ".join(route.next),
            )
            for route in found
        ],
        empty="No routes.",
    )


def version(json: Json = False, home: Home = None) -> None:
    """Show the versions of Crossdock and of what it stands on.

    \b
    Examples:
      crossdock version --json
    """
    del home
    names = ("pyx12", "dramatiq", "redis", "paramiko", "asyncssh", "fastapi", "pydantic", "SQLAlchemy")
    found = {name: metadata.version(name) for name in names}
    value = {"crossdock": installed_version(), "python": platform.python_version(), **found}
    if json:
        emit(value)
        return
    for name, number in value.items():
        text(f"{name:<11} {number}")


def installed_version() -> str:
    """The version of the installed distribution."""
    return metadata.version("crossdock")
