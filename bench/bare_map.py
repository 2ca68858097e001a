"""What the mapping alone takes: 850s are read, judged, mapped and written as JSON for the ERP, and nothing is kept."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from pathlib import Path

import mappings
from bench import side_by_side
from bench.side_by_side import Ready
from hub.contracts.mapping import Context
from hub.mapping.json_text import dumps
from hub.x12 import read
from hub.x12.document import Document

__all__ = ["busy_seconds"]

File = tuple[str, Path]
"""Whose it is, and where it lies."""


def busy_seconds(files: Sequence[File]) -> float:
    """Processor time of the whole machine for all of these files, shared out among all of its processors."""
    count = min(os.cpu_count() or 1, len(files))
    return side_by_side.busy_seconds(_map_all, [(files[at::count],) for at in range(count)])


def _map_all(ready: Ready, files: Sequence[File]) -> None:
    read_in = [(partner, path.read_bytes()) for partner, path in files]
    _map(*read_in[0])  # makes the mappings, which is done once
    ready()
    for partner, data in read_in:
        _map(partner, data)


def _map(partner: str, data: bytes) -> None:
    context = Context(currency="USD", values={"vendor_id": "77012"}, now=time.time())
    for event in read(data):
        if isinstance(event, Document):
            source = mappings.find("x12/850", partner=partner, version=event.group.version)
            target = mappings.find("json/erp_order", partner=partner, version="004010")
            assert source is not None
            assert target is not None
            message = source.read(event, context).message
            assert message is not None
            message.model_dump_json(exclude_none=True)
            dumps(target.write(message, context))
