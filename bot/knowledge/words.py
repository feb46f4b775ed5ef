"""How alike a question and an article are by their words: TF-IDF over character 1–3-grams.

Typos and word order matter little, and no word list is needed.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np

from bot.knowledge.entries import Entry
from bot.safety import normalised

Numbers = np.ndarray[Any, np.dtype[np.float32]]
VERBATIM = 0.75  # this like one of its own questions, an article is meant whatever else speaks against it


class Words:
    """An article is its questions and its answer together, so every way of asking adds to it; a question that
    is written down nearly as it is asked counts by itself."""

    def __init__(self, entries: Sequence[Entry]) -> None:
        asked = [[normalised(question) for question in entry.questions] for entry in entries]
        self._articles = Grams(
            [[*texts, normalised(entry.answer)] for texts, entry in zip(asked, entries, strict=True)]
        )
        self._questions = Grams([[text] for texts in asked for text in texts])
        self._owner = np.array([n for n, texts in enumerate(asked) for _ in texts], dtype=np.int64)
        self._size = len(entries)

    def scores(self, text: str) -> Numbers:
        """One per article, 0–1."""
        return self._articles.scores(text)

    def verbatim(self, text: str) -> Numbers:
        """One per article: how nearly it holds this very question; 0 where only words are shared."""
        alike = self._questions.scores(text)
        found = np.zeros(self._size, dtype=np.float32)
        np.maximum.at(found, self._owner, np.where(alike >= VERBATIM, alike, 0))
        return found


class Grams:
    """An inverted index: a question touches only the things that share a gram with it."""

    def __init__(self, things: Sequence[Sequence[str]]) -> None:
        self._size = len(things)
        counts = [sum((grams(text) for text in texts), Counter[str]()) for texts in things]
        spread = Counter(gram for count in counts for gram in count)
        self._idf = {gram: math.log((1 + len(things)) / (1 + n)) + 1 for gram, n in spread.items()}
        self._unseen = math.log(1 + len(things)) + 1  # what nothing here says weighs most
        found: dict[str, tuple[list[int], list[float]]] = {gram: ([], []) for gram in spread}
        for row, count in enumerate(counts):
            for gram, weight in self._weights(count).items():
                rows, weights = found[gram]
                rows.append(row)
                weights.append(weight)
        self._index = {
            gram: (np.array(rows, dtype=np.int32), np.array(weights, dtype=np.float32))
            for gram, (rows, weights) in found.items()
        }

    def scores(self, text: str) -> Numbers:
        """Cosine with every thing, 0–1."""
        scores = np.zeros(self._size, dtype=np.float32)
        for gram, weight in self._weights(grams(text)).items():
            if gram in self._index:
                rows, weights = self._index[gram]
                scores[rows] += weight * weights
        return scores

    def _weights(self, count: Counter[str]) -> dict[str, float]:
        """Of length one, grams that nothing here has included."""
        weights = {g: (1 + math.log(n)) * self._idf.get(g, self._unseen) for g, n in count.items()}
        length = math.sqrt(sum(weight * weight for weight in weights.values())) or 1.0
        return {gram: weight / length for gram, weight in weights.items()}


def grams(text: str) -> Counter[str]:
    plain = "".join(c for c in text.lower() if c.isalnum())
    return Counter(plain[i : i + n] for n in (1, 2, 3) for i in range(len(plain) - n + 1))
