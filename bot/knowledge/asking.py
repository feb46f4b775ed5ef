"""Which messages may be looked up, so that only for these the slow part of a search is done ahead.

The dialogue decides later, inside the transaction; here it is enough to be right nearly always: one that is
missed is looked up by words alone.
"""

from __future__ import annotations

from bot.dialogue import phrases
from bot.dialogue.meaning import kind_of
from bot.dialogue.policy import Policy
from bot.dialogue.types import Understanding
from bot.services import Catalogue


def may_ask(understanding: Understanding, catalogue: Catalogue, policy: Policy) -> bool:
    text = understanding.text
    if understanding.failure or understanding.alarms or phrases.act_of(text):
        return False
    if phrases.QUESTION.search(text):
        return True
    kind = kind_of(understanding, policy)
    best = catalogue.get(understanding.service.name) if understanding.service else None
    return (kind or (best.kind if best else "question")) == "question"
