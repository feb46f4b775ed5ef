"""Tickets and their history, which is only appended to: a trigger in the first migration refuses the rest."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from bot.store.base import Base, identity, now
from bot.store.sealing import SealedJson, SealedText

_OPEN = "state IN ('accepted', 'dispatched', 'signed', 'returned', 'redo')"  # states.OPEN, for indexes


class Ticket(Base):
    """A filed request. States and moves: bot/tickets/states.py. `summary` is masked; `details` is sealed."""

    __tablename__ = "tickets"

    id: Mapped[int] = identity()
    number: Mapped[str] = mapped_column(unique=True)
    code: Mapped[str]  # query code
    conversation_id: Mapped[int | None] = mapped_column(ForeignKey("conversations.id"))
    source: Mapped[str]  # channel, or "console"
    kind: Mapped[str]
    service: Mapped[str]
    category: Mapped[str]
    department: Mapped[str]
    office: Mapped[str] = mapped_column(server_default="")  # shown name: the department or its branch there
    urgency: Mapped[str] = mapped_column(server_default="normal")
    state: Mapped[str] = mapped_column(server_default="accepted")
    deadline: Mapped[datetime]
    summary: Mapped[str]
    body: Mapped[str] = mapped_column(SealedText)
    details: Mapped[dict[str, Any]] = mapped_column(SealedJson)
    area: Mapped[str] = mapped_column(server_default="")  # district or town, for lists
    anonymous: Mapped[bool] = mapped_column(server_default=text("false"))
    phone_index: Mapped[bytes | None]  # blind index
    safety: Mapped[list[str]] = mapped_column(server_default=text("'[]'::jsonb"))
    confidence: Mapped[float | None]
    filed_by: Mapped[int | None] = mapped_column(ForeignKey("operators.id"))
    language: Mapped[str] = mapped_column(server_default="zh")
    answer: Mapped[str] = mapped_column(server_default="")
    stars: Mapped[int | None]
    solved: Mapped[bool | None]
    version: Mapped[int] = mapped_column(server_default="1")
    created_at: Mapped[datetime] = now()
    updated_at: Mapped[datetime] = now()
    inbox_id: Mapped[int | None] = mapped_column(ForeignKey("inbox.id"))

    __table_args__ = (
        Index(
            "ix_tickets_summary_trgm",
            "summary",
            postgresql_using="gin",
            postgresql_ops={"summary": "gin_trgm_ops"},
        ),
        Index("ix_tickets_created_at", "created_at", "id"),
        Index("ix_tickets_state", "state", "id"),
        Index("ix_tickets_state_deadline", "state", "deadline"),
        Index("ix_tickets_conversation_id", "conversation_id"),
        Index("ix_tickets_phone_index", "phone_index"),
        Index(
            "ix_tickets_open_summary",
            "summary",
            postgresql_using="gin",
            postgresql_ops={"summary": "gin_trgm_ops"},
            postgresql_where=text(_OPEN),
        ),
        Index("ix_tickets_open_service", "service", "id", postgresql_where=text(_OPEN)),
        Index("ix_tickets_open_area", "area", "id", postgresql_where=text(_OPEN)),
    )


class TicketEvent(Base):
    """What happened to a ticket: filed, moved, urged, added, edited, rated … `body` is sealed."""

    __tablename__ = "ticket_events"

    id: Mapped[int] = identity()
    ticket_id: Mapped[int] = mapped_column(ForeignKey("tickets.id"))
    verb: Mapped[str]
    actor: Mapped[str]  # citizen · bot · operator:<id>
    body: Mapped[str] = mapped_column(SealedText, default="")
    data: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'::jsonb"))
    created_at: Mapped[datetime] = now()

    __table_args__ = (
        Index("ix_ticket_events_ticket_id", "ticket_id", "id"),
        Index("ix_ticket_events_rated", "created_at", postgresql_where=text("verb = 'rated'")),
    )


class TicketAttachment(Base):
    __tablename__ = "ticket_attachments"

    ticket_id: Mapped[int] = mapped_column(ForeignKey("tickets.id"), primary_key=True)
    attachment_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("attachments.id"), primary_key=True)


class TicketCounter(Base):
    """Last counter used on a day of the city's calendar."""

    __tablename__ = "ticket_counters"

    day: Mapped[str] = mapped_column(primary_key=True)
    last: Mapped[int]
