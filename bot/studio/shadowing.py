"""What a model in the shadow would have changed, counted and with examples."""

from __future__ import annotations

from datetime import datetime, timedelta

from pydantic import BaseModel
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.store.conversations import Message
from bot.store.models import ModelNode, ShadowRead

RECENT_NODE = ModelNode.seen_at > func.clock_timestamp() - timedelta(minutes=2)
EXAMPLES = 30


class Differs(BaseModel):
    """One message that the two read differently; masked."""

    text: str
    live: str
    shadow: str
    alarm: bool
    at: datetime


class Shadowed(BaseModel):
    model: int
    messages: int
    agrees: int
    alarms_more: int
    alarms_fewer: int
    examples: list[Differs]


async def summary(session: AsyncSession, model_id: int) -> Shadowed:
    """Since it was put into the shadow."""
    size = func.jsonb_array_length
    counts = (
        await session.execute(
            select(
                func.count(),
                func.count().filter(ShadowRead.agrees),
                func.count().filter(size(ShadowRead.alarms) > size(ShadowRead.live_alarms)),
                func.count().filter(size(ShadowRead.alarms) < size(ShadowRead.live_alarms)),
            ).where(ShadowRead.model_id == model_id)
        )
    ).one()
    rows = await session.execute(
        select(ShadowRead, Message.masked)
        .join(Message, Message.inbox_id == ShadowRead.inbox_id)
        .where(ShadowRead.model_id == model_id, ~ShadowRead.agrees, Message.author == "citizen")
        .order_by(ShadowRead.id.desc())
        .limit(EXAMPLES)
    )
    examples = [
        Differs(
            text=masked,
            live=_said(row.live_act, row.live_service, row.live_alarms),
            shadow=_said(row.act, row.service, row.alarms),
            alarm=set(row.alarms) != set(row.live_alarms),
            at=row.created_at,
        )
        for row, masked in rows
    ]
    return Shadowed(
        model=model_id,
        messages=counts[0],
        agrees=counts[1],
        alarms_more=counts[2],
        alarms_fewer=counts[3],
        examples=examples,
    )


def _said(act: str, service: str, alarms: list[str]) -> str:
    return "、".join(alarms) or act or service
