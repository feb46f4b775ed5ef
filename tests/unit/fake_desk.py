"""The desk in memory, under the name that tests use."""

from bot.studio.rehearsal.desk import NOW
from bot.studio.rehearsal.desk import DeskInMemory as FakeDesk

__all__ = ["NOW", "FakeDesk"]
