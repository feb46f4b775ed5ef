"""Who is offered what: urgency, then waiting time, to the least loaded who may take it. Pure.

A wanted person comes first, then a wanted group. Skills bind until nobody who has them is there, or until
patience is over: it is better to be helped by somebody than to wait for the right one. An emergency never
waits for a skill.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

EMERGENCY = 2


@dataclass(frozen=True, slots=True)
class Waits:
    """One who waits. `wants` holds what it is about: {"service": …, "category": …, "language", "channel"}."""

    handover: int
    rank: int
    since: datetime
    wants: Mapping[str, str] = field(default_factory=dict)
    group: int | None = None
    person: int | None = None
    refused: Collection[int] = ()  # operators who did not take it a moment ago


@dataclass(frozen=True, slots=True)
class Free:
    """Somebody online. `load` counts what they hold; `idle_since` when they were given something last."""

    operator: int
    load: int
    capacity: int
    idle_since: datetime
    skills: Mapping[str, Collection[str]] = field(default_factory=dict)
    groups: Collection[int] = ()
    asked: bool = False  # has an offer before them

    @property
    def room(self) -> bool:
        return not self.asked and self.load < self.capacity


def able(seat: Free, wants: Mapping[str, str]) -> bool:
    """Nobody is limited in a kind of skill of which they have none; service and category are one kind."""
    topics = {*seat.skills.get("service", ()), *seat.skills.get("category", ())}
    if topics and wants.get("service") and not topics & {wants["service"], wants.get("category", "")}:
        return False
    return all(
        not seat.skills.get(kind) or not wants.get(kind) or wants[kind] in seat.skills[kind]
        for kind in ("language", "channel")
    )


def candidates(one: Waits, seats: Sequence[Free], patient: bool) -> list[Free]:
    """Those who may be offered it now, whether or not they have room."""
    wanted = [seat for seat in seats if seat.operator == one.person and one.person not in one.refused]
    if wanted and patient:
        return wanted
    found = list(seats)
    members = [seat for seat in seats if one.group is not None and one.group in seat.groups]
    if members and patient and one.rank < EMERGENCY:
        found = members
    skilled = [seat for seat in found if able(seat, one.wants)]
    if skilled and patient and one.rank < EMERGENCY:
        return skilled
    return _skilled_first(found, skilled)


def _skilled_first(found: list[Free], skilled: list[Free]) -> list[Free]:
    """Beyond patience anybody will do, but who has the skill and room still comes first."""
    return skilled if any(seat.room for seat in skilled) else found


def match(
    waiting: Iterable[Waits], seats: Sequence[Free], now: datetime, patience: float
) -> list[tuple[int, int]]:
    """Pairs of hand-over and operator, in the order of the queue; at most one for each operator."""
    left = {seat.operator: seat for seat in seats}
    pairs = []
    for one in waiting:
        if not any(seat.room for seat in left.values()):
            break
        patient = (now - one.since).total_seconds() < patience
        free = [
            seat
            for seat in candidates(one, list(seats), patient)
            if seat.operator in left and seat.room and seat.operator not in one.refused
        ]
        if not free:
            continue
        chosen = min(free, key=lambda seat: (seat.load / seat.capacity, seat.idle_since, seat.operator))
        del left[chosen.operator]
        pairs.append((one.handover, chosen.operator))
    return pairs
