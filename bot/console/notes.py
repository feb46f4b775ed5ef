"""Routes of what colleagues keep among themselves: internal notes, who was called, and unsent drafts."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import Field, StringConstraints
from sqlalchemy.ext.asyncio import AsyncSession

from bot.console import look
from bot.console.api import Call
from bot.console.limits import LimitView, views_of
from bot.console.shapes import Answer, Done, Id, Nothing, Shape
from bot.roles import may
from bot.seats import limits, notes, unsent
from bot.store import transcript
from bot.store.operators import Operator
from bot.store.talking import Note


class NoteText(Shape):
    """`mentions` are ids of colleagues who are called."""

    text: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2000)]
    mentions: list[Id] = Field(default=[], max_length=20)


class Called(Answer):
    id: int
    name: str


class NoteView(Answer):
    id: int
    conversation: int
    kind: str
    author: str
    author_id: int
    text: str
    after: int
    at: datetime
    mentions: list[Called]


class UnsentText(Shape):
    text: Annotated[str, StringConstraints(max_length=4000)]
    internal: bool = False


class UnsentView(Answer):
    text: str
    internal: bool
    at: datetime


class ReadWhich(Shape):
    """One conversation's, or all of them."""

    conversation: Id | None = None


def view(one: notes.Written, masked: bool) -> NoteView:
    return NoteView(
        id=one.note.id,
        conversation=one.note.conversation_id,
        kind=one.note.kind,
        author=one.author,
        author_id=one.note.operator_id,
        text=one.note.masked if masked else one.note.body,
        after=one.note.after_seq,
        at=one.note.created_at,
        mentions=[Called(id=key, name=name) for key, name in one.mentioned],
    )


async def shown(session: AsyncSession, conversation_id: int, masked: bool) -> list[NoteView]:
    return [view(one, masked) for one in await notes.of(session, conversation_id)]


async def one(session: AsyncSession, note_id: int, masked: bool) -> NoteView | None:
    row = await session.get(Note, note_id)
    return view((await notes.written(session, [row]))[0], masked) if row else None


async def draft(session: AsyncSession, conversation_id: int, operator_id: int) -> UnsentView | None:
    row = await unsent.kept(session, conversation_id, operator_id)
    return UnsentView(text=row.body, internal=row.internal, at=row.updated_at) if row else None


async def add(call: Call[Nothing, NoteText]) -> NoteView:
    found = await look.one(call.session, call.operator, call.id)
    conversation = await transcript.lock(call.session, found.id)
    me = await call.session.get_one(Operator, call.operator.id)
    row = await notes.add(call.session, conversation, me, call.body.text, call.body.mentions)
    await unsent.forget(call.session, conversation.id, me.id)
    return view((await notes.written(call.session, [row]))[0], masked=False)


class Notices(Answer):
    """Notes of colleagues that call me and that I have not read; limits that wait for a second person, and
    those in force."""

    mentions: list[NoteView]
    wishes: list[LimitView]
    limits: list[LimitView]


async def notices(call: Call[Nothing, Nothing]) -> Notices:
    calling = await notes.unread(call.session, call.operator.id)
    rules = await limits.in_force(call.session) if call.may("supervisor") else []
    return Notices(
        mentions=[view(one, masked=True) for one in calling],
        wishes=[
            wish
            for wish in await views_of(call.session, await limits.waiting(call.session))
            if wish.asked_by != call.operator.id and (call.may("supervisor") or await _seen(call, wish))
        ],
        limits=await views_of(call.session, rules),
    )


async def _seen(call: Call[Nothing, Nothing], wish: LimitView) -> bool:
    """A colleague may agree to what a supervisor wished for, in a conversation that is theirs to see."""
    asker = await call.session.get_one(Operator, wish.asked_by)
    ids = await look.visible(call.session, call.operator, [wish.conversation])
    return may(asker.role, "supervisor") and bool(ids)


async def read(call: Call[Nothing, ReadWhich]) -> Done:
    await notes.read(call.session, call.operator.id, call.body.conversation)
    return Done()


async def keep(call: Call[Nothing, UnsentText]) -> Done:
    found = await look.one(call.session, call.operator, call.id)
    await unsent.keep(call.session, found.id, call.operator.id, call.body.text, call.body.internal)
    return Done()
