"""From phrases with their blocks' metadata to a `Reader`: which classes there are, and what teaches which
axis.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from nlu.reading.features import Vocabulary
from nlu.reading.reader import EMERGENCY, REQUEST, Facts, Reader
from nlu.training import progress
from nlu.training.data import DataError
from nlu.training.fit import Fitted, Marked, any_of, joined, line, matrix, moved, one_of
from nlu.training.progress import Steps

_ONE = ("service", "act", "kind")
_SEVERAL = ("safety", "conduct")
# Missing an emergency is worse than a false alarm, which a person clears in a minute; but alarms must
# stay rare.
_RECALL = 0.99
_FALSE_ALARMS = 0.003


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
        phrase.intent: str(phrase.metadata["category"])
        for phrase in phrases
        if phrase.metadata.get("category")
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


def learn(phrases: Sequence[PhraseFacts], strength: float) -> Reader:
    """Fit every axis."""
    services = categories(phrases)
    if len(services) < 2:
        raise DataError("at least two services with a category are needed")
    marked = mark(phrases, services)
    texts = [phrase.text for phrase in marked]
    vocabulary = Vocabulary.learn(texts)
    rows = matrix(vocabulary, texts)
    steps = Steps(progress.listener, sum(len(_labels(marked, name)) for name in (*_ONE, *_SEVERAL)))
    fitted: dict[str, Fitted] = {}
    for name in _ONE:
        taught = [i for i, phrase in enumerate(marked) if getattr(phrase, name) is not None]
        fitted[name] = one_of(rows[taught], [getattr(marked[i], name) for i in taught], strength)
        steps.took(name, len(_labels(marked, name)), fitted[name].loss, fitted[name].accuracy)
    for name in _SEVERAL:
        found = [getattr(phrase, name) for phrase in marked]
        fitted[name] = any_of(rows, found, strength)
        fitted[name] = replace(fitted[name], axis=moved(fitted[name].axis, _lines(fitted[name], found)))
        steps.took(name, len(_labels(marked, name)), fitted[name].loss, fitted[name].accuracy)
    return Reader(vocabulary, joined(fitted), Facts(services))


def _labels(marked: Sequence[Marked], name: str) -> set[str]:
    values = [getattr(phrase, name) for phrase in marked]
    if name in _ONE:
        return {value for value in values if value is not None}
    return {label for value in values for label in value}


def _lines(fitted: Fitted, found: Sequence[tuple[str, ...]]) -> list[float]:
    """From which probability on a class counts as found."""
    return [
        line(fitted.unseen[:, i], np.array([label in f for f in found]), _RECALL, _FALSE_ALARMS)
        for i, label in enumerate(fitted.axis.labels)
    ]
