"""Models."""

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """See bot/store/models.py."""


def downgrade() -> None:
    """Nothing yet."""
