"""What keeps the line running: today's figures, deliveries that failed, and the audit trail."""

from __future__ import annotations

from datetime import datetime, time
from typing import Any, Literal

from sqlalchemy import func, select

from bot import outbox
from bot.console import audit, look, views
from bot.console.api import Call
from bot.console.pages import after_key, page
from bot.console.search import before
from bot.console.shapes import Answer, Cursor, Limit, Nothing, Page, Shape, Short
from bot.errors import Conflict, NotFound
from bot.seats.handover import PRESENT_FOR
from bot.store.conversations import Conversation, Message, Outbox
from bot.store.handovers import Handover
from bot.store.operators import Operator
from bot.store.tickets import Ticket
from bot.tickets import states


class Stats(Answer):
    """Counted since midnight in the city, but for what stands open now."""

    waiting: int
    longest_wait: float | None
    seated: int
    online: int
    filed: int
    open_tickets: int
    overdue: int
    messages: int
    handovers: int
    first_reply: float | None
    given_up: int
    held: int
    by_service: list[dict[str, Any]]
    by_hour: list[int]


class DeliveryQuery(Shape):
    status: Literal["given_up", "held", "queued", ""] = "given_up"
    channel: Short = ""
    after: Cursor = ""
    limit: Limit = 30


class DeliveryRow(Answer):
    id: int
    conversation: int
    channel: str
    who: str
    text: str
    author: str
    status: str
    attempts: int
    error: str
    due_at: datetime
    created_at: datetime


async def stats(call: Call[Nothing, Nothing]) -> Stats:
    session, zone = call.session, call.world.city.timezone
    today = datetime.combine(datetime.now(zone).date(), time.min, zone)

    async def count(*conditions: Any) -> int:
        return int(await session.scalar(select(func.count()).where(*conditions)) or 0)

    now = func.clock_timestamp()
    oldest = await session.scalar(select(func.min(Handover.queued_at)).where(Handover.status == "queued"))
    first = await session.scalar(
        select(
            func.percentile_cont(0.5).within_group(
                func.extract("epoch", Handover.first_reply_at - Handover.queued_at)
            )
        ).where(Handover.queued_at >= today, Handover.first_reply_at.is_not(None))
    )
    return Stats(
        waiting=await look.count_waiting(session),
        longest_wait=(datetime.now(zone) - oldest).total_seconds() if oldest else None,
        seated=await count(Handover.status == "claimed"),
        online=await count(
            Operator.presence == "online", Operator.active, Operator.seen_at > now - PRESENT_FOR
        ),
        filed=await count(Ticket.created_at >= today),
        open_tickets=await count(Ticket.state.in_(states.OPEN)),
        overdue=await count(Ticket.state.in_(states.OPEN), Ticket.deadline < now),
        messages=await count(Message.created_at >= today, Message.author == "citizen"),
        handovers=await count(Handover.queued_at >= today),
        first_reply=float(first) if first is not None else None,
        given_up=await count(Outbox.status == "given_up"),
        held=await count(Outbox.status == "held"),
        by_service=await _by_service(call, today),
        by_hour=await _by_hour(call, today),
    )


async def _by_service(call: Call[Nothing, Nothing], today: datetime) -> list[dict[str, Any]]:
    number = func.count().label("number")
    rows = await call.session.execute(
        select(Ticket.service, number)
        .where(Ticket.created_at >= today)
        .group_by(Ticket.service)
        .order_by(number.desc(), Ticket.service)
        .limit(8)
    )
    return [{**views.titled_service(call.world.catalogue, name).model_dump(), "count": n} for name, n in rows]


async def _by_hour(call: Call[Nothing, Nothing], today: datetime) -> list[int]:
    local = func.timezone(str(call.world.city.timezone), Message.created_at)
    hour = func.extract("hour", local).label("hour")
    rows = await call.session.execute(
        select(hour, func.count())
        .where(Message.created_at >= today, Message.author == "citizen")
        .group_by(hour)
    )
    found = {int(h): n for h, n in rows}
    return [found.get(h, 0) for h in range(24)]


async def deliveries(call: Call[DeliveryQuery, Nothing]) -> Page[DeliveryRow]:
    """Newest first. Only waiting rows that failed at least once count as trouble."""
    query = call.query
    statement = (
        select(Outbox, Conversation, Message)
        .join(Conversation, Conversation.id == Outbox.conversation_id)
        .outerjoin(Message, Message.id == Outbox.message_id)
        .order_by(Outbox.created_at.desc(), Outbox.id.desc())
        .limit(query.limit + 1)
    )
    if query.status == "queued":
        statement = statement.where(Outbox.status == "queued", Outbox.error != "")
    elif query.status:
        statement = statement.where(Outbox.status == query.status)
    else:
        statement = statement.where(Outbox.status.in_(("given_up", "held")))
    if query.channel:
        statement = statement.where(Outbox.channel == query.channel)
    if query.after:
        moment, key = after_key(query.after)
        statement = statement.where(before(Outbox.created_at, moment, Outbox.id, key))
    rows = [_delivery(*row) for row in await call.session.execute(statement)]
    return page(rows, query.limit, lambda row: (row.created_at, row.id))


def _delivery(row: Outbox, conversation: Conversation, message: Message | None) -> DeliveryRow:
    return DeliveryRow(
        id=row.id,
        conversation=row.conversation_id,
        channel=row.channel,
        who=views.who(conversation.channel, conversation.address),
        text=message.masked if message else "",
        author=message.author if message else "system",
        status=row.status,
        attempts=row.attempts,
        error=row.error,
        due_at=row.due_at,
        created_at=row.created_at,
    )


async def retry(call: Call[Nothing, Nothing]) -> DeliveryRow:
    existing = await call.session.get(Outbox, call.id)
    if existing is None:
        raise NotFound("没有这条消息 · no such delivery")
    row = await outbox.retry(call.session, call.id)
    if row is None:
        raise Conflict("这条消息不需要重发 · it is neither given up nor held")
    audit.record(call.session, call.operator.id, "delivery.retry", f"outbox:{row.id}")
    conversation = await call.session.get_one(Conversation, row.conversation_id)
    message = await call.session.get(Message, row.message_id) if row.message_id else None
    return _delivery(row, conversation, message)
