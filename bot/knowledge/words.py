"""How alike two questions are by their words: TF-IDF over character 1–3-grams.

Typos and word order matter little, and no word list is needed. It knows only texts, not articles.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np

Numbers = np.ndarray[Any, np.dtype[np.float32]]


class Grams:
    """An inverted index: a question touches only the texts that share a gram with it."""

    def __init__(self, texts: Sequence[str]) -> None:
        self._size = len(texts)
        counts = [grams(text) for text in texts]
        spread = Counter(gram for count in counts for gram in count)
        self._idf = {gram: math.log((1 + len(texts)) / (1 + n)) + 1 for gram, n in spread.items()}
        self._unseen = math.log(1 + len(texts)) + 1  # what no article says weighs most
        where: dict[str, list[tuple[int, float]]] = {gram: [] for gram in spread}
        for row, count in enumerate(counts):
            for gram, weight in self._weights(count).items():
                where[gram].append((row, weight))
        self._rows = {gram: np.array([row for row, _ in found]) for gram, found in where.items()}
        self._shares = {
            gram: np.array([share for _, share in found], dtype=np.float32) for gram, found in where.items()
        }

    def scores(self, text: str) -> Numbers:
        """Cosine with every text, 0–1."""
        scores = np.zeros(self._size, dtype=np.float32)
        for gram, weight in self._weights(grams(text)).items():
            if gram in self._rows:
                scores[self._rows[gram]] += weight * self._shares[gram]
        return scores

    def _weights(self, count: Counter[str]) -> dict[str, float]:
        """Of length one, grams that no text has included."""
        weights = {g: (1 + math.log(n)) * self._idf.get(g, self._unseen) for g, n in count.items()}
        length = math.sqrt(sum(weight * weight for weight in weights.values())) or 1.0
        return {gram: weight / length for gram, weight in weights.items()}


def grams(text: str) -> Counter[str]:
    plain = "".join(c for c in text.lower() if c.isalnum())
    return Counter(plain[i : i + n] for n in (1, 2, 3) for i in range(len(plain) - n + 1))
