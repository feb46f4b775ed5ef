"""One against the rest, by liblinear, for however many classes there happen to be.

A city's admin may add a service with a single phrase; a fold of cross-validation may then miss it.
Neither may stop a training, so every map has a column for every class, learnt or not.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import KFold, StratifiedKFold

from nlu.reading.axes import Floats
from nlu.reading.features import Vocabulary
from nlu.reading.pooling import pieces

FOLDS = 3
_SEED = 7
_NEVER = -10.0  # the score of a class that was not there to learn


def matrix(vocabulary: Vocabulary, texts: Sequence[str]) -> sp.csr_matrix:
    """Feature rows of texts."""
    rows = [vocabulary.vector(text) for text in texts]
    ends = np.cumsum([0, *(len(index) for index, _ in rows)])
    index = np.concatenate([index for index, _ in rows] or [np.zeros(0, np.int32)])
    values = np.concatenate([values for _, values in rows] or [np.zeros(0, np.float32)])
    return sp.csr_matrix((values, index, ends), shape=(len(rows), len(vocabulary.weights)))


@dataclass(frozen=True)
class Rows:
    """Feature rows of phrases and of the pieces of the long ones (`owner[i]` is the phrase of piece i)."""

    whole: Any
    pieces: Any
    owner: NDArray[np.intp]

    @classmethod
    def read(cls, vocabulary: Vocabulary, texts: Sequence[str]) -> Rows:
        """Feature vectors of texts and of their pieces."""
        parts = [(i, part) for i, text in enumerate(texts) for part in pieces(text)]
        owner = np.array([i for i, _ in parts], dtype=np.intp)
        return cls(matrix(vocabulary, texts), matrix(vocabulary, [part for _, part in parts]), owner)

    def of(self, chosen: Sequence[int] | NDArray[np.intp]) -> Rows:
        """Some of the phrases, with their pieces."""
        place = np.full(self.whole.shape[0], -1)
        place[chosen] = np.arange(len(chosen))
        mine = place[self.owner] >= 0 if len(self.owner) else np.zeros(0, dtype=bool)
        return Rows(self.whole[chosen], self.pieces[mine], place[self.owner[mine]])


@dataclass(frozen=True)
class Linear:
    """Classes with their columns."""

    classes: NDArray[Any]
    weights: NDArray[np.float32]
    bias: NDArray[np.float32]

    @classmethod
    def fit(cls, rows: Any, labels: NDArray[Any], classes: NDArray[Any], how: Fit) -> Linear:
        """Learn the classes that are there."""
        present = np.unique(labels)
        weights = np.zeros((rows.shape[1], len(classes)), dtype=np.float32)
        bias = np.where(np.isin(classes, present), 0.0, _NEVER).astype(np.float32)
        if len(present) > 1:
            model = how.model().fit(rows, labels)
            columns = np.searchsorted(classes, model.classes_)
            two = len(present) == 2  # then scikit-learn keeps one column, for the second class
            weights[:, columns] = np.vstack([-model.coef_, model.coef_]).T if two else model.coef_.T
            bias[columns] = [-model.intercept_[0], model.intercept_[0]] if two else model.intercept_
        return cls(classes, weights, bias)

    def scores(self, rows: Rows, pooled: bool = False) -> Floats:
        """Scores as they will be in use: of the worst piece where the worst piece decides."""
        found = np.asarray(rows.whole @ self.weights + self.bias, dtype=np.float64)
        if pooled and len(rows.owner):
            np.maximum.at(found, rows.owner, rows.pieces @ self.weights + self.bias)
        return found


@dataclass(frozen=True)
class Fit:
    """How to fit: the strength is scikit-learn's C; balanced gives rare classes the weight of common ones."""

    strength: float
    balanced: bool = False

    def model(self) -> LogisticRegression:
        """A fresh map."""
        weight = "balanced" if self.balanced else None
        return LogisticRegression(
            C=self.strength, solver="liblinear", dual=True, class_weight=weight, random_state=_SEED
        )

    def unseen(self, rows: Rows, labels: NDArray[Any], classes: NDArray[Any], pooled: bool = False) -> Floats:
        """Scores of every phrase from a map that was fitted without it."""
        scores = np.zeros((rows.whole.shape[0], len(classes)))
        rarest = min((labels == one).sum() for one in np.unique(labels))
        folds = StratifiedKFold if rarest >= FOLDS else KFold
        for kept, held in folds(FOLDS, shuffle=True, random_state=_SEED).split(scores, labels):
            fold = Linear.fit(rows.whole[kept], labels[kept], classes, self)
            scores[held] = fold.scores(rows.of(held), pooled)
        return scores
