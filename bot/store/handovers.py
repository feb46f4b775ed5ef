"""A conversation that asks for a person: how it waits, who is offered it, what is done, how it was."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from bot.store.base import Base, identity, now
from bot.store.sealing import SealedText


class Handover(Base):
    """A conversation that asks for a person. `status`: queued · claimed · ended."""

    __tablename__ = "handovers"

    id: Mapped[int] = identity()
    conversation_id: Mapped[int] = mapped_column(ForeignKey("conversations.id"))
    reason: Mapped[str]
    urgency: Mapped[str] = mapped_column(server_default="normal")
    rank: Mapped[int] = mapped_column(server_default="0")  # 2 emergency, 1 high, 0 normal
    note: Mapped[str] = mapped_column(SealedText, default="")
    safety: Mapped[list[str]] = mapped_column(server_default=text("'[]'::jsonb"))
    status: Mapped[str] = mapped_column(server_default="queued")
    operator_id: Mapped[int | None] = mapped_column(ForeignKey("operators.id"))
    ticket_id: Mapped[int | None] = mapped_column(ForeignKey("tickets.id"))
    told_late: Mapped[bool] = mapped_column(server_default=text("false"))
    service: Mapped[str] = mapped_column(server_default="")  # as understood, for skills
    group_id: Mapped[int | None] = mapped_column(ForeignKey("groups.id", ondelete="SET NULL"))
    wanted_id: Mapped[int | None] = mapped_column(ForeignKey("operators.id"))  # offered to them first
    queued_at: Mapped[datetime] = now()  # when a person was asked for
    waiting_since: Mapped[datetime] = now()  # this time: later than `queued_at` if it came back
    came_back: Mapped[bool] = mapped_column(server_default=text("false"))  # had a person: goes to the front
    rung_at: Mapped[datetime | None]  # when an emergency that still waits sounded last
    claimed_at: Mapped[datetime | None]
    first_reply_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    ended_how: Mapped[str] = mapped_column(server_default="")  # returned · closed · ticket

    __table_args__ = (
        # one open hand-over per conversation, whoever asks how often
        Index(
            "uq_handovers_open", "conversation_id", unique=True, postgresql_where=text("status <> 'ended'")
        ),
        Index("ix_handovers_queue", "rank", "queued_at", postgresql_where=text("status = 'queued'")),
        Index("ix_handovers_conversation_id", "conversation_id"),
        Index("ix_handovers_queued_at", "queued_at"),
        Index("ix_handovers_ended_at", "ended_at"),
        Index("ix_handovers_held", "operator_id", postgresql_where=text("status = 'claimed'")),
    )


class Offer(Base):
    """A waiting conversation put before one operator, until `expires_at`.

    `outcome`: "" (open) · accepted · declined · missed (no answer in time) · withdrawn.
    """

    __tablename__ = "offers"

    id: Mapped[int] = identity()
    handover_id: Mapped[int] = mapped_column(ForeignKey("handovers.id"))
    operator_id: Mapped[int] = mapped_column(ForeignKey("operators.id"))
    made_at: Mapped[datetime] = now()
    expires_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    outcome: Mapped[str] = mapped_column(server_default="")

    __table_args__ = (
        # one at a time, for the conversation and for the person
        Index("uq_offers_open", "handover_id", unique=True, postgresql_where=text("outcome = ''")),
        Index("uq_offers_operator", "operator_id", unique=True, postgresql_where=text("outcome = ''")),
        Index("ix_offers_handover_id", "handover_id", "operator_id"),
    )


class SeatEvent(Base):
    """What happened to a hand-over, in order: queued, offered, declined, missed, claimed, transferred,
    taken_over, reassigned, released, ended. `by_id` did it, `operator_id` is whom it concerns."""

    __tablename__ = "seat_events"

    id: Mapped[int] = identity()
    handover_id: Mapped[int] = mapped_column(ForeignKey("handovers.id"))
    conversation_id: Mapped[int] = mapped_column(ForeignKey("conversations.id"))
    verb: Mapped[str]
    operator_id: Mapped[int | None] = mapped_column(ForeignKey("operators.id"))
    by_id: Mapped[int | None] = mapped_column(ForeignKey("operators.id"))
    group_id: Mapped[int | None] = mapped_column(ForeignKey("groups.id", ondelete="SET NULL"))
    reason: Mapped[str] = mapped_column(server_default="")
    note: Mapped[str] = mapped_column(SealedText, default="")
    at: Mapped[datetime] = now()

    __table_args__ = (
        Index("ix_seat_events_handover_id", "handover_id", "id"),
        Index("ix_seat_events_conversation_id", "conversation_id", "id"),
        Index("ix_seat_events_at", "at"),
    )


class Rating(Base):
    """What a citizen thought of a conversation with a person: asked at its end, once; `words` may follow."""

    __tablename__ = "ratings"

    handover_id: Mapped[int] = mapped_column(ForeignKey("handovers.id"), primary_key=True)
    conversation_id: Mapped[int] = mapped_column(ForeignKey("conversations.id"))
    operator_id: Mapped[int | None] = mapped_column(ForeignKey("operators.id"))
    stars: Mapped[int | None]
    words: Mapped[str] = mapped_column(SealedText, default="")
    masked: Mapped[str] = mapped_column(server_default="")
    asked_at: Mapped[datetime] = now()
    rated_at: Mapped[datetime | None]

    __table_args__ = (
        Index("ix_ratings_rated_at", "rated_at", postgresql_where=text("rated_at IS NOT NULL")),
        Index("ix_ratings_conversation_id", "conversation_id"),
    )
