"""The retailer alone, with a plain SFTP server in the hub's place."""

from datetime import UTC, datetime
from decimal import Decimal

import httpx
import pytest

from demo import catalogue, x12
from demo.retailer import invoice_of
from tests.demo.support import wait_for

ORDER = {
    "id": "order",
    "kind": "order",
    "purchase_order_number": catalogue.FIRST,
    "lines": {"SKU-RED": "12", "SKU-BLUE": "24"},
}
NOW = datetime(2026, 11, 22, 8, 30, tzinfo=UTC)
INVOICE = [["BIG", "20261122", "INV-1", "20261122", catalogue.FIRST], ["TDS", "24513"]]


@pytest.fixture
def retailer(sftp, program):
    return program("retailer", "--mailbox", f"127.0.0.1:{sftp.port}", "--key", str(sftp.key_file))


def send(retailer, body):
    return httpx.post(f"{retailer.url}/send", json=body)


def from_hub(sftp, name, control, group, kind, segments):
    temporary = sftp.root / "outbox" / f".{name}"
    temporary.write_text(x12.write("CROSSDOCK", "BIGBOX", control, group, [(kind, segments)], NOW))
    temporary.rename(sftp.root / "outbox" / name)


def test_an_order_is_uploaded_once_and_whole(retailer, sftp):
    assert send(retailer, ORDER).status_code == 201
    assert send(retailer, ORDER).json()["repeated"] is True
    (uploaded,) = retailer.wait(1, "uploaded", id="order")
    assert [file.name for file in (sftp.root / "inbox").iterdir()] == [uploaded["name"]]
    text = (sftp.root / "inbox" / uploaded["name"]).read_text()
    assert x12.split(text).documents[0].value("BEG", 3) == catalogue.FIRST
    assert (retailer.home / "sent" / uploaded["name"]).read_text() == text


def test_sent_again_means_the_same_bytes_under_another_name(retailer, sftp):
    send(retailer, ORDER)
    send(retailer, {"id": "again", "kind": "again", "of": "order"})
    retailer.wait(1, "uploaded", id="again")
    first, second = sorted((sftp.root / "inbox").iterdir(), key=lambda file: len(file.name))
    assert first.read_bytes() == second.read_bytes()
    send(retailer, {**ORDER, "id": "next"})
    assert retailer.wait(1, "made", id="next")[0]["control"] == 2


def test_what_lies_in_the_outbox_is_fetched_removed_and_answered(retailer, sftp):
    from_hub(sftp, "810.edi", 41, "IN", "810", INVOICE)
    from_hub(sftp, "997.edi", 42, "FA", "997", [["AK1", "PO", "1"], ["AK9", "A", "1", "1", "1"]])
    retailer.wait(2, "fetched")
    (answer,) = retailer.wait(1, "uploaded", id="997-000000041-41-0001")
    wait_for(lambda: not list((sftp.root / "outbox").iterdir()), "an empty outbox")
    (document,) = x12.split((sftp.root / "inbox" / answer["name"]).read_text()).documents
    assert document.all("AK1") == [["AK1", "IN", "41"]]
    assert document.all("AK2") == [["AK2", "810", "0001"]]
    assert len(retailer.records("made", kind="997")) == 1
    assert sorted(file.name for file in (retailer.home / "received").iterdir()) == ["810.edi", "997.edi"]


def test_a_remittance_pays_the_invoice_that_came_short(retailer, sftp):
    remittance = {
        "id": "pay",
        "kind": "remittance",
        "purchase_order_number": catalogue.FIRST,
        "short": "18.00",
        "reason": "59",
    }
    assert send(retailer, remittance).status_code == 400
    from_hub(sftp, "810.edi", 41, "IN", "810", INVOICE)
    retailer.wait(1, "fetched")
    assert send(retailer, remittance).status_code == 201
    (made,) = retailer.wait(1, "made", id="pay")
    assert x12.split(made["text"]).documents[0].all("RMR")[0][4:] == ["227.13", "245.13"]
    assert invoice_of(retailer.records("fetched"), catalogue.FIRST) == ("INV-1", Decimal("245.13"))


def test_it_waits_for_a_mailbox_that_is_away_and_goes_on_after_a_kill(retailer, sftp):
    sftp.hang_up()
    retailer.kill()
    retailer.start()
    send(retailer, ORDER)
    retailer.wait(1, "trouble")
    retailer.kill()
    sftp.open()
    retailer.start()
    retailer.wait(1, "uploaded", id="order")
    assert len(list((sftp.root / "inbox").iterdir())) == 1


@pytest.mark.parametrize("where", ["inbox", "archive"])
def test_a_renaming_whose_answer_was_lost_is_not_done_again(retailer, sftp, where):
    """The journal of a retailer that was killed after the rename and before it could note that it was done."""
    send(retailer, ORDER)
    (uploaded,) = retailer.wait(1, "uploaded", id="order")
    retailer.kill()
    lines = (retailer.home / "journal.jsonl").read_bytes().splitlines(keepends=True)
    (retailer.home / "journal.jsonl").write_bytes(b"".join(line for line in lines if b'"uploaded"' not in line))
    if where == "archive":
        (sftp.root / "inbox" / uploaded["name"]).rename(sftp.root / "archive" / uploaded["name"])
    retailer.start()
    retailer.wait(1, "uploaded", id="order")
    assert [file.parent.name for file in sftp.root.rglob("*.edi")] == [where]


def test_another_host_key_than_before_is_not_trusted(retailer, sftp):
    retailer.kill()
    (retailer.home / "known_hosts").write_text("[127.0.0.1]:1 ssh-ed25519 AAAA\n")
    retailer.start()
    send(retailer, ORDER)
    (trouble,) = retailer.wait(1, "trouble")
    assert "another host key" in trouble["reason"]
    assert list((sftp.root / "inbox").iterdir()) == []


def test_a_file_that_is_turned_down_does_not_keep_back_the_others(retailer, sftp):
    send(retailer, ORDER)
    for made_id in ("again", "once-more"):
        send(retailer, {"id": made_id, "kind": "again", "of": "order"})
    retailer.wait(1, "turned_down", id="once-more")
    send(retailer, {**ORDER, "id": "next"})
    retailer.wait(1, "uploaded", id="next")
    assert retailer.records("uploaded", id="once-more") == []
