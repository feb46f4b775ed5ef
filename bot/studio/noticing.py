"""Who notices how a message was read: the bot that had to ask, the citizen, a department, an operator.

Each function is called in the transaction of its cause and lays the message into the inbox.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from actions.base import AnswerQuestion, HandOver, Say, Step
from bot.dialogue import phrases
from bot.dialogue.types import Decision, Heard, State
from bot.store.conversations import Inbox, Message
from bot.store.operators import Operator
from bot.store.teaching import Misread
from bot.store.tickets import Ticket
from bot.studio import inbox
from bot.studio.inbox import Source

_UNSURE = frozenset({"which", "which-again", "unclear-again"})
_REASONS = frozenset({"unclear", "misunderstood"})
_LOW = 2  # stars
_LINES = 20  # of a conversation, in which the words of a request are looked for
_NEXT = "next:"  # provider id of a further request of the same message


async def turn(
    session: AsyncSession, row: Inbox | None, before: State, heard: Heard, decision: Decision
) -> None:
    """After a decision: was the bot unsure, out of its scope, or told what an earlier message meant?"""
    if row is None or (heard.queued and before.refused):  # read once more: that was noticed when refused
        return
    refused = decision.state.refused[len(before.refused) :]
    if refused and before.draft is not None:
        message = await _longest(session, row.conversation_id, before.draft.text)
        chosen = decision.state.draft.service if decision.state.draft else ""
        if message is not None:
            await inbox.put(session, message, "refused", service=chosen or None)
        return
    source = source_of(heard, decision)
    if source:
        message = await _line(session, row)
        if message is not None:
            await inbox.put(session, message, source)
    elif chosen := _chosen(before, decision):
        await _explain(session, row.conversation_id, chosen)


def source_of(heard: Heard, decision: Decision) -> Source | None:
    """What the answer says about the question. Buttons and events were not read by the model."""
    understanding = heard.understanding
    if understanding is None or understanding.failure or heard.payload or heard.event:
        return None
    if phrases.act_of(heard.text):  # "都不是" was understood; what it answers lies there
        return None
    for step in _steps(decision.steps):
        if isinstance(step, HandOver) and step.reason in _REASONS:
            return "unsure"
        if isinstance(step, Say) and step.key in _UNSURE:
            return "unsure"
        if isinstance(step, Say) and step.key == "out-of-scope":
            return "out_of_scope"
    return None


def _steps(steps: tuple[Step, ...]) -> Iterator[Step]:
    for step in steps:
        yield step
        if isinstance(step, AnswerQuestion) and step.then is not None:
            yield step.then


def _chosen(before: State, decision: Decision) -> str:
    """The service that the citizen picked from those offered, "" if none."""
    draft = decision.state.draft
    asked = before.asked == "service" and before.draft is not None and not before.draft.service
    return draft.service if asked and draft is not None and draft.service else ""


async def _line(session: AsyncSession, row: Inbox) -> Message | None:
    """The citizen's line of a push; a further request of a message belongs to that message."""
    found: Inbox | None = row
    while found is not None and found.provider_id.startswith(_NEXT):
        found = await session.get(Inbox, int(found.provider_id.removeprefix(_NEXT)))
    if found is None:
        return None
    line: Message | None = await session.scalar(
        select(Message).where(Message.inbox_id == found.id, Message.author == "citizen")
    )
    return line


async def _explain(session: AsyncSession, conversation_id: int, service: str) -> None:
    """The citizen's own choice says what the message that the bot asked about had meant."""
    query = (
        select(Misread)
        .join(Message, Message.id == Misread.message_id)
        .where(Message.conversation_id == conversation_id, Misread.status == "open", Misread.wanted == "")
        .order_by(Message.id.desc())
        .limit(1)
    )
    row = await session.scalar(query)
    message = await session.get(Message, row.message_id) if row else None
    if row is not None and message is not None:
        source: Source = "refused" if "refused" in row.sources else "unsure"
        await inbox.put(session, message, source, service=service)


async def _longest(
    session: AsyncSession, conversation_id: int, words: str, until: datetime | None = None
) -> Message | None:
    """Of the citizen's last lines that these words hold, the one that says most."""
    query = (
        select(Message)
        .where(Message.conversation_id == conversation_id, Message.author == "citizen")
        .order_by(Message.seq.desc())
        .limit(_LINES)
    )
    if until is not None:
        query = query.where(Message.created_at <= until)
    lines = [line for line in await session.scalars(query) if line.body.strip() and line.body in words]
    return max(lines, key=lambda line: len(line.body), default=None)


# ---- tickets ------------------------------------------------------------------------------------------


async def sent_back(session: AsyncSession, ticket: Ticket, note: str) -> None:
    """The department says: not ours."""
    await _about(session, ticket, "sent_back", note=note)


async def rated(
    session: AsyncSession, ticket: Ticket, stars: int | None, solved: bool | None, text: str
) -> None:
    if solved is False or (stars is not None and stars <= _LOW):
        await _about(session, ticket, "rated", note=f"{'★' * stars} {text}".strip() if stars else text)


async def answered(session: AsyncSession, ticket: Ticket) -> None:
    """A department dealt with it: it was filed as what it was."""
    message = await request_of(session, ticket)
    if message is not None:
        await inbox.settled(session, message, ticket.service, ticket.kind)


async def refiled(session: AsyncSession, ticket: Ticket, actor: str) -> None:
    """An operator gave a ticket another service."""
    kind, _, key = actor.partition(":")
    operator = await session.get(Operator, int(key)) if kind == "operator" and key.isdigit() else None
    await _about(session, ticket, "corrected", service=ticket.service, kind=ticket.kind, operator=operator)


async def _about(
    session: AsyncSession,
    ticket: Ticket,
    source: Source,
    *,
    service: str | None = None,
    kind: str = "",
    note: str = "",
    operator: Operator | None = None,
) -> None:
    message = await request_of(session, ticket)
    if message is not None:
        await inbox.put(session, message, source, service=service, kind=kind, note=note, operator=operator)


async def request_of(session: AsyncSession, ticket: Ticket) -> Message | None:
    """The line that a ticket grew from."""
    if ticket.conversation_id is None:
        return None
    return await _longest(session, ticket.conversation_id, ticket.body, ticket.created_at)
