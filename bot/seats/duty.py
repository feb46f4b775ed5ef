"""When people are at the seats: weekly shifts in the city's time, on the calendar with its make-up workdays.

On a public holiday only shifts marked so run. A Saturday or Sunday that everybody works is an ordinary
working day: every shift that runs on some day from Monday to Friday runs on it too.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.city import Calendar, City
from bot.store.seating import DutyDay, Shift

LOOK_AHEAD = 30  # days


@dataclass(frozen=True, slots=True)
class Watch:
    """A shift as a value."""

    weekdays: frozenset[int]  # 1 Monday … 7 Sunday
    starts: time
    ends: time  # not after the start: on the next day
    holidays: bool = False

    def begins_on(self, day: date, calendar: Calendar) -> bool:
        if day.isoweekday() in self.weekdays:
            return self.holidays or day.isoweekday() > 5 or calendar.works(day)
        return day.isoweekday() > 5 and calendar.works(day) and bool(self.weekdays & {1, 2, 3, 4, 5})

    def span(self, day: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
        ends = day if self.ends > self.starts else day + timedelta(days=1)
        return datetime.combine(day, self.starts, zone), datetime.combine(ends, self.ends, zone)


def merged(calendar: Calendar, days: Iterable[tuple[date, bool]]) -> Calendar:
    """The calendar with days that somebody set. A year that it did not know keeps its fixed holidays."""
    works = {day for day, working in days if working}
    free = {day for day, working in days if not working}
    fresh = {day.year for day in works | free} - calendar.years
    fixed = {date(year, month, day) for year in fresh for month, day in calendar.always}
    return replace(
        calendar,
        years=calendar.years | fresh,
        holidays=(calendar.holidays | fixed | free) - works,
        workdays=(calendar.workdays | works) - free,
    )


async def calendar(session: AsyncSession, city: City) -> Calendar:
    rows = await session.execute(select(DutyDay.day, DutyDay.works))
    return merged(city.calendar, [(day, works) for day, works in rows])


async def city_now(session: AsyncSession, city: City) -> City:
    """The city with the calendar as it was changed in the console: deadlines are counted by it."""
    return replace(city, calendar=await calendar(session, city))


def watches(rows: Iterable[Shift]) -> list[Watch]:
    return [Watch(frozenset(row.weekdays), row.starts, row.ends, row.holidays) for row in rows]


def spans(
    shifts: Sequence[Watch], calendar: Calendar, zone: ZoneInfo, moment: datetime
) -> Iterator[tuple[datetime, datetime]]:
    """Every run of a shift from yesterday on, day by day: what began yesterday may still run."""
    today = moment.astimezone(zone).date()
    for ahead in range(-1, LOOK_AHEAD + 1):
        day = today + timedelta(days=ahead)
        yield from sorted(one.span(day, zone) for one in shifts if one.begins_on(day, calendar))


def on_duty(shifts: Sequence[Watch], calendar: Calendar, zone: ZoneInfo, moment: datetime) -> bool:
    today = moment.astimezone(zone).date()
    return any(
        starts <= moment < ends
        for one in shifts
        for day in (today - timedelta(days=1), today)
        if one.begins_on(day, calendar)
        for starts, ends in (one.span(day, zone),)
    )


def next_start(
    shifts: Sequence[Watch], calendar: Calendar, zone: ZoneInfo, moment: datetime
) -> datetime | None:
    """When people come next; None when no shift says so."""
    return next((starts for starts, _ in spans(shifts, calendar, zone, moment) if starts > moment), None)


async def opens(session: AsyncSession, city: City, moment: datetime) -> datetime | None:
    """When the next shift of anybody begins; None when none is planned, or one should be there now."""
    rows = (await session.scalars(select(Shift))).all()
    if not rows:
        return None
    known, shifts = await calendar(session, city), watches(rows)
    if on_duty(shifts, known, city.timezone, moment):
        return None
    return next_start(shifts, known, city.timezone, moment)
