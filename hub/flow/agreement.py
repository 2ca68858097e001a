"""What is agreed with a partner, from its profile and its guide, as reading X12 takes it."""

from __future__ import annotations

from hub.contracts.partner import Partner
from hub.flow.desk import Desk
from hub.x12.agreement import Agreement, Naked
from hub.x12.guide import Guide
from hub.x12.outgoing import separators

__all__ = ["agreement_of", "agreement_with"]


def agreement_of(desk: Desk, partner: Partner | None) -> Agreement:
    """The agreement with a partner of this hub; none of any kind where it is not known yet who sent something."""
    return agreement_with(partner, desk.find_guide(partner.id)) if partner else Agreement()


def agreement_with(partner: Partner, guide: Guide | None) -> Agreement:
    """The agreement that a profile and a guide make. Documents without ISA are read with the separators and the release
    in which we write to the partner."""
    profile = partner.x12
    naked = None
    if profile.naked:
        delimiters, _ = separators(
            profile.element_separator, profile.segment_terminator, profile.component_separator,
            profile.repetition_separator if profile.version >= "004020" else "",
        )  # fmt: skip
        naked = Naked(delimiters, profile.version)
    return Agreement(counts=profile.lenient_counts, repetition=profile.repetition, naked=naked, guide=guide)
