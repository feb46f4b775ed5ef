"""The wall's present: who waits and for how long, who is at the seats with how much, what is grave.

Counts and times, never a word or a number of a citizen: a wall is read by whoever passes. Names of colleagues
are left out for those who may see figures only.
"""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from typing import Any

from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from bot.console import views
from bot.console.shapes import Answer
from bot.seats.presence import there
from bot.services import Catalogue
from bot.store.conversations import Conversation
from bot.store.handovers import Handover
from bot.store.operators import Operator
from bot.store.seating import Skill

LONGEST = 8


class WaitingRow(Answer):
    conversation: int | None
    channel: str
    language: str
    service: views.Titled | None
    urgency: str
    since: datetime
    came_back: bool


class Queue(Answer):
    waiting: int
    by_urgency: dict[str, int]
    longest: datetime | None
    median_wait: float | None
    seated: int
    rows: list[WaitingRow]
    curve: list[int]


class SeatRow(Answer):
    id: int
    name: str
    presence: str
    since: datetime | None
    load: int
    capacity: int


class SeatCount(Answer):
    online: int
    busy: int
    away: int
    load: int
    capacity: int


class SkillRow(Answer):
    """`kind`: service · category · language · channel."""

    kind: str
    title: views.Titled
    waiting: int
    seats: int
    load: int
    capacity: int


class AlarmRow(Answer):
    conversation: int | None
    safety: list[str]
    since: datetime
    taken: bool
    operator: str


_QUEUE = text("""
    SELECT urgency, count(*) AS n, min(waiting_since) AS longest FROM handovers
    WHERE status = 'queued' GROUP BY urgency
""")
_MEDIAN = text("""
    SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM clock_timestamp() - waiting_since))
    FROM handovers WHERE status = 'queued'
""")
# How many waited at each of the last 31 even minutes.
_CURVE = text("""
    WITH lately AS MATERIALIZED (
        SELECT CASE status WHEN 'queued' THEN waiting_since ELSE queued_at END AS a,
               CASE status WHEN 'queued' THEN NULL ELSE coalesce(claimed_at, ended_at) END AS b
        FROM handovers WHERE queued_at > clock_timestamp() - interval '6 hours' OR status = 'queued'
    )
    SELECT count(lately.a)::int
    FROM generate_series(0, 30) AS step
    CROSS JOIN LATERAL (SELECT clock_timestamp() - (30 - step) * interval '2 minutes' AS at) AS moment
    LEFT JOIN lately ON lately.a <= moment.at AND (lately.b IS NULL OR lately.b > moment.at)
    GROUP BY step ORDER BY step
""")


async def queue(session: AsyncSession, catalogue: Catalogue, named: bool) -> Queue:
    counted = (await session.execute(_QUEUE)).all()
    rows = await session.execute(
        select(Handover, Conversation.channel, Conversation.language)
        .join(Conversation, Conversation.id == Handover.conversation_id)
        .where(Handover.status == "queued")
        .order_by(Handover.waiting_since, Handover.id)
        .limit(LONGEST)
    )
    return Queue(
        waiting=sum(row.n for row in counted),
        by_urgency={row.urgency: row.n for row in counted},
        longest=min((row.longest for row in counted), default=None),
        median_wait=await session.scalar(_MEDIAN),
        seated=await session.scalar(select(func.count()).where(Handover.status == "claimed")) or 0,
        rows=[
            WaitingRow(
                conversation=row.conversation_id if named else None,
                channel=channel,
                language=language,
                service=views.titled_service(catalogue, row.service) if row.service else None,
                urgency=row.urgency,
                since=row.waiting_since,
                came_back=row.came_back,
            )
            for row, channel, language in rows
        ],
        curve=list(await session.scalars(_CURVE)),
    )


async def seats(session: AsyncSession) -> list[SeatRow]:
    """Everybody whose console is open, those with the most to do first."""
    load = (
        select(Handover.operator_id, func.count().label("n"))
        .where(Handover.status == "claimed")
        .group_by(Handover.operator_id)
        .subquery()
    )
    number = func.coalesce(load.c.n, 0)
    rows = await session.execute(
        select(Operator, number)
        .outerjoin(load, load.c.operator_id == Operator.id)
        .where(Operator.presence != "offline", there())
        .order_by(number.desc(), Operator.name)
    )
    return [
        SeatRow(
            id=row.id,
            name=row.name,
            presence=row.presence,
            since=row.present_since,
            load=held,
            capacity=row.capacity,
        )
        for row, held in rows
    ]


def counted(rows: list[SeatRow]) -> SeatCount:
    by = Counter(row.presence for row in rows)
    serving = [row for row in rows if row.presence != "away"]
    return SeatCount(
        online=by["online"],
        busy=by["busy"],
        away=by["away"],
        load=sum(row.load for row in rows),
        capacity=sum(row.capacity for row in serving),
    )


async def skills(session: AsyncSession, catalogue: Catalogue, rows: list[SeatRow]) -> list[SkillRow]:
    """What is asked for and what is there: every skill that somebody present has, and every category
    and foreign language that somebody waits for."""
    asked: Counter[tuple[str, str]] = Counter()
    for service, language, channel, number in await session.execute(
        select(Handover.service, Conversation.language, Conversation.channel, func.count())
        .join(Conversation, Conversation.id == Handover.conversation_id)
        .where(Handover.status == "queued")
        .group_by(Handover.service, Conversation.language, Conversation.channel)
    ):
        asked += Counter(_wants(catalogue, service, language, channel, number))
    present = {row.id: row for row in rows}
    having: dict[tuple[str, str], list[SeatRow]] = {}
    for skill in await session.scalars(select(Skill).where(Skill.operator_id.in_(present))):
        having.setdefault((skill.kind, skill.value), []).append(present[skill.operator_id])
    shown = set(having) | {
        key for key in asked if key[0] == "category" or (key[0] == "language" and key[1] != "zh")
    }
    made = [
        SkillRow(
            kind=kind,
            title=_titled(catalogue, kind, value),
            waiting=asked[kind, value],
            seats=len(having.get((kind, value), ())),
            load=sum(row.load for row in having.get((kind, value), ())),
            capacity=sum(row.capacity for row in having.get((kind, value), ())),
        )
        for kind, value in shown
    ]
    return sorted(made, key=lambda row: (-row.waiting, -row.load, row.kind, row.title.id))[:7]


def _wants(
    catalogue: Catalogue, service: str, language: str, channel: str, number: int
) -> dict[tuple[str, str], int]:
    found = catalogue.service(service) if service else None
    keys = {"service": service, "category": found.category if found else "", "language": language}
    keys["channel"] = channel
    return {(kind, value): number for kind, value in keys.items() if value}


_WORDS = {"zh": ("中文", "Chinese"), "en": ("英文", "English")}


def _titled(catalogue: Catalogue, kind: str, value: str) -> views.Titled:
    if kind == "service":
        return views.titled_service(catalogue, value)
    zh, en = _WORDS.get(value, (value, value)) if kind == "language" else (value, value)
    return views.Titled(id=value, zh=zh, en=en)


async def alarms(session: AsyncSession, named: bool) -> list[AlarmRow]:
    rows: Any = await session.execute(
        select(Handover, Operator.name)
        .outerjoin(Operator, Operator.id == Handover.operator_id)
        .where(Handover.status != "ended", Handover.urgency == "emergency")
        .order_by(Handover.status.desc(), Handover.queued_at)
        .limit(8)
    )
    return [
        AlarmRow(
            conversation=row.conversation_id if named else None,
            safety=row.safety,
            since=row.queued_at,
            taken=row.status == "claimed",
            operator=(name or "") if named else "",
        )
        for row, name in rows
    ]
