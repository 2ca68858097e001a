"""Whether a rule fits the place it speaks of, and what it allows there that X12 does not."""

from __future__ import annotations

import re

from hub.errors import Misconfigured
from hub.x12.elements import Cell, Element, Note
from hub.x12.guide.check import Widened
from hub.x12.guide.path import Path, Target
from hub.x12.guide.rule import Rule

__all__ = ["fit"]

_NOTE = re.compile(r"[PRECL](\d\d){2,}").fullmatch


def fit(where: str, rule: Rule, path: Path, target: Target) -> Widened:
    """What the rule allows beyond X12: the codes of the problems that it takes back, with X12's words.

    Raises Misconfigured, beginning with ``where``, for a rule that makes no sense there, that widens without saying so,
    or says so and does not.
    """
    allows = _element(where, rule, path, target) if path.element else _segment(where, rule, target)
    if bool(allows) != rule.widens:
        raise _astray(where, allows)
    return allows


def _astray(where: str, allows: Widened) -> Misconfigured:
    if allows:
        said = "; ".join(allows.values())
        return Misconfigured(f"{where} allows what X12 does not: {said}", fix="narrow it, or say widens=True and why")
    return Misconfigured(f"{where} says that it widens, but X12 allows all of it", fix="leave widens out")


def _senseless(where: str, what: str) -> Misconfigured:
    return Misconfigured(f"{where}: {what}", fix="correct the rule; docs/configuration.md says what each may hold")


def _element(where: str, rule: Rule, path: Path, target: Target) -> Widened:
    """What an element's rule allows beyond X12: problem code to words. Raises Misconfigured where it makes no sense."""
    if rule.most is not None or rule.note:
        raise _senseless(where, "an element has neither most nor note")
    if rule.usage == "not" and (rule.codes or rule.shortest or rule.longest):
        raise _senseless(where, "what must not be sent has neither codes nor lengths")
    cell = _cell(where, path, target)
    allows: dict[str, str] = {}
    if rule.usage == "may" and cell.required:
        allows["element_missing"] = "it is mandatory"
    elif rule.usage == "may" or (rule.usage == "not" and cell.required):
        raise _senseless(where, f"{cell.name} is {'mandatory' if cell.required else 'optional already'}")
    if rule.codes or rule.shortest or rule.longest:
        if cell.element is None:
            raise _senseless(where, "it is a composite; name the component, as MEA04-1")
        allows |= _values(where, rule, cell.element)
    return allows


def _cell(where: str, path: Path, target: Target) -> Cell:
    cells = target.use.segment.cells
    if not 0 < path.element <= len(cells):
        raise _senseless(where, f"{target.use.tag} has {len(cells)} elements")
    cell = cells[path.element - 1]
    if path.component and path.component > len(cell.parts):
        raise _senseless(where, f"{cell.name} has {len(cell.parts)} components")
    return cell.parts[path.component - 1] if path.component else cell


def _values(where: str, rule: Rule, element: Element) -> Widened:
    low, high = rule.shortest or element.low, rule.longest or element.high
    if low > high or low > element.high or (rule.longest and high < element.low):
        raise _senseless(
            where, f"no value has {low} to {high} characters where X12 allows {element.low} to {element.high}"
        )
    allows: dict[str, str] = {}
    if high > element.high:
        allows["element_too_long"] = f"X12 ends at {element.high} characters"
    if low < element.low:
        allows["element_too_short"] = f"X12 begins at {element.low} characters"
    if rule.codes and element.kind not in ("ID", "AN"):
        raise _senseless(where, f"an element of type {element.kind} has no codes")
    strange = [code for code in rule.codes if element.codes and code not in element.codes]
    if strange:
        allows["value_not_in_list"] = f"{', '.join(strange)} not in the list of element {element.number}"
    if any(not low <= len(code) <= high for code in rule.codes):
        raise _senseless(where, f"codes have {low} to {high} characters")
    return allows


def _segment(where: str, rule: Rule, target: Target) -> Widened:
    """The same for a segment or loop."""
    if rule.codes or rule.shortest or rule.longest:
        raise _senseless(where, "codes and lengths belong to an element")
    use = target.use
    loop = use.loop if use.place.opens else None
    required, most = (loop.required, loop.maximum) if loop else (use.required, use.maximum)
    allows: dict[str, str] = {}
    if rule.usage == "may" and required:
        allows["segment_missing"] = "it is mandatory"
    elif rule.usage == "may" or (rule.usage == "not" and required and not target.own):
        raise _senseless(where, f"{use.tag} is {'mandatory' if required else 'optional already'}")
    if rule.most is not None and most and not 0 < rule.most <= most:
        allows["loop_repeats" if loop else "segment_repeats"] = f"X12 ends at {most}"
    if rule.note and not _NOTE(rule.note):
        raise _senseless(where, f"{rule.note} is no syntax note such as P0304")
    if rule.note and max(Note.parse(rule.note).positions) > len(use.segment.cells):
        raise _senseless(where, f"{use.tag} has {len(use.segment.cells)} elements")
    return allows
