"""Old payloads leave the ledger; what is proven, searched and replayed stays whole."""

from __future__ import annotations

import hashlib
import os
import resource
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import pytest

from hub.errors import Held, KeyConflict
from hub.ledger import Kind, Ledger, NewMessage, State
from hub.ledger.packs import MANIFEST, PackWriter
from hub.ledger.retention import GRACE_SECONDS, undisturbed

from .conftest import HandClock, NewDocument

ROOT = Path(__file__).parent.parent.parent
DAY = 86_400.0
LARGE = b"ISA*large~" * 10_000


def _hash(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _aged(folder: Path) -> None:
    """Files look as if nobody had touched them for long."""
    for path in folder.rglob("*"):
        if path.is_file():
            os.utime(path, (time.time() - 2 * GRACE_SECONDS,) * 2)


def _row(ledger: Ledger, data: bytes) -> bytes | None:
    with ledger._database.read() as db:
        row = db.row("SELECT data FROM payload WHERE sha256=?", (_hash(data),))
    assert row is not None
    return bytes(row[0]) if row[0] is not None else None


@pytest.fixture
def old(ledger: Ledger, new: NewDocument, clock: HandClock, tmp_path: Path) -> dict[str, str]:
    """Messages of 500 days ago in several states, and one of today."""
    ids = {}

    def put(name: str, data: bytes, **fields: object) -> None:
        message = new(payload=ledger.store(data), **fields)  # type: ignore[arg-type]
        ledger.write(lambda change: change.insert(message))
        ids[name] = message.id

    put("file", b"ISA~of a dead document", kind=Kind.INTERCHANGE, state=State.DELIVERED)
    put("done", b"done", state=State.DELIVERED)
    put("large", LARGE, state=State.ANSWERED)
    put("rejected", b"rejected", state=State.REJECTED)
    put("held", b"held", state=State.HELD)
    put("waiting", b"waiting")
    put("dead", b"dead", state=State.DEAD, parent=ids["file"])
    clock.advance(500 * DAY)
    put("young", b"young", state=State.DELIVERED)
    ledger.seal()
    _aged(tmp_path / "payloads")
    return ids


def test_what_is_finished_and_old_goes_and_the_rest_stays(
    ledger: Ledger, old: dict[str, str], clock: HandClock, tmp_path: Path
) -> None:
    planned = ledger.archive(clock.now() - 400 * DAY, dry_run=True)
    assert (planned.payloads, planned.kept, planned.packs) == (3, 4, [])
    moved = ledger.archive(clock.now() - 400 * DAY)
    assert (moved.payloads, moved.bytes, moved.kept) == (3, len(LARGE) + 12, 4)
    assert [_row(ledger, data) for data in (b"done", b"rejected", b"young", b"dead")] == [None, None, b"young", b"dead"]
    assert (moved.files, list((tmp_path / "payloads").glob("??/*"))) == (1, [])
    for name, data in (("done", b"done"), ("large", LARGE), ("file", b"ISA~of a dead document")):
        assert ledger.payload(str(ledger.message(old[name]).payload)) == data
    report = ledger.audit()
    assert (report["balanced"], report["chain_ok"], report["problems"]) == (True, True, [])
    assert report["archive"] == {"packs": 1, "payloads": 3, "away": []}
    assert ledger.archive(clock.now() - 400 * DAY).packs == []


def test_a_pack_can_be_read_without_us(ledger: Ledger, old: dict[str, str], clock: HandClock, tmp_path: Path) -> None:
    (pack,) = ledger.archive(clock.now() - 400 * DAY, tmp_path / "elsewhere").packs
    path = tmp_path / "elsewhere" / pack.name
    assert _hash(path.read_bytes()) == pack.sha256
    with zipfile.ZipFile(path) as opened:
        listed = dict(line.split("  ")[::-1] for line in opened.read(MANIFEST).decode().splitlines())
        assert {name: _hash(opened.read(name)) for name in listed} == listed
    assert pack.packed_bytes < pack.bytes / 10


def test_what_was_taken_elsewhere_is_said_where_to_bring_it(
    ledger: Ledger, old: dict[str, str], clock: HandClock, tmp_path: Path
) -> None:
    (pack,) = ledger.archive(clock.now() - 400 * DAY).packs
    path = tmp_path / "archive" / pack.name
    path.rename(tmp_path / "tape")
    with pytest.raises(Held, match=pack.name) as told:
        ledger.payload(_hash(b"done"))
    assert str(path.parent) in told.value.fix
    report = ledger.audit()
    assert (report["problems"], report["archive"]["away"]) == ([], [pack.name])
    (tmp_path / "tape").rename(path)
    assert ledger.payload(_hash(b"done")) == b"done"


def test_a_pack_that_was_tampered_with_is_found(
    ledger: Ledger, old: dict[str, str], clock: HandClock, tmp_path: Path
) -> None:
    (pack,) = ledger.archive(clock.now() - 400 * DAY).packs
    path = tmp_path / "archive" / pack.name
    path.write_bytes(path.read_bytes() + b"\0")
    assert [problem["problem"] for problem in ledger.audit()["problems"]] == ["archive_broken"]


def test_bytes_that_come_again_are_back_in_the_ledger(
    ledger: Ledger, old: dict[str, str], new: NewDocument, clock: HandClock, tmp_path: Path
) -> None:
    (pack,) = ledger.archive(clock.now() - 400 * DAY).packs
    (tmp_path / "archive" / pack.name).rename(tmp_path / "tape")
    for data in (b"done", LARGE):
        again = new(payload=ledger.store(data))
        ledger.write(lambda change, again=again: change.insert(again))
        assert ledger.payload(_hash(data)) == data
    _aged(tmp_path / "payloads")
    ledger.archive(clock.now() - 400 * DAY)
    assert [ledger.payload(_hash(data)) for data in (b"done", LARGE)] == [b"done", LARGE]


def test_a_local_copy_is_kept_while_its_pack_is_away(
    ledger: Ledger, old: dict[str, str], new: NewDocument, clock: HandClock, tmp_path: Path
) -> None:
    (pack,) = ledger.archive(clock.now() - 400 * DAY).packs
    (tmp_path / "archive" / pack.name).rename(tmp_path / "tape")
    again = new(payload=ledger.store(b"done"), state=State.DELIVERED)
    ledger.write(lambda change: change.insert(again))
    clock.advance(500 * DAY)
    ledger.archive(clock.now() - 400 * DAY)
    assert _row(ledger, b"done") == b"done"
    (tmp_path / "tape").rename(tmp_path / "archive" / pack.name)
    ledger.archive(clock.now() - 400 * DAY)
    assert _row(ledger, b"done") is None
    assert ledger.payload(_hash(b"done")) == b"done"


def test_files_that_no_row_owns_are_removed_when_they_are_old(ledger: Ledger, tmp_path: Path) -> None:
    """A crash between the file and the commit of its row."""
    orphan = ledger.store(LARGE)
    owned = ledger.store(LARGE + b"~")
    ledger.write(
        lambda change: change.insert(NewMessage(id="m", kind=Kind.DOCUMENT, type="x", partner="", payload=owned))
    )
    half = tmp_path / "payloads" / "ab" / "cdef.0123.part"
    half.parent.mkdir(exist_ok=True)
    half.write_bytes(b"half")
    assert ledger.collect().files == 0
    _aged(tmp_path / "payloads")
    ledger.store(LARGE)
    assert ledger.collect().files == 1
    assert ledger._content.path(orphan.sha256).exists()
    _aged(tmp_path / "payloads")
    assert (ledger.collect().files, ledger.collect().files) == (1, 0)
    assert ledger.payload(owned.sha256) == LARGE + b"~"


def test_one_run_at_a_time(ledger: Ledger, old: dict[str, str], tmp_path: Path) -> None:
    with undisturbed(tmp_path), pytest.raises(KeyConflict, match="already"):
        ledger.archive(ledger.now())


KILLED = """
import os, sys
from pathlib import Path
from hub.ledger import Ledger, retention
from hub.ledger.packs import PackWriter
step = int(sys.argv[3])
count = [0]
def deadly(original):
    def call(*values, **options):
        count[0] += 1
        if count[0] == step:
            os.kill(os.getpid(), 9)
        return original(*values, **options)
    return call
for place, name in ((PackWriter, "add"), (PackWriter, "finish"), (retention.Retention, "_record"),
                    (retention.Retention, "_drop"), (retention.Retention, "_collect"), (Path, "unlink")):
    setattr(place, name, deadly(getattr(place, name)))
class Clock:
    def now(self):
        return float(sys.argv[4])
ledger = Ledger.open(sys.argv[1], home=Path(sys.argv[2]), clock=Clock())
count[0] = 0
ledger.archive(ledger.now() - 400 * 86400)
"""


def test_a_run_that_is_killed_anywhere_loses_nothing_and_is_run_again(
    ledger: Ledger, old: dict[str, str], clock: HandClock, tmp_path: Path, ledger_url: str
) -> None:
    kills, step = 0, 1
    while True:
        command = [sys.executable, "-c", KILLED, ledger_url, str(tmp_path), str(step), str(clock.now())]
        code = subprocess.run(command, cwd=ROOT, check=False, capture_output=True).returncode
        if code == 0:
            break
        assert code == -9
        kills, step = kills + 1, step + 2
        for data in (b"done", LARGE, b"rejected", b"dead"):
            assert ledger.payload(_hash(data)) == data
    assert kills >= 3
    assert _row(ledger, b"done") is None
    report = ledger.audit()
    assert (report["balanced"], report["chain_ok"], report["problems"]) == (True, True, [])


def test_a_pack_for_which_there_is_no_room_leaves_nothing_behind(tmp_path: Path) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, hard))
    try:
        with pytest.raises(OSError), PackWriter(tmp_path) as pack:
            pack.add("a", os.urandom(100_000))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert list(tmp_path.iterdir()) == []
