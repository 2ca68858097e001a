"""A partner guide: what was agreed with one partner about its documents, narrower than the grammar tables.

A guide is data: rules by transaction set, each with its reason. It is checked against the tables when it is loaded; a
rule that hits nothing, or that allows more than X12 does without saying so, stops the start.

The tables themselves stay as they are: X12's own faults are told first and as such, and a guide is laid over what they
leave. That costs a look at the segments that rules speak of, and nothing for the others.
"""

from __future__ import annotations

from hub.x12.guide.agreed import Guide
from hub.x12.guide.narrowing import Narrowing
from hub.x12.guide.rule import Rule

__all__ = ["Guide", "Narrowing", "Rule"]
