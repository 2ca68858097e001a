"""Folders: what is finished, what is settled, what is put there once."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from connectors.folder import Folder, FolderSettings
from hub.contracts.connector import Accepted
from hub.errors import KeyConflict, Misconfigured, Rejected, Unreachable
from tests.contract.site import Time, parcel, site
from tests.descriptors import no_descriptor_left

Build = Callable[..., Folder]
DONE = Accepted(message_id="m1")


@pytest.fixture
def folder(tmp_path: Path, time: Time) -> Build:
    (tmp_path / "in").mkdir()

    def build(**values: Any) -> Folder:
        given = {"inbox": tmp_path / "in", "outbox": tmp_path / "out", "archive": tmp_path / "done", **values}
        return Folder(FolderSettings.model_validate(given), site(tmp_path, time))

    return build


def names(connector: Folder, limit: int = 10) -> list[str]:
    return [arrival.name for arrival in connector.fetch(limit)]


def test_a_file_is_taken_when_it_stopped_changing(folder: Build, tmp_path: Path, time: Time) -> None:
    connector = folder(stable_seconds=2)
    path = tmp_path / "in" / "850.edi"
    path.write_bytes(b"ISA")
    assert names(connector) == []
    assert names(connector) == [], "two looks at one moment say nothing"
    time.seconds += 2
    path.write_bytes(b"ISA*850~")
    assert names(connector) == [], "it grew"
    time.seconds += 1.9
    assert names(connector) == []
    time.seconds += 0.1
    assert names(connector) == ["850.edi"]
    os.utime(path, (1, 1))
    assert names(connector) == [], "it was written again"


def test_what_is_not_taken(folder: Build, tmp_path: Path) -> None:
    connector = folder(ready="renamed", pattern="*.edi")
    for name in (".850.edi", "850.edi.tmp", "850.edi.part", "850.txt", "850.edi"):
        (tmp_path / "in" / name).write_bytes(b"ISA~")
    (tmp_path / "in" / "folder.edi").mkdir()
    (tmp_path / "in" / "link.edi").symlink_to(tmp_path / "in" / "850.txt")
    os.mkfifo(tmp_path / "in" / "pipe.edi")
    assert names(connector) == ["850.edi"]


def test_oldest_first_and_no_more_than_asked(folder: Build, tmp_path: Path) -> None:
    connector = folder(ready="renamed")
    for number, name in enumerate(("c.edi", "a.edi", "b.edi")):
        (tmp_path / "in" / name).write_bytes(b"ISA~")
        os.utime(tmp_path / "in" / name, (1000 + number, 1000 + number))
    assert names(connector) == ["c.edi", "a.edi", "b.edi"]
    assert names(connector, 2) == ["c.edi", "a.edi"]


def test_a_large_file_does_not_stop_the_others(folder: Build, tmp_path: Path) -> None:
    connector = folder(ready="renamed", file_bytes_max=100)
    (tmp_path / "in" / "large.edi").write_bytes(b"x" * 101)
    (tmp_path / "in" / "small.edi").write_bytes(b"x" * 100)
    fetched = connector.fetch(10)
    assert next(fetched).name == "small.edi"
    with pytest.raises(Rejected, match="1 files") as caught:
        next(fetched)
    assert caught.value.facts["files"] == ["large.edi"]


def test_settled_files_are_archived_and_names_are_used_again(folder: Build, tmp_path: Path) -> None:
    connector = folder(ready="renamed")
    for content in (b"1", b"2"):
        (tmp_path / "in" / "850.edi").write_bytes(content)
        (arrival,) = connector.fetch(10)
        connector.settle(arrival, DONE)
    kept = sorted((tmp_path / "done").iterdir())
    assert [path.read_bytes() for path in kept] == [b"1", b"2"]
    assert kept[0].name == "850.edi"


def test_the_archive_may_be_on_another_file_system(folder: Build, tmp_path: Path, elsewhere: Path) -> None:
    connector = folder(ready="renamed", archive=elsewhere / "done")
    for content in (b"1", b"2"):
        (tmp_path / "in" / "850.edi").write_bytes(content)
        (arrival,) = connector.fetch(10)
        connector.settle(arrival, DONE)
    assert list((tmp_path / "in").iterdir()) == []
    kept = sorted((elsewhere / "done").iterdir())
    assert [path.read_bytes() for path in kept] == [b"1", b"2"]


def test_an_archive_that_cannot_be_written_is_said(folder: Build, tmp_path: Path) -> None:
    (tmp_path / "plain").write_bytes(b"")
    connector = folder(ready="renamed", archive=tmp_path / "plain" / "done")
    (tmp_path / "in" / "850.edi").write_bytes(b"1")
    (arrival,) = connector.fetch(10)
    with pytest.raises(Unreachable, match="stays where it is"):
        connector.settle(arrival, DONE)
    assert (tmp_path / "in" / "850.edi").read_bytes() == b"1"


def test_a_file_that_cannot_be_read_does_not_stop_the_others(folder: Build, tmp_path: Path) -> None:
    connector = folder(ready="renamed")
    for name in ("850.edi", "851.edi", "852.edi"):
        (tmp_path / "in" / name).write_bytes(b"1")
        os.utime(tmp_path / "in" / name, (1000, 1000))
    fetched = connector.fetch(10)
    assert next(fetched).name == "850.edi"
    with no_descriptor_left(), pytest.raises(Unreachable, match=r"2 files .* cannot be read: Too many open") as caught:
        next(fetched)
    assert caught.value.facts["files"] == ["851.edi", "852.edi"]


def test_without_an_archive_settled_files_are_deleted(folder: Build, tmp_path: Path) -> None:
    connector = folder(ready="renamed", archive=None)
    (tmp_path / "in" / "850.edi").write_bytes(b"1")
    (arrival,) = connector.fetch(10)
    connector.settle(arrival, DONE)
    connector.settle(arrival, DONE)
    assert list((tmp_path / "in").iterdir()) == []


def test_the_source_key_names_this_very_file(folder: Build, tmp_path: Path) -> None:
    connector = folder(ready="renamed")
    (tmp_path / "in" / "850.edi").write_bytes(b"1")
    (first,) = connector.fetch(10)
    (again,) = folder(ready="renamed").fetch(10)
    assert again.source_key == first.source_key
    (tmp_path / "in" / "other").write_bytes(b"1")
    (tmp_path / "in" / "other").replace(tmp_path / "in" / "850.edi")
    (other,) = connector.fetch(10)
    assert other.source_key != first.source_key


def test_a_document_is_put_once_also_after_it_was_taken(folder: Build, tmp_path: Path) -> None:
    connector = folder()
    receipt = connector.deliver(parcel("k-1", name="../997 1.edi"))
    (shown,) = [path for path in (tmp_path / "out").iterdir() if path.is_file()]
    assert shown.name == receipt.reference == "_997_1.edi"
    shown.unlink()
    assert folder().deliver(parcel("k-1")).repeated
    assert [path for path in (tmp_path / "out").iterdir() if path.is_file()] == []
    with pytest.raises(KeyConflict):
        connector.deliver(parcel("k-1", data=b"other"))


def test_wrong_settings_are_said(folder: Build, tmp_path: Path) -> None:
    with pytest.raises(ValidationError, match="inbox, outbox or both"):
        FolderSettings()
    with pytest.raises(Unreachable):
        names(folder(inbox=tmp_path / "nowhere"))
    with pytest.raises(Misconfigured, match="no inbox"):
        names(folder(inbox=None))
    with pytest.raises(Misconfigured, match="no outbox"):
        folder(outbox=None).deliver(parcel())
    (tmp_path / "plain").write_bytes(b"")
    with pytest.raises(Unreachable):
        folder(outbox=tmp_path / "plain" / "out").deliver(parcel())


def test_a_memory_that_cannot_be_read_now_is_said(folder: Build, tmp_path: Path) -> None:
    connector = folder()
    connector.deliver(parcel("k-1"))
    lock = tmp_path / "out" / ".crossdock" / "keys" / ".lock"
    lock.unlink()
    lock.mkdir()
    with pytest.raises(Unreachable, match="cannot be read: Is a directory"):
        connector.find(parcel("k-1"))


def test_what_somebody_took_meanwhile_is_settled(folder: Build, tmp_path: Path) -> None:
    connector = folder(ready="renamed")
    (tmp_path / "in" / "850.edi").write_bytes(b"ISA~")
    (arrival,) = connector.fetch(10)
    (tmp_path / "in" / "850.edi").unlink()
    connector.settle(arrival, DONE)
    assert not (tmp_path / "done").exists()
