"""Have a closed case handled again."""

from __future__ import annotations

from actions.base import AskRedo, Desk, Say
from actions.tickets import OPEN, pick, status_template


async def run(desk: Desk, step: AskRedo) -> list[Say]:
    ticket = await pick(desk, step.ticket, "redo")
    if isinstance(ticket, Say):
        return [ticket]
    values = {
        "number": ticket.number,
        "department": ticket.department,
        "deadline": desk.when(ticket.deadline),
    }
    if ticket.state in OPEN:
        return [Say("redo-still-open", values)]
    done = await desk.redo(ticket.number, step.text)
    return [Say("redo-started" if done else "redo-impossible", values, template=status_template(ticket))]
