"""One key, one file, whatever dies when: P1 and P2 for everything that is delivered into a directory."""

from __future__ import annotations

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from hub.contracts.durable_files import KeyedDirectory, carry_durably, move_durably, write_durably
from hub.contracts.file_names import NAME_BYTES_MAX, is_temporary, name_for_key, safe_name
from hub.errors import KeyConflict

DYING = """
import os, sys
from pathlib import Path
from hub.contracts.durable_files import KeyedDirectory, carry_durably

steps = int(sys.argv[2])
sync = os.fsync

def dying(number):
    global steps
    steps -= 1
    if steps < 0:
        os._exit(9)
    sync(number)

os.fsync = dying
home = Path(sys.argv[1])
"""
DELIVER = DYING + 'KeyedDirectory(home / "outbox", home / ".hidden").deliver("k-1", "997.edi", b"ISA~")'
CARRY = DYING + 'carry_durably(home / "in.edi", Path(sys.argv[3]) / "out.edi")'


def directory(home: Path) -> KeyedDirectory:
    return KeyedDirectory(home / "outbox", home / ".hidden")


def visible(home: Path) -> list[str]:
    return sorted(path.name for path in (home / "outbox").iterdir())


def dying(program: str, *arguments: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run([sys.executable, "-c", program, *arguments], check=False, cwd=Path(__file__).parents[2])


def test_dying_at_any_step_leaves_one_file(tmp_path: Path) -> None:
    died = 0
    for steps in range(20):
        home = tmp_path / str(steps)
        done = dying(DELIVER, str(home), str(steps))
        died += done.returncode == 9
        shown = visible(home) if (home / "outbox").exists() else []
        found = directory(home).find("k-1", b"ISA~")
        assert (found is not None) == bool(shown), "find tells what the reader can see"
        for name in shown:
            (home / "outbox" / name).unlink()  # its reader takes it
        _, repeated = directory(home).deliver("k-1", "997.edi", b"ISA~")
        assert repeated == bool(shown), "what was seen once is never put there again"
        assert len(visible(home)) == 1 - len(shown)
        if done.returncode == 0:
            break
    assert died > 5, "the process died at every step before it was done"


def test_a_key_is_never_used_for_other_bytes(tmp_path: Path) -> None:
    directory(tmp_path).deliver("k-1", "997.edi", b"1")
    with pytest.raises(KeyConflict):
        directory(tmp_path).deliver("k-1", "997.edi", b"2")
    with pytest.raises(KeyConflict):
        directory(tmp_path).find("k-1", b"2")
    assert directory(tmp_path).find("k-2", b"2") is None


def test_many_threads_with_one_key_put_one_file(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        results = list(pool.map(lambda _: directory(tmp_path).deliver("k-1", "997.edi", b"1"), range(24)))
    assert [repeated for _, repeated in results].count(False) == 1
    assert visible(tmp_path) == ["997.edi"]


def test_records_are_forgotten_by_age(tmp_path: Path) -> None:
    directory(tmp_path).deliver("k-1", "997.edi", b"1")
    assert directory(tmp_path).forget(0.0) == 0
    assert directory(tmp_path).forget(4e9) == 1
    assert directory(tmp_path).find("k-1", b"1") is None


def test_a_file_is_replaced_whole(tmp_path: Path) -> None:
    write_durably(tmp_path / "a", b"1")
    write_durably(tmp_path / "a", b"2")
    (tmp_path / "further").mkdir()
    move_durably(tmp_path / "a", tmp_path / "further" / "b")
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == ["b"]
    assert (tmp_path / "further" / "b").read_bytes() == b"2"


def test_a_file_is_carried_to_another_file_system(tmp_path: Path, elsewhere: Path) -> None:
    (tmp_path / "in.edi").write_bytes(b"ISA~")
    os.utime(tmp_path / "in.edi", (1, 1))
    carry_durably(tmp_path / "in.edi", elsewhere / "out.edi")
    assert [path.name for path in (*tmp_path.iterdir(), *elsewhere.iterdir())] == ["out.edi"]
    assert (elsewhere / "out.edi").read_bytes() == b"ISA~"
    assert (elsewhere / "out.edi").stat().st_mtime == 1


def test_dying_while_it_is_carried_leaves_it_whole(tmp_path: Path, elsewhere: Path) -> None:
    died = 0
    for steps in range(10):
        source, target = tmp_path / "in.edi", elsewhere / "out.edi"
        source.write_bytes(b"ISA~" * 1000)
        done = dying(CARRY, str(tmp_path), str(steps), str(elsewhere))
        died += done.returncode == 9
        assert [path.read_bytes() for path in (source, target) if path.exists()] in (
            [b"ISA~" * 1000],
            [b"ISA~" * 1000] * 2,
        )
        if source.exists():
            carry_durably(source, target)
        assert [path.name for path in (*tmp_path.iterdir(), *elsewhere.iterdir())] == ["out.edi"]
        target.unlink()
        if done.returncode == 0:
            break
    assert died == 3, "the file, the folder it came to, the folder it left"


@pytest.mark.parametrize(
    ("name", "temporary"),
    [
        ("850.edi", False), ("850.EDI.TMP", True), ("850.filepart", True), (".850.edi", True), ("tmp", False),
        ("850.part.edi", False), ("850.PART", True),
    ],
)  # fmt: skip
def test_which_names_are_temporary(name: str, temporary: bool) -> None:
    assert is_temporary(name) is temporary


def test_names_are_safe_and_never_temporary() -> None:
    for name in ("../../etc/passwd", "a\0b", "", "...", "x" * 500, "Müller 850.edi", ".tmp", "850.tmp", "a/b\\c"):
        safe = safe_name(name)
        assert "/" not in safe
        assert 0 < len(safe.encode()) <= NAME_BYTES_MAX + 4
        assert not is_temporary(safe)
    assert name_for_key("850.edi", "k") == name_for_key("850.edi", "k") != name_for_key("850.edi", "l")
    assert name_for_key("850.edi", "k").endswith(".edi")
