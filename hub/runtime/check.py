"""Routes name mappings, gates, makers, followers and roles; all of them must exist before anything starts."""

from __future__ import annotations

from collections.abc import Iterable

import mappings
import routes
from hub.canonical import MESSAGES
from hub.contracts.partner import HubSettings, Partner
from hub.contracts.route import Route
from hub.errors import Misconfigured
from hub.flow.follow import FOLLOWERS
from hub.orders.derive import MAKERS
from hub.orders.gates import GATES

__all__ = ["check_guides", "check_partners", "check_routes"]

_MADE_ELSEWHERE = frozenset({"cash_application"})
"""Made where payments are applied, because it needs the orders of all invoices at once."""


def check_routes(settings: HubSettings) -> None:
    """Raises Misconfigured naming the route and the name that does not exist, with those that do."""
    for on, route in routes.CATALOG.items():
        _known(route, "on", on, MESSAGES)
        for gate in route.gates:
            _known(route, "gate", gate.check, GATES)
        for deliver in route.deliver:
            _known(route, "document", deliver.document, mappings.CATALOG)
            _known(route, "make", deliver.make, {*MAKERS, *_MADE_ELSEWHERE})
            if deliver.to != "partner":
                _known(route, "role", deliver.to, settings.roles)
            if deliver.after:
                _known(route, "after", deliver.after, {other.document for other in route.deliver})
        for follower in route.next:
            _known(route, "next", follower, FOLLOWERS)
        if route.ask is not None:
            _known(route, "role", route.ask.service, settings.roles)
            for mapping in filter(None, (route.ask.request, route.ask.response)):
                _known(route, "mapping", mapping, mappings.CATALOG)


def check_partners(partners: Iterable[Partner]) -> None:
    """Raises Misconfigured where a partner does without a document that no route makes."""
    made = {deliver.document for route in routes.CATALOG.values() for deliver in route.deliver}
    for partner in partners:
        for document in sorted(partner.without - made):
            raise Misconfigured(
                f"partners/{partner.id}.toml: without names {document!r}; routes make: {', '.join(sorted(made))}.",
                fix="Name one of these, or leave it out.",
            )


def check_guides(partners: Iterable[Partner]) -> None:
    """Raises Misconfigured where a rule of a partner's guide does not fit the tables."""
    for partner in partners:
        guide = mappings.GUIDES.get(partner.id)
        if guide is not None:
            guide.check()


def _known(route: Route, what: str, name: str, known: object) -> None:
    assert hasattr(known, "__contains__"), "names are looked up in a collection"
    if name not in known:
        names = ", ".join(sorted(known)) if hasattr(known, "__iter__") else ""
        raise Misconfigured(
            f"Route {route.id} names the {what} {name!r}, which does not exist; there are: {names}.",
            fix="Correct the route in routes/, or add what it names (a role: [roles] in hub.toml).",
        )
