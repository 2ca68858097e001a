"""backup and restore: a hub as one file, and back, on either engine."""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from hub.cli.exits import Exit
from hub.clock import SystemClock
from hub.errors import Misconfigured
from hub.ledger import Kind, Ledger, State
from tests.cli.conftest import ROOT, Command
from tests.records import Records

LARGE = b"ISA*large~" * 10_000
OpenLedger = Callable[[Path], Ledger]


@pytest.fixture
def filled(records: Records, home: Path) -> dict[str, str]:
    """A home with messages in several states, numbers, an order of keys, a mailbox, and secrets."""
    ledger = records.ledger
    ids = {
        "done": records.message(State.DELIVERED, payload=LARGE),
        "dead": records.message(State.DEAD, payload=b"\x00\xff dead"),
        "waiting": records.message(State.RECEIVED, kind=Kind.DELIVERY, endpoint="erp", payload=b"{}", unique_key="k"),
    }
    for _ in range(7):
        ledger.write(lambda change: change.next_number("isa13:bigbox", maximum=999_999_999))
    ledger.write(lambda change: change.add_search_keys(ids["done"], None, [("po", "PO-1")]))
    ledger.seal()
    mailbox = home / "connections" / "mailbox"
    (mailbox / "bigbox" / "outbox").mkdir(parents=True)
    (mailbox / "bigbox" / "outbox" / "855.edi").write_bytes(b"ISA~")
    (mailbox / ".host_key_ed25519").write_text("-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n")
    (home / "secrets").mkdir()
    (home / "secrets" / "erp_token").write_text("hunter2")
    return ids


def _look(home: Path, url: str = "") -> Ledger:
    return Ledger.open(url or f"sqlite:///{home / 'ledger.db'}", home=home, clock=SystemClock())


def test_a_hub_comes_back_whole(crossdock: Command, home: Path, filled: dict[str, str], tmp_path: Path) -> None:
    told = crossdock("backup", tmp_path, "--json").json
    assert told["rows"]["message"] == 3
    assert told["secrets"] == ["secrets/erp_token", "connections/mailbox/.host_key_ed25519"]
    assert Path(told["file"]).stat().st_mode & 0o077 == 0, "nobody else can read it"
    raw = Path(told["file"]).read_bytes()
    with zipfile.ZipFile(told["file"]) as opened:
        assert not any(b"hunter2" in opened.read(name) or b"PRIVATE" in opened.read(name) for name in opened.namelist())
    assert b"hunter2" not in raw
    again = tmp_path / "again"
    done = crossdock("restore", told["file"], "--home", again, "--json")
    assert (done.code, done.json["sound"]) == (0, True)
    assert done.json["numbers"] == {"isa13:bigbox": {"was": 7, "goes_on_after": 10_007}}
    ledger, before = _look(again), _look(home)
    for name, message_id in filled.items():
        one, other = before.message(message_id), ledger.message(message_id)
        assert one == other, name
        assert before.events(message_id) == ledger.events(message_id)
        assert ledger.payload(str(other.payload)) == before.payload(str(one.payload))
    assert [message.id for message in ledger.search("PO-1").messages] == [filled["done"]]
    assert ledger.write(lambda change: change.next_number("isa13:bigbox", maximum=999_999_999)) == 10_008
    assert ledger.doubt_until > ledger.now() + 80_000
    records = Records(ledger)
    records.message()
    assert ledger.audit()["problems"] == []
    ledger.close()
    before.close()
    assert (again / "connections" / "mailbox" / "bigbox" / "outbox" / "855.edi").read_bytes() == b"ISA~"
    assert (again / "config" / "hub.toml").read_bytes() == (home / "config" / "hub.toml").read_bytes()


@pytest.mark.parametrize("direction", ["to", "from"])
def test_a_hub_moves_from_one_engine_to_the_other(
    crossdock: Command,
    home: Path,
    filled: dict[str, str],
    tmp_path: Path,
    postgres_url: str,
    direction: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """To PostgreSQL; and, what came there, back to SQLite."""
    crossdock("backup", tmp_path / "one.zip")
    monkeypatch.setenv("CROSSDOCK_DATABASE_URL", postgres_url)
    assert crossdock("restore", tmp_path / "one.zip", "--home", tmp_path / "two").code == 0
    assert crossdock("restore", tmp_path / "one.zip", "--home", tmp_path / "three").code == Exit.CONFLICT
    ledger = _look(tmp_path / "two", postgres_url)
    with pytest.raises(Misconfigured, match="another home"):
        _look(home, postgres_url)
    Records(ledger).message()
    ledger.close()
    if direction == "to":
        return
    assert crossdock("backup", tmp_path / "two.zip", "--home", tmp_path / "two").code == 0
    monkeypatch.delenv("CROSSDOCK_DATABASE_URL")
    assert crossdock("restore", tmp_path / "two.zip", "--home", tmp_path / "four", "--numbers", "0").code == 0
    there, here = _look(home), _look(tmp_path / "four")
    assert here.counts()["document"]["received"] == 3
    for message_id in filled.values():
        assert there.events(message_id) == here.events(message_id)
    there.close()
    here.close()


def test_what_is_not_empty_is_left_alone(
    crossdock: Command, home: Path, filled: dict[str, str], tmp_path: Path
) -> None:
    crossdock("backup", tmp_path / "one.zip")
    assert crossdock("backup", tmp_path / "one.zip").code == Exit.CONFLICT
    refused = crossdock("restore", tmp_path / "one.zip", "--home", home)
    assert refused.code == Exit.CONFLICT
    assert f"{home} is not empty" in refused.err
    assert crossdock("backup", tmp_path / "nowhere" / "one.zip").code == Exit.NOT_FOUND


@pytest.fixture
def volume(tmp_path: Path) -> Path:
    """A home that is there and cannot be replaced, as a mounted volume has it."""
    (tmp_path / "volume" / "lost+found").mkdir(parents=True)
    (tmp_path / "volume" / ".profile").touch()
    return tmp_path / "volume"


def test_a_volume_is_filled_and_stays_where_it_is(
    crossdock: Command, home: Path, filled: dict[str, str], tmp_path: Path, volume: Path
) -> None:
    crossdock("backup", tmp_path / "one.zip")
    before = volume.stat().st_ino
    assert crossdock("restore", tmp_path / "one.zip", "--home", volume).code == 0
    assert volume.stat().st_ino == before
    assert [path.name for path in volume.glob(".*")] == [".profile"]
    assert crossdock("audit", "--home", volume).code == 0
    assert crossdock("restore", tmp_path / "one.zip", "--home", volume).code == Exit.CONFLICT


@pytest.mark.parametrize("engine", ["sqlite", "postgresql"])
def test_a_volume_is_unfinished_until_all_is_in_place_and_then_whole(
    crossdock: Command,
    home: Path,
    filled: dict[str, str],
    tmp_path: Path,
    volume: Path,
    request: pytest.FixtureRequest,
    engine: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Killed before the second thing that it would move, again and again."""
    crossdock("backup", tmp_path / "one.zip")
    if engine == "postgresql":
        monkeypatch.setenv("CROSSDOCK_DATABASE_URL", request.getfixturevalue("postgres_url"))
    program = (
        "import os, pathlib\n"
        "rename, moved = pathlib.Path.rename, []\n"
        "def deadly(path, target):\n"
        "    moved.append(path)\n"
        "    return os.kill(os.getpid(), 9) if len(moved) > 1 else rename(path, target)\n"
        "pathlib.Path.rename = deadly\n"
        "from hub.cli import main\nmain()\n"
    )
    command = [sys.executable, "-c", program, "restore", tmp_path / "one.zip", "--home", volume]
    killed = 0
    while subprocess.run(command, cwd=ROOT, check=False, capture_output=True).returncode == -9:
        killed += 1
        refused = crossdock("messages", "--home", volume)
        assert refused.code == Exit.USAGE
        assert "is being restored, or that was interrupted" in refused.err
    assert killed >= 4
    assert crossdock("audit", "--home", volume).code == 0
    assert {path.name for path in volume.iterdir()} >= {"config", "connections", "payloads"}
    assert [path.name for path in volume.glob(".*")] == [".profile"]
    for name, message_id in filled.items():
        shown = crossdock("show", message_id, "--home", volume, "--payload")
        assert (shown.code, name, len(shown.out) > 0) == (0, name, True)


def test_a_restore_that_was_interrupted_goes_on_with_its_own_backup_only(
    crossdock: Command, home: Path, filled: dict[str, str], tmp_path: Path, volume: Path
) -> None:
    crossdock("backup", tmp_path / "one.zip")
    (volume / ".restored").mkdir()
    (volume / ".restored" / "restored.json").write_text('{"snapshot_at": 1.0}')
    refused = crossdock("restore", tmp_path / "one.zip", "--home", volume)
    assert refused.code == Exit.CONFLICT
    assert "another backup was being restored" in refused.err


def test_what_is_no_backup_is_told(
    crossdock: Command, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "words").write_text("words")
    told = [crossdock("restore", tmp_path / name, "--home", tmp_path / "new") for name in ("words", "nothing")]
    assert [one.code for one in told] == [Exit.USAGE, Exit.NOT_FOUND]
    assert "is no backup" in told[0].err
    crossdock("backup", tmp_path / "one.zip")
    monkeypatch.setenv("CROSSDOCK_DATABASE_URL", f"postgresql://crossdock@/crossdock?host={tmp_path}")
    assert crossdock("restore", tmp_path / "one.zip", "--home", tmp_path / "new").code == Exit.UNREACHABLE
    assert sorted(path.name for path in tmp_path.iterdir()) == ["home", "one.zip", "words"]


def test_a_damaged_backup_makes_nothing(crossdock: Command, home: Path, filled: dict[str, str], tmp_path: Path) -> None:
    crossdock("backup", tmp_path / "good.zip")
    good = (tmp_path / "good.zip").read_bytes()
    for place in range(0, len(good) - 100, len(good) // 25):
        (tmp_path / "bad.zip").write_bytes(good[:place] + bytes([good[place] ^ 0x55]) + good[place + 1 :])
        result = crossdock("restore", tmp_path / "bad.zip", "--home", tmp_path / "new")
        if result.code != 0:
            assert result.code in {Exit.FAILED, Exit.USAGE}
            assert not (tmp_path / "new").exists()
        else:  # a byte that no reader of zips looks at
            shutil.rmtree(tmp_path / "new")
    (tmp_path / "none.zip").write_bytes(b"PK")
    assert crossdock("restore", tmp_path / "none.zip", "--home", tmp_path / "new").code == Exit.FAILED
    assert not (tmp_path / "new").exists()


def test_a_forged_backup_is_found(crossdock: Command, home: Path, filled: dict[str, str], tmp_path: Path) -> None:
    """Whoever makes the checksums fit has not made the chain fit."""
    crossdock("backup", tmp_path / "good.zip")
    with zipfile.ZipFile(tmp_path / "good.zip") as good, zipfile.ZipFile(tmp_path / "bad.zip", "w") as bad:
        manifest = json.loads(good.read("manifest.json"))
        for name in good.namelist():
            data = good.read(name)
            if name == "ledger/message.jsonl":
                data = data.replace(b'"dead"', b'"delivered"')
            if name != "manifest.json":
                bad.writestr(name, data)
                manifest["files"][name] = {"bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}
        bad.writestr("manifest.json", json.dumps(manifest))
    result = crossdock("restore", tmp_path / "bad.zip", "--home", tmp_path / "new", "--json")
    assert (result.code, result.json["sound"]) == (Exit.FAILED, False)


def test_a_restore_that_was_killed_is_run_again(
    crossdock: Command, home: Path, filled: dict[str, str], tmp_path: Path
) -> None:
    crossdock("backup", tmp_path / "one.zip")
    program = (
        "import os, sys\nfrom hub.ledger import dump\n"
        "dump._mark = lambda *_: os.kill(os.getpid(), 9)\n"
        "from hub.cli import main\nmain()\n"
    )
    command = [sys.executable, "-c", program, "restore", tmp_path / "one.zip", "--home", tmp_path / "new"]
    assert subprocess.run(command, cwd=ROOT, check=False).returncode == -9
    assert not (tmp_path / "new").exists()
    assert crossdock("restore", tmp_path / "one.zip", "--home", tmp_path / "new").code == 0
    assert [path.name for path in tmp_path.glob(".new*")] == []
