"""A partner guide as Markdown, and as one HTML file that needs no other."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

from hub.mapping.guide import Change, Guide, GuideElement, GuideSegment

__all__ = ["html", "markdown"]

_HEADINGS = ("Element", "Name", "Standard", "Here", "Type", "Length", "Field", "Codes and remarks")
_SHOWN = 12
"""So many codes stand beside their element; longer lists stand at the end."""
_STYLE = """
body{font:15px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:72rem;padding:0 1rem;color:#1b1b1b;background:#fff}
h1{font-size:1.6rem}h2{font-size:1.2rem;margin-top:2rem}h3{font-size:1rem;margin:1.5rem 0 .3rem}
.wide{overflow-x:auto}table{border-collapse:collapse;width:100%}caption{text-align:left;color:#444;padding:.2rem 0}
th,td{border:1px solid #bbb;padding:.25rem .5rem;text-align:left;vertical-align:top}th{background:#f0f0f0}
pre{background:#f5f5f5;padding:.75rem;overflow-x:auto}.change{background:#fff6d6;padding:.1rem .4rem}
@media print{body{margin:0;font-size:11px}}
"""


def markdown(guide: Guide) -> str:
    """One page of GitHub-flavoured Markdown."""
    lines = [f"# {_title(guide)}", "", _introduction(guide), ""]
    if guide.changes:
        lines += ["## What differs here", "", *(f"- {_plain(_change(change))}" for change in guide.changes), ""]
    lines += ["## Segments", ""]
    for segment in guide.segments:
        lines += [f"### {_plain(_heading(segment))}", "", _plain(_usage(segment)), ""]
        lines += [f"- {_plain(_change(change))}" for change in segment.changes]
        lines += [""] if segment.changes else []
        lines += [_cells(_HEADINGS), _cells(["---"] * len(_HEADINGS))]
        lines += [_cells([_plain(cell) for cell in _row(element)]) for element in segment.elements]
        lines += [""]
    for reference, codes in _long_lists(guide):
        lines += [f"## Codes of {reference}", "", _plain(", ".join(codes)), ""]
    if guide.example:
        lines += ["## Example", "", "```", *guide.example.rstrip("\n").split("\n"), "```", ""]
    return "\n".join(lines)


def html(guide: Guide) -> str:
    """One page; nothing is loaded from elsewhere."""
    parts = [
        '<!doctype html><html lang="en"><head><meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width,initial-scale=1">',
        f"<title>{escape(_title(guide))}</title><style>{_STYLE}</style></head><body><main>",
        f"<h1>{escape(_title(guide))}</h1><p>{escape(_introduction(guide))}</p>",
    ]
    if guide.changes:
        parts.append(f"<h2>What differs here</h2>{_changes(guide.changes)}")
    parts.append("<h2>Segments</h2>")
    parts += [
        f"<h3>{escape(_heading(segment))}</h3>{_changes(segment.changes)}{_table(segment)}"
        for segment in guide.segments
    ]
    for reference, codes in _long_lists(guide):
        parts.append(f"<h2>Codes of {escape(reference)}</h2><p>{escape(', '.join(codes))}</p>")
    if guide.example:
        parts.append(f"<h2>Example</h2><pre>{escape(guide.example)}</pre>")
    return "\n".join([*parts, "</main></body></html>\n"])


def _title(guide: Guide) -> str:
    return f"{guide.document} {guide.name}, {guide.release}" + (f", {guide.partner}" if guide.partner else "")


def _introduction(guide: Guide) -> str:
    missing = f" Not in this release: {', '.join(guide.unplaced)}." if guide.unplaced else ""
    return (
        f"Functional group {guide.group}; it becomes the message {guide.message}. "
        "“Standard” is what X12 asks for, “here” what is agreed: must be sent, may be sent, must not be sent. "
        f"Segments that are not listed may come; they are reported and not used.{missing}"
    )


def _heading(segment: GuideSegment) -> str:
    return f"{segment.segment} {segment.name}" + (f" (loop {segment.loop})" if segment.loop else "")


def _usage(segment: GuideSegment) -> str:
    times = f"at most {segment.maximum} times" if segment.maximum > 1 else "once" if segment.maximum else "any number"
    field = f" It fills {segment.fills}." if segment.fills else ""
    return f"Standard: {segment.standard}; here: {segment.usage}; {times}.{field}"


def _change(change: Change) -> str:
    answers = {
        "variation": f"; {change.owner} answers for it",
        "widened": f"; {change.owner} answers for it",
        "exception": f"; allowed by {change.approver} until {change.ends}",
    }.get(change.grade, "")
    what = f"{change.path} {change.name}" if change.grade in ("guide", "widened") else f"{change.name} {change.path}"
    return f"{what}: {change.why} ({change.grade}{answers})"


def _row(element: GuideElement) -> tuple[str, ...]:
    length = str(element.longest) if element.shortest == element.longest else f"{element.shortest}–{element.longest}"
    return (
        element.reference,
        element.name,
        element.standard,
        element.usage,
        element.type,
        length,
        element.fills,
        _remarks(element),
    )


def _remarks(element: GuideElement) -> str:
    said = [element.said] if element.said else []
    if len(element.codes) > _SHOWN:
        said.append(f"{len(element.codes)} codes, listed below")
    elif element.codes:
        said.append(", ".join(_pairs(element)))
    if element.others:
        said.append("other codes are taken as they are")
    return "; ".join([*said, *map(_change, element.changes)])


def _pairs(element: GuideElement) -> list[str]:
    return [code if code == meaning else f"{code} {meaning}" for code, meaning in element.codes.items()]


def _long_lists(guide: Guide) -> Iterator[tuple[str, list[str]]]:
    """Each long list once, under all its elements."""
    found: dict[tuple[str, ...], list[str]] = {}
    for segment in guide.segments:
        for element in segment.elements:
            if len(element.codes) > _SHOWN:
                names = found.setdefault(tuple(_pairs(element)), [])
                if element.reference not in names:
                    names.append(element.reference)
    return ((", ".join(names), list(codes)) for codes, names in found.items())


def _plain(text: str) -> str:
    """Safe in a cell of a Markdown table."""
    for sign in ("\\", "|", "*", "_", "[", "]", "<", "`"):
        text = text.replace(sign, f"\\{sign}")
    return text


def _cells(cells: tuple[str, ...] | list[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _changes(changes: tuple[Change, ...]) -> str:
    items = "".join(f'<li><span class="change">{escape(_change(change))}</span></li>' for change in changes)
    return f"<ul>{items}</ul>" if items else ""


def _table(segment: GuideSegment) -> str:
    head = "".join(f'<th scope="col">{heading}</th>' for heading in _HEADINGS)
    rows = "".join(
        f'<tr><th scope="row">{escape(first)}</th>' + "".join(f"<td>{escape(cell)}</td>" for cell in rest) + "</tr>"
        for first, *rest in map(_row, segment.elements)
    )
    caption = escape(_usage(segment))
    return (
        f'<div class="wide"><table><caption>{caption}</caption>'
        f"<thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div>"
    )
