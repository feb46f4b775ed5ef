"""Seating: groups, skills, shifts, duty days, offers and what happened at the seats."""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"
NOW = sa.text("clock_timestamp()")


def _id() -> sa.Column[Any]:
    return sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False)


def _at(name: str, now: bool = True, nullable: bool = False) -> sa.Column[Any]:
    return sa.Column(
        name, sa.TIMESTAMP(timezone=True), server_default=NOW if now else None, nullable=nullable
    )


def _to(table: str, column: str, target: str, ondelete: str | None = None) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_{column}")
    return sa.ForeignKeyConstraint([column], [f"{target}.id"], name=name, ondelete=ondelete)


def upgrade() -> None:
    """See bot/store/seating.py and handovers.py."""
    _who()
    _when()
    op.add_column("operators", _at("present_since", now=False, nullable=True))
    op.add_column("operators", sa.Column("capacity", sa.Integer(), server_default="5", nullable=False))
    op.add_column(
        "operators", sa.Column("offers", sa.Boolean(), server_default=sa.text("true"), nullable=False)
    )
    op.add_column("operators", sa.Column("missed", sa.Integer(), server_default="0", nullable=False))
    op.add_column("handovers", sa.Column("service", sa.String(), server_default="", nullable=False))
    op.add_column("handovers", sa.Column("group_id", sa.BigInteger(), nullable=True))
    op.add_column("handovers", sa.Column("wanted_id", sa.BigInteger(), nullable=True))
    op.add_column("handovers", _at("waiting_since"))
    op.add_column(
        "handovers", sa.Column("came_back", sa.Boolean(), server_default=sa.text("false"), nullable=False)
    )
    op.add_column("handovers", _at("rung_at", now=False, nullable=True))
    op.execute("UPDATE handovers SET waiting_since = queued_at")
    op.create_foreign_key(
        op.f("fk_handovers_group_id"), "handovers", "groups", ["group_id"], ["id"], ondelete="SET NULL"
    )
    op.create_foreign_key(op.f("fk_handovers_wanted_id"), "handovers", "operators", ["wanted_id"], ["id"])
    op.create_index(
        "ix_handovers_held", "handovers", ["operator_id"], postgresql_where=sa.text("status = 'claimed'")
    )
    _what()


def _who() -> None:
    op.create_table(
        "groups",
        _id(),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("about", sa.String(), server_default="", nullable=False),
        _at("created_at"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_groups")),
        sa.UniqueConstraint("name", name=op.f("uq_groups_name")),
    )
    op.create_table(
        "group_members",
        sa.Column("group_id", sa.BigInteger(), nullable=False),
        sa.Column("operator_id", sa.BigInteger(), nullable=False),
        _to("group_members", "group_id", "groups", "CASCADE"),
        _to("group_members", "operator_id", "operators"),
        sa.PrimaryKeyConstraint("group_id", "operator_id", name=op.f("pk_group_members")),
    )
    op.create_index("ix_group_members_operator_id", "group_members", ["operator_id"])
    op.create_table(
        "operator_skills",
        sa.Column("operator_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("value", sa.String(), nullable=False),
        _to("operator_skills", "operator_id", "operators"),
        sa.PrimaryKeyConstraint("operator_id", "kind", "value", name=op.f("pk_operator_skills")),
    )


def _when() -> None:
    op.create_table(
        "shifts",
        _id(),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("group_id", sa.BigInteger(), nullable=True),
        sa.Column("operator_id", sa.BigInteger(), nullable=True),
        sa.Column("weekdays", postgresql.ARRAY(sa.Integer()), nullable=False),
        sa.Column("starts", sa.Time(), nullable=False),
        sa.Column("ends", sa.Time(), nullable=False),
        sa.Column("holidays", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        _at("created_at"),
        _to("shifts", "group_id", "groups", "CASCADE"),
        _to("shifts", "operator_id", "operators"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shifts")),
    )
    op.create_table(
        "duty_days",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("works", sa.Boolean(), nullable=False),
        sa.Column("name", sa.String(), server_default="", nullable=False),
        sa.Column("set_by", sa.BigInteger(), nullable=True),
        _at("set_at"),
        _to("duty_days", "set_by", "operators"),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_duty_days")),
    )


def _what() -> None:
    op.create_table(
        "offers",
        _id(),
        sa.Column("handover_id", sa.BigInteger(), nullable=False),
        sa.Column("operator_id", sa.BigInteger(), nullable=False),
        _at("made_at"),
        _at("expires_at", now=False),
        _at("ended_at", now=False, nullable=True),
        sa.Column("outcome", sa.String(), server_default="", nullable=False),
        _to("offers", "handover_id", "handovers"),
        _to("offers", "operator_id", "operators"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_offers")),
    )
    open_ = sa.text("outcome = ''")
    op.create_index("uq_offers_open", "offers", ["handover_id"], unique=True, postgresql_where=open_)
    op.create_index("uq_offers_operator", "offers", ["operator_id"], unique=True, postgresql_where=open_)
    op.create_index("ix_offers_handover_id", "offers", ["handover_id", "operator_id"])
    op.create_table(
        "seat_events",
        _id(),
        sa.Column("handover_id", sa.BigInteger(), nullable=False),
        sa.Column("conversation_id", sa.BigInteger(), nullable=False),
        sa.Column("verb", sa.String(), nullable=False),
        sa.Column("operator_id", sa.BigInteger(), nullable=True),
        sa.Column("by_id", sa.BigInteger(), nullable=True),
        sa.Column("group_id", sa.BigInteger(), nullable=True),
        sa.Column("reason", sa.String(), server_default="", nullable=False),
        sa.Column("note", sa.LargeBinary(), nullable=False),
        _at("at"),
        _to("seat_events", "handover_id", "handovers"),
        _to("seat_events", "conversation_id", "conversations"),
        _to("seat_events", "operator_id", "operators"),
        _to("seat_events", "by_id", "operators"),
        _to("seat_events", "group_id", "groups", "SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_seat_events")),
    )
    op.create_index("ix_seat_events_handover_id", "seat_events", ["handover_id", "id"])
    op.create_index("ix_seat_events_conversation_id", "seat_events", ["conversation_id", "id"])
    op.create_index("ix_seat_events_at", "seat_events", ["at"])


def downgrade() -> None:
    """Forward only."""
