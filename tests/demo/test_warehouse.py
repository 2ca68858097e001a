"""The warehouse alone, posting to a hub that is first away and then answers."""

import json
import threading
import time
from decimal import Decimal

import pytest

from demo import signing
from demo.endpoint import Endpoint, Reply
from demo.marks import gs1_check_digit, tracking_check_digit
from tests.demo.support import signed_post

ORDER = {
    "schema": "crossdock.warehouse_order/1",
    "order_number": "BIGBOX-1",
    "purchase_order_number": "1",
    "lines": [
        {"line_number": "1", "sku": "SKU-RED", "gtin": "00012345678905", "quantity": "12", "uom": "EA"},
        {"line_number": "2", "sku": "SKU-BLUE", "gtin": "00036000291452", "quantity": "24", "uom": "EA"},
    ],
}


class Hub:
    """Notes what is posted, and answers as a hub does."""

    def __init__(self, port=0):
        self.posts = []
        self.seen = {}
        self.endpoint = Endpoint(port, {("POST", "/v1/wms/wms/(.+)"): self.take})

    def take(self, call):
        self.posts.append((call.parts[0], call.headers, call.body))
        key = call.headers["webhook-id"]
        if key not in self.seen:
            self.seen[key] = call.body
            return Reply(202, {"id": key, "status": "accepted", "duplicate": False})
        return Reply(200, {"id": key, "status": "accepted", "duplicate": self.seen[key] == call.body})


@pytest.fixture
def hub():
    hub = Hub()
    thread = threading.Thread(target=hub.endpoint.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield hub
    hub.endpoint.shutdown()
    hub.endpoint.server_close()
    thread.join()


@pytest.fixture
def warehouse(program, secret_file, hub):
    base = f"{hub.endpoint.url}/v1/wms/wms"
    return program(
        "warehouse",
        "--order-secret-file",
        str(secret_file),
        "--secret-file",
        str(secret_file),
        "--hub",
        base,
        "--stock",
        "SKU-BLUE=20",
    )


def order(warehouse, secret_file, key="k1", body=ORDER):
    return signed_post(f"{warehouse.url}/orders", body, key, secret_file.read_text(), int(time.time()))


def test_it_picks_ships_and_posts_the_shipment_twice(warehouse, hub, secret_file):
    assert order(warehouse, secret_file).status_code == 201
    posted = warehouse.wait(3, "posted")
    assert [(record["kind"], record["status"], record["duplicate"]) for record in posted] == [
        ("pick", 202, False),
        ("ship", 202, False),
        ("ship_again", 200, True),
    ]
    assert [path for path, _, _ in hub.posts] == ["pick-confirmations", *["shipment-confirmations"] * 2]
    assert hub.posts[1][2] == hub.posts[2][2]
    for _, headers, body in hub.posts:
        assert signing.fault(secret_file.read_text(), headers, body, time.time()) == ""


def test_what_it_lacks_is_short_and_everything_is_in_the_cartons(warehouse, hub, secret_file):
    order(warehouse, secret_file)
    warehouse.wait(3, "posted")
    pick, ship = json.loads(hub.posts[0][2]), json.loads(hub.posts[1][2])
    assert [(line["picked"], line["short"]) for line in pick["lines"]] == [("12", "0"), ("20", "4")]
    blue = ship["lines"][1]
    assert (blue["shipped"], blue["short"], blue["short_reason"], blue["remainder"]) == (
        "20",
        "4",
        "OUT_OF_STOCK",
        "BACKORDER",
    )
    assert ship["shipment"]["final"] is False
    packed: dict[str, Decimal] = {}
    for package in ship["packages"]:
        assert gs1_check_digit(package["sscc"][:-1]) == package["sscc"][-1]
        assert tracking_check_digit(package["tracking_number"][2:-1]) == package["tracking_number"][-1]
        for item in package["items"]:
            packed[item["line_number"]] = packed.get(item["line_number"], Decimal(0)) + Decimal(item["quantity"])
    assert packed == {"1": Decimal(12), "2": Decimal(20)}
    assert len({package["sscc"] for package in ship["packages"]}) == 2


def test_the_same_order_again_is_no_second_order(warehouse, secret_file):
    order(warehouse, secret_file)
    assert order(warehouse, secret_file).json()["repeated"] is True
    changed = {**ORDER, "purchase_order_number": "2"}
    assert order(warehouse, secret_file, body=changed).status_code == 422
    assert warehouse.records("doubled") == []
    order(warehouse, secret_file, key="k2")
    assert len(warehouse.records("doubled")) == 1


def test_it_goes_on_after_a_kill_and_while_the_hub_is_away(program, secret_file, hub):
    hub.endpoint.server_close()
    base = f"{hub.endpoint.url}/v1/wms/wms"
    warehouse = program(
        "warehouse", "--order-secret-file", str(secret_file), "--secret-file", str(secret_file), "--hub", base
    )
    order(warehouse, secret_file)
    warehouse.wait(1, "unanswered", kind="pick")
    warehouse.kill()
    back = Hub(hub.endpoint.server_address[1])
    thread = threading.Thread(target=back.endpoint.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        warehouse.start()
        warehouse.wait(3, "posted")
    finally:
        back.endpoint.shutdown()
        back.endpoint.server_close()
        thread.join()
    assert len(back.seen) == 2
    assert len(warehouse.records("made")) == 2
