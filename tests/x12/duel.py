"""Both engines over the same spoilt documents: what they say, counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from hub.problem import Problem
from hub.x12 import Document, read, second_opinion
from hub.x12.second_opinion.differences import unexplained
from tests.x12.mutation import spoilt

__all__ = ["Duel", "both"]


def both(data: bytes) -> list[tuple[Document, second_opinion.Judgement]]:
    """Each document of the file with what pyx12 says of it."""
    documents = [event for event in read(data) if isinstance(event, Document)]
    judgements = second_opinion.judge(data)
    assert [document.control_number for document in documents] == [j.control_number for j in judgements]
    return list(zip(documents, judgements, strict=True))


def _segments(problems: Iterable[Problem]) -> set[tuple[str, int | None]]:
    return {(p.segment, p.position) for p in problems if p.severity == "error"}


def _elements(problems: Iterable[Problem]) -> set[tuple[str, int | None, int]]:
    """Segment, position and element of errors that lie in one element, as far as both engines can name it."""
    alone = {"element_needed", "elements_exclusive", "hl_parent_unknown", "hl_number_order", "hl_number_repeats"}
    return {
        (p.segment, p.position, p.element)
        for p in problems
        if p.severity == "error" and p.element and p.code not in alone
    }


@dataclass
class Duel:
    """``verdicts``: how often ours and pyx12's came together. ``segments``: of the documents both reject, those where
    all segments that we name are named by pyx12; ``elements`` likewise, where we name elements in ``with_elements``.
    ``odd``: differences of verdict without a known reason. ``explained``: how often which known reason was needed."""

    documents: int = 0
    verdicts: Counter[tuple[str, str]] = field(default_factory=Counter)
    rejected: int = 0
    segments: int = 0
    with_elements: int = 0
    elements: int = 0
    explained: int = 0
    odd: list[str] = field(default_factory=list)

    def run(self, document: str, version: str, seeds: range) -> Duel:
        for seed in seeds:
            data, done = spoilt(document, seed, version)
            for ours, theirs in both(data):
                self._judge(ours, theirs, f"{document} {version} {seed} ({done})")
        return self

    def _judge(self, ours: Document, theirs: second_opinion.Judgement, name: str) -> None:
        self.documents += 1
        own, other = ours.verdict == "rejected", theirs.verdict == "rejected"
        self.verdicts["rejected" if own else "accepted", "rejected" if other else "accepted"] += 1
        if own != other:
            odd = unexplained((ours.verdict, ours.problems), (theirs.verdict, theirs.problems))
            self.explained += not odd
            self.odd += [f"{name}: {problem.code} {problem.message}" for problem in odd]
        elif own:
            self.rejected += 1
            self.segments += _segments(ours.problems) <= _segments(theirs.problems)
            if named := _elements(ours.problems):
                self.with_elements += 1
                self.elements += named <= _elements(theirs.problems)

    def __str__(self) -> str:
        verdicts = ", ".join(f"{ours}/{theirs} {n}" for (ours, theirs), n in sorted(self.verdicts.items()))
        return (
            f"{self.documents} documents; ours/pyx12: {verdicts}; {self.explained} differ for a known reason, "
            f"{len(self.odd)} for none; segments alike {self.segments} of {self.rejected}, "
            f"elements alike {self.elements} of {self.with_elements}"
        )
