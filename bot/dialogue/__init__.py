"""What to do about what was heard. Pure: values in, values out; no I/O, no clock, no table."""

from bot.dialogue.decide import decide
from bot.dialogue.policy import Policy

__all__ = ["Policy", "decide"]
