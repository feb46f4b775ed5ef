"""Answers that need no ticket: plain questions and answers, found by words and by meaning together.

`load_knowledge` reads the articles, `Knowledge.ahead` is awaited before a turn's transaction opens, and
`Knowledge.search` inside it is pure arithmetic. Answers may change without training.
"""

from bot.knowledge.entries import Entry
from bot.knowledge.search import Knowledge, load_knowledge

__all__ = ["Entry", "Knowledge", "load_knowledge"]
