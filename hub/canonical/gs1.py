"""GS1 identifiers: GTIN, GLN and SSCC with their check digits.

The check digit is the GS1 modulo 10: from the right, the digits before the check digit weigh 3, 1, 3, 1, …
Source: GS1 General Specifications, section 7.9 "Standard check digit calculations".
"""

from __future__ import annotations

from functools import lru_cache

__all__ = ["check_digit", "gtin14", "is_valid", "sscc"]


def check_digit(digits: str) -> str:
    """The check digit for the digits that precede it.

    >>> check_digit("03600029145")
    '2'
    """
    codes = digits.encode("ascii")
    heavy, light = codes[::-2], codes[-2::-2]
    return str(-(3 * sum(heavy) + sum(light) - 48 * (3 * len(heavy) + len(light))) % 10)


def is_valid(number: str, *lengths: int) -> bool:
    """Whether the number has one of the lengths and a right check digit."""
    return (
        number.isascii()
        and number.isdigit()
        and (not lengths or len(number) in lengths)
        and check_digit(number[:-1]) == number[-1]
    )


@lru_cache(maxsize=16_384)
def gtin14(number: str) -> str:
    """A GTIN-8, -12, -13 or -14 as 14 digits.

    Raises ValueError on another length or a wrong check digit.
    """
    if not is_valid(number, 8, 12, 13, 14):
        msg = f"{number!r} is not a GTIN: 8, 12, 13 or 14 digits with a valid check digit are expected"
        raise ValueError(msg)
    return number.zfill(14)


def sscc(extension: str, company_prefix: str, serial: int) -> str:
    """An SSCC of 18 digits from extension digit, GS1 company prefix and serial number."""
    body = f"{extension}{company_prefix}{serial:0{16 - len(company_prefix)}d}"
    if len(body) != 17:
        msg = f"serial {serial} does not fit an SSCC with company prefix {company_prefix}"
        raise ValueError(msg)
    return body + check_digit(body)
