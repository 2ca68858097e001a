"""ISA…IEA and GS…GE: what opens, what closes, and whether both ends agree (X12.5, X12.6)."""

from __future__ import annotations

import re

from hub.problem import Problem, Severity
from hub.x12.document import Group, Interchange
from hub.x12.grammar import RELEASES, segments, word
from hub.x12.header import Header
from hub.x12.judge import Where, date_is_valid, judge
from hub.x12.problems import found

__all__ = ["close_group", "close_interchange", "group_of", "interchange_of", "version_of"]

_VERSION = re.compile(r"00[2-9]\d{3}").match


def interchange_of(header: Header, index: int, offset: int) -> Interchange:
    isa = header.isa
    return Interchange(
        index=index,
        offset=offset,
        isa=isa,
        delimiters=header.delimiters,
        version=isa[12].strip(),
        sender_qualifier=isa[5].strip(),
        sender=isa[6].strip(),
        receiver_qualifier=isa[7].strip(),
        receiver=isa[8].strip(),
        control_number=isa[13].strip(),
        date=isa[9],
        time=isa[10],
        ack_requested=isa[14].strip() == "1",
        usage=isa[15].strip(),
        problems=header.problems,
    )


def group_of(fields: list[str], interchange: Interchange) -> Group:
    """The group a GS opens, with what is wrong in GS."""
    gs = [*fields, *[""] * 9][:9]
    group = Group(
        interchange=interchange,
        type=gs[1].strip(),
        sender=gs[2].strip(),
        receiver=gs[3].strip(),
        date=gs[4],
        time=gs[5],
        control_number=gs[6].strip(),
        version=gs[8].strip(),
    )
    if fields:
        group.problems += _header_problems(fields, group)
    return group


def version_of(group: Group) -> str:
    """The six digits to choose a table by: GS08, or what ISA12 says where GS08 names none."""
    if _VERSION(group.version):
        return group.version[:6]
    return (group.interchange.version + "0")[:6] if _VERSION(group.interchange.version + "0") else RELEASES[0]


def _header_problems(fields: list[str], group: Group) -> list[Problem]:
    release = min(RELEASES, key=lambda known: abs(int(known) - int(version_of(group))))
    problems = []
    old = version_of(group) < "004010" and date_is_valid(group.date, 6, 6)
    for problem in judge(segments(release)["GS"], fields, Where(1, ""), group.interchange.delimiters):
        if old and problem.element == 4:
            continue
        if problem.element == 1:
            code = "group_type_unknown"
        elif problem.element == 6:
            code = "group_number_invalid"
        elif problem.element == 8 and not _VERSION(group.version):
            code = "version_unknown"
        elif problem.element == 8 and problem.code == "value_not_in_list":
            continue
        else:
            code = "group_value"
        problems.append(found(code, problem.message, segment="GS", element=problem.element, value=problem.value))
    if group.version and not _VERSION(group.version) and not any(p.element == 8 for p in problems):
        message = f"GS08 is {group.version[:12]!r}; expected a version such as 004010."
        problems.append(found("version_unknown", message, segment="GS", element=8, value=group.version))
    if _VERSION(group.version) and group.version[:6] not in RELEASES:
        message = f"There is no table for version {group.version[:12]}; documents are read with that of {release}."
        problems.append(found("release_nearest", message, segment="GS", element=8, value=group.version))
    return problems


def _same(one: str, other: str) -> bool:
    """Control numbers are numbers: 000000001 is 1."""
    if one.isascii() and other.isascii() and one.isdecimal() and other.isdecimal():
        return one.lstrip("0") == other.lstrip("0")
    return one == other


def _counted(text: str) -> int | None:
    text = text.strip()
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else None


def close_group(group: Group, fields: list[str] | None, *, lenient: bool = False) -> None:
    """Check GE against GS and what was read; ``fields`` None where GE is missing. ``lenient``: a wrong count is a
    warning."""
    group.closed = True
    if fields is None:
        message = f"Group {group.control_number} ({word('479', group.type) or group.type}) does not end with GE."
        group.problems.append(found("group_unfinished", message, segment="GE"))
        return
    group.complete = True
    count, number = [*fields, "", ""][1:3]
    group.declared = _counted(count)
    if group.declared != group.documents:
        message = f"GE01 says {count[:20]!r} documents; there are {group.documents}."
        severity: Severity = "warning" if lenient else "error"
        group.problems.append(found("group_count", message, severity=severity, segment="GE", element=1, value=count))
    if not _same(number.strip(), group.control_number):
        message = f"GE02 is {number[:20]!r}, GS06 is {group.control_number[:20]!r}."
        group.problems.append(found("group_number_differs", message, segment="GE", element=2, value=number))


def close_interchange(
    interchange: Interchange, fields: list[str] | None, groups: int, *, lenient: bool = False
) -> None:
    """Check IEA against ISA and what was read; ``fields`` None where IEA is missing. ``lenient``: a wrong count is a
    warning."""
    if fields is None:
        message = f"Interchange {interchange.control_number} does not end with IEA."
        interchange.problems.append(found("interchange_unfinished", message, segment="IEA"))
        return
    interchange.complete = True
    count, number = [*fields, "", ""][1:3]
    if _counted(count) != groups:
        message = f"IEA01 says {count[:20]!r} groups; there are {groups}."
        severity: Severity = "warning" if lenient else "error"
        interchange.problems.append(
            found("interchange_count", message, severity=severity, segment="IEA", element=1, value=count)
        )
    if not _same(number.strip(), interchange.control_number):
        message = f"IEA02 is {number[:20]!r}, ISA13 is {interchange.control_number!r}."
        interchange.problems.append(
            found("interchange_number_differs", message, segment="IEA", element=2, value=number)
        )
