"""The citizen's word on a conversation with a person: asked at its end, once, never after an emergency.

Buttons in the web chat, a menu in WeChat, a digit by SMS: all are the same choices. Where only approved
templates leave, nothing is asked, because the question would cost a link.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot import codec
from bot.dialogue.types import State
from bot.masking import mask
from bot.store import transcript
from bot.store.conversations import Conversation
from bot.store.handovers import Handover, Rating
from bot.store.session import notify
from bot.words import say
from channels.base import Choice

REST = timedelta(days=1)  # who left a question open is not asked again so soon
LONGEST = 2000  # characters of the words that are kept


async def ask(session: AsyncSession, conversation_id: int, free_text: bool) -> None:
    """After the person has left, in the same transaction."""
    conversation = await transcript.lock(session, conversation_id)
    last = await session.scalar(
        select(Handover)
        .where(Handover.conversation_id == conversation_id, Handover.status == "ended")
        .order_by(Handover.ended_at.desc())
        .limit(1)
    )
    if last is None or not free_text or conversation.opted_out or not await _welcome(session, last):
        return
    session.add(
        Rating(handover_id=last.id, conversation_id=conversation_id, operator_id=last.operator_id, words="")
    )
    language = conversation.language
    choices = tuple(
        Choice(say(language, f"choice-stars-{stars}"), f"seat:{stars}:{last.id}") for stars in range(1, 6)
    )
    await transcript.say(session, conversation, say(language, "ask-seat"), choices=choices)
    conversation.state = codec.dump(replace(_state(conversation), offered=choices))


async def rate(
    session: AsyncSession, conversation: Conversation, handover_id: int, stars: int | None, words: str
) -> bool:
    """The latest stars count; words are added. False for what this citizen was never asked."""
    row = await session.get(Rating, handover_id, with_for_update=True)
    if row is None or row.conversation_id != conversation.id:
        return False
    row.rated_at = datetime.now(UTC)
    row.stars = stars if stars is not None else row.stars
    if words:
        row.words = f"{row.words}\n{words}".strip()[:LONGEST]
        row.masked = mask(row.words)
    await notify(session, "seats", kind="rated", conversation=conversation.id)
    return True


async def _welcome(session: AsyncSession, last: Handover) -> bool:
    """Whether somebody spoke, it was no emergency, and no earlier question hangs in the air."""
    if last.first_reply_at is None or last.urgency == "emergency":
        return False
    open_question = select(Rating.handover_id).where(
        Rating.conversation_id == last.conversation_id,
        Rating.rated_at.is_(None),
        Rating.asked_at > datetime.now(UTC) - REST,
    )
    asked = await session.get(Rating, last.id)
    return asked is None and await session.scalar(open_question.limit(1)) is None


def _state(conversation: Conversation) -> State:
    if conversation.state is None:
        return State(language="en" if conversation.language == "en" else "zh")
    return codec.load(State, conversation.state)
