"""What the verbs about tickets share: finding the one that is meant, and its template."""

from __future__ import annotations

from actions.base import Desk, Lookup, Say, TicketView
from channels.base import Choice, Template

OPEN = frozenset({"accepted", "dispatched", "signed", "returned", "redo"})


async def pick(desk: Desk, lookup: Lookup, verb: str, only_open: bool = False) -> TicketView | Say:
    """The ticket that is meant, or the sentence that asks which one. `verb` is the choices' payload."""
    if lookup.number:
        return await desk.find(lookup) or Say("ticket-unknown", {"number": lookup.number})
    mine = list(await desk.mine())
    if only_open:
        mine = [ticket for ticket in mine if ticket.state in OPEN] or mine[:1]
    if not mine:
        return Say("ticket-none")
    if len(mine) == 1:
        return mine[0]
    choices = tuple(Choice(f"{t.service_title} {t.number}", f"{verb}:{t.number}") for t in mine[:4])
    return Say("ticket-which", {"count": len(mine)}, choices)


def status_template(ticket: TicketView) -> Template:
    return Template("status", {"number": ticket.number, "state": ticket.state})


def receipt_template(desk: Desk, ticket: TicketView) -> Template:
    return Template(
        "receipt",
        {
            "number": ticket.number,
            "code": ticket.code,
            "service": ticket.service_title,
            "deadline": desk.when(ticket.deadline),
        },
    )
