"""Who sends what to whom: one route for each canonical message. Data only."""

from hub.contracts.route import Route
from routes.cash import REMITTANCES
from routes.invoices import INVOICES
from routes.orders import ORDERS
from routes.shipments import PICKS, SHIPMENTS, TRACKING

CATALOG: dict[str, Route] = {route.on: route for route in (INVOICES, ORDERS, PICKS, REMITTANCES, SHIPMENTS, TRACKING)}
"""Canonical message name -> its route. `hub.runtime.check` refuses a route that names what does not exist."""

__all__ = ["CATALOG"]
