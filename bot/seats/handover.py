"""The hand-over: queue, claim, reply, give back, close. All inside the caller's transaction.

One open hand-over per conversation (a unique index holds it); who claims is decided by row locks, taken in
the order that bot/seats/presence.py names.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.errors import Conflict, NotAllowed, NotFound
from bot.roles import may
from bot.seats import events, offers, presence
from bot.seats.order import ORDER, ahead_of
from bot.seats.presence import PRESENT_FOR, set_presence, staffed
from bot.store import transcript
from bot.store.conversations import Conversation, Message
from bot.store.handovers import Handover
from bot.store.operators import Operator
from bot.words import say
from channels.base import AttachmentId, Template

__all__ = ["ORDER", "PRESENT_FOR", "RANK", "claim", "close", "give_back", "leave_queue", "open_handover"]
__all__ += ["ahead_of", "hold", "in_order", "position", "queue", "reply", "set_presence", "staffed"]

RANK = {"normal": 0, "high": 1, "emergency": 2}


async def open_handover(session: AsyncSession, conversation_id: int) -> Handover | None:
    """The hand-over that is not ended, locked."""
    found: Handover | None = await session.scalar(
        select(Handover)
        .where(Handover.conversation_id == conversation_id, Handover.status != "ended")
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    return found


async def queue(
    session: AsyncSession,
    conversation: Conversation,
    reason: str,
    urgency: str = "normal",
    note: str = "",
    safety: Sequence[str] = (),
) -> Handover:
    """Ask for a person. If the conversation waits or has one already, only what is graver is noted."""
    handover = await open_handover(session, conversation.id)
    fresh = handover is None
    if handover is None:
        handover = Handover(conversation_id=conversation.id, reason=reason, note=note)
        handover.status, handover.safety, handover.rank = "queued", [], 0
        handover.service = await _service(session, conversation.id)
        handover.queued_at = handover.waiting_since = datetime.now(UTC)
        session.add(handover)
        conversation.mode = "queued"
    if RANK[urgency] >= handover.rank:
        handover.urgency, handover.rank = urgency, RANK[urgency]
        handover.reason, handover.note = reason, note or handover.note
    handover.safety = sorted({*handover.safety, *safety})
    await session.flush()
    if fresh:
        events.record(session, handover, "queued", reason=reason)
    await events.tell(session, "alarm" if urgency == "emergency" else "queued", handover)
    return handover


async def _service(session: AsyncSession, conversation_id: int) -> str:
    """What the conversation is about, as understood last."""
    query = select(Message.service).where(
        Message.conversation_id == conversation_id, Message.service.is_not(None)
    )
    return await session.scalar(query.order_by(Message.seq.desc()).limit(1)) or ""


async def position(session: AsyncSession, handover: Handover) -> int:
    """1 is next; 0 when it no longer waits."""
    if handover.status != "queued":
        return 0
    ahead = await session.scalar(select(func.count()).where(Handover.status == "queued", ahead_of(handover)))
    return int(ahead or 0) + 1


async def in_order(session: AsyncSession) -> list[int]:
    """The conversations that wait, the next one first."""
    query = select(Handover.conversation_id).where(Handover.status == "queued").order_by(*ORDER)
    return list(await session.scalars(query))


async def claim(session: AsyncSession, handover_id: int, operator: Operator) -> Conversation:
    """Take a waiting conversation. Raises NotFound, or Conflict if somebody was faster or one's hands are
    full; an emergency is never one too many."""
    operator = await presence.locked(session, operator.id)
    handover: Handover | None = await session.get(Handover, handover_id)
    if handover is None:
        raise NotFound("没有这个排队 · no such request")
    conversation = await transcript.lock(session, handover.conversation_id)
    await session.refresh(handover, with_for_update={"key_share": True})
    if handover.status != "queued":
        raise Conflict("已被其他同事接起 · somebody else took it")
    await room(session, operator, 0 if handover.rank == RANK["emergency"] else 1)
    await hold(session, conversation, handover, operator)
    events.record(session, handover, "claimed", by=operator.id, operator=operator.id)
    await events.tell(session, "claimed", handover)
    return conversation


async def room(session: AsyncSession, operator: Operator, more: int) -> None:
    """Raises Conflict when `more` conversations would be too many for the operator, who is locked."""
    if more and await presence.held(session, operator.id) + more > operator.capacity:
        raise Conflict(
            f"手上会话已满（{operator.capacity}个），先结束一个再接"
            f" · {operator.capacity} conversations at a time, end one first"
        )


async def hold(
    session: AsyncSession, conversation: Conversation, handover: Handover, operator: Operator
) -> None:
    """From now on this operator speaks with the citizen. All three are locked."""
    now = datetime.now(UTC)
    await offers.settle(session, handover, operator)
    handover.status, handover.operator_id, handover.claimed_at = "claimed", operator.id, now
    handover.wanted_id = None
    conversation.mode = "seated"
    conversation.wake_at = None
    if operator.presence == "offline":  # who speaks is there; lost connections are noticed from now on
        await set_presence(session, operator, "busy")
    await session.flush()
    await offers.trim(session, operator)
    await transcript.say(
        session,
        conversation,
        say(conversation.language, "person-joined", name=operator.name),
        author="system",
        operator_id=operator.id,
        extra={"notice": "person_joined", "name": operator.name},
    )


async def reply(
    session: AsyncSession,
    conversation_id: int,
    operator: Operator,
    text: str,
    attachments: Sequence[AttachmentId] = (),
    client_id: str = "",
) -> Message:
    """Say something as a person. The same `client_id` twice is said once."""
    conversation = await transcript.lock(session, conversation_id)
    if client_id:
        again: Message | None = await session.scalar(
            select(Message).where(
                Message.conversation_id == conversation_id,
                Message.client_id == client_id,
                Message.author == "operator",
            )
        )
        if again is not None:
            return again
    handover = await held_by(session, conversation, operator)
    handover.first_reply_at = handover.first_reply_at or datetime.now(UTC)
    message: Message | None = None
    if text:
        message = await transcript.say(
            session,
            conversation,
            text,
            author="operator",
            template=Template("person", {"number": ""}),
            client_id=client_id,
            extra={"name": operator.name},
            operator_id=operator.id,
        )
    for attachment in attachments:
        sent = await transcript.say(
            session,
            conversation,
            "",
            author="operator",
            attachment=attachment,
            client_id="" if message else client_id,
            extra={"name": operator.name},
            operator_id=operator.id,
        )
        message = message or sent
    if message is None:
        raise Conflict("没有内容 · nothing to send")
    return message


async def give_back(session: AsyncSession, conversation_id: int, operator: Operator, note: str = "") -> None:
    """Return the conversation to the bot; it goes on with what it knew."""
    await _end(session, conversation_id, operator, "returned", "person-left", note)


async def close(session: AsyncSession, conversation_id: int, operator: Operator) -> None:
    """The matter is done: the bot starts fresh when the citizen writes again."""
    conversation = await _end(session, conversation_id, operator, "closed", "person-closed", "")
    conversation.state = None


async def leave_queue(session: AsyncSession, conversation: Conversation, how: str) -> Handover | None:
    """End a waiting hand-over without a person: the citizen changed their mind, or nobody came."""
    handover = await open_handover(session, conversation.id)
    if handover is None or handover.status != "queued":
        return None
    await offers.settle(session, handover, None)
    handover.status, handover.ended_at, handover.ended_how = "ended", datetime.now(UTC), how
    conversation.mode = "bot"
    await session.flush()
    events.record(session, handover, "ended", reason=how)
    await events.tell(session, "ended", handover)
    return handover


async def held_by(session: AsyncSession, conversation: Conversation, operator: Operator) -> Handover:
    """The hand-over in which a person speaks, if this one may act in it; locked."""
    handover = await open_handover(session, conversation.id)
    if handover is None or handover.status != "claimed":
        raise Conflict("会话不在人工服务中 · nobody is speaking in this conversation")
    if handover.operator_id != operator.id and not may(operator.role, "supervisor"):
        raise NotAllowed("会话由其他同事处理 · a colleague has this conversation")
    return handover


async def _end(
    session: AsyncSession, conversation_id: int, operator: Operator, how: str, words: str, note: str
) -> Conversation:
    conversation = await transcript.lock(session, conversation_id)
    handover = await held_by(session, conversation, operator)
    handover.status, handover.ended_at, handover.ended_how = "ended", datetime.now(UTC), how
    handover.note = note or handover.note
    conversation.mode = "bot"
    await transcript.say(
        session,
        conversation,
        say(conversation.language, words),
        author="system",
        operator_id=operator.id,
        extra={"notice": "person_left"},
    )
    await session.flush()
    events.record(session, handover, "ended", by=operator.id, operator=handover.operator_id, reason=how)
    await events.tell(session, "ended", handover)
    return conversation
