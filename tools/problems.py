"""Writes docs/problems.md, the catalogue of all problem codes, from the code: ``python -m tools.problems``."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from hub.x12.problems import KINDS, Kind

__all__ = ["OTHERS", "PAGE", "page"]

PAGE = Path(__file__).resolve().parent.parent / "docs" / "problems.md"

_SCOPES = {
    "file": "The file",
    "interchange": "The interchange (ISA, IEA)",
    "group": "The functional group (GS, GE)",
    "document": "The document (ST, SE)",
    "segment": "Segments, loops, levels and totals",
    "element": "Elements and components",
    "guide": "The partner guide",
}
_MAPPING = "Reading a document into a message"
_WRITING = "Writing"
OTHERS: tuple[tuple[str, str, str, str], ...] = (
    (_MAPPING, "bad_length", "The value is longer or shorter than the partner's guide allows.", "Send that many."),
    (_MAPPING, "bad_value", "The value is no such thing as its row reads.", "Correct the value."),
    (
        _MAPPING,
        "code_not_mapped",
        "The code has no meaning in our messages.",
        "Send a known one, or add it to the overlay.",
    ),
    (
        _MAPPING,
        "hl_structure",
        "A level cannot stand where HL02 puts it.",
        "Number the levels so that HL02 names an earlier one.",
    ),
    (_MAPPING, "missing_value", "What the message must have is not there.", "Send the element or segment."),
    (_MAPPING, "no_mapping", "No mapping reads this document.", "Add one, or agree on the documents to send."),
    (_MAPPING, "not_allowed", "The partner's guide does not allow the element.", "Leave it empty."),
    (
        _MAPPING,
        "not_canonical",
        "A JSON file holds no such canonical message.",
        "Compare it with what `crossdock translate` prints.",
    ),
    (_MAPPING, "not_consistent", "Values contradict each other.", "Make the values agree."),
    (_MAPPING, "not_json", "The bytes are no JSON object.", "Send JSON."),
    (_WRITING, "character_not_writable", "The charset cannot carry a character.", "Change the value, or the charset."),
    (
        _WRITING,
        "currency_differs",
        "An amount is in another currency than the document.",
        "Write one document a currency.",
    ),
    (
        _WRITING,
        "delimiter_in_data",
        "Data hold a delimiter; X12 cannot escape it.",
        "Agree another delimiter, or set a replacement.",
    ),
    (_WRITING, "repetition_not_possible", "The release has no repetition.", "Write one value."),
    (_WRITING, "tag_not_writable", "No segment of a body has such a tag.", "Mend the mapping."),
    (
        _WRITING,
        "value_not_writable",
        "The value cannot be said in this element.",
        "Correct the message, or extend the code table.",
    ),
    ("The second opinion", "second_opinion_failed", "pyx12 raised instead of judging.", "Judge by our own engine."),
)
"""Codes that other parts tell: where, code, meaning, how to mend it."""

_HEAD = """# Problem codes

Every problem that Crossdock tells carries one of these codes, on the command line, in the API, on the page and in its
log alike. `error` rejects the document, `warning` is told to its sender, `note` is for us. The last column is what the
acknowledgment says: AK304 of the segment, AK403 of the element, AK502 of the document, AK905 of the group (the same
numbers in IK304, IK403, IK502), TA105 of the interchange; empty where X12 has no code. Severity may differ in single
cases: what only a later release allows is a warning, and a partner's wrong counts may be one by its settings.

This page is written by `python -m tools.problems`.
"""


def page() -> str:
    """The page as text."""
    parts = [_HEAD]
    for scope, title in _SCOPES.items():
        kinds = [kind for kind in KINDS.values() if kind.scope == scope]
        parts += [f"## {title}\n", _table(("code", "severity", "means", "mend", "acknowledgment"), map(_row, kinds))]
    for title in dict.fromkeys(row[0] for row in OTHERS):
        rows = [(f"`{code}`", meaning, fix) for where, code, meaning, fix in OTHERS if where == title]
        parts += [f"## {title}\n", _table(("code", "means", "mend"), rows)]
    return "\n".join(parts)


def _row(kind: Kind) -> tuple[str, ...]:
    ack = ", ".join(f"{element} {code}" for element, code in kind.ack.items())
    return f"`{kind.code}`", kind.severity, kind.meaning, kind.fix, ack


def _table(names: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [names, ("---",) * len(names), *rows]
    return "".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |\n" for line in lines)


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
