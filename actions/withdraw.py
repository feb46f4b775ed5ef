"""Take a request back: asked once, with its number, where there is one that can still be taken back."""

from __future__ import annotations

from actions.base import Desk, Say, Withdraw
from actions.tickets import OPEN, pick, status_template
from channels.base import Choice

YES, NO = Choice("@choice-withdraw", "withdraw-yes"), Choice("@choice-keep", "withdraw-no")


async def run(desk: Desk, step: Withdraw) -> list[Say]:
    ticket = await pick(desk, step.ticket, "withdraw", only_open=True)
    if isinstance(ticket, Say):
        return [ticket]
    values = {"number": ticket.number, "state": ticket.state}
    if ticket.state in OPEN and not step.sure:
        return [Say("withdraw-sure", {"number": ticket.number}, (YES, NO))]
    if ticket.state not in OPEN or not await desk.withdraw(ticket.number, step.text):
        return [Say("withdraw-too-late", values)]
    return [Say("withdrawn", values, template=status_template(ticket))]
