"""Signatures, SSCCs and tracking numbers, against published values."""

import pytest

from demo import marks, signing

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
BODY = b'{"test": 2432232314}'


def test_the_example_of_the_standard_is_reproduced():
    headers = signing.headers(SECRET, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, BODY)
    assert headers["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
    assert signing.fault(SECRET, headers, BODY, 1614265330.0) == ""


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"webhook-timestamp": "1614265029"}, "seconds off"),
        ({"webhook-timestamp": "x"}, "are needed"),
        ({"webhook-id": "other"}, "no signature fits"),
        ({"webhook-signature": "v1,AAAA v2,é"}, "no signature fits"),
        ({"webhook-signature": ""}, "are needed"),
    ],
)
def test_a_bad_signature_is_told_in_words(change, words):
    headers = signing.headers(SECRET, "m1", 1614265330, BODY) | change
    assert words in signing.fault(SECRET, headers, BODY, 1614265330.0)


def test_one_of_several_signatures_is_enough_while_secrets_rotate():
    headers = signing.headers(SECRET, "m1", 1614265330, BODY)
    headers["webhook-signature"] = "v1,AAAA " + headers["webhook-signature"]
    assert signing.fault(SECRET, headers, BODY, 1614265330.0) == ""


def test_check_digits():
    assert marks.gs1_check_digit("03600029145") == "2"
    assert marks.sscc("0860001", 1) == "00860001" + "000000001" + marks.gs1_check_digit("00860001000000001")
    assert len(marks.sscc("0860001", 1)) == 18
    assert marks.tracking_check_digit("5R8939035756712") == "7"
    assert marks.tracking_number("8A7E42", 7).startswith("1Z8A7E42030000007")
