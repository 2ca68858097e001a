"""A guide's rules by what they narrow, for pages that tell a partner what to send."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from hub.x12.grammar import Grammar, Use
from hub.x12.guide.path import Path, parse, targets
from hub.x12.guide.rule import Rule

__all__ = ["Narrowing"]


@dataclass(frozen=True, slots=True)
class Narrowing:
    """The rules of one document; ``placed``: each with a use that it speaks of."""

    placed: tuple[tuple[Rule, Path, Use], ...]

    @classmethod
    def of(cls, rules: Sequence[Rule], grammar: Grammar) -> Narrowing:
        """Raises Misconfigured for a path that is none."""
        paths = [(rule, parse(rule.path)) for rule in rules]
        return cls(tuple((rule, path, target.use) for rule, path in paths for target in targets(path, grammar)))

    def of_segment(self, use: Use, address: str) -> list[Rule]:
        """Those for a segment or loop. ``address``: its path with its qualifiers, ``PO1/N1[ST]``."""
        return [rule for rule, path, own in self.placed if own is use and not path.element and _within(path, address)]

    def of_element(self, use: Use, element: int, address: str) -> list[Rule]:
        """Those for an element as a whole."""
        return [
            rule
            for rule, path, own in self.placed
            if own is use and path.element == element and not path.component and _within(path, address)
        ]


def _within(path: Path, address: str) -> bool:
    """Whether the address has every qualifier that the path asks for."""
    steps = [step for step in (*path.loops, path.segment) if step.at]
    return all(f"{s.tag}[{s.value}]" in address or f"{s.tag}[{s.at:02d}={s.value}]" in address for s in steps)
