"""From phrases with their blocks' metadata to a `Reader`: which classes there are, and what teaches which axis."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Callable, Mapping, Sequence

import numpy as np

from nlu.reading.features import Vocabulary
from nlu.reading.reader import EMERGENCY, REQUEST, Facts, Reader
from nlu.training.data import DataError
from nlu.training.fit import Marked, any_of, line_for_recall, matrix, one_of

# Missing an emergency is worse than a false alarm, which a person clears in a minute.
_SAFETY_RECALL = 0.995
_SAFETY_LINE = 0.5
_CONDUCT_LINE = 0.5


@dataclass(frozen=True)
class PhraseFacts:
    """A phrase as the files give it."""

    text: str
    intent: str
    metadata: Mapping[str, Any]


def _classes(value: Any) -> tuple[str, ...]:
    if not value:
        return ()
    return tuple(value) if isinstance(value, list) else (str(value),)


def categories(phrases: Sequence[PhraseFacts]) -> dict[str, str]:
    """Service → official category; a service is an intent one of whose blocks names a category."""
    return {
        phrase.intent: str(phrase.metadata["category"]) for phrase in phrases if phrase.metadata.get("category")
    }


def mark(phrases: Sequence[PhraseFacts], services: Mapping[str, str]) -> list[Marked]:
    """What each phrase teaches each axis."""
    usual = {p.intent: str(p.metadata["kind"]) for p in reversed(phrases) if p.metadata.get("kind")}
    marked = []
    for phrase in phrases:
        is_service = phrase.intent in services
        marked.append(
            Marked(
                phrase.text,
                phrase.intent if is_service and phrase.intent != EMERGENCY else None,
                REQUEST if is_service else phrase.intent,
                str(phrase.metadata.get("kind") or usual.get(phrase.intent)) if is_service else None,
                _classes(phrase.metadata.get("safety")),
                _classes(phrase.metadata.get("conduct")),
            )
        )
    return marked


def learn(phrases: Sequence[PhraseFacts], strength: float, say: Callable[[str], None]) -> Reader:
    """Fit every axis."""
    services = categories(phrases)
    if len(services) < 2:
        raise DataError("at least two services with a category are needed")
    marked = mark(phrases, services)
    texts = [phrase.text for phrase in marked]
    vocabulary = Vocabulary.learn(texts)
    rows = matrix(vocabulary, texts)
    axes = {}
    for name in ("service", "act", "kind"):
        say(f"learning {name}")
        taught = [i for i, phrase in enumerate(marked) if getattr(phrase, name) is not None]
        labels = [getattr(marked[i], name) for i in taught]
        axes[name] = one_of(rows[taught], labels, strength)
    thresholds: dict[str, dict[str, float]] = {}
    for name, recall, highest in (("safety", _SAFETY_RECALL, _SAFETY_LINE), ("conduct", 0.0, _CONDUCT_LINE)):
        say(f"learning {name}")
        found = [getattr(phrase, name) for phrase in marked]
        axes[name], unseen = any_of(rows, found, strength)
        thresholds[name] = {
            label: line_for_recall(unseen[:, i], np.array([label in f for f in found]), recall, highest)
            if recall
            else highest
            for i, label in enumerate(axes[name].labels)
        }
    return Reader(vocabulary, axes, Facts(services, thresholds))
