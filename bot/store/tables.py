"""The tables. Text of citizens is sealed; beside it stands a masked copy, which lists and search may show.

Histories (`ticket_events`, `audit`) are only appended to; a trigger in the first migration refuses the rest.
"""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

import bot.store.seating  # noqa: F401  # a hand-over names its group
from bot.store.base import Base, identity, now
from bot.store.sealing import SealedJson, SealedText

_OPEN = "state IN ('accepted', 'dispatched', 'signed', 'returned', 'redo')"  # states.OPEN, for indexes


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


class Operator(Base):
    """Somebody who logs in. `role`: see bot/roles.py.

    `presence`: online · busy (speaks on, takes nothing new) · away · offline.
    """

    __tablename__ = "operators"

    id: Mapped[int] = identity()
    login: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    password: Mapped[str]  # argon2
    role: Mapped[str] = mapped_column(server_default="operator")
    language: Mapped[str] = mapped_column(server_default="zh")
    active: Mapped[bool] = mapped_column(server_default=text("true"))
    presence: Mapped[str] = mapped_column(server_default="offline")
    present_since: Mapped[datetime | None]  # in this presence
    capacity: Mapped[int] = mapped_column(server_default="5")  # conversations at a time
    offers: Mapped[bool] = mapped_column(server_default=text("true"))  # is given conversations unasked
    missed: Mapped[int] = mapped_column(server_default="0")  # offers in a row without an answer
    seen_at: Mapped[datetime | None]
    factor_at: Mapped[datetime | None]  # since when a second factor is asked
    password_due: Mapped[bool] = mapped_column(server_default=text("false"))  # somebody else chose it
    created_at: Mapped[datetime] = now()


class Login(Base):
    """A session of the console: only the hash of its cookie is kept."""

    __tablename__ = "logins"

    token_hash: Mapped[bytes] = mapped_column(primary_key=True)
    operator_id: Mapped[int] = mapped_column(ForeignKey("operators.id"))
    csrf: Mapped[str]
    agent: Mapped[str] = mapped_column(server_default="")
    address: Mapped[str] = mapped_column(server_default="")
    created_at: Mapped[datetime] = now()
    seen_at: Mapped[datetime] = now()
    expires_at: Mapped[datetime]

    __table_args__ = (Index("ix_logins_operator_id", "operator_id"),)


class LoginFailure(Base):
    """Failed log-ins, counted per login name and per address, to slow guessing down."""

    __tablename__ = "login_failures"

    id: Mapped[int] = identity()
    key: Mapped[str]
    at: Mapped[datetime] = now()

    __table_args__ = (Index("ix_login_failures_key", "key", "at"),)


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
