"""The independent checker: a good story passes, and whatever is missing, doubled or a cent off is noticed."""

import json
from decimal import Decimal

import pytest

from demo import checks
from demo.catalogue import BLOCKED, FAULTY, FIRST
from demo.evidence import Evidence
from tests.demo.played import SHORT, Played

CHECKS = {
    "acknowledged": lambda seen: checks.acknowledged(seen, FIRST),
    "booked_order": lambda seen: checks.booked_order(seen, FIRST),
    "answered": lambda seen: checks.answered_line_by_line(seen, FIRST),
    "shipped": lambda seen: checks.shipped(seen, FIRST),
    "notified": lambda seen: checks.notified(seen, FIRST),
    "billed": lambda seen: checks.billed(seen, FIRST),
    "taxed": lambda seen: checks.taxed(seen, FIRST),
    "receipts": lambda seen: checks.receipts_returned(seen, FIRST),
    "delivered": lambda seen: checks.delivered(seen, FIRST),
    "cash": lambda seen: checks.cash_applied(seen, FIRST, SHORT, "59"),
    "rejected": lambda seen: checks.rejected_in_words(seen, FAULTY),
    "complete": checks.complete,
}


@pytest.fixture
def played():
    return Played()


@pytest.fixture
def verdict(played, tmp_path):
    def judge(name):
        played.write(tmp_path)
        return CHECKS[name](Evidence(tmp_path))

    return judge


@pytest.mark.parametrize("name", CHECKS)
def test_a_good_story_passes(name, verdict):
    assert verdict(name)


@pytest.mark.parametrize("name", CHECKS)
def test_nothing_is_seen_before_it_began(name, tmp_path):
    assert CHECKS[name](Evidence(tmp_path)) == ""


def test_the_first_invoice_by_hand(played):
    """12 × 9.95 + 20 × 4.50 + 5 × 12.00 and one carton; 8.25 % a line: 9.85 + 7.43 + 4.95 + 0.39."""
    shipment = json.loads(next(r["body"] for r in played.records["warehouse"] if r.get("kind") == "ship"))
    assert checks.expected_invoice(shipment) == (
        Decimal("269.40"),
        Decimal("4.75"),
        Decimal("22.62"),
        Decimal("296.77"),
    )


@pytest.mark.parametrize(
    ("name", "who", "gone"),
    [
        ("acknowledged", "retailer", lambda r: "997" in r.get("name", "") and r["event"] == "fetched"),
        ("booked_order", "erp", lambda r: r["kind"] == "orders" and r["number"] == FIRST),
        ("answered", "retailer", lambda r: r.get("name", "").startswith("855")),
        ("shipped", "warehouse", lambda r: r.get("kind") == "ship_again"),
        ("notified", "retailer", lambda r: r.get("name", "").startswith("856")),
        ("billed", "erp", lambda r: r["kind"] == "shipments"),
        ("billed", "erp", lambda r: r["kind"] == "invoices"),
        ("billed", "retailer", lambda r: r.get("name", "").startswith("810")),
        ("taxed", "tax", lambda r: r["event"] == "turned_away"),
        ("taxed", "tax", lambda r: r["event"] == "committed"),
        ("receipts", "retailer", lambda r: r["event"] == "uploaded" and r["id"].startswith("997")),
        ("delivered", "carrier", lambda r: r["status"] == "011"),
        ("cash", "erp", lambda r: r["kind"] == "cash-applications"),
        ("complete", "erp", lambda r: r["kind"] == "orders" and r["number"] == BLOCKED),
        ("complete", "tax", lambda r: r.get("purchaseOrderNo") == BLOCKED),
    ],
)
def test_what_is_missing_is_not_seen(name, who, gone, played, verdict):
    played.drop(who, gone)
    assert verdict(name) == ""


@pytest.mark.parametrize(
    ("name", "who", "twice"),
    [
        ("booked_order", "erp", lambda r: r["kind"] == "orders" and r["number"] == FIRST),
        ("answered", "retailer", lambda r: r.get("name", "").startswith("855")),
        ("shipped", "warehouse", lambda r: r["event"] == "order"),
        ("notified", "retailer", lambda r: r.get("name", "").startswith("856")),
        ("billed", "retailer", lambda r: r.get("name", "").startswith("810")),
        ("taxed", "tax", lambda r: r["event"] == "committed"),
        ("cash", "erp", lambda r: r["kind"] == "cash-applications"),
        ("complete", "erp", lambda r: r["kind"] == "shipments"),
    ],
)
def test_what_happened_twice_is_noticed(name, who, twice, played, verdict):
    played.records[who].append(next(record for record in played.records[who] if twice(record)))
    with pytest.raises(checks.Wrong, match="2 times instead of"):
        verdict(name)


@pytest.mark.parametrize(
    ("name", "who", "old", "new"),
    [
        ("acknowledged", "retailer", "AK5*A~", "AK5*R~"),
        ("booked_order", "erp", "9.95", "9.96"),
        ("answered", "retailer", "ACK*IA*12", "ACK*IQ*12"),
        ("shipped", "warehouse", '"duplicate": true', '"duplicate": false'),
        ("notified", "retailer", "SN1**12*", "SN1**11*"),
        ("notified", "retailer", "CTT*6", "CTT*7"),
        ("billed", "retailer", "TDS*29677", "TDS*29676"),
        ("billed", "retailer", "SAC*C*D240***475", "SAC*C*D240***476"),
        ("billed", "erp", "296.77", "296.78"),
        ("taxed", "tax", "22.62", "22.61"),
        ("cash", "erp", "278.77", "278.78"),
        ("rejected", "retailer", "AK5*R*5", "AK5*A"),
        ("rejected", "retailer", "AK4*2*330*6*TEN~", "AK4*3*355*6*TEN~"),
        ("complete", "retailer", "SE*", "SE*9"),
        ("complete", "erp", FIRST, FAULTY),
    ],
)
def test_what_is_not_right_is_noticed(name, who, old, new, played, verdict):
    played.change(who, old, new)
    with pytest.raises(checks.Wrong):
        verdict(name)


def test_an_effect_that_a_counterparty_calls_doubled_is_noticed(played, verdict):
    played.add("erp", "doubled", kind="orders", number=FIRST, key="other")
    with pytest.raises(checks.Wrong, match="doubled effects"):
        verdict("complete")
