"""Control numbers: their forms and limits. The sequences live in the ledger, one a sender and receiver pair.

ISA13 is N0 9/9, GS06 N0 1/9, ST02 AN 4/9 (X12.5, X12.6). They are counted from 1; zero is never used. After 999999999
comes 1 again (`successor`): a partner that keeps ISA13 for a year sees no repeat below 31 interchanges a second. A
number that was taken and not sent stays a gap; X12 asks for unique numbers, not for unbroken ones.
"""

from __future__ import annotations

from hub.errors import Broken

__all__ = ["LARGEST", "document_control", "group_control", "interchange_control", "successor"]

LARGEST = 999_999_999


def interchange_control(number: int) -> str:
    """ISA13: nine digits. Raises Broken outside 1..999999999."""
    return f"{_checked(number, 'ISA13'):09d}"


def group_control(number: int) -> str:
    """GS06: one to nine digits, no leading zeros. Raises Broken outside 1..999999999."""
    return str(_checked(number, "GS06"))


def document_control(number: int) -> str:
    """ST02: at least four digits. Raises Broken outside 1..999999999."""
    return f"{_checked(number, 'ST02'):04d}"


def successor(number: int) -> int:
    """The control number after ``number``; 1 after 999999999."""
    return number % LARGEST + 1


def _checked(number: int, name: str) -> int:
    if not 1 <= number <= LARGEST:
        msg = f"{name} must lie between 1 and {LARGEST}; {number} was asked for"
        raise Broken(msg, fix="start the sequence again at 1")
    return number
