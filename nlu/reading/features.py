"""From normalised text to a sparse vector: character n-grams and words, weighted as they were in training.

The vocabulary is learnt once, beside Rasa, and travels as a table; the same code fills the vector in both worlds.
"""

from __future__ import annotations

import json
import math
import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Iterable, Iterator

import numpy as np
from numpy.typing import NDArray

from nlu.reading import words

LONGEST_GRAM = 3
# Digits say "a number", never which one; a telephone number must not become a feature of its owner's complaint.
_DIGITS = re.compile(r"\d+")
_LATIN = re.compile(r"[a-z]+")
_EDGE = "\u2402"

Sparse = tuple[NDArray[np.int32], NDArray[np.float32]]


def fold(text: str) -> str:
    """The view of the text that features are taken from."""
    return _DIGITS.sub(lambda match: "0" * min(len(match.group()), 3), text.lower())


def _grams(text: str) -> Iterator[str]:
    edged = f"{_EDGE}{text}{_EDGE}"
    for size in range(1, LONGEST_GRAM + 1):
        for start in range(len(edged) - size + 1):
            gram = edged[start : start + size]
            if not gram.isspace():
                yield gram


def tokens(text: str) -> Iterator[str]:
    """Every feature name of a text: `c` + gram, `w` + word."""
    folded = fold(text)
    for gram in _grams(folded):
        yield "c" + gram
    for word in words.cut(folded):
        if len(word) > 1:
            yield "w" + word


@dataclass(frozen=True)
class Vocabulary:
    """Feature name → column, and the weight of each column."""

    columns: dict[str, int]
    weights: NDArray[np.float32]

    @classmethod
    def learn(cls, texts: Iterable[str], at_least: int = 2) -> "Vocabulary":
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
        counts: dict[int, int] = {}
        columns = self.columns
        for name in tokens(text):
            column = columns.get(name)
            if column is not None:
                counts[column] = counts.get(column, 0) + 1
        if not counts:
            return np.zeros(0, np.int32), np.zeros(0, np.float32)
        index = np.fromiter(counts.keys(), np.int32, len(counts))
        times = np.fromiter(counts.values(), np.float32, len(counts))
        values = (1 + np.log(times)) * self.weights[index]
        return index, (values / np.sqrt(np.dot(values, values))).astype(np.float32)

    def save(self, folder: Path) -> None:
        """Write beside the weights."""
        (folder / "vocabulary.json").write_text(json.dumps(list(self.columns), ensure_ascii=False), encoding="utf-8")
        np.save(folder / "vocabulary_weights.npy", self.weights)

    @classmethod
    def load(cls, folder: Path) -> "Vocabulary":
        """Read what `save` wrote."""
        names = json.loads((folder / "vocabulary.json").read_text(encoding="utf-8"))
        return cls({name: i for i, name in enumerate(names)}, np.load(folder / "vocabulary_weights.npy"))
