"""Correcting what the bot understood: the line, what was collected from it, and the studio hear of it.

The model's own reading stays as it was; the newest correction lies over it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import cast

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.ext.asyncio import AsyncSession

from actions.base import Draft, Kind
from bot import codec
from bot.dialogue import details
from bot.dialogue.types import Language, Service, State, Understanding
from bot.errors import Conflict, NotFound
from bot.services import Catalogue
from bot.store.conversations import Conversation, Message
from bot.store.operators import Operator
from bot.store.session import notify
from bot.store.talking import Correction


@dataclass(frozen=True, slots=True)
class Reading:
    """How a person reads a line. Empty: as the model did."""

    service: str = ""
    kind: str = ""
    place: str = ""


async def correct(
    session: AsyncSession,
    catalogue: Catalogue,
    conversation: Conversation,
    seq: int,
    by: Operator,
    reading: Reading,
) -> Message:
    """The caller has locked the conversation. Raises NotFound, or Conflict for a line of ours."""
    message: Message | None = await session.scalar(
        select(Message).where(Message.conversation_id == conversation.id, Message.seq == seq)
    )
    if message is None:
        raise NotFound("没有这条消息 · no such line")
    if message.author != "citizen":
        raise Conflict("只能更正市民的话 · only a citizen's line can be corrected")
    session.add(
        Correction(
            message_id=message.id,
            operator_id=by.id,
            service=reading.service,
            kind=reading.kind,
            place=reading.place,
        )
    )
    if reading.service:
        message.service = reading.service
    conversation.state = codec.dump(_with(catalogue, conversation, message, reading))
    await session.flush()
    await notify(session, f"conversation:{conversation.id}", seq=seq)
    return message


def _with(catalogue: Catalogue, conversation: Conversation, message: Message, reading: Reading) -> State:
    """What the bot remembers, with the request as the person reads it: the form begins with it, and so
    does the bot when the conversation is given back."""
    language: Language = "en" if conversation.language == "en" else "zh"
    state = codec.load(State, conversation.state) if conversation.state else State(language=language)
    service = catalogue.get(reading.service) if reading.service else None
    draft = state.draft
    if draft is None and service is not None:
        draft = _begun(catalogue, message, service, language)
    if draft is None:
        return state
    if service is not None:
        draft = replace(draft, service=service.id, details=details.adapted(draft.details, service))
    if reading.kind:
        draft = replace(draft, kind=cast(Kind, reading.kind))
    if reading.place:
        draft = replace(draft, details={**draft.details, "place": reading.place})
    return replace(state, draft=replace(draft, confidence=1.0), asked="", offered=(), misunderstood=0)


def _begun(catalogue: Catalogue, message: Message, service: Service, language: Language) -> Draft:
    """A request that the bot had not seen, with all that the line holds."""
    heard = codec.load(Understanding, message.understanding) if message.understanding else None
    now = message.created_at.astimezone(catalogue.city.timezone)
    entities = heard.entities if heard else ()
    return Draft(
        service=service.id,
        kind=cast(Kind, (heard.kind.name if heard and heard.kind else "") or service.kind),
        text=message.body,
        details=details.found(message.body, entities, service, now, catalogue.city.area_code),
        language=language,
    )


async def newest(session: AsyncSession, messages: Sequence[int]) -> dict[int, tuple[Correction, str]]:
    """message id → its correction and who made it."""
    if not messages:
        return {}
    query = (
        select(Correction, Operator.name)
        .join(Operator, Operator.id == Correction.operator_id)
        .where(Correction.message_id.in_(messages))
        .ext(distinct_on(Correction.message_id))
        .order_by(Correction.message_id, Correction.id.desc())
    )
    return {row.message_id: (row, name) for row, name in await session.execute(query)}
