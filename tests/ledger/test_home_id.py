"""One ledger, one home: a process that brings another home is refused before it loses anything."""

from __future__ import annotations

import errno
import os
import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from bench.servers import Postgres
from hub.clock import SystemClock
from hub.errors import Held, Misconfigured
from hub.ledger import Ledger
from hub.ledger.home_id import FILE, adopt

CLOCK = SystemClock()


def _open(url: str, home: Path) -> None:
    Ledger.open(url, home=home, clock=CLOCK).close()


def _name(url: str) -> str:
    return url.partition("@/")[2].partition("?")[0]


def _id(home: Path) -> str:
    return (home / FILE).read_text().strip()


@pytest.fixture
def homes(tmp_path: Path) -> tuple[Path, Path]:
    for name in ("one", "other"):
        (tmp_path / name).mkdir()
    return tmp_path / "one", tmp_path / "other"


def test_a_home_of_its_own_is_refused_and_told_how_to_mend_it(
    postgres_ledger_url: str, homes: tuple[Path, Path]
) -> None:
    one, other = homes
    for _ in range(2):
        _open(postgres_ledger_url, one)
    with pytest.raises(Misconfigured, match="carries no id") as told:
        _open(postgres_ledger_url, other)
    for words in ("all machines share", "CROSSDOCK_DATABASE_URL", f"crossdock adopt --home {other}"):
        assert words in told.value.fix
    (other / FILE).write_text("0123456789abcdef" * 2 + "\n")
    with pytest.raises(Misconfigured, match="carries another id"):
        _open(postgres_ledger_url, other)
    assert str(other) in told.value.message
    shutil.copytree(one, other, dirs_exist_ok=True)
    _open(postgres_ledger_url, other)


def test_of_two_homes_that_come_at_once_one_is_the_ledgers(postgres_ledger_url: str, homes: tuple[Path, Path]) -> None:
    def opened(home: Path) -> bool:
        try:
            _open(postgres_ledger_url, home)
        except Misconfigured:
            return False
        return True

    with ThreadPoolExecutor(6) as pool:
        outcomes = list(zip(homes * 3, pool.map(opened, homes * 3), strict=True))
    assert len({home for home, is_open in outcomes if is_open}) == 1
    assert sum(is_open for _, is_open in outcomes) == 3


def test_a_ledger_without_an_id_takes_that_of_the_home(postgres_ledger_url: str, homes: tuple[Path, Path]) -> None:
    """As after a power cut between the two, or with a new database."""
    (homes[0] / FILE).write_text("0123456789abcdef" * 2 + "\n")
    _open(postgres_ledger_url, homes[0])
    assert _id(homes[0]) == "0123456789abcdef" * 2
    with pytest.raises(Misconfigured):
        _open(postgres_ledger_url, homes[1])


@pytest.mark.parametrize("torn", [b"", b"\0" * 33, b"0123"])
def test_what_a_power_cut_left_of_an_id_is_none(postgres_ledger_url: str, tmp_path: Path, torn: bytes) -> None:
    (tmp_path / FILE).write_bytes(torn)
    _open(postgres_ledger_url, tmp_path)
    assert len(_id(tmp_path)) == 32
    _open(postgres_ledger_url, tmp_path)


def test_a_home_on_a_full_disk_is_looked_at_all_the_same(
    postgres_ledger_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_descriptor: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patched:
        patched.setattr("hub.ledger.home_id.os.fsync", full)
        _open(postgres_ledger_url, tmp_path)
    _open(postgres_ledger_url, tmp_path)


def test_a_server_that_can_only_be_read_is_looked_at_all_the_same(
    postgres_server: Postgres, postgres_ledger_url: str, tmp_path: Path
) -> None:
    alter = f'ALTER DATABASE "{_name(postgres_ledger_url)}" SET default_transaction_read_only = '
    postgres_server.execute(alter + "on")
    _open(postgres_ledger_url, tmp_path)
    postgres_server.execute(alter + "off")
    _open(postgres_ledger_url, tmp_path)


def test_a_home_takes_the_place_of_another(postgres_ledger_url: str, homes: tuple[Path, Path]) -> None:
    one, other = homes
    living = Ledger.open(postgres_ledger_url, home=one, clock=CLOCK)
    with pytest.raises(Held, match="sessions of Crossdock use the ledger"):
        adopt(postgres_ledger_url, other, CLOCK)
    living.close()
    assert adopt(postgres_ledger_url, other, CLOCK) == (_id(one), _id(other))
    _open(postgres_ledger_url, other)
    with pytest.raises(Misconfigured, match="carries another id"):
        _open(postgres_ledger_url, one)


def test_a_ledger_in_the_home_needs_no_id_and_one_beside_it_does(homes: tuple[Path, Path]) -> None:
    within = f"sqlite:///{homes[0]}/ledger.db"
    _open(within, homes[0])
    assert not (homes[0] / FILE).exists()
    with pytest.raises(Misconfigured, match="lies in it"):
        adopt(within, homes[0], CLOCK)
    beside = f"sqlite:///{homes[0].parent}/ledger.db"
    _open(beside, homes[0])
    with pytest.raises(Misconfigured, match="another home"):
        _open(beside, homes[1])
