"""The independent questions asked of a message, each answered by one linear map over the same features.

service: what it is about · act: what the citizen is doing in the conversation · kind: question, complaint …
safety, conduct: any number of classes at once. Learning happens elsewhere; here are arrays and their use.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nlu.reading.features import Sparse

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Axis:
    """Labels and a linear map; `slope` and `shift` turn its scores into honest probabilities."""

    labels: tuple[str, ...]
    weights: NDArray[np.float32]
    bias: NDArray[np.float32]
    slope: Floats
    shift: Floats
    several: bool

    def scores(self, vector: Sparse) -> Floats:
        """Raw scores of one text."""
        index, values = vector
        raw = values @ self.weights[index] + self.bias
        return raw.astype(np.float64)

    def probabilities(self, scores: Floats) -> Floats:
        """Calibrated: one distribution, or one probability per label where several may hold."""
        scaled = scores * self.slope + self.shift
        if self.several:
            return np.asarray(1 / (1 + np.exp(-np.clip(scaled, -60, 60))))
        grown = np.exp(scaled - scaled.max())
        return np.asarray(grown / grown.sum())

    def save(self, folder: Path, name: str) -> None:
        """Write weights and labels."""
        np.savez(
            folder / f"{name}.npz", weights=self.weights, bias=self.bias, slope=self.slope, shift=self.shift
        )
        facts = {"labels": self.labels, "several": self.several}
        (folder / f"{name}.json").write_text(json.dumps(facts, ensure_ascii=False), encoding="utf-8")

    @classmethod
    def load(cls, folder: Path, name: str) -> "Axis":
        """Read what `save` wrote."""
        facts: dict[str, Any] = json.loads((folder / f"{name}.json").read_text(encoding="utf-8"))
        with np.load(folder / f"{name}.npz") as arrays:
            return cls(
                tuple(facts["labels"]),
                arrays["weights"],
                arrays["bias"],
                arrays["slope"],
                arrays["shift"],
                facts["several"],
            )
