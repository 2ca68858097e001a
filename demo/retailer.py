"""The retailer: ``python -m demo.retailer --port N --home DIR --mailbox HOST:PORT --user NAME --key FILE``.

An SFTP client that carries its documents to the hub's mailbox and fetches what lies there for it. POST /send ``{"id",
"kind": order | faulty_order | remittance | again, …}`` makes a document, once an id. It goes to /inbox under a
temporary name and is then renamed. Files in /outbox are fetched, kept, removed, and, if they are business documents,
answered with a 997. ``received/`` and ``sent/`` in its home hold the files for people to look at.
"""

from __future__ import annotations

import argparse
import threading
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from demo import documents, x12
from demo.endpoint import Call, Endpoint, Reply, Routes, run
from demo.journal import Journal, Record
from demo.mailbox import Mailbox

__all__ = ["Retailer", "invoice_of"]

US, THEM = "BIGBOX", "CROSSDOCK"
ANSWERED = ("855", "856", "810")
GROUPS = {"order": "PO", "faulty_order": "PO", "remittance": "RA", "997": "FA"}
SETS = {"order": "850", "faulty_order": "850", "remittance": "820", "997": "997"}
ROUND_SECONDS = 0.3


class Retailer:
    """Makes documents, and knows for each how far it got: made, renaming, uploaded."""

    def __init__(self, journal: Journal, home: Path) -> None:
        self._journal = journal
        self._home = home
        self._wake = threading.Event()
        self._end = threading.Event()
        self._trouble = ""
        for name in ("sent", "received"):
            (home / name).mkdir(parents=True, exist_ok=True)

    def routes(self) -> Routes:
        """What it can be told."""
        return {("POST", "/send"): self.send}

    def send(self, call: Call) -> Reply:
        """Makes a document, or says that it was made before."""
        asked = call.json()
        with self._journal.lock:
            if self._journal.first("made", id=asked["id"]):
                return Reply(200, {"id": asked["id"], "repeated": True})
            if asked["kind"] == "again":
                self._repeat(asked["id"], asked["of"])
            else:
                self._make(asked["id"], asked["kind"], self._segments(asked))
        self._wake.set()
        return Reply(201, {"id": asked["id"]})

    def round(self, mailbox: Mailbox) -> None:
        """Carry what is to be carried and fetch what lies there; raises OSError or SSHException on a bad line."""
        for record in self._journal.all("made"):
            if self._journal.first("uploaded", id=record["id"]) is None:
                self._try_to_upload(mailbox, record)
        for name in mailbox.waiting():
            self._fetched(name, mailbox.get(name))
            mailbox.remove(name)

    def work(self, mailbox: Mailbox) -> None:
        """Rounds until the end; a line that breaks is opened again."""
        while not self._end.is_set():
            self._wake.clear()
            self._note_trouble(mailbox.attempt(self.round))
            self._wake.wait(ROUND_SECONDS)
        mailbox.close()

    def stop(self) -> None:
        """End after the round that is under way."""
        self._end.set()
        self._wake.set()

    def _note_trouble(self, reason: str) -> None:
        """Notes why a round failed, once until another reason comes up."""
        if reason and reason != self._trouble:
            self._journal.append("trouble", reason=reason)
        self._trouble = reason

    def _segments(self, asked: dict[str, Any]) -> list[x12.Segment]:
        today = datetime.now(UTC).date()
        number = str(asked["purchase_order_number"])
        if asked["kind"] == "remittance":
            invoice, billed = invoice_of(self._journal.all("fetched"), number)
            payment = documents.Payment(
                invoice, number, billed, Decimal(asked["short"]), str(asked["reason"]), f"DM-{number}"
            )
            return documents.remittance(f"PAY-{number}", payment, today)
        write = documents.faulty_order if asked["kind"] == "faulty_order" else documents.purchase_order
        return write(number, {sku: Decimal(pieces) for sku, pieces in asked["lines"].items()}, today)

    def _make(self, made_id: str, kind: str, segments: list[x12.Segment]) -> None:
        control = len(self._journal.all("made", again=False)) + 1
        now = datetime.now(UTC)
        text = x12.write(US, THEM, control, GROUPS[kind], [(SETS[kind], segments)], now)
        name = f"bigbox_{SETS[kind]}_{control:09d}_{now:%Y%m%d%H%M%S}.edi"
        self._journal.append("made", id=made_id, kind=SETS[kind], name=name, control=control, again=False, text=text)

    def _repeat(self, made_id: str, of: str) -> None:
        record = self._journal.first("made", id=of)
        if record is None:
            raise KeyError(of)
        name = record["name"].replace(".edi", "_again.edi")
        self._journal.append("made", **{**_facts(record), "id": made_id, "name": name, "again": True})

    def _try_to_upload(self, mailbox: Mailbox, record: Record) -> None:
        """One file that is turned down must not keep the others from going."""
        try:
            self._upload(mailbox, record)
        except OSError as error:
            if not mailbox.is_open:
                raise
            reason = f"{type(error).__name__}: {error}"
            if self._journal.first("turned_down", id=record["id"], reason=reason) is None:
                self._journal.append("turned_down", id=record["id"], reason=reason)

    def _upload(self, mailbox: Mailbox, record: Record) -> None:
        name, temporary = record["name"], f".{record['name']}.tmp"
        begun = self._journal.first("renaming", id=record["id"]) is not None
        if not (begun and mailbox.arrived(name, temporary)):
            mailbox.put(temporary, record["text"].encode())
            if not begun:
                self._journal.append("renaming", id=record["id"])
            mailbox.rename(temporary, name)
        (self._home / "sent" / name).write_text(record["text"])
        self._journal.append("uploaded", id=record["id"], name=name)

    def _fetched(self, name: str, data: bytes) -> None:
        text = data.decode("utf-8", "replace")
        with self._journal.lock:
            if self._journal.first("fetched", name=name, text=text):
                return
            (self._home / "received" / Path(name).name).write_bytes(data)
            self._journal.append("fetched", name=name, text=text)
            self._answer(text)

    def answer_all(self) -> None:
        """Answers what was fetched before a kill and not answered."""
        for record in self._journal.all("fetched"):
            self._answer(record["text"])

    def _answer(self, text: str) -> None:
        try:
            interchange = x12.split(text)
        except ValueError:
            return
        for document in interchange.documents:
            answer_id = f"997-{interchange.control}-{document.group_control}-{document.control}"
            if document.kind in ANSWERED and self._journal.first("made", id=answer_id) is None:
                self._make(answer_id, "997", documents.acknowledgment(document))


def invoice_of(fetched: list[Record], purchase_order: str) -> tuple[str, Decimal]:
    """Number and total of the 810 for an order: BIG02, and TDS01 in cents. Raises KeyError if none came."""
    for record in fetched:
        if not record["text"].startswith("ISA"):
            continue
        for document in x12.split(record["text"]).documents:
            if document.kind == "810" and document.value("BIG", 4) == purchase_order:
                return document.value("BIG", 2), Decimal(document.value("TDS", 1)) / 100
    raise KeyError(f"no invoice for {purchase_order}")


def _facts(record: Record) -> Record:
    return {key: value for key, value in record.items() if key not in {"event", "at"}}


def main() -> None:
    """Run until SIGTERM."""
    parser = argparse.ArgumentParser(prog="python -m demo.retailer", description="The retailer of the demo.")
    parser.add_argument("--port", type=int, default=0, help="where it takes orders to send something")
    parser.add_argument("--home", type=Path, required=True)
    parser.add_argument("--mailbox", required=True, help="HOST:PORT of the hub's SFTP mailbox")
    parser.add_argument("--user", default="bigbox")
    parser.add_argument("--key", type=Path, required=True, help="private key, OpenSSH format")
    chosen = parser.parse_args()
    retailer = Retailer(Journal(chosen.home / "journal.jsonl"), chosen.home)
    retailer.answer_all()
    host, _, port = chosen.mailbox.rpartition(":")
    mailbox = Mailbox(host, int(port), chosen.user, chosen.key, chosen.home / "known_hosts")
    worker = threading.Thread(target=retailer.work, args=(mailbox,), daemon=True)
    worker.start()
    run(Endpoint(chosen.port, retailer.routes()), chosen.home / "address")
    retailer.stop()
    worker.join(2)


if __name__ == "__main__":
    main()
