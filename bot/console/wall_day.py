"""The wall's day: what was counted since midnight in the city. Every share stands beside what it is of."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from bot.console import views
from bot.console.shapes import Answer
from bot.services import Catalogue
from bot.tickets import states

PROMISED = 180  # seconds to a first answer on text media: GB/T 33358-2016


class Share(Answer):
    """`part` of `whole`; nothing is said where the whole is nothing."""

    part: int
    whole: int


class ServiceCount(Answer):
    service: views.Titled
    count: int


class Day(Answer):
    """`alone`: conversations in which nobody asked for a person. `satisfied`: 3 stars and more."""

    messages: int
    conversations: int
    alone: Share
    handovers: int
    first_reply: float | None
    first_reply_p90: float | None
    in_time: Share
    handling: float | None
    gone: int
    satisfied: Share
    stars: float | None
    filed: int
    open_tickets: int
    overdue: int
    given_up: int
    by_service: list[ServiceCount]


_TALKED = text("""
    WITH talked AS MATERIALIZED (
        SELECT conversation_id, count(*) AS n FROM messages
        WHERE author = 'citizen' AND created_at >= :today GROUP BY 1
    ), asked AS MATERIALIZED (
        SELECT conversation_id FROM handovers WHERE queued_at >= :today
        UNION SELECT conversation_id FROM handovers WHERE status <> 'ended'
    )
    SELECT coalesce(sum(n), 0)::int AS messages, count(*)::int AS conversations,
           (count(*) FILTER (WHERE conversation_id NOT IN (SELECT conversation_id FROM asked)))::int AS alone
    FROM talked
""")
_SERVED = text("""
    WITH served AS (
        SELECT status, claimed_at, extract(epoch FROM first_reply_at - queued_at) AS took,
               extract(epoch FROM clock_timestamp() - queued_at) AS since
        FROM handovers WHERE queued_at >= :today
    )
    SELECT count(*)::int AS handovers,
           percentile_cont(0.5) WITHIN GROUP (ORDER BY took) AS half,
           percentile_cont(0.9) WITHIN GROUP (ORDER BY took) AS most,
           (count(*) FILTER (WHERE took <= :promised))::int AS kept,
           (count(*) FILTER (WHERE took IS NOT NULL OR since > :promised))::int AS due,
           (count(*) FILTER (WHERE status = 'ended' AND claimed_at IS NULL))::int AS gone
    FROM served
""")
# Everybody who had the conversation counts, the waiting between two of them does not.
_HANDLING = text("""
    WITH changes AS (
        SELECT handover_id, verb, operator_id, at,
               lead(at) OVER (PARTITION BY handover_id ORDER BY id) AS until
        FROM seat_events
        WHERE verb IN ('claimed', 'taken_over', 'reassigned', 'transferred', 'released', 'ended')
          AND handover_id IN (SELECT id FROM handovers WHERE ended_at >= :today)
    ), spoken AS (
        SELECT sum(until - at) AS time FROM changes
        WHERE verb IN ('claimed', 'taken_over') OR (verb = 'reassigned' AND operator_id IS NOT NULL)
        GROUP BY handover_id
    )
    SELECT extract(epoch FROM percentile_cont(0.5) WITHIN GROUP (ORDER BY time))::float FROM spoken
""")
_RATED = text("""
    WITH rated AS (
        SELECT stars FROM ratings WHERE rated_at >= :today
        UNION ALL
        SELECT (data->>'stars')::int FROM ticket_events WHERE verb = 'rated' AND created_at >= :today
    )
    SELECT count(stars)::int AS n, (count(*) FILTER (WHERE stars >= 3))::int AS good,
           avg(stars)::float AS mean FROM rated
""")
_TICKETS = text("""
    SELECT (SELECT count(*) FROM tickets WHERE created_at >= :today)::int AS filed,
           (SELECT count(*) FROM tickets WHERE state = ANY(:open))::int AS open,
           (SELECT count(*) FROM tickets
            WHERE state = ANY(:open) AND deadline < clock_timestamp())::int AS late,
           (SELECT count(*) FROM outbox WHERE status = 'given_up')::int AS given_up
""")
_SERVICES = text("""
    SELECT service, count(*)::int AS number FROM tickets WHERE created_at >= :today
    GROUP BY service ORDER BY 2 DESC, 1 LIMIT 8
""")


async def day(session: AsyncSession, catalogue: Catalogue, today: datetime) -> Day:
    values: dict[str, Any] = {"today": today}
    talked = (await session.execute(_TALKED, values)).one()
    served = (await session.execute(_SERVED, values | {"promised": PROMISED})).one()
    rated = (await session.execute(_RATED, values)).one()
    tickets = (await session.execute(_TICKETS, values | {"open": sorted(states.OPEN)})).one()
    return Day(
        messages=talked.messages,
        conversations=talked.conversations,
        alone=Share(part=talked.alone, whole=talked.conversations),
        handovers=served.handovers,
        first_reply=served.half,
        first_reply_p90=served.most,
        in_time=Share(part=served.kept, whole=served.due),
        handling=await session.scalar(_HANDLING, values),
        gone=served.gone,
        satisfied=Share(part=rated.good, whole=rated.n),
        stars=rated.mean,
        filed=tickets.filed,
        open_tickets=tickets.open,
        overdue=tickets.late,
        given_up=tickets.given_up,
        by_service=[
            ServiceCount(service=views.titled_service(catalogue, row.service), count=row.number)
            for row in await session.execute(_SERVICES, values)
        ],
    )
