"""Who is at a seat. An open console beats; who is silent too long is gone, and what they held goes back.

Locks are taken in one order everywhere: operator, conversation, hand-over, offers. An operator's row is
locked without its key, so that what names them (a line, an event) need not wait.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import and_, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.errors import NotFound
from bot.store.handovers import Handover
from bot.store.operators import Operator
from bot.store.session import notify

PRESENT_FOR = timedelta(seconds=90)  # a console that was silent for longer is not there
CONNECTED_FOR = timedelta(seconds=40)  # nothing new is offered to one that was silent for longer
AT_SEAT = ("online", "busy")


async def locked(session: AsyncSession, operator_id: int) -> Operator:
    """The operator, locked until the transaction ends. Raises NotFound."""
    found = await session.get(
        Operator, operator_id, with_for_update={"key_share": True}, populate_existing=True
    )
    if found is None:
        raise NotFound("没有这个人 · no such person")
    return found


def there(within: timedelta = PRESENT_FOR) -> Any:
    """The condition that somebody's console was heard of lately."""
    return and_(Operator.active, Operator.seen_at > func.clock_timestamp() - within)


async def staffed(session: AsyncSession) -> bool:
    """Whether somebody is at a seat right now."""
    query = select(Operator.id).where(Operator.presence.in_(AT_SEAT), there())
    return await session.scalar(query.limit(1)) is not None


async def held(session: AsyncSession, operator_id: int) -> int:
    """How many conversations somebody speaks in."""
    query = select(func.count()).where(Handover.operator_id == operator_id, Handover.status == "claimed")
    return int(await session.scalar(query) or 0)


async def set_presence(session: AsyncSession, operator: Operator, presence: str) -> None:
    """`online`, `busy`, `away` or `offline`; also the heartbeat of an open console."""
    now = datetime.now(UTC)
    operator.seen_at = now
    if operator.presence == presence:
        return
    operator.presence, operator.present_since, operator.missed = presence, now, 0
    await notify(session, "seats", kind="presence", operator=operator.id)
