"""The pages show what the ledger holds, say so when there is nothing, and never run what a document holds."""

from __future__ import annotations

import re
from decimal import Decimal
from html.parser import HTMLParser
from urllib.parse import quote

import httpx
import pytest

from hub.canonical import Money, TrackingEvent, TransportationStatus
from hub.canonical.shipment import DeliveryStatus
from hub.ledger import Kind, State
from hub.orders.lifecycle import apply
from hub.orders.state import InvoiceState, OrderState
from hub.problem import Problem
from hub.runtime import Hub
from tests.orders.samples import NOW, opened, order, shipment
from tests.records import Records

HOSTILE = "<script>alert(1)</script>\"'&\x1b[2J\u202egnp.exe"
PAGES = ("/", "/messages", "/dead")


def shipped() -> OrderState:
    """An order of which one line was short, one parcel is delivered and the invoice paid in part."""
    state = apply(opened(), shipment(), NOW, "m2")
    event = TrackingEvent(
        tracking_number="1Z1", status=DeliveryStatus.DELIVERED, occurred_at=NOW, received_by="J. Dock"
    )
    state = apply(state, TransportationStatus(tracking_number="1Z1", events=(event,)), NOW, "m3")
    usd = Money(amount=Decimal("107.85"), currency="USD")
    invoice = InvoiceState(
        id="INV-7", shipment_id="SHP-1", payable=usd, tax=Money(amount=Decimal("8.90"), currency="USD"),
        paid=Decimal("100.00"), deducted=Decimal("7.85"),
    )  # fmt: skip
    return state.model_copy(update={"invoices": (invoice,)})


@pytest.mark.parametrize("path", PAGES)
def test_an_empty_hub_says_that_it_is_empty(page: httpx.Client, path: str) -> None:
    answer = page.get(path)
    assert answer.status_code == 200
    assert 'class="empty"' in answer.text


def test_the_overview_shows_orders_and_counts_by_state(page: httpx.Client, records: Records) -> None:
    records.order(shipped())
    dead = records.message(State.DEAD, kind=Kind.DELIVERY, type="erp_order", endpoint="erp", cause="rejected")
    text = page.get("/").text
    assert 'href="/orders/bigbox%3APO-1"' in text
    assert "partly shipped" in text
    assert f'href="/messages/{dead}"' in text
    assert re.search(r'href="/messages\?state=dead"><b>1</b>', text)
    assert re.search(r'href="/messages\?state=received,working"><b>0</b>', text)


def test_an_order_shows_balance_delivery_and_invoice(page: httpx.Client, records: Records) -> None:
    records.order(shipped())
    file = records.message()
    records.ledger.write(
        lambda change: change.open_obligation(
            "bigbox:PO-1", "payment", due_at=1_800_000_000.0, partner="bigbox", message_id=file
        )
    )
    text = page.get("/orders/bigbox:PO-1").text
    assert "2027-01-15 08:00:00" in text
    for expected in ("SKU-RED", "SHP-1", "1Z1", "J. Dock", "INV-7", "7.85", "Ordered = shipped + cancelled + open"):
        assert expected in text
    assert page.get("/orders/PO-1").status_code == 200
    assert page.get("/orders/nothing").status_code == 404


def test_a_rejected_document_shows_its_problems_in_words(page: httpx.Client, records: Records) -> None:
    problem = Problem(
        code="value_not_in_list", message="PO103 says BX.", fix="Send EA.", segment="PO1", position=2, element=3,
        value="BX", loop="PO1", ack={"AK304": "8", "AK403": "7"},
    )  # fmt: skip
    message = records.message(
        State.REJECTED,
        payload=b"ST*850*0001~\r\nPO1*1*6*BX~",
        cause="bad_document",
        facts={"problems": [problem.as_json()]},
    )
    text = page.get(f"/messages/{message}").text
    for expected in (
        "segment 2",
        "<code>PO103</code>",
        '<span class="line">ST*850*0001~</span>',
        '<span class="line marked">PO1*1*6*BX~</span>',
        "PO103 says BX.",
        "Send EA.",
        "AK403 7",
    ):
        assert expected in text


def test_a_family_is_linked_both_ways(page: httpx.Client, records: Records) -> None:
    file = records.message(kind=Kind.INTERCHANGE, type="x12")
    document = records.message(parent=file)
    assert f"/messages/{document}" in page.get(f"/messages/{file}").text
    assert f"/messages/{file}" in page.get(f"/messages/{document}").text


def test_states_filter_and_search_find(page: httpx.Client, records: Records, hub: Hub) -> None:
    held, sent = records.message(State.HELD), records.message(State.DELIVERED)
    hub.ledger.write(lambda change: change.add_search_keys(sent, None, [("tracking", "1Z9")]))
    filtered = page.get("/messages", params={"state": "held"}).text
    assert held in filtered
    assert sent not in filtered
    found = page.get("/messages", params={"search": "1Z9"}).text
    assert sent in found
    assert held not in found
    assert page.get("/messages", params={"state": "lost"}).status_code == 422


def test_a_long_list_has_pages(page: httpx.Client, records: Records) -> None:
    ids = [records.message() for _ in range(103)]
    first = page.get("/messages").text
    following = re.search(r'href="(/messages\?cursor=[^"]+)"', first)
    assert following is not None
    second = page.get(following[1]).text
    shown = set(re.findall(r'href="/messages/([0-9a-z]{20})"', first + second))
    assert shown == set(ids)


class Markup(HTMLParser):
    """Collects what a browser would run or fetch."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.fetched: list[str] = []
        self.handlers: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        for name, value in attrs:
            if name.startswith("on") or name == "style":
                self.handlers.append(name)
            if name in {"src", "href", "action"} and value:
                self.fetched.append(value)


def test_nothing_in_a_document_runs_or_is_fetched(page: httpx.Client, records: Records) -> None:
    problem = Problem(code="c", message=HOSTILE, fix=HOSTILE, segment=HOSTILE, value=HOSTILE, loop=HOSTILE)
    message = records.message(
        State.DEAD, payload=f"ST*850*{HOSTILE}~".encode(), type=HOSTILE, partner=HOSTILE, endpoint=HOSTILE,
        cause=HOSTILE, detail=HOSTILE, facts={"problems": [problem.as_json()], HOSTILE: HOSTILE},
    )  # fmt: skip
    records.order(opened(order(id=HOSTILE, notes=(HOSTILE,))))
    paths = (
        "/",
        "/messages",
        "/dead",
        f"/messages/{message}",
        f"/messages?search={quote(HOSTILE)}",
        f"/orders/bigbox:{quote(HOSTILE, safe='')}",
    )
    for path in paths:
        answer = page.get(path)
        markup = Markup()
        markup.feed(answer.text)
        assert answer.status_code == 200, path
        assert "script" not in markup.tags
        assert markup.handlers == []
        assert all(link.startswith(("/", "#")) and not link.startswith("//") for link in markup.fetched)
        assert "\x1b" not in answer.text
        assert "\u202e" not in answer.text


def test_bytes_that_are_no_text_are_shown(page: httpx.Client, records: Records) -> None:
    message = records.message(payload=bytes(range(256)))
    text = page.get(f"/messages/{message}").text
    assert "\\x00" in text
    assert "ÿ" in text


def test_bytes_that_were_archived_and_taken_elsewhere_are_said_where_to_bring(
    page: httpx.Client, records: Records, hub: Hub
) -> None:
    message = records.message(payload=b"ST*850*0001~")
    hub.ledger.archive(hub.ledger.now() + 2 * 86_400)
    assert "ST*850*0001" in page.get(f"/messages/{message}").text
    ((pack, path),) = hub.ledger.packs()
    path.unlink()
    text = page.get(f"/messages/{message}").text
    assert pack.name in text
    assert "bring that file back" in text


@pytest.mark.parametrize("path", ["/nothing", "/messages/nothing", "/orders/nothing"])
def test_what_is_not_there_is_told_on_a_page(page: httpx.Client, path: str) -> None:
    answer = page.get(path)
    assert answer.status_code == 404
    assert "<h1>" in answer.text
    assert "Back to the orders" in answer.text


def test_every_input_has_a_label_and_every_table_headers(page: httpx.Client, records: Records) -> None:
    records.order(shipped())
    message = records.message(State.DEAD)
    for path in (*PAGES, f"/messages/{message}", "/orders/PO-1"):
        text = page.get(path).text
        assert '<html lang="en">' in text
        labels = set(re.findall(r'<label for="([^"]+)"', text))
        unlabelled = [tag for tag in re.findall(r"<input [^>]*id=\"([^\"]+)\"", text) if tag not in labels]
        assert unlabelled == []
        assert text.count("<table>") == text.count("<caption>") == text.count("<thead>")


def test_the_page_updates_itself_only_when_asked(page: httpx.Client) -> None:
    assert "http-equiv" not in page.get("/").text
    assert '<meta http-equiv="refresh" content="3">' in page.get("/?refresh=3").text
