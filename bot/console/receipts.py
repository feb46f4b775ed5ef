"""What the citizen is told when a person files the ticket: the same receipt that the assistant gives."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncSession

from bot.store import transcript
from bot.store.conversations import Conversation
from bot.store.tickets import Ticket
from bot.words import say
from bot.world import World
from channels.base import Template


async def tell(session: AsyncSession, world: World, conversation: Conversation, ticket: Ticket) -> None:
    """In words, and as the template where an account may send no words."""
    language = "en" if conversation.language == "en" else "zh"
    values = {
        "number": ticket.number,
        "code": ticket.code,
        "service": world.catalogue.title(ticket.service, language),
        "deadline": world.city.when(ticket.deadline, language),
    }
    await transcript.say(
        session,
        conversation,
        say(language, "receipt", **values, department=ticket.office, anonymous=ticket.anonymous),
        author="system",
        template=Template("receipt", values),
        extra={"notice": "ticket_filed"},
    )
