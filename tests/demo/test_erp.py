"""The ERP alone: one effect a key, doubled effects noted, refusals until it is mended."""

import time

import httpx
import pytest

from tests.demo.support import signed_post


@pytest.fixture
def erp(program, secret_file):
    return program("erp", "--secret-file", str(secret_file), "--refuse", "PO-2")


@pytest.fixture
def post(erp, secret_file):
    def send(kind, body, key):
        return signed_post(f"{erp.url}/{kind}", body, key, secret_file.read_text(), int(time.time()))

    return send


def test_a_key_has_one_effect_and_one_body(erp, post):
    first = post("orders", {"purchase_order_number": "PO-1"}, "k1")
    again = post("orders", {"purchase_order_number": "PO-1"}, "k1")
    other = post("orders", {"purchase_order_number": "PO-9"}, "k1")
    assert (first.status_code, first.json()) == (201, {"reference": "SO-000001"})
    assert (again.status_code, again.json()) == (200, {"reference": "SO-000001", "repeated": True})
    assert other.status_code == 422
    assert len(erp.records("taken")) == 1
    assert httpx.get(f"{erp.url}/idempotency/k1").json() == {"reference": "SO-000001"}
    assert httpx.get(f"{erp.url}/idempotency/k2").status_code == 404


def test_it_knows_what_it_has_after_a_kill(erp, post):
    assert post("invoices", {"invoice_number": "INV-1"}, "k1").status_code == 201
    erp.kill()
    erp.start()
    assert post("invoices", {"invoice_number": "INV-1"}, "k1").status_code == 200


def test_a_second_key_for_the_same_thing_is_a_doubled_effect(erp, post):
    post("shipments", {"shipment_id": "S1"}, "k1")
    assert post("shipments", {"shipment_id": "S1"}, "k2").status_code == 201
    assert [record["number"] for record in erp.records("doubled")] == ["S1"]


def test_a_refused_order_is_taken_after_it_is_unblocked(erp, post):
    refused = post("orders", {"purchase_order_number": "PO-2"}, "k1")
    assert (refused.status_code, refused.json()["error"]["code"]) == (422, "CUSTOMER_BLOCKED")
    assert httpx.get(f"{erp.url}/idempotency/k1").status_code == 404
    assert httpx.post(f"{erp.url}/admin/unblock").status_code == 200
    assert post("orders", {"purchase_order_number": "PO-2"}, "k1").status_code == 201


def test_what_is_not_signed_changes_nothing(erp):
    answer = httpx.post(f"{erp.url}/orders", json={"purchase_order_number": "PO-1"}, headers={"Idempotency-Key": "k"})
    assert answer.status_code == 401
    assert erp.records("taken") == []


def test_bad_requests_are_answered(erp, post, secret_file):
    assert post("orders", {"no": "number"}, "k1").status_code == 400
    assert httpx.get(f"{erp.url}/orders").status_code == 405
    assert httpx.get(f"{erp.url}/nothing").status_code == 404
    assert httpx.post(f"{erp.url}/orders", content=b"x" * 1_000_001).status_code == 413
    assert erp.stop() == 0
