"""Joining a citizen's words to a ticket that is open already, instead of filing the same matter again."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncSession

from bot.errors import Conflict
from bot.store.conversations import Conversation
from bot.store.tickets import Ticket
from bot.tickets import life, states
from channels.base import AttachmentId


async def join(
    session: AsyncSession,
    ticket: Ticket,
    conversation: Conversation,
    text: str,
    files: Sequence[AttachmentId],
    actor: str,
    urge: bool,
) -> bool:
    """Raises Conflict for one that is not open. True: it was urged too; at most once a day it can be."""
    if ticket.state not in states.OPEN:
        raise Conflict("工单已经办结 · it is not open any more")
    await life.attach(session, ticket, files)
    await life.note(session, ticket, "joined", actor, text, conversation=conversation.id)
    conversation.state = {
        k: v for k, v in (conversation.state or {}).items() if k not in ("draft", "asked")
    } | {"ticket": ticket.number}
    return urge and await life.urge(session, ticket, text, actor)
