"""A hub on a real ledger with real connections to the demo's counterparties, worked by hand: no queue, no threads of
its own, so that a test decides what happens when."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from demo import documents, settings, x12
from demo.carrier import Carrier
from demo.endpoint import Endpoint, Routes
from demo.erp import Erp
from demo.journal import Journal
from demo.tax_engine import TaxEngine
from demo.warehouse import Warehouse
from hub.contracts.connector import Accepted, Arrival
from hub.flow import receive, work
from hub.ledger import Kind, Message
from hub.orders.state import OrderState
from hub.runtime import Hub, open_hub

PATIENCE_SECONDS = 20.0
TODAY = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
SECRET = "whsec_" + "Y3Jvc3Nkb2NrLXRlc3Qtc2VjcmV0LW51bWJlci0x"
CREDENTIALS = {"tax_credentials": "2000000001:license", "carrier_credentials": "crossdock:secret"}
PUBLIC_KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIFr3aZ0jIYk8lDyq4bTO3JuGMbTzOgCvAnBqfJFPc6xz"


@dataclass(slots=True)
class World:
    """The hub, and what its counterparties have on record."""

    hub: Hub
    journals: dict[str, Journal]
    far_ends: dict[str, Any]
    control: int = 0
    dropped: list[bytes] = field(default_factory=list)

    def write(self, group: str, set_id: str, *bodies: list[list[str]], control: int | None = None) -> bytes:
        """An interchange from the retailer."""
        self.control += 1
        text = x12.write("BIGBOX", "CROSSDOCK", control or self.control, group, [(set_id, b) for b in bodies], TODAY)
        return text.encode()

    def order(self, number: str, **pieces: int) -> bytes:
        """An 850; pieces by SKU, with _ for -."""
        wanted = {sku.replace("_", "-"): Decimal(count) for sku, count in (pieces or {"SKU_RED": 10}).items()}
        return self.write("PO", "850", documents.purchase_order(number, wanted, TODAY.date()))

    def drop(self, data: bytes, name: str = "", partner: str = "bigbox") -> Accepted:
        """The retailer's file arrives in its mailbox, or by a channel that is nobody's own."""
        self.dropped.append(data)
        name = name or f"file-{len(self.dropped)}.edi"
        arrival = Arrival(
            connection="mailbox", partner=partner, name=name, data=data, source_key=f"{name}/{len(self.dropped)}"
        )
        return receive.accept(self.hub.flow, arrival)

    def post(self, document: str, body: dict[str, Any], key: str = "") -> Accepted:
        """The warehouse posts a confirmation."""
        data = json.dumps(body).encode()
        arrival = Arrival(
            connection="wms", partner="", name=key, data=data, source_key=key or body["message_id"], document=document
        )
        return receive.accept(self.hub.flow, arrival)

    def run(self) -> None:
        """Work until nothing is due now."""
        while stages := self.hub.ledger.sweep().stages:
            for stage in stages:
                work.run(self.hub.flow, stage)

    def until(self, true: Callable[[], Any]) -> None:
        """Work, and wait for what becomes due, until something is true."""
        end = time.monotonic() + PATIENCE_SECONDS
        while True:
            self.run()
            if true():
                return
            assert time.monotonic() < end, self.trouble()
            wait = self.hub.ledger.sweep().next_seconds
            threading.Event().wait(min(wait if wait is not None else 0.05, 0.05))

    def trouble(self) -> str:
        """What there is, for the message of a failed test."""
        return "\n".join(
            f"{m.kind} {m.type} {m.state} {m.endpoint} {m.cause}: {m.detail} {m.facts.get('error', '')}"
            for m in self.messages()
        )

    def messages(self, kind: Kind | None = None, type_: str = "") -> list[Message]:
        """Messages on record, oldest first."""
        page = self.hub.ledger.messages(limit=500)
        found = [m for m in page.items if kind in {None, m.kind} and type_ in {"", m.type}]
        return list(reversed(found))

    def one(self, kind: Kind, type_: str) -> Message:
        """The only message of a kind and type."""
        (found,) = self.messages(kind, type_)
        return found

    def state(self, number: str) -> OrderState:
        """The order with a PO number."""
        return OrderState.model_validate(self.hub.ledger.order(f"bigbox:{number}").data)

    def outbox(self, set_id: str) -> list[x12.Interchange]:
        """What lies in the retailer's outbox, by set, oldest first."""
        folder = self.hub.home / "connections" / "mailbox" / "bigbox" / "outbox"
        files = sorted(folder.glob("*.edi"), key=lambda path: path.stat().st_mtime_ns)
        found = [x12.split(path.read_text()) for path in files]
        return [entry for entry in found if any(document.kind == set_id for document in entry.documents)]

    def audit(self) -> dict[str, Any]:
        """The audit, which must balance and find nothing."""
        result: dict[str, Any] = self.hub.ledger.audit()
        assert result["balanced"], result
        assert result["chain_ok"], result
        assert result["problems"] == [], result
        return result


@contextmanager
def world(home: Path, *, fail_first: int = 0, refused: str = "", stock: int | None = None) -> Iterator[World]:
    """Everything started; ended with the block. ``stock``: SKU-RED that the warehouse has."""
    journals = {name: Journal(home / f"{name}.jsonl") for name in ("erp", "warehouse", "tax", "carrier")}
    pieces = {} if stock is None else {"SKU-RED": Decimal(stock)}
    far_ends = {
        "erp": Erp(journals["erp"], SECRET, refused),
        "warehouse": Warehouse(journals["warehouse"], (SECRET, SECRET), "http://127.0.0.1:9", pieces),
        "tax": TaxEngine(journals["tax"], CREDENTIALS["tax_credentials"], fail_first),
        "carrier": Carrier(journals["carrier"], CREDENTIALS["carrier_credentials"]),
    }
    with ExitStack() as stack:
        ports = {name: stack.enter_context(_served(far_end.routes())) for name, far_end in far_ends.items()}
        settings.write(home / "config", {**ports, "hub": 0, "mailbox": 0}, PUBLIC_KEY)
        _secrets(home / "secrets")
        hub = stack.enter_context(open_hub(home))
        for journal in journals.values():
            stack.callback(journal.close)
        yield World(hub, journals, far_ends)


@contextmanager
def _served(routes: Routes) -> Iterator[int]:
    endpoint = Endpoint(0, routes)
    thread = threading.Thread(target=endpoint.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    yield endpoint.server_address[1]
    endpoint.shutdown()
    endpoint.server_close()
    thread.join()


def _secrets(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    values = {"erp_webhook": SECRET, "rno1_webhook": SECRET, "wms_webhook": SECRET, **CREDENTIALS}
    for name, value in values.items():
        (folder / name).write_text(value)
