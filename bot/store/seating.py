"""Who sits at the seats, and when: groups, skills, shifts, duty days."""

from __future__ import annotations

from datetime import date, datetime, time

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.types import Integer

from bot.store.base import Base, identity, now


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
