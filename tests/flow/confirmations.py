"""What the warehouse posts, as JSON, for an order of SKU-RED (line 1) and perhaps SKU-BLUE (line 2)."""

from __future__ import annotations

from typing import Any

from demo.marks import sscc, tracking_number

SITE = {"code": "RNO1", "gln": "0860001234563"}
AT = "2026-11-20T15:04:05-08:00"
SSCC = (sscc("0860001", 1), sscc("0860001", 2))
TRACKING = (tracking_number("8A7E42", 1), tracking_number("8A7E42", 2))


def pick(number: str, picked: int, *, ordered: int = 10, line: str = "1", message: str = "") -> dict[str, Any]:
    """A pick confirmation."""
    entry = {"line_number": line, "uom": "EA", "ordered": str(ordered), "picked": str(picked)}
    if picked < ordered:
        entry |= {"short": str(ordered - picked), "short_reason": "OUT_OF_STOCK"}
    return {
        "schema": "crossdock.pick_confirmation/1",
        "message_id": message or f"PICK-{number}",
        "occurred_at": AT,
        "warehouse": SITE,
        "order": {"order_number": f"BIGBOX-{number}", "purchase_order_number": number},
        "lines": [entry],
    }


def ship(
    number: str, shipped: int, *, ordered: int = 10, shipment: str = "", remainder: str = "BACKORDER", cartons: int = 2
) -> dict[str, Any]:
    """A shipment confirmation of line 1, in as many cartons as asked for."""
    short = ordered - shipped
    parts = [shipped // cartons + (index < shipped % cartons) for index in range(cartons)]
    line: dict[str, Any] = {
        "line_number": "1", "sku": "SKU-RED", "uom": "EA", "ordered": str(ordered), "picked": str(shipped),
        "shipped": str(shipped),
    }  # fmt: skip
    if short:
        line |= {"short": str(short), "short_reason": "OUT_OF_STOCK", "remainder": remainder}
    return {
        "schema": "crossdock.shipment_confirmation/1",
        "message_id": f"SHIP-{shipment or number}",
        "occurred_at": AT,
        "warehouse": SITE,
        "order": {"order_number": f"BIGBOX-{number}", "purchase_order_number": number},
        "shipment": {
            "shipment_id": shipment or f"SHP-{number}",
            "shipped_at": AT,
            "final": short == 0,
            "carrier": {"scac": "UPSN", "name": "UPS", "service_code": "GND", "mode": "SMALL_PARCEL"},
            "bill_of_lading": "BOL77",
            "freight_terms": "PREPAID",
            "gross_weight": {"value": "12.50", "uom": "LBR"},
        },
        "packages": [
            {
                "package_id": f"P{index}",
                "sscc": SSCC[index],
                "type": "CARTON",
                "tracking_number": TRACKING[index],
                "items": [{"line_number": "1", "quantity": str(part)}],
            }
            for index, part in enumerate(parts)
        ],
        "lines": [line],
    }
