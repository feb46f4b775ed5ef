"""Tables of the back office: the second factor of a log-in, its recovery codes, ratings of seats."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from bot.store.base import Base, identity, now
from bot.store.sealing import SealedText


class SecondFactor(Base):
    """The secret that an operator's authenticator app shares with us, from the moment it is offered.

    It counts once `operators.factor_at` is set: until a first code was right, nobody may be locked out by it.
    """

    __tablename__ = "second_factors"

    operator_id: Mapped[int] = mapped_column(ForeignKey("operators.id"), primary_key=True)
    secret: Mapped[str] = mapped_column(SealedText)
    last_step: Mapped[int] = mapped_column(server_default="0")  # a code is good once: RFC 6238, 5.2
    created_at: Mapped[datetime] = now()


class RecoveryCode(Base):
    """A code on paper that stands in for the app, once. Only its keyed hash is kept."""

    __tablename__ = "recovery_codes"

    id: Mapped[int] = identity()
    operator_id: Mapped[int] = mapped_column(ForeignKey("operators.id"))
    code_index: Mapped[bytes]
    used_at: Mapped[datetime | None]

    __table_args__ = (Index("ix_recovery_codes_operator_id", "operator_id"),)


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
