"""What arrives today, hour by hour, against the usual: the median of the same weekday's earlier weeks.

What is past does not change, so the usual is read once a day and process; today costs one index range.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from statistics import median
from zoneinfo import ZoneInfo

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from bot.console.shapes import Answer

WEEKS = 8
_DAYS = text("""
    SELECT d.n, extract(hour FROM m.at AT TIME ZONE :zone)::int AS hour, count(*) AS number
    FROM unnest(CAST(:starts AS timestamptz[]), CAST(:ends AS timestamptz[])) WITH ORDINALITY AS d(a, b, n)
    CROSS JOIN LATERAL (
        SELECT created_at AS at FROM messages
        WHERE author = 'citizen' AND created_at >= d.a AND created_at < d.b
    ) AS m
    GROUP BY 1, 2
""")
_FIRST = text("SELECT min(created_at) FROM messages WHERE author = 'citizen'")


class Arrivals(Answer):
    """`usual` is empty while there is no earlier week. `expected` is the usual for the part of this hour that
    is over."""

    today: list[int]
    usual: list[float]
    hour: int
    now: int
    expected: float | None


class Usual:
    """Remembers the usual of one day."""

    def __init__(self) -> None:
        self._day: date | None = None
        self._hours: list[float] = []

    async def of(self, session: AsyncSession, zone: ZoneInfo, today: date) -> list[float]:
        if self._day != today:
            self._hours = await _usual(session, zone, today)
            self._day = today
        return self._hours


async def arrivals(session: AsyncSession, usual: Usual, zone: ZoneInfo, now: datetime) -> Arrivals:
    local = now.astimezone(zone)
    found = await _hours(session, zone, [local.date()])
    today = found.get(0, [0] * 24)
    hours = await usual.of(session, zone, local.date())
    past = (local.minute * 60 + local.second) / 3600
    return Arrivals(
        today=today,
        usual=hours,
        hour=local.hour,
        now=today[local.hour],
        expected=hours[local.hour] * past if hours else None,
    )


async def _usual(session: AsyncSession, zone: ZoneInfo, today: date) -> list[float]:
    """Per hour; weeks before the first message do not count, weeks without any do."""
    first = await session.scalar(_FIRST)
    if first is None:
        return []
    began = first.astimezone(zone).date()
    days = [today - timedelta(weeks=n) for n in range(1, WEEKS + 1)]
    days = [day for day in days if day >= began]
    found = await _hours(session, zone, days)
    counts = [found.get(n, [0] * 24) for n in range(len(days))]
    return [float(median(day[hour] for day in counts)) for hour in range(24)] if counts else []


async def _hours(session: AsyncSession, zone: ZoneInfo, days: Sequence[date]) -> dict[int, list[int]]:
    """Messages of citizens per hour, by the position of the day. A day has no entry when nobody wrote."""
    if not days:
        return {}
    values = {
        "zone": str(zone),
        "starts": [datetime.combine(day, time.min, zone) for day in days],
        "ends": [datetime.combine(day + timedelta(days=1), time.min, zone) for day in days],
    }
    out: dict[int, list[int]] = {}
    for row in await session.execute(_DAYS, values):
        out.setdefault(int(row.n) - 1, [0] * 24)[int(row.hour)] = int(row.number)
    return out
