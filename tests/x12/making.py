"""Small interchanges of our own making."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from hub.problem import Problem
from hub.x12.document import Document
from hub.x12.inspect import inspect
from hub.x12.reader import read

ORDER = [
    "BEG*00*SA*PO123**20260105",
    "CUR*BY*USD",
    "REF*DP*038",
    "DTM*002*20260120",
    "N9*L1**GENERAL NOTES",
    "MSG*DELIVER TO DOCK 4",
    "N1*ST*ACME STORE*92*0042",
    "N3*1 MAIN ST",
    "N4*DALLAS*TX*75001*US",
    "PO1*1*12*EA*9.95**UP*012345678905*VN*SKU-1",
    "PID*F****WIDGET BLUE",
    "PO1*2*24*CA*4.5**UP*036000291452",
    "CTT*2*36",
]
NOTICE = [
    "BSN*00*S1*20260105*1200*0001",
    "HL*1**S",
    "TD1*CTN25*2",
    "HL*2*1*O",
    "PRF*PO123",
    "HL*3*2*P",
    "MAN*GM*000012345678901234567",
    "HL*4*3*I",
    "LIN*1*UP*012345678905",
    "SN1**12*EA",
    "CTT*4",
]
INVOICE = ["BIG*20260105*INV1*20260101*PO123", "IT1*1*12*EA*9.95**UP*012345678905", "TDS*11940", "CTT*1"]
GROUPS = {
    "850": "PO",
    "855": "PR",
    "856": "SH",
    "810": "IN",
    "820": "RA",
    "860": "PC",
    "214": "QM",
    "824": "AG",
    "997": "FA",
    "840": "RQ",
}


def isa(number: int = 1, *, version: str = "00401", eleven: str = "U", element: str = "*", component: str = ">") -> str:
    """ISA without its terminator."""
    fields = (
        "ISA 00 .......... 00 .......... ZZ BIGBOX......... ZZ CROSSDOCK...... 260105 1200 "
        f"{eleven} {version} {number:09d} 0 T {component}"
    )
    return element.join(field.replace(".", " ") if "." in field else field for field in fields.split(" "))


def document(body: Sequence[str], name: str = "850", number: str = "0001", count: int | None = None) -> list[str]:
    return [f"ST*{name}*{number}", *body, f"SE*{len(body) + 2 if count is None else count}*{number}"]


def group(*documents: Sequence[str], kind: str = "PO", number: int = 1, version: str = "004010") -> list[str]:
    segments = [segment for each in documents for segment in each]
    head = f"GS*{kind}*BIGBOX*CROSSDOCK*20260105*1200*{number}*X*{version}"
    return [head, *segments, f"GE*{len(documents)}*{number}"]


def interchange(*groups: Sequence[str], number: int = 1, version: str = "00401", eleven: str = "U") -> list[str]:
    segments = [segment for each in groups for segment in each]
    return [isa(number, version=version, eleven=eleven), *segments, f"IEA*{len(groups)}*{number:09d}"]


def wire(segments: Sequence[str], terminator: str = "~", pad: str = "") -> bytes:
    return "".join(segment + terminator + pad for segment in segments).encode("utf-8")


def sample(body: Sequence[str], name: str = "850", version: str = "004010") -> bytes:
    """One document in an interchange. 005010 has no MSG in an 850."""
    body = [segment for segment in body if version < "005010" or name != "850" or not segment.startswith("MSG*DEL")]
    eleven = "U" if version < "004020" else "^"
    whole = group(document(body, name), kind=GROUPS[name], version=version)
    return wire(interchange(whole, version=version[:5], eleven=eleven))


def changed(body: Sequence[str], old: str, new: str | None) -> list[str]:
    """The body with one segment replaced, or left out where ``new`` is None, or split at newlines."""
    assert old in body
    out: list[str] = []
    for segment in body:
        out += ([] if new is None else new.split("\n")) if segment == old else [segment]
    return out


def documents(data: bytes, **options: Any) -> list[Document]:
    return [event for event in read(data, **options) if isinstance(event, Document)]


def only(data: bytes) -> Document:
    (document_,) = documents(data)
    return document_


def codes(problems: Sequence[Problem]) -> list[str]:
    return [problem.code for problem in problems]


def looked(data: bytes) -> dict[str, Any]:
    """`inspect` of the data, which must account for every byte."""
    result = inspect(data, "sample.edi")
    assert result["bytes_accounted"] == result["bytes"] == len(data)
    return result


def told(problems: Sequence[dict[str, Any]]) -> list[str]:
    return [problem["code"] for problem in problems]


PLAIN = interchange(group(document(ORDER)))
"""One order in its envelope."""


def verdicts(result: dict[str, Any]) -> list[str]:
    return [d["verdict"] for i in result["interchanges"] for g in i["groups"] for d in g["documents"]]


def all_codes(result: dict[str, Any]) -> list[str]:
    """Codes of file, interchanges and groups."""
    found = told(result["problems"])
    for each in result["interchanges"]:
        found += told(each["problems"])
        for one in each["groups"]:
            found += told(one["problems"])
    return found
