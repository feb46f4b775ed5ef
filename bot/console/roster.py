"""Groups, skills, shifts and duty days: who can take what, and when somebody is there."""

from __future__ import annotations

from datetime import date, time, timedelta
from typing import Annotated, Literal

from pydantic import Field, StringConstraints
from sqlalchemy import delete, func, select
from sqlalchemy.exc import IntegrityError

from bot.console import audit
from bot.console.api import Call
from bot.console.shapes import Answer, Done, Id, Named, Nothing, Shape, Short
from bot.console.team import SkillView
from bot.errors import Conflict, Invalid, NotFound
from bot.roles import may
from bot.seats import duty
from bot.seats.presence import locked
from bot.store.operators import Operator
from bot.store.seating import DutyDay, Group, GroupMember, Shift, Skill
from bot.store.session import notify

CHANNELS = ("web", "wechat", "sms")
LANGUAGES = ("zh", "en")
Clock = Annotated[str, StringConstraints(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")]


class GroupBody(Shape):
    name: Named
    about: Short = ""
    members: list[Id] = Field(default=[], max_length=1000)


class GroupView(Answer):
    id: int
    name: str
    about: str
    members: list[int]


class Groups(Answer):
    rows: list[GroupView]


class SkillBody(Shape):
    kind: Literal["service", "category", "language", "channel"]
    value: Annotated[str, StringConstraints(min_length=1, max_length=60)]


class SeatBody(Shape):
    """What is given is changed; skills are replaced as a whole."""

    capacity: int | None = Field(None, ge=0, le=50)
    offers: bool | None = None
    skills: list[SkillBody] | None = Field(None, max_length=200)


class ShiftBody(Shape):
    name: Named
    group: Id | None = None
    operator: Id | None = None
    weekdays: list[Annotated[int, Field(ge=1, le=7)]] = Field(min_length=1, max_length=7)
    starts: Clock
    ends: Clock
    holidays: bool = False


class ShiftView(Answer):
    id: int
    name: str
    group: int | None
    operator: int | None
    weekdays: list[int]
    starts: str
    ends: str
    holidays: bool


class Shifts(Answer):
    rows: list[ShiftView]


class DaysQuery(Shape):
    year: Annotated[int, Field(ge=2000, le=2100)]


class DayBody(Shape):
    """`until` sets every day up to it too, as for a holiday of a week."""

    works: bool
    name: Short = ""
    until: date | None = None


class DayView(Answer):
    """A day that is not as its weekday says: a holiday, or a make-up workday. `set` in the console."""

    day: date
    works: bool
    name: str
    set: bool


class Days(Answer):
    rows: list[DayView]
    known: bool  # the calendar has this year, or somebody set days of it


async def groups(call: Call[Nothing, Nothing]) -> Groups:
    members: dict[int, list[int]] = {}
    for row in await call.session.scalars(select(GroupMember).order_by(GroupMember.operator_id)):
        members.setdefault(row.group_id, []).append(row.operator_id)
    found = await call.session.scalars(select(Group).order_by(Group.name))
    return Groups(rows=[_group(row, members.get(row.id, [])) for row in found])


def _group(row: Group, members: list[int]) -> GroupView:
    return GroupView(id=row.id, name=row.name, about=row.about, members=members)


async def group_create(call: Call[Nothing, GroupBody]) -> GroupView:
    row = Group(name=call.body.name, about=call.body.about)
    return await _group_save(call, row, "group.create")


async def group_change(call: Call[Nothing, GroupBody]) -> GroupView:
    row = await call.session.get(Group, call.id, with_for_update=True)
    if row is None:
        raise NotFound("没有这个组 · no such group")
    row.name, row.about = call.body.name, call.body.about
    return await _group_save(call, row, "group.change")


async def _group_save(call: Call[Nothing, GroupBody], row: Group, verb: str) -> GroupView:
    session, members = call.session, sorted(set(call.body.members))
    await _people(call, members)
    try:
        async with session.begin_nested():
            session.add(row)
    except IntegrityError as error:
        raise Conflict("组名已被使用 · the name is taken") from error
    await session.execute(delete(GroupMember).where(GroupMember.group_id == row.id))
    session.add_all(GroupMember(group_id=row.id, operator_id=one) for one in members)
    audit.record(session, call.operator.id, verb, f"group:{row.id}", members=members)
    await notify(session, "seats", kind="roster")
    return _group(row, members)


async def _people(call: Call[Nothing, GroupBody] | Call[Nothing, ShiftBody], ids: list[int]) -> None:
    rows = await call.session.execute(select(Operator.id, Operator.role).where(Operator.id.in_(ids)))
    if {key for key, role in rows if may(role, "operator")} != set(ids):
        raise Invalid({"members": "其中有人不是坐席 · somebody of them is no operator"})


async def group_delete(call: Call[Nothing, Nothing]) -> Done:
    row = await call.session.get(Group, call.id, with_for_update=True)
    if row is None:
        raise NotFound("没有这个组 · no such group")
    await call.session.delete(row)
    audit.record(call.session, call.operator.id, "group.delete", f"group:{call.id}")
    await notify(call.session, "seats", kind="roster")
    return Done()


async def seat_change(call: Call[Nothing, SeatBody]) -> Done:
    """How much somebody takes at a time, whether unasked, and what."""
    row, body = await locked(call.session, call.id), call.body
    if not may(row.role, "operator"):
        raise Conflict("这个角色不接待市民 · this role does not speak with citizens")
    if body.capacity is not None:
        row.capacity = body.capacity
    if body.offers is not None:
        row.offers = body.offers
    if body.skills is not None:
        wanted: set[tuple[str, str]] = {(one.kind, one.value) for one in body.skills}
        _known(call, wanted)
        await call.session.execute(delete(Skill).where(Skill.operator_id == row.id))
        call.session.add_all(Skill(operator_id=row.id, kind=k, value=v) for k, v in sorted(wanted))
    changed = body.model_dump(exclude_none=True)
    audit.record(call.session, call.operator.id, "seat.change", f"user:{row.id}", **changed)
    await notify(call.session, "seats", kind="roster")
    return Done()


def _known(call: Call[Nothing, SeatBody], wanted: set[tuple[str, str]]) -> None:
    catalogue = call.world.catalogue
    values: dict[str, set[str]] = {
        "service": {str(name) for name in catalogue.services},
        "category": {service.category for service in catalogue.services.values()},
        "language": set(LANGUAGES),
        "channel": set(CHANNELS),
    }
    for kind, value in wanted:
        if value not in values[kind]:
            raise Invalid({"skills": f"没有“{value}” · there is no {kind} '{value}'"})


async def skills_known(call: Call[Nothing, Nothing]) -> list[SkillView]:
    """Every value that a skill may have, but for services, which /api/services lists."""
    categories = sorted({service.category for service in call.world.catalogue.services.values()})
    return [
        *(SkillView(kind="category", value=value) for value in categories),
        *(SkillView(kind="language", value=value) for value in LANGUAGES),
        *(SkillView(kind="channel", value=value) for value in CHANNELS),
    ]


async def shifts(call: Call[Nothing, Nothing]) -> Shifts:
    rows = await call.session.scalars(select(Shift).order_by(Shift.starts, Shift.id))
    return Shifts(rows=[_shift(row) for row in rows])


def _shift(row: Shift) -> ShiftView:
    return ShiftView(
        id=row.id,
        name=row.name,
        group=row.group_id,
        operator=row.operator_id,
        weekdays=sorted(row.weekdays),
        starts=f"{row.starts:%H:%M}",
        ends=f"{row.ends:%H:%M}",
        holidays=row.holidays,
    )


async def shift_create(call: Call[Nothing, ShiftBody]) -> ShiftView:
    return await _shift_save(call, Shift(), "shift.create")


async def shift_change(call: Call[Nothing, ShiftBody]) -> ShiftView:
    row = await call.session.get(Shift, call.id, with_for_update=True)
    if row is None:
        raise NotFound("没有这个班次 · no such shift")
    return await _shift_save(call, row, "shift.change")


async def _shift_save(call: Call[Nothing, ShiftBody], row: Shift, verb: str) -> ShiftView:
    body, session = call.body, call.session
    if body.group is not None and body.operator is not None:
        raise Invalid({"group": "选一个组或一个人 · a group or a person, not both"})
    if body.group is not None and await session.get(Group, body.group) is None:
        raise Invalid({"group": "没有这个组 · no such group"})
    if body.operator is not None:
        await _people(call, [body.operator])
    row.name, row.group_id, row.operator_id = body.name, body.group, body.operator
    row.weekdays, row.holidays = sorted(set(body.weekdays)), body.holidays
    row.starts, row.ends = time.fromisoformat(body.starts), time.fromisoformat(body.ends)
    session.add(row)
    await session.flush()
    audit.record(session, call.operator.id, verb, f"shift:{row.id}")
    await notify(session, "seats", kind="roster")
    return _shift(row)


async def shift_delete(call: Call[Nothing, Nothing]) -> Done:
    row = await call.session.get(Shift, call.id, with_for_update=True)
    if row is None:
        raise NotFound("没有这个班次 · no such shift")
    await call.session.delete(row)
    audit.record(call.session, call.operator.id, "shift.delete", f"shift:{call.id}")
    await notify(call.session, "seats", kind="roster")
    return Done()


async def days(call: Call[DaysQuery, Nothing]) -> Days:
    """The days of a year that are not as their weekday says, set ones on top of the city's calendar."""
    year, city = call.query.year, call.world.city
    own = await call.session.scalars(select(DutyDay).where(func.extract("year", DutyDay.day) == year))
    set_ = {row.day: row for row in own}
    merged = duty.merged(city.calendar, [(row.day, row.works) for row in set_.values()])
    rows = []
    day = date(year, 1, 1)
    while day.year == year:
        works = merged.works(day)
        if day in set_ or day in merged.holidays or works != (day.weekday() < 5):
            name = set_[day].name if day in set_ else city.calendar.names.get(day, "")
            rows.append(DayView(day=day, works=works, name=name, set=day in set_))
        day += timedelta(days=1)
    return Days(rows=rows, known=year in merged.years)


async def day_set(call: Call[Nothing, DayBody]) -> Done:
    first, body = _day(call), call.body
    last = body.until or first
    if not 0 <= (last - first).days <= 31:
        raise Invalid({"until": "最多连续 31 天 · at most 31 days in a row"})
    for ahead in range((last - first).days + 1):
        day = first + timedelta(days=ahead)
        row = await call.session.get(DutyDay, day, with_for_update=True) or DutyDay(day=day)
        row.works, row.name, row.set_by = body.works, body.name, call.operator.id
        call.session.add(row)
    audit.record(
        call.session, call.operator.id, "duty.set", f"day:{first}", works=body.works, until=str(last)
    )
    return Done()


async def day_clear(call: Call[Nothing, Nothing]) -> Done:
    """As the city's calendar has it."""
    row = await call.session.get(DutyDay, _day(call), with_for_update=True)
    if row is None:
        raise NotFound("这一天没有改动 · this day was not changed")
    await call.session.delete(row)
    audit.record(call.session, call.operator.id, "duty.clear", f"day:{row.day}")
    return Done()


def _day(call: Call[Nothing, DayBody] | Call[Nothing, Nothing]) -> date:
    try:
        day = date.fromisoformat(call.path("day"))
    except ValueError as error:
        raise NotFound("没有这一天 · no such day") from error
    if not 2000 <= day.year <= 2100:
        raise NotFound("没有这一天 · no such day")
    return day
