"""Open code lists in our words: a code that is not here stands for itself. The number is the X12 data element's.

Meanings after the public X12 element dictionary; only what order-to-cash documents use.
"""

from __future__ import annotations

from datetime import time

from hub.mapping.codecs import Codec, code

__all__ = [
    "AMOUNT",
    "CHARACTERISTIC",
    "DATE",
    "PRICE",
    "QUANTITY",
    "REFERENCE",
    "REMARK",
    "ROLE",
    "SENT_FOR",
    "TIME",
    "TRADE_CLASS",
    "YES_NO",
]

SENT_FOR = code(
    {
        "00": "ORIGINAL",
        "01": "CANCELLATION",
        "02": "ADD",
        "03": "DELETE",
        "04": "CHANGE",
        "05": "REPLACE",
        "06": "CONFIRMATION",
        "07": "DUPLICATE",
        "08": "STATUS",
        "11": "RESPONSE",
        "12": "NOT_PROCESSED",
        "13": "REQUEST",
        "14": "ADVANCE_NOTIFICATION",
        "15": "RESUBMISSION",
        "18": "REISSUE",
        "22": "INFORMATION_COPY",
        "24": "DRAFT",
        "25": "INCREMENTAL",
        "28": "QUERY",
        "36": "AUTHORITY_TO_DEDUCT",
        "49": "NO_RESPONSE_NECESSARY",
        "54": "APPROVAL",
    },
    others=True,
)
"""353, where a document may be sent for other reasons than an order is."""

ROLE = code(
    {
        "BY": "BUYER",
        "SE": "SELLER",
        "ST": "SHIP_TO",
        "BT": "BILL_TO",
        "BS": "BILL_AND_SHIP_TO",
        "SF": "SHIP_FROM",
        "SH": "SHIPPER",
        "SN": "STORE",
        "SO": "SOLD_TO",
        "SU": "SUPPLIER",
        "VN": "VENDOR",
        "MF": "MANUFACTURER",
        "DS": "DISTRIBUTOR",
        "WH": "WAREHOUSE",
        "CA": "CARRIER",
        "CN": "CONSIGNEE",
        "PE": "PAYEE",
        "PR": "PAYER",
        "RI": "REMIT_TO",
        "RT": "RETURN_TO",
        "FR": "MESSAGE_FROM",
        "TO": "MESSAGE_TO",
        "OB": "ORDERED_BY",
        "Z7": "MARK_FOR",
        "UC": "ULTIMATE_CONSIGNEE",
    },
    others=True,
)
"""98."""

REFERENCE = code(
    {
        "PO": "ORDER",
        "IV": "INVOICE",
        "OI": "ORIGINAL_INVOICE",
        "VN": "SELLER_ORDER",
        "CO": "CUSTOMER_ORDER",
        "RE": "RELEASE",
        "CT": "CONTRACT",
        "PD": "PROMOTION",
        "IA": "VENDOR",
        "DP": "DEPARTMENT",
        "MR": "MERCHANDISE_TYPE",
        "19": "DIVISION",
        "11": "ACCOUNT",
        "ST": "STORE",
        "LU": "LOCATION",
        "WS": "STORAGE_LOCATION",
        "BM": "BILL_OF_LADING",
        "CN": "PRO_NUMBER",
        "2I": "TRACKING",
        "SI": "SHIPMENT",
        "MA": "SHIP_NOTICE",
        "PK": "PACKING_LIST",
        "LT": "LOT",
        "SE": "SERIAL",
        "CM": "BUYER_CREDIT_MEMO",
        "CL": "SELLER_CREDIT_MEMO",
        "DL": "SELLER_DEBIT_MEMO",
        "RZ": "RETURN_AUTHORIZATION",
        "TN": "TRANSACTION",
        "LI": "LINE",
        "EM": "PAYMENT",
        "ZZ": "MUTUALLY_DEFINED",
    },
    others=True,
)
"""128."""

DATE = code(
    {
        "001": "CANCEL_AFTER",
        "002": "DELIVERY_REQUESTED",
        "003": "INVOICE",
        "004": "ORDER",
        "007": "EFFECTIVE",
        "009": "PROCESS",
        "010": "SHIP_REQUESTED",
        "011": "SHIPPED",
        "015": "PROMOTION_START",
        "016": "PROMOTION_END",
        "017": "ESTIMATED_DELIVERY",
        "018": "AVAILABLE",
        "035": "DELIVERED",
        "036": "EXPIRATION",
        "050": "RECEIVED",
        "090": "REPORT_START",
        "091": "REPORT_END",
        "092": "CONTRACT_EFFECTIVE",
        "093": "CONTRACT_EXPIRATION",
        "097": "CREATED",
        "102": "ISSUED",
        "118": "PICKUP_REQUESTED",
        "152": "CHANGE_EFFECTIVE",
        "196": "START",
        "197": "END",
    },
    others=True,
)
"""374."""

QUANTITY = code(
    {
        "01": "DISCRETE",
        "02": "CUMULATIVE",
        "17": "ON_HAND",
        "20": "UNUSABLE",
        "26": "TOTAL",
        "27": "COMMITTED",
        "28": "RETURNABLE",
        "29": "PROJECTED",
        "32": "SOLD",
        "33": "AVAILABLE",
        "37": "WORK_IN_PROCESS",
        "38": "ORIGINAL",
        "39": "SHIPPED",
        "63": "ON_ORDER",
        "87": "RECEIVED",
        "QA": "APPROVED",
        "QC": "DISAPPROVED",
        "QD": "DELIVERED",
        "QE": "DEFERRED",
        "QH": "ON_HOLD",
        "QV": "CANCELLED",
    },
    others=True,
)
"""673."""

PRICE = code(
    {
        "ACT": "ACTUAL",
        "ALT": "ALTERNATE",
        "CAT": "CATALOGUE",
        "CON": "CONTRACT",
        "CUP": "CONFIRMED",
        "DIS": "DISTRIBUTOR",
        "INV": "INVOICED",
        "LPR": "LIST",
        "MSR": "SUGGESTED_RETAIL",
        "NET": "NET",
        "PRP": "PROMOTIONAL",
        "QTE": "QUOTED",
        "RES": "RESALE",
        "RTL": "RETAIL",
        "SLP": "SUGGESTED_LIST",
        "UCP": "UNIT_COST",
        "WHL": "WHOLESALE",
    },
    others=True,
)
"""236."""

TRADE_CLASS = code({"DI": "DISTRIBUTOR", "RS": "RESALE", "WH": "WHOLESALER", "MF": "MANUFACTURER"}, others=True)
"""687."""

YES_NO = code({"Y": True, "N": False})
"""1073."""

CHARACTERISTIC = code(
    {
        "GEN": "GENERAL",
        "12": "TYPE",
        "35": "COLOUR",
        "73": "VENDOR_COLOUR",
        "74": "VENDOR_SIZE",
        "75": "BUYER_COLOUR",
        "91": "BUYER_SIZE",
        "MAC": "MATERIAL",
    },
    others=True,
)
"""750, but for 08, the item's description."""

REMARK = code(
    {
        "ADD": "ADDITIONAL",
        "DEL": "DELIVERY",
        "GEN": "WHOLE_DOCUMENT",
        "LIN": "LINE",
        "PMT": "PAYMENT",
        "SPH": "SPECIAL_HANDLING",
        "WHI": "WAREHOUSE",
        "ZZZ": "MUTUALLY_DEFINED",
    },
    others=True,
)
"""363."""

AMOUNT = code(
    {
        "1": "LINE_TOTAL",
        "BM": "ADJUSTMENT",
        "GV": "GROSS",
        "N": "NET",
        "NE": "NET_BILLED",
        "PB": "BILLED",
        "T": "TAX",
        "TP": "PAID",
        "TT": "TOTAL",
        "ZZ": "MUTUALLY_DEFINED",
    },
    others=True,
)
"""522."""


def _time(text: str) -> time:
    if not text.isdigit() or len(text) not in (4, 6, 7, 8):
        raise ValueError(text)
    return time(int(text[:2]), int(text[2:4]), int(text[4:6] or 0), int(text[6:].ljust(2, "0")) * 10_000)


def _time_text(value: time) -> str:
    text = value.strftime("%H%M%S" if value.second or value.microsecond else "%H%M")
    return text + (f"{value.microsecond // 10_000:02d}" if value.microsecond >= 10_000 else "")


TIME = Codec(name="time", kinds=(time,), expects="a time as HHMM or HHMMSS", read=_time, write=_time_text)
"""337: HHMM, HHMMSS, HHMMSSD or HHMMSSDD."""
