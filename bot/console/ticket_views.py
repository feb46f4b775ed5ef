"""What the pages are shown of a ticket: its row in a list, the whole of it, what happened to it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from bot.console.shapes import Answer
from bot.console.views import DetailView, FileView, Titled, details, titled_department, titled_service
from bot.masking import mask
from bot.services import Catalogue
from bot.store.tickets import Ticket, TicketEvent


class TicketRow(Answer):
    id: int
    number: str
    state: str
    kind: str
    service: Titled
    category: str
    department: Titled
    office: str
    urgency: str
    source: str
    area: str
    summary: str
    safety: list[str]
    anonymous: bool
    deadline: datetime
    created_at: datetime
    updated_at: datetime
    version: int
    conversation: int | None = None


class EventView(Answer):
    id: int
    verb: str
    actor: str
    name: str
    text: str
    data: dict[str, Any]
    at: datetime


class TicketView(TicketRow):
    code: str
    body: str
    details: list[DetailView]
    masked: bool
    answer: str
    stars: int | None
    solved: bool | None
    language: str
    confidence: float | None
    filed_by: str
    phone_known: bool
    moves: list[str]
    history: list[EventView]
    files: list[FileView]


def ticket_row(catalogue: Catalogue, row: Ticket) -> TicketRow:
    return TicketRow(**_ticket(catalogue, row))


def _ticket(catalogue: Catalogue, row: Ticket) -> dict[str, Any]:
    return {
        "id": row.id,
        "number": row.number,
        "state": row.state,
        "kind": row.kind,
        "service": titled_service(catalogue, row.service),
        "category": row.category,
        "department": titled_department(catalogue, row.department),
        "office": row.office,
        "urgency": row.urgency,
        "source": row.source,
        "area": row.area,
        "summary": row.summary,
        "safety": row.safety,
        "anonymous": row.anonymous,
        "deadline": row.deadline,
        "created_at": row.created_at,
        "updated_at": row.updated_at,
        "version": row.version,
        "conversation": row.conversation_id,
    }


def ticket(
    catalogue: Catalogue,
    row: Ticket,
    masked: bool,
    moves: list[str],
    filed_by: str,
    history: list[EventView],
    files: list[FileView],
) -> TicketView:
    return TicketView(
        **_ticket(catalogue, row),
        code="******" if masked else row.code,
        body=mask(row.body) if masked else row.body,
        details=details(row.details, masked),
        masked=masked,
        answer=row.answer,
        stars=row.stars,
        solved=row.solved,
        language=row.language,
        confidence=row.confidence,
        filed_by=filed_by,
        phone_known=row.phone_index is not None,
        moves=moves,
        history=history,
        files=files,
    )


def event(row: TicketEvent, name: str, masked: bool) -> EventView:
    return EventView(
        id=row.id,
        verb=row.verb,
        actor=row.actor.split(":")[0],
        name=name,
        text=mask(row.body or "") if masked else row.body or "",
        data=row.data,
        at=row.created_at,
    )
