"""From normalised text to a sparse vector of single characters and pairs, weighted as they were in training.

Words and longer n-grams were measured and added nothing to the axes, while a dictionary of words costs
100 MB and a second of start-up. The vocabulary is learnt once, beside Rasa, and travels as a table.
"""

from __future__ import annotations

import itertools
import json
import math
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

# Digits say "a number", never which one; a telephone number must not become a feature of its owner's
# complaint.
_DIGITS = re.compile(r"\d+")
_EDGE = "\u2402"

Sparse = tuple[NDArray[np.int32], NDArray[np.float32]]


def fold(text: str) -> str:
    """The view of the text that features are taken from."""
    return _DIGITS.sub(lambda match: "0" * min(len(match.group()), 3), text.lower())


def tokens(text: str) -> list[str]:
    """Every character and every pair of neighbours, the edges of the text included."""
    edged = f"{_EDGE}{fold(text)}{_EDGE}"
    return [*edged, *(first + second for first, second in itertools.pairwise(edged))]


@dataclass(frozen=True)
class Vocabulary:
    """Feature name → column, and the weight of each column."""

    columns: dict[str, int]
    weights: NDArray[np.float32]

    @classmethod
    def learn(cls, texts: Iterable[str], at_least: int = 2) -> Vocabulary:
        """Keep what occurs in at least so many texts; rarer features weigh more (smoothed idf)."""
        seen: Counter[str] = Counter()
        count = 0
        for text in texts:
            seen.update(set(tokens(text)))
            count += 1
        kept = sorted(name for name, times in seen.items() if times >= at_least)
        weights = np.array([math.log((1 + count) / (1 + seen[name])) + 1 for name in kept], dtype=np.float32)
        return cls({name: i for i, name in enumerate(kept)}, weights)

    def vector(self, text: str) -> Sparse:
        """Columns and values of a text; unit length, repeated features damped."""
        counts = Counter(map(self.columns.get, tokens(text)))
        counts.pop(None, None)
        if not counts:
            return np.zeros(0, np.int32), np.zeros(0, np.float32)
        index = np.fromiter(counts.keys(), np.int32, len(counts))  # None was taken out
        times = np.fromiter(counts.values(), np.float32, len(counts))
        values = (1 + np.log(times)) * self.weights[index]
        return index, (values / np.sqrt(np.dot(values, values))).astype(np.float32)

    def save(self, folder: Path) -> None:
        """Write beside the weights."""
        (folder / "vocabulary.json").write_text(
            json.dumps(list(self.columns), ensure_ascii=False), encoding="utf-8"
        )
        np.save(folder / "vocabulary.npy", self.weights)

    @classmethod
    def load(cls, folder: Path) -> Vocabulary:
        """Read what `save` wrote."""
        names = json.loads((folder / "vocabulary.json").read_text(encoding="utf-8"))
        return cls({name: i for i, name in enumerate(names)}, np.load(folder / "vocabulary.npy"))
