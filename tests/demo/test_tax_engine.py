"""The tax engine alone, with the example of the vendor's documentation in our own words."""

from decimal import Decimal

import httpx
import pytest

from demo.tax_engine import tax_on

MODEL = {
    "code": "INV-1",
    "type": "SalesInvoice",
    "companyCode": "CROSSDOCK",
    "date": "2026-11-22",
    "customerCode": "bigbox",
    "purchaseOrderNo": "4500012001",
    "currencyCode": "USD",
    "commit": False,
    "lines": [
        {"number": "1", "quantity": 12, "amount": "119.40", "taxCode": "P0000000"},
        {"number": "2", "quantity": 20, "amount": 90.00, "taxCode": "NT"},
        {"number": "FREIGHT", "quantity": 1, "amount": 9.50, "taxCode": "FR020100"},
    ],
}
ONE = "/api/v2/companies/CROSSDOCK/transactions/INV-1"


@pytest.fixture
def engine(program, tmp_path):
    (tmp_path / "credentials").write_text("2000000001:key\n")
    return program("tax_engine", "--credentials-file", str(tmp_path / "credentials"), "--fail-first", "2")


@pytest.fixture
def client(engine):
    with httpx.Client(base_url=engine.url, auth=("2000000001", "key")) as client:
        yield client


def create(client, **changes):
    answer = client.post("/api/v2/transactions/create", json={**MODEL, **changes})
    while answer.status_code == 503:
        answer = client.post("/api/v2/transactions/create", json={**MODEL, **changes})
    return answer


def test_it_is_busy_at_first_and_says_when_to_come_back(client, engine):
    answers = [client.post("/api/v2/transactions/create", json=MODEL) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [503, 503, 201]
    assert answers[0].headers["Retry-After"] == "1"
    client.post("/admin/fail", json={"calls": 1})
    assert client.post("/api/v2/transactions/create", json=MODEL).status_code == 503
    assert len(engine.records("turned_away")) == 3


def test_tax_is_computed_a_line_and_adds_up(client):
    answer = create(client).json()
    assert [Decimal(str(line["tax"])) for line in answer["lines"]] == [Decimal("9.85"), Decimal(0), Decimal("0.78")]
    assert Decimal(str(answer["totalTax"])) == Decimal("10.63")
    assert answer["totalExempt"] == 90
    assert sum(Decimal(str(entry["tax"])) for entry in answer["summary"]) == Decimal("10.63")
    assert (answer["status"], answer["lines"][2]["lineNumber"]) == ("Saved", "FREIGHT")


def test_half_a_cent_goes_up():
    assert tax_on(Decimal("2.00")) == Decimal("0.17")
    assert tax_on(Decimal("100.00")) == Decimal("8.25")


def test_a_transaction_is_found_committed_once_and_then_fixed(client, engine):
    assert client.get(ONE).status_code == 404
    create(client)
    assert client.get(ONE).json()["status"] == "Saved"
    assert create(client).json()["version"] == 2
    assert client.post(ONE + "/commit", json={"commit": True}).json()["status"] == "Committed"
    assert client.post(ONE + "/commit", json={"commit": True}).status_code == 200
    conflict = create(client)
    assert (conflict.status_code, conflict.json()["error"]["code"]) == (400, "DocumentCodeConflict")
    engine.kill()
    engine.start()
    with httpx.Client(base_url=engine.url, auth=client.auth) as again:
        assert again.get(ONE).json()["status"] == "Committed"
        assert again.post(ONE + "/void", json={"code": "DocVoided"}).json()["status"] == "Cancelled"


def test_an_estimate_is_not_recorded(client):
    assert create(client, type="SalesOrder").json()["status"] == "Temporary"
    assert client.get(ONE).status_code == 404


def test_strangers_may_ping_and_nothing_else(client, engine):
    assert client.get("/api/v2/utilities/ping").json()["authenticated"] is True
    assert httpx.get(f"{engine.url}/api/v2/utilities/ping").json()["authenticated"] is False
    assert httpx.post(f"{engine.url}/api/v2/transactions/create", json=MODEL).status_code == 401
    assert httpx.get(f"{engine.url}{ONE}").status_code == 401
