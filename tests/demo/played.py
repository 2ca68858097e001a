"""The records of a story that went well, made by hand, to be spoilt by the tests."""

import json
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from demo import catalogue, checks, documents, x12
from demo.catalogue import BLOCKED, FAULTY, FIRST, ITEMS, ORDERS
from demo.journal import Record
from demo.marks import sscc, tracking_number

NOW = datetime(2026, 11, 22, 8, 30, tzinfo=UTC)
TODAY = date(2026, 11, 22)
SHORT = Decimal("18.00")


class Played:
    """Records by counterparty; `write` puts them where `demo.evidence.Evidence` looks."""

    def __init__(self) -> None:
        self.records: dict[str, list[Record]] = {
            name: [] for name in ("retailer", "erp", "warehouse", "tax", "carrier")
        }
        self._control = 100
        self._serial = 0
        for number in (FIRST, BLOCKED):
            self._order(number)
        self._faulty()
        self._again()
        self._payment()

    def add(self, who: str, event: str, **facts: Any) -> Record:
        record = {"event": event, "at": NOW.isoformat(), **facts}
        self.records[who].append(record)
        return record

    def drop(self, who: str, condition: Callable[[Record], Any]) -> None:
        kept = [record for record in self.records[who] if not condition(record)]
        assert len(kept) < len(self.records[who]), "nothing was dropped"
        self.records[who] = kept

    def change(self, who: str, old: str, new: str) -> None:
        text = json.dumps(self.records[who])
        assert old in text, f"{old} is not there"
        self.records[who] = json.loads(text.replace(old, new))

    def write(self, home: Path) -> None:
        for name, records in self.records.items():
            (home / name).mkdir(parents=True, exist_ok=True)
            lines = [json.dumps(record) + "\n" for record in records]
            (home / name / "journal.jsonl").write_text("".join(lines))

    def fetched(self, group: str, kind: str, segments: list[x12.Segment]) -> x12.Document:
        self._control += 1
        text = x12.write("CROSSDOCK", "BIGBOX", self._control, group, [(kind, segments)], NOW)
        self.add("retailer", "fetched", name=f"{kind}_{self._control}.edi", text=text)
        return x12.split(text).documents[0]

    def fetched_and_answered(self, group: str, kind: str, segments: list[x12.Segment]) -> None:
        document = self.fetched(group, kind, segments)
        self.sent(f"997-{self._control}", "FA", "997", documents.acknowledgment(document))

    def sent(self, made_id: str, group: str, kind: str, segments: list[x12.Segment]) -> x12.Document:
        control = len(self.records["retailer"]) + 1
        text = x12.write("BIGBOX", "CROSSDOCK", control, group, [(kind, segments)], NOW)
        self.add("retailer", "made", id=made_id, kind=kind, name=made_id, control=control, again=False, text=text)
        self.add("retailer", "uploaded", id=made_id, name=made_id)
        return x12.split(text).documents[0]

    def booked(self, kind: str, number: str, body: Any) -> None:
        self.add("erp", "taken", key=f"{kind}-{number}", kind=kind, number=number, body=json.dumps(body))

    def accepted(self, document: x12.Document) -> None:
        self.fetched(
            "FA",
            "997",
            [
                ["AK1", document.group_type, document.group_control],
                ["AK2", document.kind, document.control],
                ["AK5", "A"],
                ["AK9", "A", "1", "1", "1"],
            ],
        )

    def _order(self, number: str) -> None:
        pieces = ORDERS[number]
        self.accepted(self.sent(number, "PO", "850", documents.purchase_order(number, pieces, TODAY)))
        lines = [
            {"line_number": str(index), "sku": sku, "quantity": str(wanted), "unit_price": str(ITEMS[sku].price)}
            for index, (sku, wanted) in enumerate(pieces.items(), 1)
        ]
        self.booked(
            "orders",
            number,
            {"purchase_order_number": number, "ship_to": {"code": catalogue.SHIP_TO.code}, "lines": lines},
        )
        answer = [["BAK", "00", "AD", number, "20261122"]]
        for line in lines:
            answer += [["PO1", line["line_number"]], ["ACK", "IA", line["quantity"], "EA"]]
        self.fetched_and_answered("PR", "855", answer)
        self._ship(number, pieces)

    def _ship(self, number: str, pieces: dict[str, Decimal]) -> None:
        order = {"order_number": f"BIGBOX-{number}", "purchase_order_number": number}
        self.add("warehouse", "order", key=number, number=order["order_number"], body=json.dumps(order))
        short = {sku: max(Decimal(0), wanted - catalogue.STOCK.get(sku, wanted)) for sku, wanted in pieces.items()}
        lines = [
            {
                "line_number": str(index),
                "sku": sku,
                "ordered": str(wanted),
                "shipped": str(wanted - short[sku]),
                "short": str(short[sku]),
                "remainder": "BACKORDER" if short[sku] else None,
            }
            for index, (sku, wanted) in enumerate(pieces.items(), 1)
        ]
        packages = [self._package(lines)]
        shipment = {"order": order, "shipment": {"shipment_id": f"S-{number}"}, "packages": packages, "lines": lines}
        self.add("warehouse", "made", number=order["order_number"], kind="ship", body=json.dumps(shipment))
        for kind in ("pick", "ship", "ship_again"):
            again = kind == "ship_again"
            self.add("warehouse", "posted", number=order["order_number"], kind=kind, status=202, duplicate=again)
        for package in packages:
            for status in ("003", "005", "021", "011"):
                self.add("carrier", "asked", tracking=package["tracking_number"], status=status)
        self._notice(number, shipment)
        self._bill(number, shipment)

    def _package(self, lines: list[dict[str, Any]]) -> dict[str, Any]:
        self._serial += 1
        items = [{"line_number": line["line_number"], "quantity": line["shipped"]} for line in lines]
        return {
            "sscc": sscc("0860001", self._serial),
            "tracking_number": tracking_number("8A7E42", self._serial),
            "items": items,
        }

    def _notice(self, number: str, shipment: dict[str, Any]) -> None:
        (package,) = shipment["packages"]
        notice = [["BSN", "00", f"S-{number}", "20261122", "0830"], ["HL", "1", "", "S"], ["HL", "2", "1", "O"]]
        notice += [["PRF", number], ["HL", "3", "2", "P"], ["MAN", "GM", package["sscc"]]]
        notice.append(["MAN", "CP", package["tracking_number"]])
        for index, line in enumerate(shipment["lines"], 4):
            notice += [["HL", str(index), "3", "I"], ["LIN", line["line_number"], "VN", line["sku"]]]
            notice.append(["SN1", "", line["shipped"], "EA"])
        notice.append(["CTT", str(3 + len(shipment["lines"]))])
        self.fetched_and_answered("SH", "856", notice)
        self.booked(
            "shipments",
            number,
            {"purchase_order_number": number, "shipment_id": f"S-{number}", "lines": shipment["lines"]},
        )

    def _bill(self, number: str, shipment: dict[str, Any]) -> None:
        goods, freight, tax, total = checks.expected_invoice(shipment)
        invoice = [["BIG", "20261122", f"INV-{number}", "20261122", number]]
        for line in shipment["lines"]:
            price, upc = str(ITEMS[line["sku"]].price), ITEMS[line["sku"]].upc
            invoice.append(["IT1", line["line_number"], line["shipped"], "EA", price, "", "UP", upc])
        invoice += [["TDS", str(total * 100).partition(".")[0]], ["SAC", "C", "D240", "", "", str(int(freight * 100))]]
        self.fetched_and_answered("IN", "810", invoice)
        amounts = {"subtotal": str(goods), "tax": str(tax), "total": str(total)}
        self.booked("invoices", number, {"purchase_order_number": number, "invoice_number": f"INV-{number}", **amounts})
        self.add("tax", "turned_away")
        answer = {"code": f"INV-{number}", "totalTax": str(tax)}
        self.add("tax", "committed", purchaseOrderNo=number, body=json.dumps(answer))

    def _faulty(self) -> None:
        sent = self.sent(FAULTY, "PO", "850", documents.faulty_order(FAULTY, ORDERS[FAULTY], TODAY))
        self.fetched(
            "FA",
            "997",
            [
                ["AK1", "PO", sent.group_control],
                ["AK2", "850", sent.control],
                ["AK3", "BEG", "2", "", "8"],
                ["AK4", "5", "373", "8", "20261399"],
                ["AK3", "ZZZ", "16", "", "1"],
                ["AK3", "PO1", "17", "PO1", "8"],
                ["AK4", "2", "330", "6", "TEN"],
                ["AK5", "R", "5"],
                ["AK9", "R", "1", "1", "0"],
            ],
        )

    def _again(self) -> None:
        self.add("retailer", "uploaded", id=f"{FIRST}-again", name="again")

    def _payment(self) -> None:
        shipment = next(record for record in self.records["warehouse"] if record.get("kind") == "ship")
        total = checks.expected_invoice(json.loads(shipment["body"], parse_float=Decimal))[3]
        number = f"INV-{FIRST}"
        self.booked(
            "cash-applications",
            "PAY",
            {
                "remittance_id": "PAY",
                "total": str(total - SHORT),
                "applied": [{"invoice_number": number, "applied": str(total - SHORT), "open": str(SHORT)}],
                "deductions": [{"invoice_number": number, "amount": str(SHORT), "reason_code": "59"}],
            },
        )
