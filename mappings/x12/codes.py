"""Code tables: X12 on the left, our vocabulary on the right, one to one. The number is the X12 data element's.

Meanings after the public X12 element dictionary; units after UN/ECE Recommendations 20 and 21.
"""

from __future__ import annotations

from hub.canonical import AcknowledgmentStatus, LineStatus, Purpose, ResponseStatus
from hub.mapping.codecs import code

__all__ = [
    "CHARGE",
    "COUNTRY",
    "DOCUMENT_STATUS",
    "FREIGHT_PAYMENT",
    "GROUP_STATUS",
    "LINE_STATUS",
    "MODE",
    "PURPOSE",
    "RESPONSE_STATUS",
    "TAX",
    "UNIT",
]

PURPOSE = code(
    {
        "00": Purpose.ORIGINAL,
        "01": Purpose.CANCELLATION,
        "04": Purpose.CHANGE,
        "05": Purpose.REPLACE,
        "06": Purpose.CONFIRMATION,
    }
)
"""353."""

UNIT = code(
    {
        "EA": "EA",
        "CA": "CS",
        "CT": "CT",
        "BX": "BX",
        "PK": "PK",
        "BG": "BG",
        "BD": "BE",
        "BO": "BO",
        "CN": "CA",
        "DR": "DR",
        "JR": "JR",
        "KT": "KT",
        "AS": "AS",
        "PD": "PD",
        "PF": "PF",
        "PL": "PX",
        "RL": "RO",
        "SH": "ST",
        "TB": "TU",
        "PC": "H87",
        "PR": "PR",
        "ST": "SET",
        "UN": "C62",
        "DZ": "DZN",
        "GS": "GRO",
        "HU": "CEN",
        "TH": "MIL",
        "KG": "KGM",
        "GR": "GRM",
        "ME": "MGM",
        "LB": "LBR",
        "OZ": "ONZ",
        "MP": "TNE",
        "TN": "STN",
        "IN": "INH",
        "FT": "FOT",
        "LF": "LF",
        "YD": "YRD",
        "MM": "MMT",
        "CM": "CMT",
        "MR": "MTR",
        "SF": "FTK",
        "SY": "YDK",
        "SM": "MTK",
        "CI": "INQ",
        "CF": "FTQ",
        "CY": "YDQ",
        "CR": "MTQ",
        "ML": "MLT",
        "LT": "LTR",
        "FZ": "OZA",
        "PT": "PTL",
        "QT": "QTL",
        "GA": "GLL",
        "HR": "HUR",
        "DA": "DAY",
        "WK": "WEE",
        "MO": "MON",
        "YR": "ANN",
    }
)
"""355 to Recommendation 20, packages to Recommendation 21."""

CHARGE = code({"C": True, "A": False})
"""248."""

COUNTRY = code({"US": "US", "CA": "CA", "MX": "MX"}, also={"USA": "US", "CAN": "CA", "MEX": "MX"}, others=True)
"""26, an external list: ISO 3166 alpha-2; some partners send alpha-3."""

FREIGHT_PAYMENT = code(
    {
        "PP": "PREPAID",
        "CC": "COLLECT",
        "TP": "THIRD_PARTY",
        "PC": "PREPAID_AND_CHARGED",
        "PU": "CUSTOMER_PICKUP",
        "DF": "AS_AGREED",
    },
    others=True,
)
"""146."""

MODE = code(
    {
        "U": "PARCEL",
        "LT": "LTL",
        "M": "TRUCKLOAD",
        "A": "AIR",
        "AE": "AIR_EXPRESS",
        "R": "RAIL",
        "S": "OCEAN",
        "X": "INTERMODAL",
        "H": "CUSTOMER_PICKUP",
        "P": "PRIVATE_FLEET",
    },
    others=True,
)
"""91."""

RESPONSE_STATUS = code(
    {
        "AD": ResponseStatus.ACCEPTED,
        "AC": ResponseStatus.ACCEPTED_WITH_CHANGE,
        "RD": ResponseStatus.REJECTED,
    },
    also={"AK": ResponseStatus.ACCEPTED, "AT": ResponseStatus.ACCEPTED, "RJ": ResponseStatus.REJECTED},
)
"""587."""

LINE_STATUS = code(
    {
        "IA": LineStatus.ACCEPTED,
        "IQ": LineStatus.QUANTITY_CHANGED,
        "IP": LineStatus.PRICE_CHANGED,
        "DR": LineStatus.DATE_CHANGED,
        "IS": LineStatus.SUBSTITUTED,
        "IB": LineStatus.BACKORDERED,
        "IH": LineStatus.HELD,
        "IR": LineStatus.REJECTED,
    },
    also={
        "AA": LineStatus.ACCEPTED,
        "AC": LineStatus.ACCEPTED,
        "AR": LineStatus.ACCEPTED,
        "BP": LineStatus.BACKORDERED,
        "ID": LineStatus.REJECTED,
        "IF": LineStatus.HELD,
        "IW": LineStatus.HELD,
        **{f"R{reason}": LineStatus.REJECTED for reason in range(1, 9)},
    },
)
"""668."""

TAX = code({"ST": "STATE", "CP": "COUNTY", "CS": "CITY", "LS": "SPECIAL", "FD": "COUNTRY"}, others=True)
"""963, by the jurisdiction that levies it."""

GROUP_STATUS = code(
    {
        "A": AcknowledgmentStatus.ACCEPTED,
        "E": AcknowledgmentStatus.ACCEPTED_WITH_ERRORS,
        "P": AcknowledgmentStatus.PARTIALLY_ACCEPTED,
        "R": AcknowledgmentStatus.REJECTED,
    },
    also=dict.fromkeys("MWX", AcknowledgmentStatus.REJECTED),
)
"""715: M, W and X are rejections for security reasons."""

DOCUMENT_STATUS = code(
    {
        "A": AcknowledgmentStatus.ACCEPTED,
        "E": AcknowledgmentStatus.ACCEPTED_WITH_ERRORS,
        "R": AcknowledgmentStatus.REJECTED,
    },
    also=dict.fromkeys("MWX", AcknowledgmentStatus.REJECTED),
)
"""717."""
