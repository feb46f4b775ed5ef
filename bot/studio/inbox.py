"""The studio's inbox: messages that somebody should look at, put there in the transaction of their cause.

`put` is called by whoever notices: the turn that was unsure, an operator who corrects, a department that
sends a ticket back, a citizen who is dissatisfied; and a ticket that was answered, whose service was right by
that. A message lies here once, whatever brought it.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Literal

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from bot import codec
from bot.dialogue.types import Guess, Understanding
from bot.masking import mask
from bot.store.conversations import Message
from bot.store.operators import Operator
from bot.store.session import notify
from bot.store.teaching import Misread
from bot.studio.teachable import teachable

Source = Literal["unsure", "refused", "corrected", "sent_back", "rated", "out_of_scope", "settled"]
TOPIC = "misread"  # news: something came, or was decided
GROUPED = "grouped"  # news: what came has found its group
LIKELY_DANGER = 0.35  # a safety class that the model thought of this much makes a message urgent
_BY_PEOPLE = frozenset({"refused", "corrected", "sent_back"})
_URGENCY = dict.fromkeys(_BY_PEOPLE, 1) | {"settled": -1}  # what went well comes after what did not
SURE = 0.8  # what the model reads rightly with so much confidence teaches it little
MOST = 20  # answered requests of one service that lie open at a time
_GUESSES = 8
_NOTE = 500


async def put(
    session: AsyncSession,
    message: Message,
    source: Source,
    *,
    service: str | None = None,
    kind: str = "",
    note: str = "",
    operator: Operator | None = None,
) -> None:
    """Lay `message` into the inbox. Idempotent per message and source; `service` and `kind` are what it
    should have been, where somebody said so, and the latest word counts. What was ignored or taught opens
    again when a person says something new about it."""
    if message.author != "citizen" or not message.body.strip():
        return
    understanding = codec.load(Understanding, message.understanding) if message.understanding else None
    await session.execute(
        insert(Misread)
        .values(**_fresh(message, understanding), sources=[])
        .on_conflict_do_nothing(index_elements=["message_id"])
    )
    row = await session.scalar(
        select(Misread)
        .where(Misread.message_id == message.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if row is None:
        return
    news = source not in row.sources or bool(service and service != row.wanted)
    if not news:
        return
    weight = _URGENCY.get(source, 0)
    row.urgency = max(row.urgency, weight) if row.sources or row.urgency else weight
    if source not in row.sources:
        row.sources = [*row.sources, source]
    row.wanted = row.wanted or service or "" if source == "settled" else service or row.wanted
    row.kind = kind or row.kind
    row.note = mask(note)[:_NOTE] or row.note
    row.brought_by = operator.id if operator else row.brought_by
    if row.status in ("taught", "ignored") and source in _BY_PEOPLE:
        row.status = "open"
    row.version += 1
    row.updated_at = datetime.now(UTC)
    await notify(session, TOPIC)


async def settled(session: AsyncSession, message: Message, service: str, kind: str) -> None:
    """A ticket of these words was answered, so its service was right. Worth teaching where the model was not
    sure of it, and some of each service at a time: nobody can look through all that goes well."""
    if message.understanding is None:
        return
    heard = codec.load(Understanding, message.understanding)
    if await _telling(session, message, heard, service):
        await put(session, message, "settled", service=service, kind=kind)


async def _telling(session: AsyncSession, message: Message, heard: Understanding, service: str) -> bool:
    if await session.scalar(select(Misread.id).where(Misread.message_id == message.id)):
        return True  # it lies there already, and now somebody knows what it meant
    likeliest = heard.services[0] if heard.services else None
    if likeliest and likeliest.name == service and likeliest.confidence >= SURE:
        return False
    waiting = select(func.count()).where(
        Misread.status == "open", Misread.sources == ["settled"], Misread.wanted == service
    )
    return int(await session.scalar(waiting) or 0) < MOST


def _fresh(message: Message, heard: Understanding | None) -> dict[str, object]:
    """The row as the model's reading makes it."""
    words, marks = teachable(message.body, heard.entities if heard else ())
    ranked = _ranked(heard) if heard else ()
    danger = next(iter(heard.alarms), "") if heard else ""
    feared = heard is not None and any(guess.confidence >= LIKELY_DANGER for guess in heard.hazards)
    return {
        "message_id": message.id,
        "words": words,
        "marks": [[mark.start, mark.end, mark.tag] for mark in marks],
        "guesses": [[guess.name, round(guess.confidence, 4)] for guess in ranked],
        "service": ranked[0].name if ranked else "",
        "confidence": ranked[0].confidence if ranked else 0.0,
        "model": heard.model if heard else "",
        "kind": heard.kind.name if heard and heard.kind else "",
        "safety": danger,
        "urgency": 2 if danger or feared else 0,
        "created_at": message.created_at,
    }


def _ranked(heard: Understanding) -> tuple[Guess, ...]:
    """Services, and the act among them where the message may be no request at all."""
    guesses = [*heard.services, *([heard.act] if heard.act else [])]
    return tuple(sorted(guesses, key=lambda guess: -guess.confidence)[:_GUESSES])
