"""Conditions for searching Chinese text, phones and times. Sealed values are found by their blind index."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime
from math import ceil
from typing import Any

import phonenumbers
from sqlalchemy import ColumnElement, Integer, and_, cast, func, literal, or_, select, tuple_
from sqlalchemy.orm import InstrumentedAttribute

from bot.seats.presence import there
from bot.store.sealing import Sealer
from bot.store.tables import Conversation, Message, Ticket

_NUMBER = re.compile(r"[A-Za-z]{1,4}\d{6,14}")
_HAN = re.compile(r"[\u3400-\u9fff]{3,}")
ALIKE = 0.4  # pg_trgm word similarity from which a summary counts as a hit
MOST = 0.6  # share of the query's character pairs that must be there


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


def fuzzy(column: InstrumentedAttribute[str], text: str) -> ColumnElement[bool]:
    """Every word is there as written; or most character pairs of a longer Chinese query are, in any order,
    which forgives a word in between; or pg_trgm finds it alike, which forgives a slip in longer text."""
    words = text.split()[:8]
    conditions = [and_(*(like(column, word) for word in words))]
    pairs = list(dict.fromkeys(run[i : i + 2] for run in _HAN.findall(text) for i in range(len(run) - 1)))[
        :24
    ]
    if len(pairs) >= 2:
        hits = sum(
            (cast(like(column, pair), Integer) for pair in pairs[1:]), cast(like(column, pairs[0]), Integer)
        )
        conditions.append(hits >= ceil(MOST * len(pairs)))
    if len(text) >= 4:
        conditions.append(func.word_similarity(text, column) >= ALIKE)
    return or_(*conditions)


def tickets(sealer: Sealer, text: str) -> ColumnElement[bool]:
    """A ticket number, a phone, or words of the summary."""
    if _NUMBER.fullmatch(text):
        return Ticket.number == text.upper()
    numbers = phones(text)
    if numbers:
        indexes = [sealer.index(number) for number in numbers]
        return or_(Ticket.phone_index.in_(indexes), like(Ticket.number, text))
    return fuzzy(Ticket.summary, text)


def conversations(sealer: Sealer, channels: Iterable[str], text: str) -> ColumnElement[bool]:
    """Words that were said, a ticket's number, or the number an SMS came from on one of `channels`."""
    if _NUMBER.fullmatch(text):
        return Conversation.id.in_(select(Ticket.conversation_id).where(Ticket.number == text.upper()))
    numbers = phones(text)
    if numbers:
        indexes = [sealer.index(number) for number in numbers]
        filed = select(Ticket.conversation_id).where(Ticket.phone_index.in_(indexes))
        wrote = [sealer.index(f"{channel}:{number}") for channel in channels for number in numbers]
        return or_(Conversation.address_index.in_(wrote), Conversation.id.in_(filed))
    said = and_(*(like(Message.masked, word) for word in text.split()[:8]))
    return Conversation.id.in_(select(Message.conversation_id).where(said))


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
