"""What else there is: earlier talks and tickets of the same citizen, and open tickets nearby or alike.

The citizen is known by blind indexes only; what is alike is found by service, area and the masked summary.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Float, func, literal, or_, select, union
from sqlalchemy.ext.asyncio import AsyncSession

from bot.store.conversations import Conversation
from bot.store.sealing import Sealer
from bot.store.tickets import Ticket
from bot.tickets.states import OPEN

CANDIDATES = 200  # per way of being alike: the newest
LIKENESS = 0.12  # share of common trigrams from which words count as alike; Chinese shares few
MOST = 12


@dataclass(frozen=True, slots=True)
class Alike:
    """An open ticket and why it is shown: place · service · words."""

    ticket: Ticket
    score: float
    why: tuple[str, ...]


async def phones(session: AsyncSession, conversation: Conversation, sealer: Sealer) -> set[bytes]:
    """Blind indexes of every number under which this citizen is known."""
    filed = select(Ticket.phone_index).where(
        Ticket.conversation_id == conversation.id, Ticket.phone_index.is_not(None)
    )
    found = {index for index in await session.scalars(filed.distinct().limit(5)) if index}
    return found | {sealer.index(number) for number in _numbers(conversation)}


def _numbers(conversation: Conversation) -> set[str]:
    state: Mapping[str, Any] = conversation.state or {}
    given = [(state.get("memory") or {}).get("phone"), _draft(state).get("phone")]
    own = conversation.address if conversation.channel.startswith("sms/") else None
    return {str(number) for number in (*given, own) if number}


def _draft(state: Mapping[str, Any]) -> Mapping[str, Any]:
    return (state.get("draft") or {}).get("details") or {}


async def conversations(
    session: AsyncSession, conversation: Conversation, sealer: Sealer, channels: Iterable[str]
) -> list[int]:
    """Other conversations of the same citizen, newest first."""
    known = await phones(session, conversation, sealer)
    filed = select(Ticket.conversation_id).where(Ticket.phone_index.in_(known))
    wrote = [
        sealer.index(f"{channel}:{number}")
        for channel in channels
        if channel.startswith("sms/")
        for number in _numbers(conversation)
    ]
    query = (
        select(Conversation.id)
        .where(
            Conversation.id != conversation.id,
            or_(Conversation.address_index.in_(wrote), Conversation.id.in_(filed)),
        )
        .order_by(Conversation.id.desc())
        .limit(MOST)
    )
    return list(await session.scalars(query))


async def tickets(session: AsyncSession, conversation: Conversation, sealer: Sealer) -> list[Ticket]:
    """This citizen's tickets: filed here, or under the same number."""
    known = await phones(session, conversation, sealer)
    same = or_(Ticket.conversation_id == conversation.id, Ticket.phone_index.in_(known))
    rows = await session.scalars(select(Ticket).where(same).order_by(Ticket.id.desc()).limit(20))
    return list(rows)


async def open_tickets(session: AsyncSession, text: str, service: str, area: str) -> list[Alike]:
    """Open tickets of the same service, the same area or with like words, most alike first. `text` must be
    masked: it is compared with masked summaries."""
    newest = select(Ticket.id).where(Ticket.state.in_(OPEN)).order_by(Ticket.id.desc()).limit(CANDIDATES)
    ways = []
    if service:
        ways.append(newest.where(Ticket.service == service))
    if area:
        ways.append(newest.where(Ticket.area == area))
    if len(text) >= 4:
        ways.append(newest.where(Ticket.summary.op("%")(text)))
    if not ways:
        return []
    likeness = func.similarity(Ticket.summary, text, type_=Float) if text else literal(0.0)
    candidates = union(*(way.subquery().select() for way in ways)).subquery()
    rows = await session.execute(
        select(Ticket.id, Ticket.service, Ticket.area, likeness).join(
            candidates, candidates.c.id == Ticket.id
        )
    )
    found = [
        _scored(key, of == service, bool(area) and at == area, float(like)) for key, of, at, like in rows
    ]
    good = [one for one in found if len(one[2]) > 1 or "words" in one[2]]
    best = sorted(good, key=lambda one: (-one[1], -one[0]))[:MOST]
    tickets = await session.scalars(select(Ticket).where(Ticket.id.in_([key for key, _, _ in best])))
    by_id = {ticket.id: ticket for ticket in tickets}  # only the best are unsealed
    return [Alike(by_id[key], score, why) for key, score, why in best]


def _scored(key: int, same: bool, near: bool, like: float) -> tuple[int, float, tuple[str, ...]]:
    """(id, score, why). The same service in the same area is alike whatever the words; else the words must
    say so."""
    reasons = (("place", near), ("service", same), ("words", like >= LIKENESS))
    why = tuple(name for name, holds in reasons if holds)
    return key, round(like + 0.25 * near + 0.25 * same, 3), why
