"""The guide of one partner: its rules placed in the grammars that it speaks of."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from hub.errors import Misconfigured
from hub.problem import Problem
from hub.x12.document import Delimiters, Place
from hub.x12.grammar import RELEASES, Grammar, load, sets
from hub.x12.guide.check import Widened
from hub.x12.guide.fit import fit
from hub.x12.guide.path import Path, Target, parse, targets
from hub.x12.guide.placed import Placed
from hub.x12.guide.rule import Rule
from hub.x12.problems import found

__all__ = ["Guide"]


@dataclass(frozen=True, slots=True)
class Guide:
    """What was agreed with a partner. ``rules``: by transaction set. ``releases``: those it speaks of."""

    partner: str
    rules: Mapping[str, tuple[Rule, ...]]
    releases: tuple[str, ...] = RELEASES
    _placed: dict[Grammar, Placed] = field(default_factory=dict, repr=False, compare=False)

    def check(self) -> None:
        """Raises Misconfigured for the first rule that does not fit the tables, with what there is instead."""
        for name in self.rules:
            having = [release for release in self.releases if release in RELEASES and name in sets(release)]
            if not having:
                raise Misconfigured(
                    f"guide of {self.partner}: there is no table for {name} in {', '.join(self.releases)}",
                    fix=f"releases are {', '.join(RELEASES)}",
                )
            for release in having:
                self._of(load(release, name))

    def of(self, document: str, release: str) -> tuple[Rule, ...]:
        """The rules for a document in a release."""
        return self.rules.get(document, ()) if release in self.releases else ()

    def judge(
        self,
        grammar: Grammar,
        rows: list[list[str]],
        places: list[Place | None],
        problems: list[Problem],
        delimiters: Delimiters,
    ) -> list[Problem]:
        """The problems of a document, X12's own given, with those of the guide, in the order of the segments.

        Raises Misconfigured as `check`, where that was left out.
        """
        if grammar.document not in self.rules:
            return problems
        if grammar.release not in self.releases:
            message = (
                f"The guide agreed with {self.partner} is for {', '.join(self.releases)}; this {grammar.document} is "
                f"judged by {grammar.release} alone."
            )
            return [*problems, found("guide_of_another_release", message)]
        return self._of(grammar).judge(rows, places, problems, delimiters)

    def _of(self, grammar: Grammar) -> Placed:
        placed = self._placed.get(grammar)
        if placed is None:
            rules = self.rules[grammar.document]
            found_places = [found_place for rule in rules for found_place in self._places(rule, grammar)]
            placed = self._placed[grammar] = Placed.of(self.partner, found_places)
        return placed

    def _places(self, rule: Rule, grammar: Grammar) -> Iterator[tuple[Rule, Path, Target, Widened]]:
        where = f"guide of {self.partner}, {grammar.document} {grammar.release}, {rule.path}"
        path = parse(rule.path)
        tag = path.segment.tag
        hits = targets(path, grammar)
        if not hits:
            names = sorted({"/".join((*use.place.path, use.tag)) for use in grammar.uses if use.tag == tag})
            there = f"{tag} is at {', '.join(names)}" if names else f"it has no {tag}"
            raise Misconfigured(f"{where}: there is no such place", fix=f"{grammar.document}: {there}")
        if not path.element and rule.usage == "must" and len(hits) > 1:
            raise Misconfigured(f"{where}: {len(hits)} places have this path", fix="name what stands there only once")
        for target in hits:
            yield rule, path, target, fit(where, rule, path, target)
