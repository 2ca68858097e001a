"""The carrier alone: a token, then four looks from label to delivery."""

import httpx
import pytest

from demo.carrier import RECEIVED_BY
from demo.marks import tracking_number

NUMBER = tracking_number("8A7E42", 1)


@pytest.fixture
def carrier(program, tmp_path):
    (tmp_path / "credentials").write_text("crossdock:key\n")
    return program("carrier", "--credentials-file", str(tmp_path / "credentials"))


def headers(carrier):
    token = httpx.post(
        f"{carrier.url}/security/v1/oauth/token",
        data={"grant_type": "client_credentials"},
        auth=("crossdock", "key"),
    ).json()
    assert token["expires_in"] == "14399"
    return {"Authorization": f"Bearer {token['access_token']}", "transId": "t1", "transactionSrc": "test"}


def look(carrier, given, number=NUMBER):
    answer = httpx.get(f"{carrier.url}/api/track/v1/details/{number}", headers=given)
    assert answer.status_code == 200
    return answer.json()["trackResponse"]["shipment"][0]


def test_each_look_moves_the_parcel_until_it_is_delivered(carrier):
    given = headers(carrier)
    codes = [look(carrier, given)["package"][0]["activity"][0]["status"]["statusCode"] for _ in range(3)]
    carrier.kill()
    carrier.start()
    package = look(carrier, headers(carrier))["package"][0]
    assert codes == ["003", "005", "021"]
    assert [entry["status"]["statusCode"] for entry in package["activity"]] == ["011", "021", "005", "003"]
    assert package["deliveryDate"][0]["type"] == "DEL"
    assert package["deliveryInformation"]["receivedBy"] == RECEIVED_BY
    moments = [(entry["gmtDate"], entry["gmtTime"]) for entry in package["activity"]]
    assert moments == sorted(set(moments), reverse=True)


def test_a_number_that_is_none_has_a_warning_and_no_package(carrier):
    given = headers(carrier)
    for number in ("1Z8A7E420300000010", "nonsense", "1ZéA7E42030000001X"):
        shipment = look(carrier, given, number)
        assert "package" not in shipment
        assert shipment["warnings"][0]["code"] == "TW0001"


def test_who_has_no_token_or_lacks_headers_is_sent_away(carrier):
    url = f"{carrier.url}/api/track/v1/details/{NUMBER}"
    given = headers(carrier)
    assert httpx.get(url).status_code == 401
    assert httpx.get(url, headers={"Authorization": given["Authorization"]}).status_code == 400
    assert httpx.post(f"{carrier.url}/security/v1/oauth/token", auth=("crossdock", "wrong")).status_code == 401
