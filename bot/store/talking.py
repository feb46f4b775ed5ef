"""What colleagues write to each other and keep while they work: notes, drafts, corrections, limits.

Nothing here is ever read by a citizen: it stands apart from `messages` so that no query can mix them up.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from bot.store.base import Base, identity, now
from bot.store.sealing import SealedText


class Note(Base):
    """An internal line of a conversation. `kind`: note · whisper (of a supervisor) · transfer."""

    __tablename__ = "notes"

    id: Mapped[int] = identity()
    conversation_id: Mapped[int] = mapped_column(ForeignKey("conversations.id"))
    operator_id: Mapped[int] = mapped_column(ForeignKey("operators.id"))
    kind: Mapped[str] = mapped_column(server_default="note")
    body: Mapped[str] = mapped_column(SealedText)
    masked: Mapped[str]
    after_seq: Mapped[int]  # the conversation's last line when it was written
    created_at: Mapped[datetime] = now()

    __table_args__ = (Index("ix_notes_conversation_id", "conversation_id", "id"),)


class Mention(Base):
    """A colleague who is called by a note, until they have read it."""

    __tablename__ = "mentions"

    note_id: Mapped[int] = mapped_column(ForeignKey("notes.id"), primary_key=True)
    operator_id: Mapped[int] = mapped_column(ForeignKey("operators.id"), primary_key=True)
    conversation_id: Mapped[int] = mapped_column(ForeignKey("conversations.id"))
    read_at: Mapped[datetime | None]
    created_at: Mapped[datetime] = now()

    __table_args__ = (
        Index("ix_mentions_operator_id", "operator_id", "note_id"),
        Index("ix_mentions_conversation_id", "conversation_id", "operator_id"),
    )


class Unsent(Base):
    """What an operator has written in a conversation and not sent yet."""

    __tablename__ = "unsent"

    conversation_id: Mapped[int] = mapped_column(ForeignKey("conversations.id"), primary_key=True)
    operator_id: Mapped[int] = mapped_column(ForeignKey("operators.id"), primary_key=True)
    body: Mapped[str] = mapped_column(SealedText)
    internal: Mapped[bool] = mapped_column(server_default=text("false"))  # meant as a note
    updated_at: Mapped[datetime] = now()


class Correction(Base):
    """How a person read a citizen's line where the model read it otherwise. Only the newest counts; empty
    fields say that the model was right there."""

    __tablename__ = "corrections"

    id: Mapped[int] = identity()
    message_id: Mapped[int] = mapped_column(ForeignKey("messages.id"))
    operator_id: Mapped[int] = mapped_column(ForeignKey("operators.id"))
    service: Mapped[str] = mapped_column(server_default="")
    kind: Mapped[str] = mapped_column(server_default="")
    place: Mapped[str] = mapped_column(SealedText, default="")
    created_at: Mapped[datetime] = now()

    __table_args__ = (Index("ix_corrections_message_id", "message_id", "id"),)


class Limit(Base):
    """A limit on a citizen who harms the work. `what`: mute · slow · block; `status`: asked · active ·
    refused · lifted. It ends by itself at `until`, and counts only once a second person agreed."""

    __tablename__ = "limits"

    id: Mapped[int] = identity()
    conversation_id: Mapped[int] = mapped_column(ForeignKey("conversations.id"))
    what: Mapped[str]
    hours: Mapped[int]
    reason: Mapped[str] = mapped_column(SealedText)
    status: Mapped[str] = mapped_column(server_default="asked")
    told: Mapped[bool] = mapped_column(server_default=text("false"))  # the citizen knows
    asked_by: Mapped[int] = mapped_column(ForeignKey("operators.id"))
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("operators.id"))
    until: Mapped[datetime | None]
    created_at: Mapped[datetime] = now()
    decided_at: Mapped[datetime | None]

    __table_args__ = (
        Index("ix_limits_conversation_id", "conversation_id", "id"),
        Index("ix_limits_open", "status", "id", postgresql_where=text("status IN ('asked', 'active')")),
    )


class EmergencyStep(Base):
    """Who did what when in an emergency: a step of the checklist, a number that was called. Only appended
    to: taking a tick back is a line of its own."""

    __tablename__ = "emergency_steps"

    id: Mapped[int] = identity()
    conversation_id: Mapped[int] = mapped_column(ForeignKey("conversations.id"))
    operator_id: Mapped[int] = mapped_column(ForeignKey("operators.id"))
    verb: Mapped[str]  # done · undone · called · wrote
    step: Mapped[str] = mapped_column(server_default="")  # id of the checklist's step, or the number
    body: Mapped[str] = mapped_column(SealedText, default="")
    created_at: Mapped[datetime] = now()

    __table_args__ = (Index("ix_emergency_steps_conversation_id", "conversation_id", "id"),)
