"""The hand-over: queue, claim, reply, give back, close. All inside the caller's transaction.

One open hand-over per conversation (a unique index holds it); who claims is decided by a row lock.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from sqlalchemy import func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.errors import Conflict, NotAllowed, NotFound
from bot.roles import may
from bot.store import transcript
from bot.store.session import notify
from bot.store.tables import Conversation, Handover, Message, Operator
from bot.words import say
from channels.base import AttachmentId, Template

RANK = {"normal": 0, "high": 1, "emergency": 2}
PRESENT_FOR = timedelta(seconds=90)  # a console that was silent for longer is not there


async def open_handover(session: AsyncSession, conversation_id: int) -> Handover | None:
    """The hand-over that is not ended, locked."""
    found: Handover | None = await session.scalar(
        select(Handover)
        .where(Handover.conversation_id == conversation_id, Handover.status != "ended")
        .with_for_update()
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
    if handover is None:
        handover = Handover(conversation_id=conversation.id, reason=reason, note=note)
        handover.status, handover.safety, handover.rank = "queued", [], 0
        session.add(handover)
        conversation.mode = "queued"
    if RANK[urgency] >= handover.rank:
        handover.urgency, handover.rank = urgency, RANK[urgency]
        handover.reason, handover.note = reason, note or handover.note
    handover.safety = sorted({*handover.safety, *safety})
    await session.flush()
    kind = "alarm" if urgency == "emergency" else "queued"
    await notify(session, "seats", kind=kind, handover=handover.id, conversation=conversation.id)
    return handover


async def position(session: AsyncSession, handover: Handover) -> int:
    """1 is next; 0 when it no longer waits."""
    if handover.status != "queued":
        return 0
    ahead = await session.scalar(
        select(func.count()).where(
            Handover.status == "queued",
            or_(
                Handover.rank > handover.rank,
                (Handover.rank == handover.rank) & (Handover.queued_at < handover.queued_at),
            ),
        )
    )
    return int(ahead or 0) + 1


async def staffed(session: AsyncSession) -> bool:
    """Whether somebody is at a seat right now."""
    query = select(Operator.id).where(
        Operator.presence == "online", Operator.active, Operator.seen_at > datetime.now(UTC) - PRESENT_FOR
    )
    return await session.scalar(query.limit(1)) is not None


async def claim(session: AsyncSession, handover_id: int, operator: Operator) -> Conversation:
    """Take a waiting conversation. Raises NotFound, or Conflict if somebody was faster."""
    handover: Handover | None = await session.get(Handover, handover_id)
    if handover is None:
        raise NotFound("没有这个排队 · no such request")
    conversation = await transcript.lock(session, handover.conversation_id)
    await session.refresh(handover, with_for_update=True)
    if handover.status != "queued":
        raise Conflict("已被其他同事接起 · somebody else took it")
    handover.status, handover.operator_id, handover.claimed_at = "claimed", operator.id, datetime.now(UTC)
    conversation.mode = "seated"
    conversation.wake_at = None
    await transcript.say(
        session,
        conversation,
        say(conversation.language, "person-joined", name=operator.name),
        author="system",
        operator_id=operator.id,
        extra={"notice": "person_joined", "name": operator.name},
    )
    await _tell(session, "claimed", handover)
    return conversation


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
    handover = await _held(session, conversation, operator)
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
    handover.status, handover.ended_at, handover.ended_how = "ended", datetime.now(UTC), how
    conversation.mode = "bot"
    await session.flush()
    await _tell(session, "ended", handover)
    return handover


async def set_presence(session: AsyncSession, operator: Operator, presence: str) -> None:
    """`online`, `away` or `offline`; also the heartbeat of an open console."""
    changed = operator.presence != presence
    operator.presence, operator.seen_at = presence, datetime.now(UTC)
    if changed:
        await notify(session, "seats", kind="presence", operator=operator.id)


async def _held(session: AsyncSession, conversation: Conversation, operator: Operator) -> Handover:
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
    handover = await _held(session, conversation, operator)
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
    await _tell(session, "ended", handover)
    return conversation


async def _tell(session: AsyncSession, kind: str, handover: Handover) -> None:
    await notify(session, "seats", kind=kind, handover=handover.id, conversation=handover.conversation_id)
