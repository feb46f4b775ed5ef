"""File a request: number, query code, who handles it and until when."""

from __future__ import annotations

from actions.base import Desk, FileTicket, Say
from actions.tickets import receipt_template


async def run(desk: Desk, step: FileTicket) -> list[Say]:
    ticket = await desk.file(step.draft)
    values = {
        "number": ticket.number,
        "code": ticket.code,
        "service": ticket.service_title,
        "department": ticket.department,
        "deadline": desk.when(ticket.deadline),
        "anonymous": step.draft.anonymous,
    }
    key = "receipt-silent" if step.because_silent else "receipt"
    return [Say(key, values, template=receipt_template(desk, ticket))]
