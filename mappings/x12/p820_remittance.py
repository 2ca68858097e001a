"""820 Payment Order/Remittance Advice ⇄ Remittance."""

from __future__ import annotations

from hub.canonical import Remittance
from hub.mapping.codecs import an, date8, money
from hub.mapping.notation import M, const, currency, loop, pairs, row, skip
from hub.mapping.x12_mapping import document
from mappings.x12.parties import PARTY

__all__ = ["REMITTANCE"]

ADJUSTMENT = loop(
    "ADX",
    "adjustments[]",
    row("ADX01", "amount", money, M),
    row("ADX02", "reason_code", an, M),
    pairs(
        "ADX03",
        *(
            (qualifier, "reference", an)
            for qualifier in ("CM", "CL", "DL", "BM", "IV", "OI", "PO", "PK", "VN", "CN", "SI", "ZZ")
        ),
        most=1,
    ),
)

REMITTANCE = document(
    "820",
    group="RA",
    model=Remittance,
    rows=(
        const("BPR01", "C", also=("D", "I", "U", "X"), why="who moves the money is the banks' affair"),
        row("BPR02", "total", money, M),
        const("BPR03", "C"),
        row("BPR04", "method", an),
        *(skip(f"BPR{element:02d}", why="bank details stay with the banks") for element in range(5, 16)),
        row("BPR16", "payment_date", date8, M),
        const("TRN01", "1"),
        row("TRN02", "id", an, M),
        skip("TRN03", why="the payer's bank identification"),
        const("CUR01", "PR"),
        currency("CUR02", "currency"),
        loop("N1[PR]", "payer", *PARTY),
        loop("N1[PE]", "payee", *PARTY),
        loop(
            "ENT",
            ".",
            const("ENT01", "1", also=tuple(str(number) for number in range(2, 100)), why="a running number"),
            loop(
                "RMR[IV]",
                "lines[]",
                row("RMR02", "invoice_id", an, M),
                skip("RMR03", why="that it is paid is what the amounts say"),
                row("RMR04", "paid", money, M),
                row("RMR05", "gross", money),
                row("RMR06", "discount", money),
                skip("REF[PO]02", why="the invoice knows its order"),
                ADJUSTMENT,
            ),
        ),
    ),
)
