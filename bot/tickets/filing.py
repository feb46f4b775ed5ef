"""Filing: a draft becomes a ticket, in the transaction of its turn, so exactly once."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from actions.base import Draft
from bot.masking import hidden, mask
from bot.seats import duty
from bot.services import FALLBACK
from bot.store.conversations import Conversation
from bot.store.sealing import sealer
from bot.store.tickets import Ticket, TicketCounter
from bot.tickets import life
from bot.world import World

# Without 0/O, 1/I/L: a query code is read over the phone and typed by hand.
_ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
SUMMARY_LENGTH = 200


async def file(
    session: AsyncSession,
    world: World,
    draft: Draft,
    conversation: Conversation | None = None,
    *,
    filed_by: int | None = None,
    inbox_id: int | None = None,
) -> Ticket:
    """Make the ticket with number, query code, department and deadline; its history starts here."""
    now = datetime.now(UTC)
    service = world.catalogue.get(draft.service) or world.catalogue.service(FALLBACK)
    details = {name: value for name, value in draft.details.items() if value}
    if draft.anonymous:
        details = {
            name: value for name, value in details.items() if name not in ("name", "phone", "id_number")
        }
    place = details.get("place", "")
    branch = world.city.branch(service.department, place)
    urgent = draft.urgency == "emergency"
    city = await duty.city_now(session, world.city)
    ticket = Ticket(
        number=await _number(session, world, now),
        code="".join(secrets.choice(_ALPHABET) for _ in range(6)),
        conversation_id=conversation.id if conversation else None,
        source=conversation.channel if conversation else "console",
        kind=draft.kind,
        service=service.id,
        category=service.category,
        department=service.department,
        office=branch.name if branch else world.city.departments[service.department].name,
        urgency=draft.urgency,
        deadline=city.deadline("emergency" if urgent else service.deadline, now),
        summary=summary(draft),
        body=draft.text,
        details=details
        | ({"location": f"{draft.location[0]:.6f},{draft.location[1]:.6f}"} if draft.location else {}),
        area="".join(reversed(world.city.areas_of(place)[-2:])),
        anonymous=draft.anonymous,
        phone_index=sealer().index(details["phone"]) if details.get("phone") else None,
        safety=list(draft.safety),
        confidence=draft.confidence,
        filed_by=filed_by,
        language=draft.language,
        inbox_id=inbox_id,
    )
    session.add(ticket)
    await session.flush()
    await life.attach(session, ticket, draft.attachments)
    await life.note(
        session,
        ticket,
        "filed",
        f"operator:{filed_by}" if filed_by else "bot",
        "",
        service=ticket.service,
        department=ticket.department,
        urgency=ticket.urgency,
    )
    return ticket


def summary(draft: Draft) -> str:
    """The citizen's words in one masked line. Name and phone are hidden wherever they stand."""
    text = " ".join(draft.text.split())
    for name in ("name", "phone", "id_number", "building"):
        value = draft.details.get(name, "")
        if len(value) >= 2:
            text = text.replace(value, hidden(value))
    text = mask(text)
    return text if len(text) <= SUMMARY_LENGTH else text[: SUMMARY_LENGTH - 1] + "…"


async def _number(session: AsyncSession, world: World, now: datetime) -> str:
    """Prefix of the city, day in its time zone, and a counter that never repeats."""
    day = now.astimezone(world.city.timezone).strftime("%y%m%d")
    statement = insert(TicketCounter).values(day=day, last=1)
    statement = statement.on_conflict_do_update(index_elements=["day"], set_={"last": TicketCounter.last + 1})
    last = await session.scalar(statement.returning(TicketCounter.last))
    return f"{world.settings.ticket_prefix}{day}{last:04d}"
