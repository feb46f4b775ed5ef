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

FOLDS = 3
_SEED = 7


@dataclass(frozen=True)
class Marked:
    """A phrase as the axes see it."""

    text: str
    service: str | None
    act: str
    kind: str | None
    safety: tuple[str, ...]
    conduct: tuple[str, ...]


def matrix(vocabulary: Vocabulary, texts: Sequence[str]) -> sp.csr_matrix:
    """Feature vectors as rows."""
    rows = [vocabulary.vector(text) for text in texts]
    ends = np.cumsum([0, *(len(index) for index, _ in rows)])
    index = np.concatenate([index for index, _ in rows])
    values = np.concatenate([values for _, values in rows])
    return sp.csr_matrix((values, index, ends), shape=(len(rows), len(vocabulary.weights)))


def _fit(rows: Any, labels: NDArray[Any], strength: float, balanced: bool) -> LogisticRegression:
    """One against the rest by liblinear: as good here as the joint fit, and twenty times faster."""
    weight = "balanced" if balanced else None
    model = LogisticRegression(
        C=strength, solver="liblinear", dual=True, class_weight=weight, random_state=_SEED
    )
    return model.fit(rows, labels)


def _unseen_scores(rows: Any, labels: NDArray[Any], strength: float, balanced: bool) -> Floats:
    """Scores of every phrase from a map that was fitted without it."""
    classes = np.unique(labels)
    scores = np.zeros((rows.shape[0], len(classes) if len(classes) > 2 else 1))
    for kept, held in StratifiedKFold(FOLDS, shuffle=True, random_state=_SEED).split(rows, labels):
        model = _fit(rows[kept], labels[kept], strength, balanced)
        found = model.decision_function(rows[held]).reshape(len(held), -1)
        columns = np.searchsorted(classes, model.classes_) if len(classes) > 2 else [0]
        scores[held[:, None], columns] = found
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


def one_of(rows: Any, labels: Sequence[str], strength: float) -> Fitted:
    """An axis on which exactly one label holds."""
    marks = np.array(labels)
    model = _fit(rows, marks, strength, balanced=False)
    scores = _unseen_scores(rows, marks, strength, balanced=False)
    slope = _temperature(scores, marks)
    size = len(model.classes_)
    axis = Axis(tuple(str(name) for name in model.classes_), (slope,) * size, (0.0,) * size, several=False)
    unseen = axis.probabilities(scores)
    loss, accuracy = _quality(unseen, np.searchsorted(model.classes_, marks))
    return Fitted(
        axis, model.coef_.T.astype(np.float32), model.intercept_.astype(np.float32), unseen, loss, accuracy
    )


def any_of(rows: Any, labels: Sequence[tuple[str, ...]], strength: float) -> Fitted:
    """An axis on which several labels may hold."""
    names = tuple(sorted({name for found in labels for name in found}))
    weights = np.zeros((rows.shape[1], len(names)), dtype=np.float32)
    bias = np.zeros(len(names), dtype=np.float32)
    scores = np.zeros((rows.shape[0], len(names)))
    lines = []
    for i, name in enumerate(names):
        holds = np.array([name in found for found in labels])
        model = _fit(rows, holds, strength, balanced=True)
        weights[:, i], bias[i] = model.coef_[0], model.intercept_[0]
        scores[:, i] = _unseen_scores(rows, holds, strength, balanced=True)[:, 0]
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


def line(unseen: Floats, holds: NDArray[Any], recall: float, alarms: float) -> float:
    """The highest line that still finds this share of the true ones; but no more false alarms than this
    share.
    """
    found, others = np.sort(unseen[holds]), np.sort(unseen[~holds])
    wanted = found[int((1 - recall) * len(found))]
    allowed = others[min(int((1 - alarms) * len(others)), len(others) - 1)]
    return float(min(max(wanted, allowed), 0.5))


def moved(axis: Axis, lines: Sequence[float]) -> Axis:
    """The same axis with each label's line at one half, so that whoever reads it needs no table of lines."""
    shift = tuple(
        old - float(np.log(at / (1 - at)))
        for old, at in zip(axis.shift, np.clip(lines, 1e-6, 1 - 1e-6), strict=False)
    )
    return Axis(axis.labels, axis.slope, shift, axis.several)
