"""How a ticket stands: of one, or the list to choose from."""

from __future__ import annotations

from actions.base import Desk, Say, TicketStatus
from actions.tickets import OPEN, pick, status_template
from channels.base import Choice


async def run(desk: Desk, step: TicketStatus) -> list[Say]:
    ticket = await pick(desk, step.ticket, "status")
    if isinstance(ticket, Say):
        return [ticket]
    values = {
        "number": ticket.number,
        "service": ticket.service_title,
        "state": ticket.state,
        "department": ticket.department,
        "deadline": desk.when(ticket.deadline),
        "open": ticket.state in OPEN,
        "overdue": ticket.state in OPEN and ticket.deadline < desk.now,
        "answer": ticket.answer,
        "answered": bool(ticket.answer),
    }
    choices: tuple[Choice, ...] = ()
    if ticket.state in OPEN:
        choices = (Choice("@choice-urge", f"urge:{ticket.number}"),)
    elif ticket.state in ("answered", "closed") and not ticket.rated:
        choices = (
            Choice("@choice-solved", f"solved:yes:{ticket.number}"),
            Choice("@choice-not-solved", f"solved:no:{ticket.number}"),
        )
    return [Say("status", values, choices, status_template(ticket))]
