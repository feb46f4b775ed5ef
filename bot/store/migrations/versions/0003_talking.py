"""Talking."""

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """See bot/store/talking.py."""


def downgrade() -> None:
    """Nothing yet."""
