"""Add words or photos to a ticket that was filed."""

from __future__ import annotations

from actions.base import AddDetail, Desk, Say
from actions.tickets import pick


async def run(desk: Desk, step: AddDetail) -> list[Say]:
    if step.ticket.number:
        found = await pick(desk, step.ticket, "add")
    else:  # what is said after filing belongs to the newest; asking which one would only confuse
        found = await desk.find(step.ticket) or Say("ticket-none")
    if isinstance(found, Say):
        return [found]
    done = await desk.add(found.number, step.text, step.attachments)
    values = {"number": found.number, "photos": len(step.attachments), "words": bool(step.text)}
    return [Say("added" if done else "add-closed", values)]
