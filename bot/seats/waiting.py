"""How long it may take, from what was handled lately and who is there. Nothing rather than nonsense."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from math import ceil
from typing import Any

from sqlalchemy import Result, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.seats import presence
from bot.store.handovers import Handover
from bot.store.operators import Operator

LATELY = timedelta(hours=6)
ENOUGH = 5  # conversations handled lately; fewer say nothing
LONGEST = 60  # minutes; beyond it nobody can know


@dataclass(frozen=True, slots=True)
class Room:
    """The seats as a whole: places, how many are free, and the median minutes that one is taken."""

    places: int
    free: int
    minutes: float | None


def estimate(place: int, room: Room) -> int | None:
    """Minutes until this place of the queue has its turn; 1: about now; None: nobody can say."""
    if room.places <= 0 or place <= 0:
        return None
    if place <= room.free:
        return 1
    if room.minutes is None:
        return None
    minutes = ceil((place - room.free) * room.minutes / room.places)
    if minutes > LONGEST:
        return None
    return max(2, minutes if minutes < 10 else 5 * ceil(minutes / 5))


async def room(session: AsyncSession) -> Room:
    held = (
        select(func.count())
        .where(Handover.operator_id == Operator.id, Handover.status == "claimed")
        .scalar_subquery()
    )
    people = await session.execute(
        select(func.sum(Operator.capacity), func.sum(func.greatest(0, Operator.capacity - held))).where(
            Operator.presence == "online", presence.there(presence.CONNECTED_FOR)
        )
    )
    places, free = people.one()
    taken = func.extract("epoch", Handover.ended_at - Handover.claimed_at) / 60
    handled: Result[int, Any] = await session.execute(
        select(func.count(), func.percentile_cont(0.5).within_group(taken)).where(
            Handover.ended_at > func.clock_timestamp() - LATELY, Handover.claimed_at.is_not(None)
        )
    )
    number, median = handled.one()
    return Room(int(places or 0), int(free or 0), float(median) if number >= ENOUGH else None)


async def minutes(session: AsyncSession, place: int) -> int | None:
    return estimate(place, await room(session)) if place > 0 else None
