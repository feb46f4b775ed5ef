"""What the citizen thought of the person who spoke with them."""

from __future__ import annotations

from actions.base import Desk, RateSeat, Say

_LOW = 2  # stars after which we ask what went wrong


async def run(desk: Desk, step: RateSeat) -> list[Say]:
    if not await desk.rate_seat(step.handover, step.stars, step.words):
        return [Say("nothing-open")]
    if step.stars is None:
        return [Say("seat-words-noted")]
    return [Say("seat-rated-sorry" if step.stars <= _LOW else "seat-rated")]
