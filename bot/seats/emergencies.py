"""An emergency at a seat: its checklist, who was called, and the log of who did what when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.store.conversations import Conversation
from bot.store.handovers import Handover
from bot.store.operators import Operator
from bot.store.session import notify
from bot.store.talking import EmergencyStep
from bot.store.tickets import Ticket

Verb = Literal["done", "undone", "called", "wrote"]


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the log. `verb`: raised · claimed · replied · ended · filed, and those of the steps."""

    at: datetime
    verb: str
    who: str = ""
    step: str = ""
    text: str = ""


async def last(session: AsyncSession, conversation_id: int) -> Handover | None:
    """The newest emergency of this conversation, open or over."""
    found: Handover | None = await session.scalar(
        select(Handover)
        .where(Handover.conversation_id == conversation_id, Handover.rank == 2)
        .order_by(Handover.id.desc())
        .limit(1)
    )
    return found


async def note(
    session: AsyncSession, conversation: Conversation, by: Operator, verb: Verb, step: str, text: str = ""
) -> None:
    session.add(
        EmergencyStep(conversation_id=conversation.id, operator_id=by.id, verb=verb, step=step, body=text)
    )
    await session.flush()
    await notify(session, "seats", kind="emergency", conversation=conversation.id)


async def steps(
    session: AsyncSession, conversation_id: int, since: datetime
) -> list[tuple[EmergencyStep, str]]:
    """What was done since, with who did it, in order."""
    rows = await session.execute(
        select(EmergencyStep, Operator.name)
        .join(Operator, Operator.id == EmergencyStep.operator_id)
        .where(EmergencyStep.conversation_id == conversation_id, EmergencyStep.created_at >= since)
        .order_by(EmergencyStep.id)
        .limit(300)
    )
    return [(row, name) for row, name in rows]


async def log(
    session: AsyncSession, handover: Handover, done: list[tuple[EmergencyStep, str]]
) -> list[Entry]:
    """Everything that happened, in order of time."""
    operator = await session.get(Operator, handover.operator_id) if handover.operator_id else None
    who = operator.name if operator else ""
    moments = (
        ("raised", "", handover.queued_at),
        ("claimed", who, handover.claimed_at),
        ("replied", who, handover.first_reply_at),
        ("ended", who, handover.ended_at),
    )
    out = [Entry(at, verb, name) for verb, name, at in moments if at is not None]
    filed = await session.scalars(
        select(Ticket).where(
            Ticket.conversation_id == handover.conversation_id,
            Ticket.urgency == "emergency",
            Ticket.created_at >= handover.queued_at,
        )
    )
    out += [Entry(ticket.created_at, "filed", step=ticket.number) for ticket in filed]
    out += [Entry(row.created_at, row.verb, name, row.step, row.body) for row, name in done]
    return sorted(out, key=lambda entry: entry.at)
