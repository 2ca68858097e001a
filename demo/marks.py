"""Marks on cartons: SSCC (GS1 General Specifications, check digits in 7.9) and 1Z numbers (UPS, public algorithm)."""

from __future__ import annotations

__all__ = ["gs1_check_digit", "sscc", "tracking_check_digit", "tracking_number"]


def gs1_check_digit(digits: str) -> str:
    """Modulo 10 with weights 3, 1, 3 … from the right."""
    return str(-sum(int(digit) * (1 + 2 * (place % 2 == 0)) for place, digit in enumerate(reversed(digits))) % 10)


def sscc(company_prefix: str, serial: int) -> str:
    """18 digits: extension 0, company prefix, serial, check digit."""
    digits = "0" + company_prefix + f"{serial:0{16 - len(company_prefix)}d}"
    return digits + gs1_check_digit(digits)


def tracking_number(shipper: str, serial: int) -> str:
    """``1Z``, six characters of shipper, service 03 (ground), seven digits of serial, check digit."""
    body = f"{shipper}03{serial:07d}"
    return f"1Z{body}{tracking_check_digit(body)}"


def tracking_check_digit(body: str) -> str:
    """Letters count as (code − 63) modulo 10; every second character counts twice."""
    values = [int(char) if char.isdigit() else (ord(char) - 63) % 10 for char in body]
    return str(-(sum(values[::2]) + 2 * sum(values[1::2])) % 10)
