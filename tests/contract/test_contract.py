"""What every connector keeps, whatever it speaks: one suite over the whole catalogue.

A rule that a connector cannot be asked to keep is waived with a reason; a waiver that is not needed fails.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path

import pytest
from pydantic import ValidationError

from connectors import CATALOG
from hub.contracts.connector import Accepted
from hub.errors import AuthExpired, CrossdockError, OutcomeUnknown, Rejected, Throttled, Unreachable
from tests.contract.far_end import FarEnd, NoSuchShape
from tests.contract.far_ends import FAR_ENDS
from tests.contract.site import HUB_SECRETS

NO_SOURCE = "it is not asked for arrivals"
NO_SINK = "nothing is delivered through it"
FILES = "files have no status codes"
LISTENS = "it is called, it does not call"
WAIVERS: dict[str, dict[str, str]] = {
    "folder": {
        "silence_is_outcome_unknown": "a local rename has happened or it has not",
        "too_many_calls_are_throttled": FILES,
        "a_refused_login_is_auth_expired": FILES,
        "redact_leaves_no_secret": "it has no secrets",
    },
    "sftp": {
        "too_many_calls_are_throttled": FILES,
        "a_refused_login_is_auth_expired": "a key or password that is refused is wrong settings, not an old token",
        "redact_leaves_no_secret": "the wire is encrypted before anything could tap it",
    },
    "sftp_mailbox": {
        "a_dead_far_end_fails_the_probe": LISTENS,
        "a_dead_far_end_is_unreachable": LISTENS,
        "fetch_repeats_until_settled": NO_SOURCE,
        "settling_twice_is_harmless": NO_SOURCE,
        "silence_is_outcome_unknown": "its outbox is a local folder: a rename has happened or it has not",
        "too_many_calls_are_throttled": LISTENS,
        "a_refused_login_is_auth_expired": LISTENS,
        "too_many_bytes_are_refused": "tried with a real client in test_mailbox_limits",
        "redact_leaves_no_secret": "the wire is encrypted before anything could tap it",
        "success_is_silent": LISTENS,
    },
    "http_inbound": {
        "a_dead_far_end_is_unreachable": LISTENS,
        "fetch_repeats_until_settled": NO_SOURCE,
        "settling_twice_is_harmless": NO_SOURCE,
        "one_key_has_one_effect": NO_SINK,
        "find_tells_delivered_from_not": NO_SINK,
        "silence_is_outcome_unknown": NO_SINK,
        "too_many_calls_are_throttled": LISTENS,
        "a_refused_login_is_auth_expired": LISTENS,
        "too_many_bytes_are_refused": "tried with a real client in test_http_inbound",
        "success_is_silent": LISTENS,
    },
    "http_push": {
        "fetch_repeats_until_settled": NO_SOURCE,
        "settling_twice_is_harmless": NO_SOURCE,
    },
    "tax_avatax": {
        "fetch_repeats_until_settled": NO_SOURCE,
        "settling_twice_is_harmless": NO_SOURCE,
    },
    "carrier_ups": {
        "fetch_repeats_until_settled": NO_SOURCE,
        "settling_twice_is_harmless": NO_SOURCE,
        "one_key_has_one_effect": NO_SINK,
        "find_tells_delivered_from_not": NO_SINK,
        "silence_is_outcome_unknown": "a question that is lost can be asked again",
    },
}


def settings_refuse_unknown_keys(far_end: FarEnd) -> None:
    model = CATALOG[far_end.id].settings
    with pytest.raises(ValidationError, match="Extra inputs are not permitted"):
        model.model_validate({**far_end.settings(), "surprise": 1})
    assert model.model_config.get("frozen") is True


def a_living_far_end_passes_the_probe(far_end: FarEnd) -> None:
    found = far_end.connector.probe()
    assert found.ok, found.detail


def a_dead_far_end_fails_the_probe(far_end: FarEnd) -> None:
    connector = far_end.unreachable()
    found = connector.probe()
    connector.close()
    assert not found.ok
    assert found.detail


def closing_twice_is_harmless(far_end: FarEnd) -> None:
    far_end.connector.close()
    far_end.connector.close()


def fetch_repeats_until_settled(far_end: FarEnd) -> None:
    far_end.arrive("850_1.edi", b"ISA*1~")
    far_end.arrive("850_2.edi", b"ISA*2~")
    first = list(far_end.connector.fetch(10))
    again = list(far_end.connector.fetch(10))
    assert [arrival.data for arrival in first] == [b"ISA*1~", b"ISA*2~"]
    assert again == first
    far_end.connector.settle(first[0], Accepted(message_id="m1"))
    assert list(far_end.connector.fetch(10)) == first[1:]


def settling_twice_is_harmless(far_end: FarEnd) -> None:
    far_end.arrive("850_1.edi", b"ISA*1~")
    (arrival,) = far_end.connector.fetch(10)
    for _ in range(2):
        far_end.connector.settle(arrival, Accepted(message_id="m1"))
    assert list(far_end.connector.fetch(10)) == []
    far_end.arrive("850_1.edi", b"ISA*another~")
    far_end.connector.settle(arrival, Accepted(message_id="m1"))
    assert [each.data for each in far_end.connector.fetch(10)] == [b"ISA*another~"]


def one_key_has_one_effect(far_end: FarEnd) -> None:
    parcel = far_end.parcel("k-1")
    first = far_end.connector.deliver(parcel)
    again = far_end.connector.deliver(parcel)
    assert (first.repeated, again.repeated) == (False, True)
    assert again.reference == first.reference
    assert far_end.effects() == 1


def find_tells_delivered_from_not(far_end: FarEnd) -> None:
    parcel = far_end.parcel("k-1")
    assert far_end.connector.find(parcel) is None
    receipt = far_end.connector.deliver(parcel)
    found = far_end.connector.find(parcel)
    assert found is not None
    assert found.repeated
    assert found.reference == receipt.reference


def a_dead_far_end_is_unreachable(far_end: FarEnd) -> None:
    connector = far_end.unreachable()
    with pytest.raises(Unreachable):
        far_end.call(connector)
    connector.close()


def silence_is_outcome_unknown(far_end: FarEnd) -> None:
    far_end.go_silent()
    with pytest.raises(OutcomeUnknown):
        far_end.connector.deliver(far_end.parcel("k-1"))


def too_many_calls_are_throttled(far_end: FarEnd) -> None:
    far_end.answer(429, {"retry-after": "17"})
    with pytest.raises(Throttled) as caught:
        far_end.call(far_end.connector)
    assert caught.value.retry_after_seconds == 17


def a_refused_login_is_auth_expired(far_end: FarEnd) -> None:
    far_end.answer(401, {})
    with pytest.raises(AuthExpired):
        far_end.call(far_end.connector)


def too_many_bytes_are_refused(far_end: FarEnd) -> None:
    with pytest.raises((Rejected, OutcomeUnknown, Unreachable), match=r"larger|large|more than"):
        far_end.oversized()


def redact_leaves_no_secret(far_end: FarEnd) -> None:
    transcript = far_end.transcript()
    redacted = CATALOG[far_end.id].redact(transcript)
    assert b"[redacted]" in redacted
    for name in far_end.secrets:
        for part in HUB_SECRETS[name].split(":"):
            assert part.encode() not in redacted
    assert b"token-5c0ffee" not in redacted


def success_is_silent(far_end: FarEnd) -> None:
    records: list[logging.LogRecord] = []
    handler = logging.Handler(logging.INFO)
    handler.emit = records.append  # type: ignore[method-assign]  # the shortest way to catch what is logged
    ours = logging.getLogger("connectors")
    ours.addHandler(handler)
    ours.setLevel(logging.INFO)
    try:
        far_end.call(far_end.connector)
    finally:
        ours.removeHandler(handler)
        ours.setLevel(logging.NOTSET)
    assert records == []


RULES: list[Callable[[FarEnd], None]] = [
    settings_refuse_unknown_keys,
    a_living_far_end_passes_the_probe,
    a_dead_far_end_fails_the_probe,
    closing_twice_is_harmless,
    fetch_repeats_until_settled,
    settling_twice_is_harmless,
    one_key_has_one_effect,
    find_tells_delivered_from_not,
    a_dead_far_end_is_unreachable,
    silence_is_outcome_unknown,
    too_many_calls_are_throttled,
    a_refused_login_is_auth_expired,
    too_many_bytes_are_refused,
    redact_leaves_no_secret,
    success_is_silent,
]


def test_every_connector_has_a_far_end() -> None:
    assert set(FAR_ENDS) == set(CATALOG)
    known = {rule.__name__ for rule in RULES}
    assert {rule for waived in WAIVERS.values() for rule in waived} <= known


@pytest.mark.parametrize("connector", CATALOG)
@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_rule(connector: str, rule: Callable[[FarEnd], None], tmp_path: Path) -> None:
    reason = WAIVERS.get(connector, {}).get(rule.__name__)
    with FAR_ENDS[connector](tmp_path).open() as far_end:
        try:
            rule(far_end)
        except NoSuchShape:
            assert reason, f"{connector} cannot be tried with {rule.__name__}: waive it, with the reason"
        else:
            assert not reason, f"{connector} keeps {rule.__name__}: the waiver is stale"


def test_errors_show_no_secret(tmp_path: Path) -> None:
    """What a connector raises reaches logs, API and console."""
    for connector in ("http_push", "tax_avatax", "carrier_ups"):
        for status in (400, 401, 403, 404, 422, 500):
            with FAR_ENDS[connector](tmp_path / connector / str(status)).open() as far_end:
                far_end.answer(status, {})
                with pytest.raises(CrossdockError) as caught:
                    far_end.call(far_end.connector)
                shown = repr(caught.value.as_json())
                assert not any(part in shown for name in far_end.secrets for part in HUB_SECRETS[name].split(":"))
