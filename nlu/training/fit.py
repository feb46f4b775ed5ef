"""Learn the axes from phrases with scikit-learn, and leave plain arrays behind.

Scores are calibrated on phrases the fitted map has not seen (cross-validation), so that 0.8 means right
four times out of five among our own phrases.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from scipy.optimize import minimize, minimize_scalar
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold

from nlu.reading.axes import Axes, Axis, Floats
from nlu.reading.features import Vocabulary
from nlu.reading.pooling import pieces

FOLDS = 3
_SEED = 7


@dataclass(frozen=True)
class Marked:
    """A phrase as the axes see it; None where it teaches an axis nothing."""

    text: str
    service: str | None
    act: str | None
    kind: str | None
    safety: tuple[str, ...]
    conduct: tuple[str, ...]
    complete: bool = True  # a past ticket is not: it shows its service, not that nobody was in danger


def _matrix(vocabulary: Vocabulary, texts: Sequence[str]) -> sp.csr_matrix:
    rows = [vocabulary.vector(text) for text in texts]
    ends = np.cumsum([0, *(len(index) for index, _ in rows)])
    index = np.concatenate([index for index, _ in rows] or [np.zeros(0, np.int32)])
    values = np.concatenate([values for _, values in rows] or [np.zeros(0, np.float32)])
    return sp.csr_matrix((values, index, ends), shape=(len(rows), len(vocabulary.weights)))


def rows_of(vocabulary: Vocabulary, texts: Sequence[str]) -> Rows:
    """Feature vectors of texts and of their pieces."""
    parts = [(i, part) for i, text in enumerate(texts) for part in pieces(text)]
    owner = np.array([i for i, _ in parts], dtype=np.intp)
    return Rows(_matrix(vocabulary, texts), _matrix(vocabulary, [part for _, part in parts]), owner)


def _fit(rows: Any, labels: NDArray[Any], strength: float, balanced: bool) -> LogisticRegression:
    """One against the rest by liblinear: as good here as the joint fit, and twenty times faster."""
    weight = "balanced" if balanced else None
    model = LogisticRegression(
        C=strength, solver="liblinear", dual=True, class_weight=weight, random_state=_SEED
    )
    return model.fit(rows, labels)


@dataclass(frozen=True)
class Rows:
    """Feature rows of phrases and of the pieces of the long ones (`owner[i]` is the phrase of piece i)."""

    whole: Any
    pieces: Any
    owner: NDArray[np.intp]

    def of(self, chosen: Sequence[int] | NDArray[np.intp]) -> Rows:
        """Some of the phrases, with their pieces."""
        place = np.full(self.whole.shape[0], -1)
        place[chosen] = np.arange(len(chosen))
        mine = place[self.owner] >= 0 if len(self.owner) else np.zeros(0, dtype=bool)
        return Rows(self.whole[chosen], self.pieces[mine], place[self.owner[mine]])

    def scores(self, model: LogisticRegression, pooled: bool) -> Floats:
        """Scores as they will be in use: of the worst piece where the worst piece decides."""
        found = np.asarray(model.decision_function(self.whole)).reshape(self.whole.shape[0], -1)
        if pooled and len(self.owner):
            parts = np.asarray(model.decision_function(self.pieces)).reshape(len(self.owner), -1)
            np.maximum.at(found, self.owner, parts)
        return found


def _unseen_scores(rows: Rows, labels: NDArray[Any], strength: float, balanced: bool, pooled: bool) -> Floats:
    """Scores of every phrase from a map that was fitted without it."""
    classes = np.unique(labels)
    scores = np.zeros((rows.whole.shape[0], len(classes) if len(classes) > 2 else 1))
    for kept, held in StratifiedKFold(FOLDS, shuffle=True, random_state=_SEED).split(scores, labels):
        model = _fit(rows.whole[kept], labels[kept], strength, balanced)
        columns = np.searchsorted(classes, model.classes_) if len(classes) > 2 else [0]
        scores[held[:, None], columns] = rows.of(held).scores(model, pooled)
    return scores


def _quality(probabilities: Floats, right: NDArray[Any]) -> tuple[float, float]:
    """Mean log-loss and accuracy on phrases held back."""
    chosen = probabilities[np.arange(len(right)), right]
    loss = float(-np.log(np.maximum(chosen, 1e-12)).mean())
    return loss, float((probabilities.argmax(axis=1) == right).mean())


def _temperature(scores: Floats, labels: NDArray[Any]) -> float:
    classes = np.unique(labels)
    right = np.searchsorted(classes, labels)

    def loss(log_slope: float) -> float:
        scaled = scores * np.exp(log_slope)
        scaled = scaled - scaled.max(axis=1, keepdims=True)
        total = np.log(np.exp(scaled).sum(axis=1))
        return float((total - scaled[np.arange(len(right)), right]).mean())

    return float(np.exp(minimize_scalar(loss, bounds=(-3, 3), method="bounded").x))


def _platt(scores: Floats, labels: NDArray[Any]) -> tuple[float, float]:
    """Slope and shift of one yes-or-no question."""
    sign = np.where(labels, 1.0, -1.0)

    def loss(line: NDArray[np.float64]) -> float:
        return float(np.logaddexp(0, -sign * (line[0] * scores + line[1])).mean())

    slope, shift = minimize(loss, np.array([1.0, 0.0]), method="Nelder-Mead").x
    return float(max(slope, 1e-3)), float(shift)


@dataclass(frozen=True)
class Fitted:
    """An axis with its part of the weights, and the probabilities of phrases it had not seen."""

    axis: Axis
    weights: NDArray[np.float32]
    bias: NDArray[np.float32]
    unseen: Floats
    loss: float
    accuracy: float


def one_of(rows: Rows, labels: Sequence[str], strength: float, balanced: bool = False) -> Fitted:
    """An axis on which exactly one label holds."""
    marks = np.array(labels)
    model = _fit(rows.whole, marks, strength, balanced)
    scores = _unseen_scores(rows, marks, strength, balanced, pooled=False)
    slope = _temperature(scores, marks)
    size = len(model.classes_)
    axis = Axis(tuple(str(name) for name in model.classes_), (slope,) * size, (0.0,) * size, several=False)
    unseen = axis.probabilities(scores)
    loss, accuracy = _quality(unseen, np.searchsorted(model.classes_, marks))
    weights, bias = model.coef_.T.astype(np.float32), model.intercept_.astype(np.float32)
    return Fitted(axis, weights, bias, unseen, loss, accuracy)


def with_slope(rows: Rows, labels: Sequence[str], strength: float, slope: float) -> Axes:
    """A service axis whose slope is known already, which saves three fits out of four."""
    model = _fit(rows.whole, np.array(labels), strength, balanced=False)
    names = tuple(str(name) for name in model.classes_)
    axis = Axis(names, (slope,) * len(names), (0.0,) * len(names), several=False)
    weights = np.ascontiguousarray(model.coef_.T.astype(np.float32))
    return Axes({"service": axis}, weights, model.intercept_.astype(np.float32))


def any_of(rows: Rows, labels: Sequence[tuple[str, ...]], strength: float, pooled: bool = True) -> Fitted:
    """An axis on which several labels may hold, or none."""
    names = tuple(sorted({name for found in labels for name in found}))
    weights = np.zeros((rows.whole.shape[1], len(names)), dtype=np.float32)
    bias = np.zeros(len(names), dtype=np.float32)
    scores = np.zeros((rows.whole.shape[0], len(names)))
    lines = []
    for i, name in enumerate(names):
        holds = np.array([name in found for found in labels])
        model = _fit(rows.whole, holds, strength, balanced=True)
        weights[:, i], bias[i] = model.coef_[0], model.intercept_[0]
        scores[:, i] = _unseen_scores(rows, holds, strength, True, pooled)[:, 0]
        lines.append(_platt(scores[:, i], holds))
    axis = Axis(names, tuple(slope for slope, _ in lines), tuple(shift for _, shift in lines), several=True)
    unseen = axis.probabilities(scores)
    truth = np.array([[name in found for name in names] for found in labels]).reshape(unseen.shape)
    loss = float(-np.log(np.maximum(np.where(truth, unseen, 1 - unseen), 1e-12)).mean()) if names else 0.0
    accuracy = float(((unseen >= 0.5) == truth).all(axis=1).mean())
    return Fitted(axis, weights, bias, unseen, loss, accuracy)


def joined(fitted: dict[str, Fitted]) -> Axes:
    """All axes over one weight matrix."""
    weights = np.ascontiguousarray(np.hstack([one.weights for one in fitted.values()]))
    bias = np.concatenate([one.bias for one in fitted.values()])
    return Axes({name: one.axis for name, one in fitted.items()}, weights, bias)


def line_for_alarms(unseen: Floats, holds: NDArray[Any], share: float) -> float:
    """The line that no more than this share of the others passes."""
    return float(np.quantile(unseen[~holds], 1 - share))


def line_for_recall(unseen: Floats, holds: NDArray[Any], share: float) -> float:
    """The line that this share of the true ones passes."""
    return float(np.quantile(unseen[holds], 1 - share))


def moved(axis: Axis, lines: Sequence[float]) -> Axis:
    """The same axis with each label's line at one half, so that whoever reads it needs no table of lines."""
    shift = tuple(
        old - float(np.log(at / (1 - at)))
        for old, at in zip(axis.shift, np.clip(lines, 1e-6, 1 - 1e-6), strict=False)
    )
    return Axis(axis.labels, axis.slope, shift, axis.several)
