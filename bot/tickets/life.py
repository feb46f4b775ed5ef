"""What happens to a ticket after filing: each verb changes the row, adds to its history, tells the seats.

The caller holds the transaction; a ticket passed in must be locked (see `locked`).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.errors import Conflict, Invalid, NotFound
from bot.masking import mask
from bot.store.session import notify
from bot.store.tickets import Ticket, TicketAttachment, TicketEvent
from bot.studio import noticing
from bot.tickets import states
from channels.base import AttachmentId

EDITABLE = frozenset(
    {"service", "kind", "urgency", "department", "category", "summary", "details", "area", "answer"}
)


async def locked(session: AsyncSession, number: str) -> Ticket:
    """Raises NotFound."""
    ticket: Ticket | None = await session.scalar(
        select(Ticket).where(Ticket.number == number).with_for_update()
    )
    if ticket is None:
        raise NotFound("没有这张工单 · no such ticket")
    return ticket


async def note(
    session: AsyncSession, ticket: Ticket, verb: str, actor: str, text: str = "", **data: Any
) -> None:
    """Append to the history. `actor`: citizen · bot · operator:<id>."""
    ticket.updated_at = datetime.now(UTC)
    ticket.version += 1
    session.add(TicketEvent(ticket_id=ticket.id, verb=verb, actor=actor, body=text, data=data))
    await notify(session, "tickets", ticket=ticket.number)


async def move(session: AsyncSession, ticket: Ticket, state: str, actor: str, text: str = "") -> None:
    """Raises Conflict when the move is not permitted. Text of `answered` becomes the official answer."""
    states.check(ticket.state, state)
    old, ticket.state = ticket.state, state
    if state == "answered" and text:
        ticket.answer = mask(text)
    if state == "returned":
        await noticing.sent_back(session, ticket, text)
    if state == "answered":
        await noticing.answered(session, ticket)
    await note(session, ticket, "moved", actor, text, old=old, new=state)


async def edit(session: AsyncSession, ticket: Ticket, changes: dict[str, Any], actor: str) -> None:
    """Change fields of EDITABLE; the history keeps which, not the sealed values."""
    unknown = set(changes) - EDITABLE
    if unknown:
        raise Invalid(dict.fromkeys(sorted(unknown), "不能修改 · cannot be changed"))
    changed = {name: value for name, value in changes.items() if getattr(ticket, name) != value}
    for name, value in changed.items():
        setattr(ticket, name, value)
    if changed:
        shown = {
            name: value for name, value in changed.items() if name not in ("details", "summary", "answer")
        }
        if "service" in changed:
            await noticing.refiled(session, ticket, actor)
        await note(session, ticket, "edited", actor, "", fields=sorted(changed), **shown)


async def urge(session: AsyncSession, ticket: Ticket, text: str, actor: str = "citizen") -> bool:
    """False when it is no longer open, or was urged within the last day."""
    if ticket.state not in states.OPEN:
        return False
    if await _count(session, ticket, "urged", timedelta(days=1)):
        return False
    await note(session, ticket, "urged", actor, text)
    return True


async def add(
    session: AsyncSession,
    ticket: Ticket,
    text: str,
    attachments: Sequence[AttachmentId],
    actor: str = "citizen",
) -> bool:
    """Add words and files. False when the ticket is withdrawn or refused."""
    if ticket.state in ("withdrawn", "not_accepted"):
        return False
    await attach(session, ticket, attachments)
    await note(session, ticket, "added", actor, text, attachments=[str(a) for a in attachments])
    return True


async def attach(session: AsyncSession, ticket: Ticket, attachments: Sequence[AttachmentId]) -> None:
    have = set(
        await session.scalars(
            select(TicketAttachment.attachment_id).where(TicketAttachment.ticket_id == ticket.id)
        )
    )
    for attachment in dict.fromkeys(attachments):
        if str(attachment) not in {str(h) for h in have}:
            session.add(TicketAttachment(ticket_id=ticket.id, attachment_id=attachment))
    await session.flush()


async def withdraw(session: AsyncSession, ticket: Ticket, text: str) -> bool:
    try:
        await move(session, ticket, "withdrawn", "citizen", text)
    except Conflict:
        return False
    return True


async def rate(
    session: AsyncSession, ticket: Ticket, stars: int | None, solved: bool | None, text: str
) -> bool:
    """The latest rating counts; all stay in the history. False for a withdrawn ticket."""
    if ticket.state == "withdrawn":
        return False
    ticket.stars = stars if stars is not None else ticket.stars
    ticket.solved = solved if solved is not None else ticket.solved
    await noticing.rated(session, ticket, stars, solved, text)
    await note(session, ticket, "rated", "citizen", text, stars=stars, solved=solved)
    return True


async def redo(session: AsyncSession, ticket: Ticket, text: str) -> bool:
    try:
        await move(session, ticket, "redo", "citizen", text)
    except Conflict:
        return False
    return True


async def urged(session: AsyncSession, ticket: Ticket) -> int:
    return await _count(session, ticket, "urged", timedelta(days=3650))


async def _count(session: AsyncSession, ticket: Ticket, verb: str, within: timedelta) -> int:
    query = select(func.count()).where(
        TicketEvent.ticket_id == ticket.id,
        TicketEvent.verb == verb,
        TicketEvent.created_at > datetime.now(UTC) - within,
    )
    return int(await session.scalar(query) or 0)
