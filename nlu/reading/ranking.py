"""Labels in order of their probabilities, and shares added up from services to whoever has them.

What depends on the labels alone is worked out once, when a model is loaded: a parse ranks five times among a
hundred names.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import numpy as np

from nlu.reading.axes import Floats

SHOWN = 10
Named = dict[str, Any]


def named(name: str | None, confidence: float) -> Named:
    """As Rasa writes an intent."""
    return {"name": name, "confidence": float(confidence)}


class Ranking:
    """Of some labels: the likeliest first, equals by name."""

    def __init__(self, labels: Sequence[str]) -> None:
        self._order = np.array(sorted(range(len(labels)), key=labels.__getitem__), dtype=np.intp)
        self._names = [labels[i] for i in self._order]

    def of(self, probabilities: Floats, count: int = SHOWN) -> list[Named]:
        """One probability for each label, in the order in which they were given."""
        sorted_by_name = probabilities[self._order]
        best = np.argsort(-sorted_by_name, kind="stable")[:count].tolist()
        return [{"name": self._names[i], "confidence": float(sorted_by_name[i])} for i in best]

    def above(self, probabilities: Floats, least: float) -> list[Named]:
        """Only those that are at least so likely."""
        return [one for one in self.of(probabilities) if one["confidence"] >= least]


class Holders:
    """Who has which share of each service (its category, its departments); `others` may have none."""

    def __init__(
        self,
        services: Sequence[str],
        shares: Mapping[str, Mapping[str, float]],
        others: Collection[str] = (),
    ) -> None:
        self.names = sorted({*others, *(name for service in services for name in shares.get(service, {}))})
        self.place = {name: i for i, name in enumerate(self.names)}
        self.shares = np.zeros((len(services), len(self.names)))
        for row, service in enumerate(services):
            for name, share in shares.get(service, {}).items():
                self.shares[row, self.place[name]] = share
        self.ranking = Ranking(self.names)
