"""All tables: a key into another module's table is found, and migrations are held against the whole."""

from bot.store import (  # noqa: F401  # each adds its tables
    conversations,
    handovers,
    models,
    office,
    operators,
    seating,
    talking,
    teaching,
    tickets,
)
from bot.store.base import Base

METADATA = Base.metadata
