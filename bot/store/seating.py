"""Routing: groups, skills, shifts, duty days, who was offered what, and who did what at the seats."""

from __future__ import annotations

from datetime import date, datetime, time

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.types import Integer

from bot.store.base import Base, identity, now
from bot.store.sealing import SealedText


class Group(Base):
    """Operators who take the same things: conversations may be transferred to all of them together."""

    __tablename__ = "groups"

    id: Mapped[int] = identity()
    name: Mapped[str] = mapped_column(unique=True)
    about: Mapped[str] = mapped_column(server_default="")
    created_at: Mapped[datetime] = now()


class GroupMember(Base):
    __tablename__ = "group_members"

    group_id: Mapped[int] = mapped_column(ForeignKey("groups.id", ondelete="CASCADE"), primary_key=True)
    operator_id: Mapped[int] = mapped_column(ForeignKey("operators.id"), primary_key=True)

    __table_args__ = (Index("ix_group_members_operator_id", "operator_id"),)


class Skill(Base):
    """What somebody can take. `kind`: service · category · language · channel. Nobody is limited in a kind
    of which they have no row, so a line that cares for no skills needs none."""

    __tablename__ = "operator_skills"

    operator_id: Mapped[int] = mapped_column(ForeignKey("operators.id"), primary_key=True)
    kind: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[str] = mapped_column(primary_key=True)


class Shift(Base):
    """When people are at the seats, every week, in the city's time. An end that is not after the start lies
    on the next day. Without group and operator it is the whole line's."""

    __tablename__ = "shifts"

    id: Mapped[int] = identity()
    name: Mapped[str]
    group_id: Mapped[int | None] = mapped_column(ForeignKey("groups.id", ondelete="CASCADE"))
    operator_id: Mapped[int | None] = mapped_column(ForeignKey("operators.id"))
    weekdays: Mapped[list[int]] = mapped_column(ARRAY(Integer))  # 1 Monday … 7 Sunday
    starts: Mapped[time]
    ends: Mapped[time]
    holidays: Mapped[bool] = mapped_column(server_default=text("false"))  # also on public holidays
    created_at: Mapped[datetime] = now()


class DutyDay(Base):
    """A day on which the city works or not, whatever nlu_data's calendar says."""

    __tablename__ = "duty_days"

    day: Mapped[date] = mapped_column(primary_key=True)
    works: Mapped[bool]
    name: Mapped[str] = mapped_column(server_default="")
    set_by: Mapped[int | None] = mapped_column(ForeignKey("operators.id"))
    set_at: Mapped[datetime] = now()


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
