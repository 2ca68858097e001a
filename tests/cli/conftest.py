"""The command run in this process, with its output caught, and a home for it to work on."""

from __future__ import annotations

import io
import json
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import pytest

from hub.cli import main
from hub.clock import SystemClock
from hub.ledger import Ledger
from tests.records import Records

ROOT = Path(__file__).parent.parent.parent


@dataclass(frozen=True)
class Result:
    """What the command printed and left with."""

    code: int
    out: bytes
    err: str

    @property
    def text(self) -> str:
        return self.out.decode()

    @property
    def json(self) -> Any:
        return json.loads(self.out)

    @property
    def lines(self) -> list[Any]:
        return [json.loads(line) for line in self.out.splitlines()]


class Command(Protocol):
    def __call__(self, *arguments: str | Path, stdin: bytes = b"") -> Result: ...


@pytest.fixture
def crossdock(monkeypatch: pytest.MonkeyPatch, capsysbinary: pytest.CaptureFixture[bytes]) -> Command:
    """Runs ``crossdock`` with arguments; standard input is empty unless given."""
    for name in ("CROSSDOCK_DEBUG", "CROSSDOCK_DATABASE_URL", "CROSSDOCK_BROKER_URL"):
        monkeypatch.delenv(name, raising=False)

    def run(*arguments: str | Path, stdin: bytes = b"") -> Result:
        monkeypatch.setattr(sys, "argv", ["crossdock", *map(str, arguments)])
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin)))
        try:
            main()
            code = 0
        except SystemExit as left:
            code = int(left.code or 0)
        caught = capsysbinary.readouterr()
        return Result(code, caught.out, caught.err.decode())

    return run


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home with the configuration that ships as an example."""
    shutil.copytree(ROOT / "deploy" / "config", tmp_path / "home" / "config")
    for name, value in {
        "CROSSDOCK_HOME": str(tmp_path / "home"),
        "CROSSDOCK_LISTEN_HOST": "127.0.0.1",
        "CROSSDOCK_ERP_URL": "https://erp.example",
        "CROSSDOCK_WAREHOUSE_URL": "https://wms.example",
        "CROSSDOCK_TAX_URL": "https://sandbox-rest.avatax.com",
        "CROSSDOCK_CARRIER_URL": "https://wwwcie.ups.com",
    }.items():
        monkeypatch.setenv(name, value)
    return tmp_path / "home"


@pytest.fixture
def records(home: Path) -> Iterator[Records]:
    ledger = Ledger.open(f"sqlite:///{home / 'ledger.db'}", home=home, clock=SystemClock())
    yield Records(ledger)
    ledger.close()


GOOD = b"""\
ISA*00*          *00*          *ZZ*BIGBOX         *ZZ*CROSSDOCK      *261120*1200*U*00401*000000101*0*T*>~
GS*PO*BIGBOX*CROSSDOCK*20261120*1200*101*X*004010~
ST*850*0001~
BEG*00*SA*4500087213**20261119~
CUR*BY*USD~
REF*DP*038~
REF*IA*77012~
DTM*010*20261125~
N1*ST*STORE 42*92*0042~
PO1*1*10*EA*9.95**VN*SKU-RED*UP*012345678905~
PO1*2*3*EA*4.5**VN*SKU-BLUE~
CTT*2~
SE*11*0001~
GE*1*101~
IEA*1*000000101~
"""
FAULTY = GOOD.replace(b"20261125", b"20261345").replace(b"*10*EA*", b"*10*QQ*")


@pytest.fixture
def good(tmp_path: Path) -> Path:
    """An 850 without a fault."""
    path = tmp_path / "good.edi"
    path.write_bytes(GOOD)
    return path


@pytest.fixture
def faulty(tmp_path: Path) -> Path:
    """The same with an impossible date in segment 6 and an unknown unit in segment 8."""
    path = tmp_path / "faulty.edi"
    path.write_bytes(FAULTY)
    return path
