"""The back office: replies kept ready, questions nobody could answer, and the audit.

The audit is only appended to: a trigger in the first migration refuses the rest.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from bot.store.base import Base, identity, now


class CannedReply(Base):
    """`purpose`: "" or calm (offered when a citizen is upset)."""

    __tablename__ = "canned_replies"

    id: Mapped[int] = identity()
    title: Mapped[str]
    body: Mapped[str]
    shortcut: Mapped[str] = mapped_column(server_default="")
    purpose: Mapped[str] = mapped_column(server_default="")
    created_at: Mapped[datetime] = now()


class Question(Base):
    """A question that the knowledge base could not answer (masked), or feedback on one that it did."""

    __tablename__ = "questions"

    id: Mapped[int] = identity()
    masked: Mapped[str]
    service: Mapped[str | None]
    article: Mapped[str | None]
    helped: Mapped[bool | None]  # None: no answer was found
    conversation_id: Mapped[int | None] = mapped_column(ForeignKey("conversations.id"))
    created_at: Mapped[datetime] = now()
    done_at: Mapped[datetime | None]  # somebody saw to it
    done_by: Mapped[int | None] = mapped_column(ForeignKey("operators.id"))

    __table_args__ = (Index("ix_questions_created_at", "created_at"),)


class Audit(Base):
    """Who looked at personal data or used a privilege."""

    __tablename__ = "audit"

    id: Mapped[int] = identity()
    operator_id: Mapped[int | None] = mapped_column(ForeignKey("operators.id"))
    verb: Mapped[str]
    object: Mapped[str] = mapped_column(server_default="")
    data: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'::jsonb"))
    at: Mapped[datetime] = now()

    __table_args__ = (
        Index("ix_audit_at", "at", "id"),
        Index("ix_audit_operator_id", "operator_id", "at", "id"),
        Index("ix_audit_verb", "verb", "at", "id"),
        Index("ix_audit_object", "object", "at", "id"),
    )
