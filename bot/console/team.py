"""The team: who is there, with what, who waits longest. Colleagues see the short list."""

from __future__ import annotations

from datetime import UTC, datetime, time

from sqlalchemy import func, select

from bot.console import look, talk_views
from bot.console.api import Call
from bot.console.shapes import Answer, Nothing
from bot.roles import may
from bot.seats import duty, presence, waiting
from bot.store.handovers import Handover, Offer
from bot.store.operators import Operator
from bot.store.seating import GroupMember, Shift, Skill


class SkillView(Answer):
    kind: str
    value: str


class Colleague(Answer):
    """Somebody to whom a conversation may be transferred. `presence` is `lost` while their console is
    silent and nothing is given up yet."""

    id: int
    name: str
    role: str
    presence: str
    load: int
    capacity: int
    groups: list[int]
    skills: list[SkillView]


class Colleagues(Answer):
    rows: list[Colleague]


class Seat(Colleague):
    login: str
    offers: bool
    since: datetime | None
    seen_at: datetime | None
    due: bool | None  # a shift of theirs runs now; null: no shift is theirs
    asked: int | None  # the conversation that is offered to them
    handled: int  # today
    conversations: list[talk_views.ConversationRow]


class Team(Answer):
    seats: list[Seat]
    waiting: int
    longest: datetime | None
    places: int
    free: int
    minutes: float | None
    on_duty: bool | None
    opens: datetime | None
    grace: int
    now: datetime


def shown(row: Operator) -> str:
    """The presence as others see it."""
    seen = row.seen_at
    if row.presence == "offline" or not row.active or seen is None:
        return "offline"
    return row.presence if datetime.now(UTC) - seen < presence.CONNECTED_FOR else "lost"


ORDER = {"online": 0, "busy": 1, "lost": 2, "away": 3, "offline": 4}


async def colleagues(call: Call[Nothing, Nothing]) -> Colleagues:
    rows = await _rows(call)
    return Colleagues(rows=sorted(rows, key=lambda one: (ORDER[one.presence], one.load, one.name)))


async def _rows(call: Call[Nothing, Nothing]) -> list[Colleague]:
    session = call.session
    people = [
        row
        for row in await session.scalars(select(Operator).where(Operator.active))
        if may(row.role, "operator")
    ]
    loads = await session.execute(
        select(Handover.operator_id, func.count())
        .where(Handover.status == "claimed")
        .group_by(Handover.operator_id)
    )
    load = {key: number for key, number in loads}  # noqa: C416  # rows are no pairs to mypy
    groups: dict[int, list[int]] = {}
    for member in await session.scalars(select(GroupMember).order_by(GroupMember.group_id)):
        groups.setdefault(member.operator_id, []).append(member.group_id)
    skills: dict[int, list[SkillView]] = {}
    for one in await session.scalars(select(Skill).order_by(Skill.kind, Skill.value)):
        skills.setdefault(one.operator_id, []).append(SkillView(kind=one.kind, value=one.value))
    return [
        Colleague(
            id=row.id,
            name=row.name,
            role=row.role,
            presence=shown(row),
            load=load.get(row.id, 0),
            capacity=row.capacity,
            groups=groups.get(row.id, []),
            skills=skills.get(row.id, []),
        )
        for row in people
    ]


async def team(call: Call[Nothing, Nothing]) -> Team:
    session, city, now = call.session, call.world.city, datetime.now(UTC)
    seats = await _seats(call, now)
    since = await session.scalar(select(func.min(Handover.waiting_since)).where(Handover.status == "queued"))
    room = await waiting.room(session)
    shifts = duty.watches(await session.scalars(select(Shift)))
    calendar = await duty.calendar(session, city)
    return Team(
        seats=seats,
        waiting=await look.count_waiting(session),
        longest=since,
        places=room.places,
        free=room.free,
        minutes=room.minutes,
        on_duty=duty.on_duty(shifts, calendar, city.timezone, now) if shifts else None,
        opens=duty.next_start(shifts, calendar, city.timezone, now) if shifts else None,
        grace=call.world.settings.seat_grace_seconds,
        now=now,
    )


async def _seats(call: Call[Nothing, Nothing], now: datetime) -> list[Seat]:
    session, zone = call.session, call.world.city.timezone
    people = {row.id: row for row in await session.scalars(select(Operator))}
    statement = look.rows().where(Handover.status == "claimed").order_by(Handover.claimed_at)
    held: dict[int, list[talk_views.ConversationRow]] = {}
    for entry in await look.listed(session, call.world.catalogue, statement):
        if entry.handover and entry.handover.operator_id:
            held.setdefault(entry.handover.operator_id, []).append(entry)
    asked = await session.execute(
        select(Offer.operator_id, Handover.conversation_id)
        .join(Handover, Handover.id == Offer.handover_id)
        .where(Offer.outcome == "")
    )
    offered = {key: conversation for key, conversation in asked}  # noqa: C416  # rows are no pairs to mypy
    today = datetime.combine(now.astimezone(zone).date(), time.min, zone)
    done = await session.execute(
        select(Handover.operator_id, func.count())
        .where(Handover.ended_at >= today, Handover.operator_id.is_not(None))
        .group_by(Handover.operator_id)
    )
    handled = {key: number for key, number in done}  # noqa: C416  # rows are no pairs to mypy
    shifts = (await session.scalars(select(Shift))).all()
    calendar = await duty.calendar(session, call.world.city)
    seats = []
    for short in await _rows(call):
        row = people[short.id]
        own = [s for s in shifts if s.operator_id == row.id or s.group_id in short.groups]
        seats.append(
            Seat(
                **short.model_dump(),
                login=row.login,
                offers=row.offers,
                since=row.present_since,
                seen_at=row.seen_at,
                due=duty.on_duty(duty.watches(own), calendar, zone, now) if own else None,
                asked=offered.get(row.id),
                handled=handled.get(row.id, 0),
                conversations=held.get(row.id, []),
            )
        )
    return sorted(seats, key=lambda one: (ORDER[one.presence], -one.load, one.name))
