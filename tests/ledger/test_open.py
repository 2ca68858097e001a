"""P10: the ledger opens, upgrades and refuses in words."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, text

import hub.ledger
from hub.clock import SystemClock
from hub.errors import Misconfigured, Unreachable
from hub.ledger import Kind, Ledger, NewMessage
from hub.ledger.alive import Alive
from hub.ledger.migrate import HEAD
from hub.ledger.schema import metadata
from hub.ledger.sqlite_words import in_words
from tests.descriptors import no_descriptor_left


def _open(url: str, home: Path) -> Ledger:
    return Ledger.open(url, home=home, clock=SystemClock())


def _engine_url(url: str) -> str:
    return url.replace("postgresql:", "postgresql+psycopg:")


def test_the_migrations_make_the_schema(ledger_url: str, tmp_path: Path) -> None:
    _open(ledger_url, tmp_path).close()
    engine = create_engine(_engine_url(ledger_url))
    with engine.connect() as connection:
        differences = compare_metadata(MigrationContext.configure(connection), metadata)
    engine.dispose()
    assert differences == []


def test_head_is_the_newest_migration() -> None:
    folder = Path(hub.ledger.__file__).with_name("migrations")
    assert ScriptDirectory(str(folder)).get_current_head() == HEAD


def test_a_newer_schema_is_refused(ledger_url: str, tmp_path: Path) -> None:
    _open(ledger_url, tmp_path).close()
    engine = create_engine(_engine_url(ledger_url))
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num='9999'"))
    engine.dispose()
    with pytest.raises(Misconfigured, match="newer Crossdock"):
        _open(ledger_url, tmp_path)


def test_several_processes_may_open_a_new_ledger_at_once(ledger_url: str, tmp_path: Path) -> None:
    with ThreadPoolExecutor(4) as pool:
        ledgers = list(pool.map(lambda _: _open(ledger_url, tmp_path), range(4)))
    for number, ledger in enumerate(ledgers):
        new = NewMessage(id=f"m{number}", kind=Kind.DOCUMENT, type="850", partner="p")
        ledger.write(lambda change, new=new: change.insert(new))
    assert len(ledgers[0].messages().items) == 4
    for ledger in ledgers:
        ledger.close()


def test_an_empty_postgresql_database_is_filled(postgres_url: str, tmp_path: Path) -> None:
    with ThreadPoolExecutor(3) as pool:
        ledgers = list(pool.map(lambda _: _open(postgres_url, tmp_path), range(3)))
    assert ledgers[2].counts() == {}
    for ledger in ledgers:
        ledger.close()


@pytest.mark.parametrize("url", ["", "ledger.db", "mysql://host/db", "sqlite://", "postgresql://host:port/x"])
def test_a_wrong_url_is_told(url: str, tmp_path: Path) -> None:
    with pytest.raises(Misconfigured) as told:
        _open(url, tmp_path)
    assert told.value.fix


def test_no_second_ledger_is_begun_where_the_url_was_forgotten(postgres_ledger_url: str, tmp_path: Path) -> None:
    _open(postgres_ledger_url, tmp_path).close()
    with pytest.raises(Misconfigured, match="is in PostgreSQL") as told:
        _open(f"sqlite:///{tmp_path}/ledger.db", tmp_path)
    assert "CROSSDOCK_DATABASE_URL" in told.value.fix
    assert not (tmp_path / "ledger.db").exists()
    _open(f"sqlite:///{tmp_path}/another.db", tmp_path / "another").close()


def test_a_file_that_is_no_ledger_is_told(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    path.write_bytes(b"ISA*00*" * 1000)
    with pytest.raises(Misconfigured, match="not a ledger"):
        _open(f"sqlite:///{path}", tmp_path)


def test_a_folder_that_does_not_exist_is_told(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match="folder of the ledger"):
        _open(f"sqlite:///{tmp_path}/nowhere/ledger.db", tmp_path)


def test_a_damaged_ledger_is_told(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    _open(f"sqlite:///{path}", tmp_path).close()
    content = bytearray(path.read_bytes())
    content[100:4096] = os.urandom(3996)
    path.write_bytes(content)
    with pytest.raises(Misconfigured, match="damaged"):
        _open(f"sqlite:///{path}", tmp_path)


def test_a_server_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(Unreachable):
        _open(f"postgresql://crossdock@/crossdock?host={tmp_path}", tmp_path)


def test_a_database_that_is_not_there_is_told(postgres_url: str, tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match="does not let the ledger in"):
        _open(postgres_url.replace("/test_", "/nothing_"), tmp_path)


def test_a_full_disk_loses_nothing_and_is_told(tmp_path: Path) -> None:
    """SQLite's own page limit stands for the disk: it fails in the same place with the same error."""
    url = f"sqlite:///{tmp_path}/ledger.db"
    ledger = _open(url, tmp_path)
    ledger.write(lambda change: change.insert(NewMessage(id="kept", kind=Kind.DOCUMENT, type="850", partner="p")))
    stored = ledger.store(os.urandom(60_000))
    ledger.write(_limit_pages)
    with pytest.raises(Unreachable, match="disk of the ledger is full"):
        ledger.write(
            lambda change: change.insert(
                NewMessage(id="lost", kind=Kind.DOCUMENT, type="850", partner="p", payload=stored)
            )
        )
    assert [message.id for message in ledger.messages().items] == ["kept"]
    ledger.write(lambda change: change.insert(NewMessage(id="small", kind=Kind.DOCUMENT, type="850", partner="p")))
    ledger.close()


@pytest.mark.parametrize(("free", "words"), [(0, "is full"), (10**9, "does not work")])
def test_a_disk_that_refuses_is_full_where_there_is_no_room(
    free: int, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shutil.disk_usage", lambda _folder: SimpleNamespace(free=free))
    told = in_words(sqlite3.OperationalError("disk I/O error"), Path("ledger.db"), was_open=False)
    assert isinstance(told, Unreachable)
    assert words in told.message


def test_on_a_full_disk_the_ledger_is_still_opened(tmp_path: Path) -> None:
    """The device that takes nothing stands for the disk."""
    alive, other = Alive(tmp_path / "alive", "0004"), Alive(tmp_path / "alive", "0004")
    (tmp_path / "alive").mkdir()
    (tmp_path / "alive" / alive.instance).symlink_to("/dev/full")
    alive.announce()
    assert other.dead([alive.instance]) == frozenset()
    alive.close()
    empty = Alive(tmp_path / "said", "")
    empty.announce()
    assert Alive(tmp_path / "said", "0004").older("0004"), "who said nothing knows no revision"
    empty.close()


def _limit_pages(change: hub.ledger.Change) -> None:
    pages = change._unit.db.rows("PRAGMA page_count")[0][0]
    change._unit.db.rows(f"PRAGMA max_page_count={pages + 2}")


def test_a_connection_that_cannot_be_opened_now_is_tried_again(tmp_path: Path) -> None:
    """Where it was once open, no setting is wrong: what needs it now is not stopped for a person."""
    ledger = _open(f"sqlite:///{tmp_path}/ledger.db", tmp_path)

    def read_with_one_connection_more() -> None:
        with ledger._database.read():
            read_with_one_connection_more()

    with no_descriptor_left(), pytest.raises(Unreachable, match="cannot be opened"):
        read_with_one_connection_more()
    assert ledger.counts() == {}
    ledger.close()


def test_doctor_names_the_engine_and_no_password(ledger_url: str, tmp_path: Path) -> None:
    ledger = _open(ledger_url, tmp_path)
    facts = ledger.doctor()
    ledger.close()
    assert facts["engine"] == ledger_url.partition(":")[0]
    assert isinstance(facts["warnings"], list)


def test_an_old_sqlite_is_warned_of(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hub.ledger.sqlite._driver", lambda: sqlite3)
    ledger = _open(f"sqlite:///{tmp_path}/ledger.db", tmp_path)
    ledger.write(lambda change: change.insert(NewMessage(id="a", kind=Kind.DOCUMENT, type="850", partner="p")))
    assert [message.id for message in ledger.claim(Kind.DOCUMENT, 1, lease_seconds=9, owner="a")] == ["a"]
    warnings = ledger.doctor()["warnings"]
    ledger.close()
    assert bool(warnings) == (sqlite3.sqlite_version_info < (3, 51, 3))


def test_opening_needs_no_driver_of_the_other_engine() -> None:
    program = "import sys, hub.ledger; sys.exit('psycopg' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


def test_nothing_is_written_to_a_closed_ledger(tmp_path: Path) -> None:
    ledger = _open(f"sqlite:///{tmp_path}/ledger.db", tmp_path)
    ledger.close()
    ledger.close()
    with pytest.raises(Unreachable, match="closed"):
        ledger.write(lambda change: change.next_number("isa", maximum=9))
