"""While a citizen waits for a person: where they stand, and what the assistant may do for them meanwhile."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from actions.base import (
    AnswerQuestion,
    FileTicket,
    HandOver,
    RaiseAlarm,
    Say,
    TicketStatus,
    Urge,
)
from bot.dialogue.types import Decision, Heard
from bot.seats import handover, waiting
from bot.store.conversations import Conversation, Message
from bot.words import say
from channels.base import Choice

LEAVE = Choice("@choice-leave-queue", "leave_queue")
_LEAVES = frozenset({"不等了", "取消排队", "算了"})
_SELF_SERVICE = frozenset({"progress", "menu:question"})
_FOR_A_PERSON = (HandOver, FileTicket, RaiseAlarm)
_ONCE_IN = timedelta(seconds=60)  # who writes line by line is told once


def leaves(heard: Heard) -> bool:
    return heard.payload == LEAVE.payload or heard.text.strip() in _LEAVES


def serves_itself(heard: Heard, decision: Decision) -> bool:
    """Looking up a ticket or an answer may go on meanwhile; whatever needs deciding is the person's."""
    if heard.payload in _SELF_SERVICE:
        return True
    if any(isinstance(step, _FOR_A_PERSON) for step in decision.steps) or decision.next:
        return False
    return any(isinstance(step, TicketStatus | Urge | AnswerQuestion) for step in decision.steps)


async def standing(session: AsyncSession, conversation: Conversation) -> Say | None:
    """Where they stand now; None if they were just told the same."""
    row = await handover.open_handover(session, conversation.id)
    place = await handover.position(session, row) if row else 1
    if await handover.staffed(session):
        values = {"position": place, "minutes": await waiting.minutes(session, place) or 0}
        words = Say("queue-waiting", values, (LEAVE,))
    else:
        words = Say("queue-kept", {}, (LEAVE,))
    last: Message | None = await session.scalar(
        select(Message)
        .where(Message.conversation_id == conversation.id, Message.author == "bot")
        .order_by(Message.seq.desc())
        .limit(1)
    )
    same = last is not None and last.body == say(conversation.language, words.key, **words.values)
    recent = last is not None and datetime.now(UTC) - last.created_at < _ONCE_IN
    return None if same and recent else words
