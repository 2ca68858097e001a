"""What the site confirms: picks and shipments; and where the parcels are."""

from hub.contracts.route import Ask, Deliver, Expect, Route

HOUR = 3_600.0
DAY = 24 * HOUR

PICKS = Route(id="picks", on="PickConfirmation")

SHIPMENTS = Route(
    id="shipments",
    on="ShipmentConfirmation",
    deliver=(
        Deliver(to="partner", document="x12/856", make="ship_notice"),
        Deliver(to="erp", document="json/erp_shipment"),
    ),
    next=("invoice", "tracking"),
    expect=(
        Expect(what="856", within_seconds=HOUR),
        Expect(what="invoice", within_seconds=DAY),
        Expect(what="proof_of_delivery", within_seconds=14 * DAY),
    ),
)

TRACKING = Route(
    id="tracking",
    on="TransportationStatus",
    ask=Ask(service="carrier", operation="track", request="", response="json/carrier_tracking"),
    attempts_max=1_000,
)
