"""A purchase order: checked, given to the ERP and the site, answered line by line."""

from hub.contracts.route import Deliver, Expect, Gate, Route

DAY = 86_400.0

ORDERS = Route(
    id="orders",
    on="Order",
    gates=(
        Gate(check="original_order"),
        Gate(check="known_ship_to"),
        Gate(check="nothing_negative"),
        Gate(check="price_within_tolerance"),
    ),
    deliver=(
        Deliver(to="erp", document="json/erp_order"),
        Deliver(to="partner", document="x12/855", make="order_response"),
        Deliver(to="warehouse", document="json/warehouse_order", make="order_release"),
    ),
    expect=(
        Expect(what="855", within_seconds=DAY),
        Expect(what="pick", within_seconds=3 * DAY),
        Expect(what="shipment", within_seconds=5 * DAY),
    ),
)
