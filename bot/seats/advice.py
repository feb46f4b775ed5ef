"""What the bot would say while a person speaks: advice only, decided as in a turn and never carried out.

Only sentences and knowledge answers can be proposed as words; deeds (filing, urging) are named, so that the
person does them by hand and nothing is promised that did not happen.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from actions.base import AnswerQuestion, Article, Say, ServiceId, Step
from bot import codec
from bot.dialogue import decide
from bot.dialogue.types import Heard, State, Understanding
from bot.store.conversations import Conversation, Message
from bot.words import say
from bot.world import World


@dataclass(frozen=True, slots=True)
class Asked:
    """The citizen's last line with words, and where the conversation stands."""

    seq: int
    understanding: Understanding
    state: State
    language: str


@dataclass(frozen=True, slots=True)
class Advice:
    """`would` names deeds of the bot, such as FileTicket."""

    proposed: str
    would: tuple[str, ...]
    articles: tuple[Article, ...]


async def asked(session: AsyncSession, conversation: Conversation) -> Asked | None:
    last: Message | None = await session.scalar(
        select(Message)
        .where(
            Message.conversation_id == conversation.id,
            Message.author == "citizen",
            Message.understanding.is_not(None),
        )
        .order_by(Message.seq.desc())
        .limit(1)
    )
    if last is None or last.understanding is None:
        return None
    heard = codec.load(Understanding, last.understanding)
    state = codec.load(State, conversation.state) if conversation.state else State()
    return Asked(last.seq, heard, state, conversation.language)


async def give(world: World, given: Asked) -> Advice:
    """To be awaited with no transaction open: looking up by meaning takes a moment."""
    await world.knowledge.ahead(given.understanding.text)
    now = datetime.now(UTC)
    heard = Heard(now=now, text=given.understanding.text, understanding=given.understanding)
    steps = decide(given.state, heard, world.catalogue, world.policy).steps
    service = given.understanding.service
    articles = world.knowledge.search(
        given.understanding.text, ServiceId(service.name) if service else None, given.language, now.date()
    )
    return Advice(_words(steps, articles, given.language), _deeds(steps), tuple(articles))


def _words(steps: Sequence[Step], articles: Sequence[Article], language: str) -> str:
    said = []
    for step in steps:
        if isinstance(step, AnswerQuestion):
            words = [articles[0].answer] if articles else _said(step.then, language)
        else:
            words = _said(step, language)
        said += words
    return "\n".join(said)


def _said(step: Step | None, language: str) -> list[str]:
    return [say(language, step.key, **step.values)] if isinstance(step, Say) else []


def _deeds(steps: Sequence[Step]) -> tuple[str, ...]:
    return tuple(type(step).__name__ for step in steps if not isinstance(step, Say | AnswerQuestion))
