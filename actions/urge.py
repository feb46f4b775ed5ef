"""Ask the department for speed, at most once a day."""

from __future__ import annotations

from actions.base import Desk, Say, Urge
from actions.tickets import OPEN, pick, status_template


async def run(desk: Desk, step: Urge) -> list[Say]:
    ticket = await pick(desk, step.ticket, "urge", only_open=True)
    if isinstance(ticket, Say):
        return [ticket]
    values = {
        "number": ticket.number,
        "department": ticket.department,
        "deadline": desk.when(ticket.deadline),
    }
    if ticket.state not in OPEN:
        return [Say("urge-closed", {**values, "state": ticket.state})]
    done = await desk.urge(ticket.number, step.text)
    return [Say("urged" if done else "urged-already", values, template=status_template(ticket))]
