"""Who sent an interchange: by its ISA ids, and never by guessing."""

from __future__ import annotations

from hub.contracts.partner import Identifier, Partner
from hub.errors import Held
from hub.flow.desk import Desk
from hub.ledger.message import Message
from hub.x12.document import Interchange

__all__ = ["sender_of"]


def sender_of(desk: Desk, interchange: Interchange, message: Message) -> Partner:
    """The partner whose ids the interchange carries.

    Raises Held where no profile has them, or where they belong to another partner than the one whose channel it came
    by: nobody may speak in another's name. What comes without ISA is from the partner whose channel it came by.
    """
    channel = desk.partners.get(message.partner)
    if channel is not None and channel.x12.naked and not interchange.sender_qualifier:
        return channel
    sent = (interchange.sender_qualifier, interchange.sender)
    ours = (interchange.receiver_qualifier, interchange.receiver)
    found = [partner for partner in desk.partners.values() if _same(partner.x12.partner, sent)]
    meant = [partner for partner in found if _same(partner.x12.us, ours)]
    if not meant:
        raise Held(
            f"Interchange {interchange.control_number} is from {sent[0]}/{sent[1]} to {ours[0]}/{ours[1]}; "
            f"{_nearest(desk, message)}",
            fix="Correct [x12] partner and us in that partner's profile, or have the sender correct ISA05 to ISA08.",
        )
    partner = meant[0]
    if message.partner and message.partner != partner.id:
        raise Held(
            f"Interchange {interchange.control_number} carries the ids of {partner.id}, "
            f"but it came by the channel of {message.partner}.",
            fix="Find out who sent it before anything is done with it.",
        )
    return partner


def _same(known: Identifier, seen: tuple[str, str]) -> bool:
    return (known.qualifier, known.id) == seen


def _nearest(desk: Desk, message: Message) -> str:
    profile = desk.partners.get(message.partner)
    if profile is not None:
        partner, us = profile.x12.partner, profile.x12.us
        return f"{profile.id} has {partner.qualifier}/{partner.id} to {us.qualifier}/{us.id}."
    return f"profiles: {', '.join(sorted(desk.partners)) or 'none'}."
