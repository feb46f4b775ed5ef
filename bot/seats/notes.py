"""Internal notes: what colleagues tell each other in a conversation. The citizen never sees them.

A mentioned colleague gets a live notice and an entry in their list until they have read it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.errors import Invalid
from bot.masking import mask
from bot.store.conversations import Conversation
from bot.store.operators import Operator
from bot.store.session import notify
from bot.store.talking import Mention, Note


@dataclass(frozen=True, slots=True)
class Written:
    """A note with the names that a page shows."""

    note: Note
    author: str
    mentioned: tuple[tuple[int, str], ...] = ()  # (id, name)


async def add(
    session: AsyncSession,
    conversation: Conversation,
    by: Operator,
    text: str,
    mentions: Iterable[int] = (),
    whisper: bool = False,
    kind: Literal["note", "transfer"] = "note",
) -> Note:
    """Raises Invalid for a colleague who does not exist (any more)."""
    called = set(mentions) - {by.id}
    await _check(session, called)
    note = Note(
        conversation_id=conversation.id,
        operator_id=by.id,
        kind="whisper" if whisper else kind,
        body=text,
        masked=mask(text),
        after_seq=conversation.seq,
    )
    session.add(note)
    await session.flush()
    session.add_all(
        Mention(note_id=note.id, operator_id=one, conversation_id=conversation.id) for one in sorted(called)
    )
    await session.flush()
    # not on the conversation's own topic: the citizen's chat listens there
    await notify(session, "seats", kind="note", note=note.id, conversation=conversation.id)
    return note


async def _check(session: AsyncSession, called: set[int]) -> None:
    known = set(await session.scalars(select(Operator.id).where(Operator.id.in_(called), Operator.active)))
    if called - known:
        raise Invalid({"mentions": "没有这位同事 · no such colleague"})


async def of(session: AsyncSession, conversation_id: int, limit: int = 200) -> list[Written]:
    """The newest notes of a conversation, oldest first."""
    rows = await session.scalars(
        select(Note).where(Note.conversation_id == conversation_id).order_by(Note.id.desc()).limit(limit)
    )
    return await written(session, list(reversed(rows.all())))


async def written(session: AsyncSession, rows: Sequence[Note]) -> list[Written]:
    """With the names of author and mentioned."""
    called = await session.execute(
        select(Mention.note_id, Operator.id, Operator.name)
        .join(Operator, Operator.id == Mention.operator_id)
        .where(Mention.note_id.in_([row.id for row in rows]))
        .order_by(Mention.note_id, Operator.id)
    )
    mentioned: dict[int, list[tuple[int, str]]] = {}
    for note_id, key, name in called:
        mentioned.setdefault(note_id, []).append((key, name))
    authors = await session.execute(
        select(Operator.id, Operator.name).where(Operator.id.in_({row.operator_id for row in rows}))
    )
    names = {key: name for key, name in authors}  # noqa: C416  # rows are no pairs to mypy
    return [Written(row, names.get(row.operator_id, ""), tuple(mentioned.get(row.id, ()))) for row in rows]


async def unread(session: AsyncSession, operator_id: int, limit: int = 100) -> list[Written]:
    """Notes that call this person and are not read yet, newest first."""
    rows = await session.scalars(
        select(Note)
        .join(Mention, Mention.note_id == Note.id)
        .where(Mention.operator_id == operator_id, Mention.read_at.is_(None))
        .order_by(Note.id.desc())
        .limit(limit)
    )
    return await written(session, rows.all())


async def read(session: AsyncSession, operator_id: int, conversation_id: int | None = None) -> None:
    """The person has seen them: all, or those of one conversation."""
    condition = [Mention.operator_id == operator_id, Mention.read_at.is_(None)]
    if conversation_id is not None:
        condition.append(Mention.conversation_id == conversation_id)
    await session.execute(update(Mention).where(*condition).values(read_at=datetime.now(UTC)))
