"""Office: second factors and recovery codes, where a log-in came from, ratings, indexes of lists and wall."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

NOW = sa.text("clock_timestamp()")


def upgrade() -> None:
    op.create_table(
        "second_factors",
        sa.Column("operator_id", sa.BigInteger(), sa.ForeignKey("operators.id"), nullable=False),
        sa.Column("secret", sa.LargeBinary(), nullable=False),
        sa.Column("last_step", sa.Integer(), server_default="0", nullable=False),
        sa.Column("created_at", sa.TIMESTAMP(timezone=True), server_default=NOW, nullable=False),
        sa.PrimaryKeyConstraint("operator_id", name=op.f("pk_second_factors")),
    )
    op.create_table(
        "recovery_codes",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("operator_id", sa.BigInteger(), sa.ForeignKey("operators.id"), nullable=False),
        sa.Column("code_index", sa.LargeBinary(), nullable=False),
        sa.Column("used_at", sa.TIMESTAMP(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recovery_codes")),
    )
    op.create_index("ix_recovery_codes_operator_id", "recovery_codes", ["operator_id"])
    op.add_column("operators", sa.Column("factor_at", sa.TIMESTAMP(timezone=True), nullable=True))
    op.add_column(
        "operators",
        sa.Column("password_due", sa.Boolean(), server_default=sa.text("false"), nullable=False),
    )
    op.add_column("logins", sa.Column("address", sa.String(), server_default="", nullable=False))
    op.create_index("ix_logins_operator_id", "logins", ["operator_id"])
    op.add_column("questions", sa.Column("done_at", sa.TIMESTAMP(timezone=True), nullable=True))
    op.add_column(
        "questions", sa.Column("done_by", sa.BigInteger(), sa.ForeignKey("operators.id"), nullable=True)
    )
    op.create_index("ix_questions_created_at", "questions", ["created_at"])
    op.drop_index("ix_audit_at", "audit")
    op.create_index("ix_audit_at", "audit", ["at", "id"])
    for column in ("operator_id", "verb", "object"):
        op.create_index(f"ix_audit_{column}", "audit", [column, "at", "id"])
    op.create_table(
        "ratings",
        sa.Column("handover_id", sa.BigInteger(), sa.ForeignKey("handovers.id"), nullable=False),
        sa.Column("conversation_id", sa.BigInteger(), sa.ForeignKey("conversations.id"), nullable=False),
        sa.Column("operator_id", sa.BigInteger(), sa.ForeignKey("operators.id"), nullable=True),
        sa.Column("stars", sa.Integer(), nullable=True),
        sa.Column("words", sa.LargeBinary(), nullable=False),
        sa.Column("masked", sa.String(), server_default="", nullable=False),
        sa.Column("asked_at", sa.TIMESTAMP(timezone=True), server_default=NOW, nullable=False),
        sa.Column("rated_at", sa.TIMESTAMP(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("handover_id", name=op.f("pk_ratings")),
    )
    rated = sa.text("rated_at IS NOT NULL")
    op.create_index("ix_ratings_rated_at", "ratings", ["rated_at"], postgresql_where=rated)
    op.create_index("ix_ratings_conversation_id", "ratings", ["conversation_id"])
    op.create_index(
        "ix_messages_citizen",
        "messages",
        ["created_at"],
        postgresql_include=["conversation_id"],
        postgresql_where=sa.text("author = 'citizen'"),
    )
    op.create_index(
        "ix_conversations_active",
        "conversations",
        [sa.text("coalesce(last_inbound_at, created_at)"), "id"],
    )
    op.create_index("ix_handovers_queued_at", "handovers", ["queued_at"])
    op.create_index("ix_handovers_ended_at", "handovers", ["ended_at"])
    op.create_index("ix_tickets_state_deadline", "tickets", ["state", "deadline"])
    op.create_index(
        "ix_ticket_events_rated",
        "ticket_events",
        ["created_at"],
        postgresql_where=sa.text("verb = 'rated'"),
    )


def downgrade() -> None:
    """Not taken back: a database goes forward."""
