"""Office."""

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """See bot/store/office.py."""


def downgrade() -> None:
    """Nothing yet."""
