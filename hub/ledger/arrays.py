"""A column of many rows as one value: an array of PostgreSQL in its binary form.

Dimensions, whether there are nulls, type of the elements, how many, from which index; then each element behind its
length. This is what ``array_recv`` reads (PostgreSQL, src/backend/utils/adt/arrayfuncs.c). psycopg would write lists
itself, with a call for each element.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from struct import Struct
from typing import Any

from psycopg.abc import AdaptContext
from psycopg.adapt import Dumper
from psycopg.postgres import types
from psycopg.pq import Format
from sqlalchemy import BigInteger, Double, LargeBinary, Text
from sqlalchemy.types import TypeEngine

__all__ = ["Array", "array_of", "register", "texts"]

_HEAD = Struct(">iiIii")
_LENGTH = Struct(">i")
_NUMBER = Struct(">iq")
_TIME = Struct(">id")
_LENGTHS = [_LENGTH.pack(length) for length in range(4096)]
_NULL = _LENGTH.pack(-1)


class Array(bytes):
    """The values of a column, as the server receives them."""


class _Texts(Array):
    pass


class _Contents(Array):
    pass


class _Numbers(Array):
    pass


class _Times(Array):
    pass


def register(context: AdaptContext) -> None:
    """Lets a connection send arrays."""
    for made, name in ((_Texts, "text"), (_Contents, "bytea"), (_Numbers, "int8"), (_Times, "float8")):
        context.adapters.register_dumper(made, _dumper(types[name].array_oid))


def texts(column: Sequence[str | None]) -> Array:
    """An array ``text[]`` of a column of texts. AttributeError where a value is none."""
    return _Texts(_written(column, _cells_of_text, types["text"].oid))


def array_of(type_: TypeEngine[Any]) -> Callable[[Sequence[Any]], Array]:
    """What makes an array of a column of this type: text, bytes, whole numbers, times. It raises AttributeError,
    TypeError or struct.error where a value is of another kind."""
    return next(made for kind, made in _BY_TYPE if isinstance(type_, kind))


def _contents(column: Sequence[bytes | None]) -> Array:
    return _Contents(_written(column, _cells_of_bytes, types["bytea"].oid))


def _numbers(column: Sequence[int | None]) -> Array:
    return _Numbers(_written(column, lambda column: [_NUMBER.pack(8, cell) for cell in column], types["int8"].oid))


def _times(column: Sequence[float | None]) -> Array:
    return _Times(_written(column, lambda column: [_TIME.pack(8, cell) for cell in column], types["float8"].oid))


_BY_TYPE = ((LargeBinary, _contents), (Text, texts), (BigInteger, _numbers), (Double, _times))


def _written(column: Sequence[Any], cells: Callable[[Sequence[Any]], list[bytes]], oid: int) -> bytes:
    if None not in column:
        return _HEAD.pack(1, 0, oid, len(column), 1) + b"".join(cells(column))
    there = iter(cells([cell for cell in column if cell is not None]))
    written = b"".join([_NULL if cell is None else next(there) for cell in column])
    return _HEAD.pack(1, 1, oid, len(column), 1) + written


def _cells_of_text(column: Sequence[str]) -> list[bytes]:
    return _cells_of_bytes([cell.encode() for cell in column])


def _cells_of_bytes(column: Sequence[bytes]) -> list[bytes]:
    try:
        return [_LENGTHS[len(cell)] + cell for cell in column]
    except IndexError:
        return [_LENGTH.pack(len(cell)) + cell for cell in column]


def _dumper(array: int) -> type[Dumper]:
    class ArrayDumper(Dumper):
        format = Format.BINARY
        oid = array

        def dump(self, obj: Array) -> Array:
            return obj

    return ArrayDumper
