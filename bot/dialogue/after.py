"""What the state must know of what was said: actions find out numbers and answers that `decide` cannot know."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from actions.base import Say
from bot.dialogue.types import State


def remember(state: State, said: Sequence[Say]) -> State:
    """The state after the steps have run and `said` was said, in order."""
    for words in said:
        if words.choices:
            state = replace(state, offered=words.choices)
        if words.key in ("receipt", "receipt-silent", "receipt-urgent"):
            state = replace(state, ticket=str(words.values["number"]))
        if words.key == "answer":
            state = replace(state, article=str(words.values["article"]))
    return state
