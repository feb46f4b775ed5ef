"""Conditions for searching Chinese text, phones and times. Sealed values are found by their blind index."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime
from math import ceil
from typing import Any

import phonenumbers
from sqlalchemy import (
    ColumnElement,
    Integer,
    Select,
    and_,
    cast,
    false,
    func,
    literal,
    or_,
    select,
    tuple_,
    union_all,
)
from sqlalchemy.ext.asyncio import AsyncSession

from bot.seats.presence import there
from bot.store.conversations import Conversation, Message
from bot.store.sealing import Sealer
from bot.store.tickets import Ticket

_NUMBER = re.compile(r"[A-Za-z]{1,4}\d{6,16}")
_HAN = re.compile(r"[\u3400-\u9fff]{3,}")
MOST = 0.6  # share of the query's character pairs that must be there
PAIRS = 12
FEW = 2000
NEWEST_TICKETS, NEWEST_LINES = 50_000, 300_000  # how far back what no index answers is looked for


def phones(text: str) -> list[str]:
    """Ways in which the number may have been stored."""
    digits = re.sub(r"[\s()-]", "", text)
    if not re.fullmatch(r"\+?\d{5,15}", digits):
        return []
    try:
        parsed = phonenumbers.parse(digits, "CN")
    except phonenumbers.NumberParseException:
        return [digits]
    return [digits, phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)]


def like(column: Any, text: str) -> ColumnElement[bool]:
    escaped = text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    found: ColumnElement[bool] = column.ilike(f"%{escaped}%", escape="\\")
    return found


def words(column: Any, text: str) -> ColumnElement[bool]:
    """Every word is there as written. Trigrams answer it, if one of the words has three characters."""
    return and_(*(like(column, word) for word in text.split()[:8]))


def forgiving(text: str) -> ColumnElement[bool]:
    """Tickets that are nearly it: pg_trgm forgives a slip in longer text; among the newest, most character
    pairs of a Chinese query in any order forgive a word in between."""
    conditions: list[Select[int]] = []
    if len(text) >= 4:
        conditions.append(select(Ticket.id).where(literal(text).bool_op("<%")(Ticket.summary)))
    runs = _HAN.findall(text)
    pairs = list(dict.fromkeys(run[i : i + 2] for run in runs for i in range(len(run) - 1)))[:PAIRS]
    if len(pairs) >= 2:
        hits = sum((cast(func.strpos(Ticket.summary, pair) > 0, Integer) for pair in pairs), literal(0))
        newest = Ticket.id > select(func.max(Ticket.id) - NEWEST_TICKETS).scalar_subquery()
        conditions.append(select(Ticket.id).where(newest, hits >= ceil(MOST * len(pairs))))
    return Ticket.id.in_(union_all(*conditions)) if conditions else false()


async def tickets(session: AsyncSession, sealer: Sealer, text: str) -> ColumnElement[bool]:
    """A ticket number, a phone, or words of the summary; what is nearly it only where nothing is it."""
    if _NUMBER.fullmatch(text):
        return Ticket.number == text.upper()
    numbers = phones(text)
    if numbers:
        indexes = [sealer.index(number) for number in numbers]
        return or_(Ticket.phone_index.in_(indexes), Ticket.number.contains(numbers[0], autoescape=True))
    exact = words(Ticket.summary, text)
    if await session.scalar(select(Ticket.id).where(exact).limit(1)) is not None:
        return exact
    return forgiving(text)


async def conversations(
    session: AsyncSession, sealer: Sealer, channels: Iterable[str], text: str
) -> ColumnElement[bool]:
    """Words that were said, a ticket's number, or the number an SMS came from on one of `channels`."""
    if _NUMBER.fullmatch(text):
        return Conversation.id.in_(select(Ticket.conversation_id).where(Ticket.number == text.upper()))
    numbers = phones(text)
    if numbers:
        filed = select(Ticket.conversation_id).where(Ticket.phone_index.in_(map(sealer.index, numbers)))
        wrote = [(channel, sealer.index(f"{channel}:{number}")) for channel in channels for number in numbers]
        place = tuple_(Conversation.channel, Conversation.address_index)
        return Conversation.id.in_(union_all(filed, select(Conversation.id).where(place.in_(wrote))))
    said = words(Message.masked, text)
    if max(map(len, text.split()), default=0) < 3:
        said = and_(said, Message.id > select(func.max(Message.id) - NEWEST_LINES).scalar_subquery())
    found = select(Message.conversation_id).where(said)
    few = (await session.scalars(found.limit(FEW + 1))).all()
    # A common word is met soon from the newest conversation on; a rare one is known by its few lines.
    return Conversation.id.in_(found if len(few) > FEW else set(few))


def active_at() -> ColumnElement[datetime]:
    """When a conversation last heard from its citizen."""
    return func.coalesce(Conversation.last_inbound_at, Conversation.created_at)


def before(column: Any, moment: datetime, id_column: Any, key: int) -> ColumnElement[bool]:
    """Rows that come after (moment, key) in an order that falls."""
    condition: ColumnElement[bool] = tuple_(column, id_column) < tuple_(literal(moment), literal(key))
    return condition


def present() -> ColumnElement[bool]:
    """Somebody's console was heard of lately."""
    found: ColumnElement[bool] = there()
    return found


def now() -> ColumnElement[datetime]:
    return func.clock_timestamp()
