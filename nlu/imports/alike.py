"""Near-duplicates: the same complaint sent five times must not teach five times.

MinHash over character triples finds candidates in constant time, their true overlap decides.
"""

from __future__ import annotations

import re
import zlib

import numpy as np
from numpy.typing import NDArray

_ALIKE = 0.8
_HASHES, _BANDS = 64, 16
_PRIME = np.uint64((1 << 31) - 1)
_NOISE = re.compile(r"[\W\d_]+")
_random = np.random.default_rng(12345)
_A = _random.integers(1, _PRIME, _HASHES, dtype=np.uint64)[:, None]
_B = _random.integers(0, _PRIME, _HASHES, dtype=np.uint64)[:, None]

Shingles = NDArray[np.uint32]
Key = tuple[int, bytes]


def shingles(text: str) -> Shingles:
    """Distinct character triples, punctuation and digits left out."""
    plain = _NOISE.sub("", text) or text
    pieces = {plain[i : i + 3] for i in range(max(1, len(plain) - 2))}
    return np.unique(np.array([zlib.crc32(piece.encode()) for piece in pieces], dtype=np.uint32))


def overlap(one: Shingles, other: Shingles) -> float:
    """Jaccard."""
    both = len(np.intersect1d(one, other, assume_unique=True))
    return both / (len(one) + len(other) - both)


class Seen:
    """A growing set of texts in which spelling variants count as the same."""

    def __init__(self) -> None:
        self._kept: list[Shingles] = []
        self._bands: dict[Key, list[int]] = {}

    def holds(self, text: str) -> bool:
        """Whether this text, or nearly this, was there before; remembers nothing."""
        mine = shingles(text)
        return self._alike(mine, self._keys(mine))

    def known(self, text: str) -> bool:
        """The same, and remembers the text if it is new."""
        mine = shingles(text)
        keys = self._keys(mine)
        if self._alike(mine, keys):
            return True
        for key in keys:
            self._bands.setdefault(key, []).append(len(self._kept))
        self._kept.append(mine)
        return False

    def _alike(self, mine: Shingles, keys: list[Key]) -> bool:
        candidates = {i for key in keys for i in self._bands.get(key, ())}
        return any(overlap(mine, self._kept[i]) >= _ALIKE for i in candidates)

    @staticmethod
    def _keys(mine: Shingles) -> list[Key]:
        least = ((mine.astype(np.uint64) % _PRIME * _A + _B) % _PRIME).min(axis=1).astype(np.uint32)
        return [(i, band.tobytes()) for i, band in enumerate(least.reshape(_BANDS, -1))]
