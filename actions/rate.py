"""How satisfied the citizen is, and whether it was solved."""

from __future__ import annotations

from actions.base import Desk, Rate, Say
from actions.tickets import OPEN, pick
from channels.base import Choice

_LOW = 2  # stars that offer a redo


async def run(desk: Desk, step: Rate) -> list[Say]:
    ticket = await pick(desk, step.ticket, _payload(step))
    if isinstance(ticket, Say):
        return [ticket]
    number = ticket.number
    if ticket.state in OPEN:
        if step.solved is False:  # "还没解决" about a case in hand is a wish for speed
            return [Say("not-solved-open", {"number": number}, (Choice("@choice-urge", f"urge:{number}"),))]
        return [Say("rate-too-early", {"number": number, "deadline": desk.when(ticket.deadline)})]
    if step.stars is None and step.solved is None:
        return [Say("ask-stars", {"number": number}, stars(number))]
    if not await desk.rate(number, step.stars, step.solved, step.text):
        return [Say("rated-already", {"number": number})]
    if step.solved is False or (step.stars or 5) <= _LOW:
        redo = (Choice("@choice-redo", f"redo:{number}"), Choice("@choice-person", "person"))
        return [Say("rated-sorry", {"number": number}, redo)]
    if step.stars is None:
        return [Say("ask-stars", {"number": number}, stars(number))]
    return [Say("rated", {"number": number, "stars": step.stars})]


def _payload(step: Rate) -> str:
    """What the choice of a ticket must carry on: the stars or the verdict."""
    if step.stars is not None:
        return f"rate:{step.stars}"
    return f"solved:{'no' if step.solved is False else 'yes'}"


def stars(number: str) -> tuple[Choice, ...]:
    """In rising order, so that the number typed as an answer is the number of stars."""
    return tuple(Choice(f"@choice-stars-{n}", f"rate:{n}:{number}") for n in range(1, 6))
