"""The kind of a letter: what its characters say, and what its cues say (`nlu.reading.cues`), added up.

A line such as "暖气费怎么交" is told by its characters alone. In a letter they tell the story rather than
what is wanted, so that the longer the text the more the cues count.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from nlu.reading.axes import Floats
from nlu.reading.cues import cues

_FILE = "kinds.npz"
SHORT, LETTER = 30, 60


@dataclass(frozen=True)
class Kinds:
    """`cues` and `bias` per label, and how the scores of characters count in a line and in a letter."""

    cues: NDArray[np.float32]
    bias: NDArray[np.float32]
    line: float
    letter: float

    def scores(self, text: str, characters: Floats) -> Floats:
        """Scores whose softmax are probabilities."""
        much = min(1.0, max(0.0, (len(text) - SHORT) / (LETTER - SHORT)))
        if not much:
            return characters * self.line
        found = cues(text) @ self.cues + self.bias + characters * self.letter
        return np.asarray((1 - much) * characters * self.line + much * found)

    def save(self, folder: Path) -> None:
        """Write beside the other tables."""
        np.savez(
            folder / _FILE, cues=self.cues, bias=self.bias, characters=np.array([self.line, self.letter])
        )

    @classmethod
    def load(cls, folder: Path) -> Kinds | None:
        """Read what `save` wrote; None where a model has no such table."""
        if not (folder / _FILE).exists():
            return None
        with np.load(folder / _FILE) as stored:
            line, letter = stored["characters"].tolist()
            return cls(stored["cues"], stored["bias"], line, letter)
