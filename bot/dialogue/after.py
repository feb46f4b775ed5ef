"""What the state must know of what was said: actions find numbers and answers that `decide` cannot know."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from actions.base import Say
from bot.dialogue.types import Language, State
from bot.words import say
from channels.base import Choice


def remember(state: State, said: Sequence[Say]) -> State:
    """The state after the steps have run and `said` was said, in order."""
    for words in said:
        if words.choices:
            state = replace(state, offered=tuple(_shown(choice, state.language) for choice in words.choices))
        if words.key in ("receipt", "receipt-silent", "receipt-urgent"):
            state = replace(state, ticket=str(words.values["number"]))
        if words.key == "answer":
            state = replace(state, article=str(words.values["article"]))
    return state


def _shown(choice: Choice, language: Language) -> Choice:
    """The choice with the label that the citizen saw, so that typing it means it."""
    label = say(language, choice.label[1:]) if choice.label.startswith("@") else choice.label
    return replace(choice, label=label)
