"""The independent questions asked of a message, all answered by one linear map over the same features.

service: what it is about · request: does it ask for anything · act: what else the citizen is doing ·
kind: question, complaint … · danger: is somebody in danger now · safety: which danger · conduct: insults,
pranks … Learning happens elsewhere; here are arrays and their use.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from nlu.reading.features import Sparse

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Axis:
    """The labels of one question; `slope` and `shift` turn raw scores into honest probabilities."""

    labels: tuple[str, ...]
    slope: tuple[float, ...]
    shift: tuple[float, ...]
    several: bool

    @cached_property
    def _line(self) -> tuple[Floats, Floats]:
        return np.array(self.slope, np.float64), np.array(self.shift, np.float64)

    def probabilities(self, scores: Floats) -> Floats:
        """One distribution, or one probability per label where several may hold."""
        slope, shift = self._line
        scaled = scores * slope + shift
        if self.several:
            return np.asarray(1 / (1 + np.exp(-np.clip(scaled, -60, 60))))
        grown = np.exp(scaled - scaled.max(axis=-1, keepdims=True))
        return np.asarray(grown / grown.sum(axis=-1, keepdims=True))


class Axes:
    """All axes over one weight matrix, so that a text's features are looked up once."""

    def __init__(
        self, axes: dict[str, Axis], weights: NDArray[np.float32], bias: NDArray[np.float32]
    ) -> None:
        self._axes = axes
        self._weights = weights
        self._bias = bias
        ends = np.cumsum([0, *(len(axis.labels) for axis in axes.values())])
        self._slices = {name: slice(ends[i], ends[i + 1]) for i, name in enumerate(axes)}

    def __getitem__(self, name: str) -> Axis:
        return self._axes[name]

    def scores(self, columns: NDArray[np.int32], rows: NDArray[np.float32]) -> dict[str, Floats]:
        """Raw scores of several texts (`Vocabulary.grid`) on every axis: a row for each text."""
        raw = (rows @ self._weights[columns] + self._bias).astype(np.float64)
        return {name: raw[:, part] for name, part in self._slices.items()}

    def score(self, name: str, vector: Sparse) -> Floats:
        """Raw scores of one text on one axis, which costs less than all."""
        index, values = vector
        part = self._slices[name]
        return np.asarray(values @ self._weights[index, part] + self._bias[part], dtype=np.float64)

    def save(self, folder: Path) -> None:
        """Write weights and labels."""
        np.save(folder / "weights.npy", self._weights)
        np.save(folder / "bias.npy", self._bias)
        facts = {name: asdict(axis) for name, axis in self._axes.items()}
        (folder / "axes.json").write_text(json.dumps(facts, ensure_ascii=False), encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> Axes:
        """Read what `save` wrote; the weights are mapped, so that all processes share one copy in memory."""
        facts = json.loads((folder / "axes.json").read_text(encoding="utf-8"))
        axes = {
            name: Axis(tuple(one["labels"]), tuple(one["slope"]), tuple(one["shift"]), one["several"])
            for name, one in facts.items()
        }
        # A plain view: the mapped class would cost time at every look-up.
        weights = np.load(folder / "weights.npy", mmap_mode="r").view(np.ndarray)
        return cls(axes, weights, np.load(folder / "bias.npy"))
