"""Seating."""

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """See bot/store/seating.py."""


def downgrade() -> None:
    """Nothing yet."""
