"""Take a request back. The dialogue has asked whether it is meant."""

from __future__ import annotations

from actions.base import Desk, Say, Withdraw
from actions.tickets import OPEN, pick, status_template


async def run(desk: Desk, step: Withdraw) -> list[Say]:
    ticket = await pick(desk, step.ticket, "withdraw", only_open=True)
    if isinstance(ticket, Say):
        return [ticket]
    values = {"number": ticket.number, "state": ticket.state}
    if ticket.state not in OPEN or not await desk.withdraw(ticket.number, step.text):
        return [Say("withdraw-too-late", values)]
    return [Say("withdrawn", values, template=status_template(ticket))]
