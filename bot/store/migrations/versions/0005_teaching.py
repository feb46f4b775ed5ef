"""Teaching."""

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """See bot/store/teaching.py."""


def downgrade() -> None:
    """Nothing yet."""
