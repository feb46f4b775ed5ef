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
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

# Digits say "a number", never which one; a telephone number must not become a feature of its owner's
# complaint.
_DIGITS = re.compile(r"\d+")
_EDGE = "\u2402"
_SHIFT = 21  # bits of a character
_CHARACTER = (1 << _SHIFT) - 1

Sparse = tuple[NDArray[np.int32], NDArray[np.float32]]


def fold(text: str) -> str:
    """The view of the text that features are taken from."""
    return _DIGITS.sub(lambda match: "0" * min(len(match.group()), 3), text.lower())


def tokens(text: str) -> list[str]:
    """Every character and every pair of neighbours, the edges of the text included."""
    edged = f"{_EDGE}{fold(text)}{_EDGE}"
    return [*edged, *(first + second for first, second in itertools.pairwise(edged))]


def _keys(names: Iterable[str]) -> NDArray[np.int64]:
    """A character or a pair as one number."""
    return np.array(
        [ord(n) if len(n) == 1 else (ord(n[0]) + 1) << _SHIFT | ord(n[1]) for n in names], dtype=np.int64
    )


def _new(ascending: NDArray[Any]) -> NDArray[np.bool_]:
    """Where another value begins."""
    new = np.ones(len(ascending), np.bool_)
    np.not_equal(ascending[1:], ascending[:-1], out=new[1:])
    return new


class Vocabulary:
    """Feature name → column, and the weight of each column."""

    def __init__(self, names: Sequence[str], weights: NDArray[np.float32]) -> None:
        keys = _keys(names) if names else np.full(1, -1)  # no text has this one
        order = np.argsort(keys)
        self.weights = weights
        self._keys = keys[order]  # ascending, and which column each of them has
        self._columns = order.astype(np.int32)

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
        return cls(kept, weights)

    @property
    def names(self) -> list[str]:
        """The features in the order of their columns."""
        names = [""] * len(self.weights)
        for key, column in zip(self._keys.tolist(), self._columns.tolist(), strict=True) if names else ():
            first, last = key >> _SHIFT, chr(key & _CHARACTER)
            names[column] = chr(first - 1) + last if first else last
        return names

    def vector(self, text: str) -> Sparse:
        """Columns and values of a text; unit length, repeated features damped."""
        columns, rows = self.grid([text])
        return columns, rows[0]

    def grid(self, texts: Sequence[str]) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
        """The vectors of several texts in one pass: the columns that occur, and a row of values for each
        text.
        """
        many = len(texts)
        edged = [f"{_EDGE}{fold(text)}{_EDGE}" for text in texts]
        joined = "".join(edged).encode("utf-32-le", "surrogatepass")
        codes = np.frombuffer(joined, np.uint32).astype(np.int64)
        owner = np.repeat(np.arange(many), [len(one) for one in edged])
        pairs = ((codes[:-1] + 1) << _SHIFT | codes[1:]) * many + owner[:-1]
        found = np.concatenate([codes * many + owner, pairs[owner[:-1] == owner[1:]]])
        found.sort()
        starts = _new(found).nonzero()[0]
        times = np.empty(len(starts), np.float32)
        times[:-1], times[-1] = starts[1:] - starts[:-1], len(found) - starts[-1]
        found = found[starts]
        keys = found // many
        place = self._keys.searchsorted(keys)
        known = (self._keys.take(place, mode="clip") == keys).nonzero()[0]
        place = place[known]
        new = _new(place)
        rows = np.zeros((many, np.count_nonzero(new)), np.float32)
        values = (1 + np.log(times[known])) * self.weights[self._columns[place]]
        rows[found[known] % many, new.cumsum() - 1] = values
        lengths = np.sqrt(np.einsum("ij,ij->i", rows, rows))
        lengths[lengths == 0] = 1
        return self._columns[place[new]], rows / lengths[:, np.newaxis]

    def save(self, folder: Path) -> None:
        """Write beside the weights."""
        (folder / "vocabulary.json").write_text(json.dumps(self.names, ensure_ascii=False), encoding="utf-8")
        np.save(folder / "vocabulary.npy", self.weights)

    @classmethod
    def load(cls, folder: Path) -> Vocabulary:
        """Read what `save` wrote."""
        names = json.loads((folder / "vocabulary.json").read_text(encoding="utf-8"))
        return cls(names, np.load(folder / "vocabulary.npy"))
