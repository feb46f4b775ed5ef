"""What citizens and we say to each other: pushes as they came, lines as both see them, replies on their way.

Text of citizens is sealed; beside it stands a masked copy, which lists and search may show.
"""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from bot.store.base import Base, identity, now
from bot.store.sealing import SealedJson, SealedText


class Conversation(Base):
    """One citizen on one channel, for good. `mode`: bot · queued · seated."""

    __tablename__ = "conversations"

    id: Mapped[int] = identity()
    channel: Mapped[str]
    address_index: Mapped[bytes]  # blind index of the address
    address: Mapped[str] = mapped_column(SealedText)
    account: Mapped[str] = mapped_column(server_default="")
    language: Mapped[str] = mapped_column(server_default="zh")
    mode: Mapped[str] = mapped_column(server_default="bot")
    seq: Mapped[int] = mapped_column(server_default="0")  # of the last message
    state: Mapped[dict[str, Any] | None] = mapped_column(SealedJson)  # bot.dialogue.types.State
    wake_at: Mapped[datetime | None]  # when silence becomes an event
    last_inbound_at: Mapped[datetime | None]
    web_until: Mapped[datetime | None]  # goes on in the web chat: until then nothing else need leave by SMS
    opted_out: Mapped[bool] = mapped_column(server_default=text("false"))
    created_at: Mapped[datetime] = now()

    __table_args__ = (
        UniqueConstraint("channel", "address_index"),
        Index("ix_conversations_wake_at", "wake_at", postgresql_where=text("wake_at IS NOT NULL")),
        Index("ix_conversations_active", text("coalesce(last_inbound_at, created_at)"), "id"),
    )


class Inbox(Base):
    """A push as it was accepted.

    `status`: new · waiting (for the model) · done · failed (a person has it).
    """

    __tablename__ = "inbox"

    id: Mapped[int] = identity()
    channel: Mapped[str]
    provider_id: Mapped[str]
    conversation_id: Mapped[int] = mapped_column(ForeignKey("conversations.id"))
    content: Mapped[dict[str, Any]] = mapped_column(SealedJson)  # channels.base.Inbound
    status: Mapped[str] = mapped_column(server_default="new")
    attempts: Mapped[int] = mapped_column(server_default="0")
    due_at: Mapped[datetime] = now()
    passive_until: Mapped[datetime | None]  # so long the push's own answer has first claim on the replies
    received_at: Mapped[datetime] = now()
    handled_at: Mapped[datetime | None]

    __table_args__ = (
        UniqueConstraint("channel", "provider_id"),
        Index(
            "ix_inbox_open", "conversation_id", "id", postgresql_where=text("status IN ('new', 'waiting')")
        ),
        Index("ix_inbox_due", "due_at", postgresql_where=text("status IN ('new', 'waiting')")),
    )


class Message(Base):
    """One line of a conversation as both sides see it. `author`: citizen · bot · operator · system."""

    __tablename__ = "messages"

    id: Mapped[int] = identity()
    conversation_id: Mapped[int] = mapped_column(ForeignKey("conversations.id"))
    seq: Mapped[int]
    author: Mapped[str]
    operator_id: Mapped[int | None] = mapped_column(ForeignKey("operators.id"))
    body: Mapped[str] = mapped_column(SealedText)
    masked: Mapped[str]
    extra: Mapped[dict[str, Any] | None] = mapped_column(SealedJson)  # choices, media, location, notice
    understanding: Mapped[dict[str, Any] | None] = mapped_column(SealedJson)
    service: Mapped[str | None]  # as understood
    confidence: Mapped[float | None]
    model: Mapped[str | None]
    act: Mapped[str | None]
    understood: Mapped[bool | None]  # clear enough to act on; None: nothing was read
    inbox_id: Mapped[int | None] = mapped_column(ForeignKey("inbox.id"))
    client_id: Mapped[str] = mapped_column(server_default="")
    created_at: Mapped[datetime] = now()

    __table_args__ = (
        UniqueConstraint("conversation_id", "seq"),
        Index(
            "ix_messages_masked_trgm",
            "masked",
            postgresql_using="gin",
            postgresql_ops={"masked": "gin_trgm_ops"},
        ),
        Index("ix_messages_created_at", "created_at"),
        Index(
            "ix_messages_citizen",
            "created_at",
            postgresql_include=["conversation_id"],
            postgresql_where=text("author = 'citizen'"),
        ),
    )


class Outbox(Base):
    """One message on its way to a citizen.

    `status`: queued · sent · delivered · held (until the citizen writes again) · given_up · cancelled ·
    merged (went out as part of `merged_into`).
    """

    __tablename__ = "outbox"

    id: Mapped[int] = identity()
    conversation_id: Mapped[int] = mapped_column(ForeignKey("conversations.id"))
    message_id: Mapped[int | None] = mapped_column(ForeignKey("messages.id"))
    inbox_id: Mapped[int | None] = mapped_column(ForeignKey("inbox.id"))  # the push it answers
    channel: Mapped[str]
    content: Mapped[dict[str, Any]] = mapped_column(SealedJson)  # channels.base.Outbound without id
    status: Mapped[str] = mapped_column(server_default="queued")
    passive: Mapped[bool] = mapped_column(server_default=text("false"))  # went out in the push's own answer
    packed: Mapped[bool] = mapped_column(server_default=text("false"))  # cut to the channel's limits
    merged_into: Mapped[int | None] = mapped_column(ForeignKey("outbox.id"))
    attempts: Mapped[int] = mapped_column(server_default="0")
    due_at: Mapped[datetime] = now()
    ref: Mapped[str] = mapped_column(server_default="")
    error: Mapped[str] = mapped_column(server_default="")
    created_at: Mapped[datetime] = now()
    sent_at: Mapped[datetime | None]

    __table_args__ = (
        Index("ix_outbox_queued", "due_at", postgresql_where=text("status = 'queued'")),
        Index("ix_outbox_conversation_id", "conversation_id", "id"),
        Index("ix_outbox_inbox_id", "inbox_id"),
        Index("ix_outbox_ref", "channel", "ref", postgresql_where=text("ref <> ''")),
        Index("ix_outbox_given_up", "created_at", postgresql_where=text("status IN ('held', 'given_up')")),
    )


class Attachment(Base):
    """A file; its bytes lie in the attachment store under `id`.

    `status`: pending (still at the provider) · stored · lost.
    """

    __tablename__ = "attachments"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    conversation_id: Mapped[int | None] = mapped_column(ForeignKey("conversations.id"))
    inbox_id: Mapped[int | None] = mapped_column(ForeignKey("inbox.id"))  # the push it came with
    kind: Mapped[str]
    mime: Mapped[str] = mapped_column(server_default="")
    name: Mapped[str] = mapped_column(server_default="")
    size: Mapped[int] = mapped_column(server_default="0")
    sha256: Mapped[str] = mapped_column(server_default="")
    status: Mapped[str] = mapped_column(server_default="stored")
    ref: Mapped[str] = mapped_column(server_default="")  # the provider's media id
    attempts: Mapped[int] = mapped_column(server_default="0")
    due_at: Mapped[datetime] = now()
    created_at: Mapped[datetime] = now()

    __table_args__ = (
        Index("ix_attachments_pending", "due_at", postgresql_where=text("status = 'pending'")),
        Index("ix_attachments_inbox_id", "inbox_id"),
    )
