"""The training data, for the rest of the studio: what to call, and nothing of how it is kept.

Every change is one revision of the whole tree, made under a lock in the caller's transaction; what a person
did wrong is said as Invalid, Conflict or NotFound with a sentence for them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import ColumnElement, Float, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.store.operators import Operator
from bot.store.teaching import PhraseRow, Revision
from bot.studio import index, phrases, services, tree
from bot.studio.phrases import Phrase
from bot.studio.services import ServiceSpec

__all__ = [
    "Found",
    "Hints",
    "Phrase",
    "PhraseRow",
    "Revision",
    "ServiceSpec",
    "add_phrases",
    "create_service",
    "likeness",
    "phrases_of",
    "remove_phrases",
    "revision",
    "snapshot",
    "undo",
]
ALIKE = 0.7  # similarity of trigrams from which two phrases nearly say the same


async def add_phrases(
    session: AsyncSession, by: Operator | None, phrases_: Sequence[Phrase], why: str
) -> Revision:
    """Phrases that are there already are passed over; when all are, the present revision is returned."""
    return await phrases.add(session, by, phrases_, why)


async def remove_phrases(
    session: AsyncSession, by: Operator | None, phrases_: Sequence[Phrase], why: str
) -> Revision:
    return await phrases.remove(session, by, phrases_, why)


async def create_service(session: AsyncSession, by: Operator | None, spec: ServiceSpec) -> Revision:
    return await services.create(session, by, spec, "")


async def undo(session: AsyncSession, by: Operator | None, revision_id: int) -> Revision:
    """A new revision without what that one did; what came later stays."""
    return await tree.undo(session, by, revision_id)


async def snapshot(session: AsyncSession, folder: Path, revision: int | None = None) -> int:
    """Write the whole nlu_data tree into a folder, as it is or as it was; returns the revision's number."""
    return await tree.snapshot(session, folder, revision)


async def revision(session: AsyncSession) -> Revision:
    """The present one."""
    return await tree.present(session)


@dataclass(frozen=True, slots=True)
class Found:
    """A page of phrases and how many there are in all."""

    rows: list[PhraseRow]
    total: int


async def phrases_of(
    session: AsyncSession,
    intent: str | None = None,
    search: str = "",
    *,
    kind: str | None = None,
    safety: str | None = None,
    conduct: str | None = None,
    path: str | None = None,
    offset: int = 0,
    limit: int = 50,
) -> Found:
    """In the order of the files. None: whatever it is; "": none."""
    await tree.ready(session)
    given = {"intent": intent, "kind": kind, "safety": safety, "conduct": conduct, "path": path}
    conditions: list[ColumnElement[bool]] = [
        getattr(PhraseRow, name) == value for name, value in given.items() if value is not None
    ]
    if search.strip():
        conditions.append(
            PhraseRow.text.contains(search.strip(), autoescape=True)
            | PhraseRow.normalised.contains(index.same(search), autoescape=True)
        )
    total = int(await session.scalar(select(func.count(PhraseRow.id)).where(*conditions)) or 0)
    apart = (PhraseRow.safety != "") | (PhraseRow.conduct != "")  # the ordinary ones first
    query = select(PhraseRow).where(*conditions)
    query = query.order_by(apart, PhraseRow.path, PhraseRow.line, PhraseRow.id)
    return Found(list(await session.scalars(query.offset(offset).limit(limit))), total)


@dataclass(frozen=True, slots=True)
class Hints:
    """What the data already holds that is like a text: `same` word for word, `near` with its similarity."""

    same: tuple[PhraseRow, ...]
    near: tuple[tuple[PhraseRow, float], ...]


async def likeness(session: AsyncSession, text: str, *, least: float = ALIKE, limit: int = 10) -> Hints:
    """What is the same or nearly so, likest first."""
    await tree.ready(session)
    same = index.same(text)
    if not same:
        return Hints((), ())
    await session.execute(select(func.set_config("pg_trgm.similarity_threshold", str(least), True)))
    alike = func.similarity(PhraseRow.normalised, same, type_=Float).label("alike")
    exact = await session.scalars(select(PhraseRow).where(PhraseRow.normalised == same).limit(limit))
    near = await session.execute(
        select(PhraseRow, alike)
        .where(PhraseRow.normalised.bool_op("%")(same), PhraseRow.normalised != same)
        .order_by(alike.desc(), PhraseRow.id)
        .limit(limit)
    )
    return Hints(tuple(exact), tuple((row, score) for row, score in near))
