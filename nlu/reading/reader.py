"""All axes of one message put together: what `POST /model/parse` says beside the entities.

The Rasa intent stays a single name for whoever needs one: a service, an act, or `emergency`. It is derived from
the axes (is this an emergency? is it a request? which?), so that the axes never contradict it.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Iterable

import numpy as np

from nlu.reading.axes import Axis, Floats
from nlu.reading.features import Vocabulary
from nlu.reading.pooling import pieces

REQUEST = "request"
EMERGENCY = "emergency"
AXES = ("service", "act", "kind", "safety", "conduct")
_SHOWN = 10

Named = dict[str, Any]


@dataclass(frozen=True)
class Facts:
    """What the data files say beside phrases: categories of services, and the lines drawn at training time."""

    categories: dict[str, str]
    thresholds: dict[str, dict[str, float]]

    def save(self, folder: Path) -> None:
        """Write as JSON."""
        content = {"categories": self.categories, "thresholds": self.thresholds}
        (folder / "facts.json").write_text(json.dumps(content, ensure_ascii=False, indent=1), encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> "Facts":
        """Read what `save` wrote."""
        content = json.loads((folder / "facts.json").read_text(encoding="utf-8"))
        return cls(content["categories"], content["thresholds"])


def _named(name: str | None, confidence: float) -> Named:
    return {"name": name, "confidence": float(confidence)}


def _ranking(labels: Iterable[str], probabilities: Iterable[float], count: int = _SHOWN) -> list[Named]:
    pairs = sorted(zip(labels, probabilities), key=lambda pair: (-pair[1], pair[0]))
    return [_named(name, confidence) for name, confidence in pairs[:count]]


class Reader:
    """Holds the learnt tables; `read` is pure and safe to call from many threads."""

    def __init__(self, vocabulary: Vocabulary, axes: dict[str, Axis], facts: Facts) -> None:
        self._vocabulary = vocabulary
        self._axes = axes
        self._facts = facts

    def read(self, text: str) -> dict[str, Any]:
        """Answer every axis for a normalised text."""
        if not text.strip():
            return self._nothing()
        answers = {name: self._answer(name, text) for name in AXES}
        safety = self._above("safety", answers["safety"])
        act, service = answers["act"], answers["service"]
        acts = self._axes["act"].labels
        danger = float(answers["safety"].max()) if safety else 0.0
        asked = float(act[acts.index(REQUEST)])
        intents = {EMERGENCY: danger}
        for name, share in zip(self._axes["service"].labels, service):
            intents[name] = (1 - danger) * asked * float(share)
        for name, share in zip(acts, act):
            if name != REQUEST:
                intents[name] = (1 - danger) * float(share)
        ranking = _ranking(intents, intents.values())
        services = _ranking(self._axes["service"].labels, service)
        kinds = _ranking(self._axes["kind"].labels, answers["kind"])
        return {
            "intent": dict(ranking[0]),
            "intent_ranking": ranking,
            "act": _ranking(acts, act, 1)[0],
            "service": dict(services[0]),
            "service_ranking": services,
            "category": self._category(service),
            "kind": {**kinds[0], "ranking": kinds},
            "safety": safety,
            "conduct": self._above("conduct", answers["conduct"]),
        }

    def _answer(self, name: str, text: str) -> Floats:
        """Whole text and, for what one sentence can decide, its most telling piece."""
        axis = self._axes[name]
        whole = axis.probabilities(axis.scores(self._vocabulary.vector(text)))
        if not axis.several:
            return whole
        parts = [axis.probabilities(axis.scores(self._vocabulary.vector(part))) for part in pieces(text)]
        return np.asarray(np.max([whole, *parts], axis=0))

    def _above(self, name: str, probabilities: Floats) -> list[Named]:
        lines = self._facts.thresholds[name]
        labels = self._axes[name].labels
        return _ranking(*zip(*found)) if (found := self._over(labels, probabilities, lines)) else []

    @staticmethod
    def _over(labels: Iterable[str], probabilities: Floats, lines: dict[str, float]) -> list[tuple[str, float]]:
        return [(name, float(p)) for name, p in zip(labels, probabilities) if p >= lines[name]]

    def _category(self, service: Floats) -> Named:
        """What is sure even when the service is not: the shares of a category's services add up."""
        shares: dict[str, float] = {}
        for name, share in zip(self._axes["service"].labels, service):
            category = self._facts.categories[name]
            shares[category] = shares.get(category, 0.0) + float(share)
        ranking = _ranking(shares, shares.values())
        return {**ranking[0], "ranking": ranking}

    @staticmethod
    def _nothing() -> dict[str, Any]:
        empty: dict[str, Any] = {name: _named(None, 0.0) for name in ("intent", "act", "service")}
        empty.update(intent_ranking=[], service_ranking=[], safety=[], conduct=[])
        for name in ("category", "kind"):
            empty[name] = {**_named(None, 0.0), "ranking": []}
        return empty

    def save(self, folder: Path) -> None:
        """Write all tables."""
        self._vocabulary.save(folder)
        self._facts.save(folder)
        for name, axis in self._axes.items():
            axis.save(folder, name)

    @classmethod
    def load(cls, folder: Path) -> "Reader":
        """Read what `save` wrote."""
        return cls(Vocabulary.load(folder), {name: Axis.load(folder, name) for name in AXES}, Facts.load(folder))
