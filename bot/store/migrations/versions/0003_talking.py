"""Talking: notes, mentions, unsent drafts, corrections, limits, steps of emergencies."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

OPEN = "state IN ('accepted', 'dispatched', 'signed', 'returned', 'redo')"


def _id() -> sa.Column[Any]:
    return sa.Column("id", sa.BigInteger(), sa.Identity(always=False), primary_key=True)


def _to(table: str, column: str, *, nullable: bool = False, key: bool = False) -> sa.Column[Any]:
    return sa.Column(
        column, sa.BigInteger(), sa.ForeignKey(f"{table}.id"), nullable=nullable, primary_key=key
    )


def _at(name: str = "created_at") -> sa.Column[Any]:
    return sa.Column(
        name, sa.TIMESTAMP(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
    )


def _word(name: str, default: str | None = None) -> sa.Column[Any]:
    return sa.Column(name, sa.String(), server_default=default, nullable=False)


def upgrade() -> None:
    """See bot/store/talking.py."""
    op.create_table(
        "notes",
        _id(),
        _to("conversations", "conversation_id"),
        _to("operators", "operator_id"),
        _word("kind", "note"),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        _word("masked"),
        sa.Column("after_seq", sa.Integer(), nullable=False),
        _at(),
    )
    op.create_index("ix_notes_conversation_id", "notes", ["conversation_id", "id"])
    op.create_table(
        "mentions",
        _to("notes", "note_id", key=True),
        _to("operators", "operator_id", key=True),
        _to("conversations", "conversation_id"),
        sa.Column("read_at", sa.TIMESTAMP(timezone=True)),
        _at(),
    )
    op.create_index("ix_mentions_operator_id", "mentions", ["operator_id", "note_id"])
    op.create_index("ix_mentions_conversation_id", "mentions", ["conversation_id", "operator_id"])
    op.create_table(
        "unsent",
        _to("conversations", "conversation_id", key=True),
        _to("operators", "operator_id", key=True),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("internal", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        _at("updated_at"),
    )
    op.create_table(
        "corrections",
        _id(),
        _to("messages", "message_id"),
        _to("operators", "operator_id"),
        _word("service", ""),
        _word("kind", ""),
        sa.Column("place", sa.LargeBinary(), nullable=False),
        _at(),
    )
    op.create_index("ix_corrections_message_id", "corrections", ["message_id", "id"])
    op.create_table(
        "limits",
        _id(),
        _to("conversations", "conversation_id"),
        _word("what"),
        sa.Column("hours", sa.Integer(), nullable=False),
        sa.Column("reason", sa.LargeBinary(), nullable=False),
        _word("status", "asked"),
        sa.Column("told", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        _to("operators", "asked_by"),
        _to("operators", "decided_by", nullable=True),
        sa.Column("until", sa.TIMESTAMP(timezone=True)),
        _at(),
        sa.Column("decided_at", sa.TIMESTAMP(timezone=True)),
    )
    op.create_index("ix_limits_conversation_id", "limits", ["conversation_id", "id"])
    op.create_index(
        "ix_limits_open",
        "limits",
        ["status", "id"],
        postgresql_where=sa.text("status IN ('asked', 'active')"),
    )
    op.create_table(
        "emergency_steps",
        _id(),
        _to("conversations", "conversation_id"),
        _to("operators", "operator_id"),
        _word("verb"),
        _word("step", ""),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        _at(),
    )
    op.create_index("ix_emergency_steps_conversation_id", "emergency_steps", ["conversation_id", "id"])
    op.execute(
        "CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON emergency_steps "
        "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
    )
    op.add_column("canned_replies", _word("purpose", ""))
    for column in ("service", "area"):
        op.create_index(
            f"ix_tickets_open_{column}", "tickets", [column, "id"], postgresql_where=sa.text(OPEN)
        )
    op.create_index(
        "ix_tickets_open_summary",
        "tickets",
        ["summary"],
        postgresql_using="gin",
        postgresql_ops={"summary": "gin_trgm_ops"},
        postgresql_where=sa.text(OPEN),
    )


def downgrade() -> None:
    """Nothing yet."""
