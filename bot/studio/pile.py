"""Reading the inbox: groups of alike messages, worst first, and the messages in them.

Worst: danger first, then what people said was wrong, then what many wrote, then what the model was least sure
of; what was answered as it was filed comes last. A message that is not grouped yet is a group of its own,
whose number is negative.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Integer, and_, cast, func, literal, or_, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from bot.store.teaching import Misread

Place = tuple[int, int, int, int]  # urgency, number, doubt, group: a group's place in the order
SOURCES = ("unsure", "refused", "corrected", "sent_back", "rated", "out_of_scope", "settled")


@dataclass(frozen=True, slots=True)
class Wanted:
    """A filter; "" and None: whatever it is."""

    status: str = "open"
    source: str = ""
    service: str = ""
    model: str = ""
    since: datetime | None = None
    until: datetime | None = None
    search: str = ""


@dataclass(frozen=True, slots=True)
class Pile:
    """A group as the filter leaves it."""

    id: int
    urgency: int
    number: int
    doubt: int  # thousandths: 1000 − mean confidence
    service: str  # what most were read as, or should have been
    sources: tuple[str, ...]
    sample: int  # the message that stands for it
    newest: datetime

    @property
    def place(self) -> Place:
        return (self.urgency, self.number, self.doubt, self.id)


GROUP = func.coalesce(Misread.group_id, -Misread.id)
MEANT = func.coalesce(func.nullif(Misread.wanted, ""), Misread.service)
URGENCY = func.max(Misread.urgency)
NUMBER = func.count()
_MANY = literal(10**15, BigInteger)  # more than there will be messages
DOUBT = cast(1000 - func.round(func.avg(Misread.confidence) * 1000), Integer)


def conditions(wanted: Wanted) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = [Misread.status == wanted.status]
    if wanted.source:
        found.append(Misread.sources.contains([wanted.source]))
    if wanted.service:
        found.append(or_(Misread.service == wanted.service, Misread.wanted == wanted.service))
    if wanted.model:
        found.append(Misread.model == wanted.model)
    if wanted.since:
        found.append(Misread.created_at >= wanted.since)
    if wanted.until:
        found.append(Misread.created_at < wanted.until)
    for word in wanted.search.split()[:8]:
        found.append(Misread.words.icontains(word, autoescape=True))
    return found


async def piles(
    session: AsyncSession, wanted: Wanted, after: Place | None = None, limit: int = 30
) -> list[Pile]:
    """Worst first, from `after` on."""
    pile = GROUP.label("pile")
    query = (
        select(
            pile,
            URGENCY,
            NUMBER,
            DOUBT,
            func.mode().within_group(MEANT),
            *(func.bool_or(Misread.sources.contains([source])) for source in SOURCES),
            func.max((cast(Misread.urgency, BigInteger) + 1) * _MANY + Misread.id)
            % _MANY,  # the newest of the gravest
            func.max(Misread.created_at),
        )
        .where(*conditions(wanted))
        .group_by(pile)
        .order_by(URGENCY.desc(), NUMBER.desc(), DOUBT.desc(), pile.desc())
        .limit(limit)
    )
    if after is not None:
        query = query.having(
            tuple_(URGENCY, NUMBER, DOUBT, pile) < tuple_(*(literal(n, BigInteger) for n in after))
        )
    return [_pile(tuple(row)) for row in await session.execute(query)]


def _pile(row: Sequence[Any]) -> Pile:
    key, urgency, number, doubt, service, *rest = row
    said, (sample, newest) = rest[: len(SOURCES)], rest[len(SOURCES) :]
    sources = tuple(name for name, there in zip(SOURCES, said, strict=True) if there)
    return Pile(key, urgency, number, doubt, service, sources, sample, newest)


async def messages(
    session: AsyncSession, pile: int, wanted: Wanted, after: tuple[int, int] | None = None, limit: int = 50
) -> list[Misread]:
    """Of one group, gravest and newest first, from `after` (urgency, id) on."""
    alone = pile < 0
    own = and_(Misread.id == -pile, Misread.group_id.is_(None)) if alone else Misread.group_id == pile
    query = select(Misread).where(own, *conditions(wanted))
    if after is not None:
        query = query.where(
            tuple_(Misread.urgency, Misread.id) < tuple_(*(literal(n, BigInteger) for n in after))
        )
    query = query.order_by(Misread.urgency.desc(), Misread.id.desc()).limit(limit)
    return list(await session.scalars(query))


async def counts(session: AsyncSession) -> dict[str, int]:
    """By status."""
    rows = await session.execute(select(Misread.status, func.count()).group_by(Misread.status))
    return {status: number for status, number in rows}  # noqa: C416  # rows are no pairs to mypy


async def by_source(session: AsyncSession, status: str) -> dict[str, int]:
    columns = [func.count().filter(Misread.sources.contains([source])) for source in SOURCES]
    row = (await session.execute(select(*columns).where(Misread.status == status))).one()
    return dict(zip(SOURCES, row, strict=True))
