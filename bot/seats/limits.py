"""Limits on a citizen who harms the work of others. They end by themselves, need a second person, and lose
nothing: what is written meanwhile is stored, a request in it is taken up later, an emergency always passes.
They hold for the citizen, whichever of our numbers a text message goes to.

mute: no person is called again; the assistant goes on alone.
slow: the assistant answers at most every ten minutes, everything in order.
block: the assistant is silent; what holds a request waits until the limit ends or is lifted.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from sqlalchemy import ColumnElement, func, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.dialogue.policy import Policy
from bot.dialogue.types import Understanding
from bot.errors import Conflict, NotAllowed, NotFound
from bot.registry import TEXT_CHANNELS
from bot.roles import may
from bot.store.conversations import Conversation, Inbox, Message
from bot.store.operators import Operator
from bot.store.sealing import sealer
from bot.store.session import notify
from bot.store.talking import Limit
from channels.base import Inbound

What = Literal["mute", "slow", "block"]
PACE = timedelta(minutes=10)
LONGEST = 7 * 24  # hours
HELD = timedelta(minutes=1)  # due later than this, a waiting message waits for a limit and not for the model


async def ask(
    session: AsyncSession, conversation: Conversation, by: Operator, what: What, hours: int, reason: str
) -> Limit:
    """A wish, until somebody else agrees. Raises Conflict when one is open."""
    if await current(session, conversation) is not None:
        raise Conflict("已经有一个限制或申请 · there is a limit or a wish for one already")
    row = Limit(
        conversation_id=conversation.id, what=what, hours=hours, reason=reason, status="asked", asked_by=by.id
    )
    session.add(row)
    await session.flush()
    await _tell(session, row)
    return row


async def decide(session: AsyncSession, limit_id: int, by: Operator, agree: bool) -> Limit:
    """The second person: somebody else than who asked, one of the two a supervisor."""
    row = await _locked(session, limit_id)
    if row.status != "asked":
        raise Conflict("已经处理过了 · it is decided already")
    if row.asked_by == by.id:
        raise NotAllowed("需要另一位同事批准 · a second person has to agree")
    asker = await session.get_one(Operator, row.asked_by)
    if not (may(by.role, "supervisor") or may(asker.role, "supervisor")):
        raise NotAllowed("需要值班长批准 · a supervisor has to agree")
    row.status, row.decided_by, row.decided_at = "active" if agree else "refused", by.id, datetime.now(UTC)
    row.until = row.decided_at + timedelta(hours=row.hours) if agree else None
    await session.flush()
    await _tell(session, row)
    return row


async def lift(session: AsyncSession, limit_id: int, by: Operator) -> Limit:
    """End it early, or take the wish back: who asked, or a supervisor. What waited is taken up at once."""
    row = await _locked(session, limit_id)
    if row.status not in ("asked", "active"):
        raise Conflict("已经结束了 · it has ended already")
    if row.asked_by != by.id and not may(by.role, "supervisor"):
        raise NotAllowed("只有申请人或值班长可以解除 · only who asked or a supervisor lifts it")
    row.status, row.decided_by, row.decided_at = "lifted", by.id, datetime.now(UTC)
    talk = await session.get_one(Conversation, row.conversation_id)
    await session.execute(
        update(Inbox)
        .where(_theirs(Inbox.conversation_id, talk), Inbox.status == "waiting")
        .values(due_at=row.decided_at)
        .execution_options(synchronize_session=False)
    )
    await _tell(session, row)
    return row


async def _locked(session: AsyncSession, limit_id: int) -> Limit:
    row = await session.get(Limit, limit_id, with_for_update=True)
    if row is None:
        raise NotFound("没有这个限制 · no such limit")
    return row


def _theirs(column: Any, conversation: Conversation) -> ColumnElement[bool]:
    """The condition that a row belongs to this citizen: elsewhere than by text message one conversation is
    one citizen."""
    if conversation.channel not in TEXT_CHANNELS:
        here: ColumnElement[bool] = column == conversation.id
        return here
    known = [(name, sealer().index(f"{name}:{conversation.address}")) for name in TEXT_CHANNELS]
    same = tuple_(Conversation.channel, Conversation.address_index).in_(known)
    there: ColumnElement[bool] = column.in_(select(Conversation.id).where(same))
    return there


async def current(session: AsyncSession, conversation: Conversation) -> Limit | None:
    """The wish or the limit on this citizen that counts now."""
    found: Limit | None = await session.scalar(
        select(Limit)
        .where(
            _theirs(Limit.conversation_id, conversation),
            (Limit.status == "asked") | ((Limit.status == "active") & (Limit.until > datetime.now(UTC))),
        )
        .order_by(Limit.id.desc())
        .limit(1)
    )
    return found


async def active(session: AsyncSession, conversation: Conversation) -> Limit | None:
    row = await current(session, conversation)
    return row if row is not None and row.status == "active" else None


async def waiting(session: AsyncSession) -> list[Limit]:
    """Wishes that nobody has decided, oldest first."""
    rows = await session.scalars(select(Limit).where(Limit.status == "asked").order_by(Limit.id).limit(50))
    return list(rows)


async def in_force(session: AsyncSession) -> list[Limit]:
    """All limits that count now, the one that ends first in front."""
    query = select(Limit).where(Limit.status == "active", Limit.until > datetime.now(UTC))
    return list(await session.scalars(query.order_by(Limit.until).limit(100)))


async def held(session: AsyncSession, conversation: Conversation) -> int:
    """Messages that wait for the limit to end."""
    query = select(func.count()).where(
        _theirs(Inbox.conversation_id, conversation),
        Inbox.status == "waiting",
        Inbox.due_at > datetime.now(UTC) + HELD,
    )
    return int(await session.scalar(query) or 0)


async def holds(
    session: AsyncSession,
    conversation: Conversation,
    row: Inbox,
    inbound: Inbound,
    heard: Understanding | None,
    policy: Policy,
) -> Limit | None:
    """Whether a limit keeps this message from being answered now; it is marked accordingly. The line itself
    is recorded before, so that whoever looks reads it."""
    if conversation.mode != "bot" or (heard is not None and heard.alarms):
        return None
    limit = await active(session, conversation)
    if limit is None or limit.until is None or limit.what == "mute":
        return None
    now = datetime.now(UTC)
    if limit.what == "slow":
        due = await _pace(session, conversation.id)
        if due is None or due <= now:
            return None
        row.status, row.due_at = "waiting", min(due, limit.until)
    elif _has_request(inbound, heard, policy):
        row.status, row.due_at = "waiting", limit.until
    else:
        row.status, row.handled_at = "done", now
    await notify(session, f"inbox:{row.id}", status=row.status)
    return limit


async def _pace(session: AsyncSession, conversation_id: int) -> datetime | None:
    """When the assistant may speak again; None when it has not spoken."""
    last: datetime | None = await session.scalar(
        select(Message.created_at)
        .where(Message.conversation_id == conversation_id, Message.author == "bot")
        .order_by(Message.seq.desc())
        .limit(1)
    )
    return last + PACE if last else None


def _has_request(inbound: Inbound, heard: Understanding | None, policy: Policy) -> bool:
    """When in doubt it has one: files, a place, a message that no model has read."""
    if inbound.media or inbound.location or heard is None or heard.failure:
        return inbound.event is None
    return heard.service is not None and heard.service.confidence >= policy.threshold


async def _tell(session: AsyncSession, row: Limit) -> None:
    await notify(session, "seats", kind="limit", limit=row.id, conversation=row.conversation_id)
