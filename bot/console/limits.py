"""Routes of limits on citizens: wished by one, agreed to by another, each act in the audit."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.console import audit, look, views
from bot.console.api import Call
from bot.console.shapes import Answer, Nothing, Shape
from bot.masking import mask
from bot.seats import limits
from bot.store import transcript
from bot.store.conversations import Conversation
from bot.store.operators import Operator
from bot.store.talking import Limit


class LimitWish(Shape):
    what: Literal["mute", "slow", "block"]
    hours: Annotated[int, Field(ge=1, le=limits.LONGEST)]
    reason: Annotated[str, StringConstraints(strip_whitespace=True, min_length=2, max_length=300)]


class Verdict(Shape):
    agree: bool


class LimitView(Answer):
    """`held`: messages that wait until it ends."""

    id: int
    conversation: int
    who: str
    what: str
    hours: int
    reason: str
    status: str
    asked_by: int
    asker: str
    decider: str
    until: datetime | None
    at: datetime
    held: int


async def views_of(session: AsyncSession, rows: Sequence[Limit]) -> list[LimitView]:
    people = {row.asked_by for row in rows} | {row.decided_by for row in rows if row.decided_by}
    found = await session.execute(select(Operator.id, Operator.name).where(Operator.id.in_(people)))
    names = {key: name for key, name in found}  # noqa: C416  # rows are no pairs to mypy
    talks = await session.scalars(
        select(Conversation).where(Conversation.id.in_({row.conversation_id for row in rows}))
    )
    by_id = {talk.id: talk for talk in talks}
    return [
        LimitView(
            id=row.id,
            conversation=row.conversation_id,
            who=views.who(by_id[row.conversation_id].channel, by_id[row.conversation_id].address),
            what=row.what,
            hours=row.hours,
            reason=mask(row.reason),
            status=row.status,
            asked_by=row.asked_by,
            asker=names.get(row.asked_by, ""),
            decider=names.get(row.decided_by or 0, ""),
            until=row.until,
            at=row.created_at,
            held=await limits.held(session, by_id[row.conversation_id]) if row.status == "active" else 0,
        )
        for row in rows
    ]


async def shown(session: AsyncSession, conversation: Conversation) -> LimitView | None:
    row = await limits.current(session, conversation)
    return (await views_of(session, [row]))[0] if row else None


async def ask(call: Call[Nothing, LimitWish]) -> LimitView:
    found = await look.one(call.session, call.operator, call.id)
    conversation = await transcript.lock(call.session, found.id)
    me = await _me(call)
    row = await limits.ask(call.session, conversation, me, call.body.what, call.body.hours, call.body.reason)
    _record(call, "limit.ask", row)
    return (await views_of(call.session, [row]))[0]


async def decide(call: Call[Nothing, Verdict]) -> LimitView:
    row = await limits.decide(call.session, call.id, await _me(call), call.body.agree)
    _record(call, "limit.agree" if call.body.agree else "limit.refuse", row)
    return (await views_of(call.session, [row]))[0]


async def lift(call: Call[Nothing, Nothing]) -> LimitView:
    row = await limits.lift(call.session, call.id, await _me(call))
    _record(call, "limit.lift", row)
    return (await views_of(call.session, [row]))[0]


def _record(call: Call[Any, Any], verb: str, row: Limit) -> None:
    thing = f"conversation:{row.conversation_id}"
    audit.record(call.session, call.operator.id, verb, thing, what=row.what, hours=row.hours)


async def _me(call: Call[Any, Any]) -> Operator:
    return await call.session.get_one(Operator, call.operator.id)
