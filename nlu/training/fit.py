"""Learn the axes from phrases with scikit-learn, and leave plain arrays behind.

Scores are calibrated on phrases the fitted map has not seen (cross-validation), so that 0.8 means right
four times out of five among our own phrases.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize, minimize_scalar

from nlu.reading.axes import Axes, Axis, Floats
from nlu.training.linear import Fit, Linear, Rows


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
    scores: Floats  # of phrases it had not seen, before they became probabilities


def one_of(rows: Rows, labels: Sequence[str], strength: float, balanced: bool = False) -> Fitted:
    """An axis on which exactly one label holds."""
    marks = np.array(labels)
    classes, how = np.unique(marks), Fit(strength, balanced)
    model = Linear.fit(rows.whole, marks, classes, how)
    scores = how.unseen(rows, marks, classes)
    slope = _temperature(scores, marks)
    axis = Axis(tuple(map(str, classes)), (slope,) * len(classes), (0.0,) * len(classes), several=False)
    unseen = axis.probabilities(scores)
    loss, accuracy = _quality(unseen, np.searchsorted(classes, marks))
    return Fitted(axis, model.weights, model.bias, unseen, loss, accuracy, scores)


def with_slope(rows: Rows, labels: Sequence[str], strength: float, slope: float) -> Axes:
    """A service axis whose slope is known already, which saves three fits out of four."""
    marks = np.array(labels)
    model = Linear.fit(rows.whole, marks, np.unique(marks), Fit(strength))
    names = tuple(map(str, model.classes))
    axis = Axis(names, (slope,) * len(names), (0.0,) * len(names), several=False)
    return Axes({"service": axis}, np.ascontiguousarray(model.weights), model.bias)


def any_of(rows: Rows, labels: Sequence[tuple[str, ...]], strength: float, pooled: bool = True) -> Fitted:
    """An axis on which several labels may hold, or none."""
    names = tuple(sorted({name for found in labels for name in found}))
    weights = np.zeros((rows.whole.shape[1], len(names)), dtype=np.float32)
    bias = np.zeros(len(names), dtype=np.float32)
    scores = np.zeros((rows.whole.shape[0], len(names)))
    lines = []
    how, yes_or_no = Fit(strength, balanced=True), np.array([False, True])
    for i, name in enumerate(names):
        holds = np.array([name in found for found in labels])
        model = Linear.fit(rows.whole, holds, yes_or_no, how)
        weights[:, i], bias[i] = model.weights[:, 1], model.bias[1]
        scores[:, i] = how.unseen(rows, holds, yes_or_no, pooled)[:, 1]
        lines.append(_platt(scores[:, i], holds))
    axis = Axis(names, tuple(slope for slope, _ in lines), tuple(shift for _, shift in lines), several=True)
    unseen = axis.probabilities(scores)
    truth = np.array([[name in found for name in names] for found in labels]).reshape(unseen.shape)
    loss = float(-np.log(np.maximum(np.where(truth, unseen, 1 - unseen), 1e-12)).mean()) if names else 0.0
    accuracy = float(((unseen >= 0.5) == truth).all(axis=1).mean())
    return Fitted(axis, weights, bias, unseen, loss, accuracy, scores)


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


def plain(axis: Axis) -> Axis:
    """The same axis for scores that are scaled already."""
    return Axis(axis.labels, (1.0,) * len(axis.labels), (0.0,) * len(axis.labels), axis.several)
