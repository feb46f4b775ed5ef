"""Office: second factors and recovery codes; where a log-in came from."""

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


def downgrade() -> None:
    """Not taken back: a database goes forward."""
