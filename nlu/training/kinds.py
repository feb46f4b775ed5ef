"""Learn what the cues of a letter say about its kind, from our own longer phrases; then weigh them as
real letters do.

How citizens name their own letters is a habit that invented ones show only in part ("请求" begs in a title
and in passing complains), so the table `kinds.yml` beside this file moves the learnt weights a little. It
was fitted to the even rows of `kinds.csv` and to nothing else; `python -m nlu.training.kinds --model DIR`,
with the Rasa environment's Python, fits it anew.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import yaml
from numpy.typing import NDArray
from scipy.optimize import minimize
from sklearn.linear_model import LogisticRegression

from nlu.evaluation import sets
from nlu.reading.axes import Floats
from nlu.reading.cues import NAMES, cues
from nlu.reading.engine import Engine
from nlu.reading.kinds import LETTER, Kinds
from nlu.reading.normalise import normalise

TABLE = Path(__file__).with_suffix(".yml")
_STRENGTH = 0.003
_CHARACTERS = 0.5  # of a letter's characters, against its cues
_FEWEST = 100
_MOVED = """
    asks asks> asks< ends_asking asks_late question questions short long complains complains< complains>
    informs informs< informer begs begs< begs> proposes proposes< proposes> wrong# crime# party# city#
    myself together suffers officials solve punish improve policy
    """
_PULL = 0.03  # towards leaving the learnt weights as they are


@dataclass(frozen=True)
class _Table:
    """How much all learnt scores count, and what is added per cue and kind."""

    scale: float
    bias: dict[str, float]
    cues: dict[str, dict[str, float]]


def _table() -> _Table:
    content = yaml.safe_load(TABLE.read_text(encoding="utf-8"))
    return _Table(content["scale"], content["bias"], content["cues"])


def learn_kinds(
    texts: Sequence[str],
    kinds: Sequence[str],
    labels: Sequence[str],
    line: float,
    table: _Table | None = None,
) -> Kinds | None:
    """None where there are too few long phrases to learn from."""
    long = [i for i, text in enumerate(texts) if len(text) >= LETTER]
    marks = np.array([kinds[i] for i in long])
    if len(long) < _FEWEST or len(set(marks)) < len(labels):
        return None
    weights, bias = _learnt(np.array([cues(texts[i]) for i in long]), marks)
    table = table or _table()
    weights, bias = weights * table.scale, bias * table.scale
    for column, label in enumerate(labels):  # scikit-learn sorts them as the axis does
        bias[column] += table.bias.get(label, 0.0)
        for name, row in table.cues.items():
            weights[NAMES.index(name), column] += row.get(label, 0.0)
    return Kinds(weights.astype(np.float32), bias.astype(np.float32), line, _CHARACTERS * table.scale)


def _learnt(found: Floats, marks: NDArray[np.str_]) -> tuple[Floats, Floats]:
    """Weights and bias on the cues as they are, learnt on standardised ones."""
    mean, spread = found.mean(axis=0), found.std(axis=0)
    spread[spread == 0] = 1.0
    model = LogisticRegression(C=_STRENGTH, max_iter=2000).fit((found - mean) / spread, marks)
    weights = (model.coef_ / spread).T
    return weights, model.intercept_ - mean @ weights


def fit_table(scores: Floats, found: Floats, right: NDArray[np.intp]) -> tuple[float, Floats, Floats]:
    """Scale, bias and weights that make real letters likeliest, the weights pulled towards none."""
    count, labels = scores.shape
    rows = np.arange(count)

    def loss(point: Floats) -> tuple[float, Floats]:
        bias, scale, weights = point[:labels], point[labels], point[labels + 1 :].reshape(-1, labels)
        total = scale * scores + bias + found @ weights
        total = np.exp(total - total.max(axis=1, keepdims=True))
        shares = total / total.sum(axis=1, keepdims=True)
        value = -np.log(shares[rows, right] + 1e-12).mean()
        value += _PULL * (weights**2).sum() + 0.0005 * (bias**2).sum()
        off = shares.copy()
        off[rows, right] -= 1
        off /= count
        slopes = (
            off.sum(axis=0) + 0.001 * bias,
            [(off * scores).sum()],
            (found.T @ off + 2 * _PULL * weights).ravel(),
        )
        return float(value), np.concatenate(slopes)

    start = np.concatenate([np.zeros(labels), [1.0], np.zeros(found.shape[1] * labels)])
    best = minimize(loss, start, jac=True, method="L-BFGS-B").x
    return float(best[labels]), best[:labels], best[labels + 1 :].reshape(-1, labels)


def main(arguments: Sequence[str] | None = None) -> int:
    """Fit the table to the even rows, given a model trained with the present one."""
    parser = argparse.ArgumentParser(prog="nlu.training.kinds")
    parser.add_argument("--model", type=Path, required=True, help="an exported model")
    parser.add_argument("--real", type=Path, default=Path("../shared/data"))
    options = parser.parse_args(arguments)
    rows = [row for row in sets.rows(options.real, "kinds", "dev") if row["kind"] in sets.KINDS]
    texts = [normalise(row["body"].strip()).text for row in rows]
    reader = Engine.load(options.model).reader
    cues_moved = _MOVED.split()
    names = [name for name in reader.labels("kind") if name in sets.KINDS.values()]
    chosen = [reader.labels("kind").index(name) for name in names]
    kinds, before = reader.kinds, _table()
    if kinds is None:
        raise SystemExit("this model reads kinds without cues")
    every = np.array([cues(text) for text in texts])
    moved = np.zeros_like(kinds.cues)
    for name, row in before.cues.items():
        moved[NAMES.index(name), chosen] = [row.get(label, 0.0) for label in names]
    bias = np.array([before.bias.get(label, 0.0) for label in names])
    characters = np.array([reader.characters("kind", text) for text in texts])[:, chosen]
    scores = every @ (kinds.cues - moved)[:, chosen] + kinds.bias[chosen] - bias + characters * kinds.letter
    right = np.array([names.index(sets.KINDS[row["kind"]]) for row in rows])
    found = every[:, [NAMES.index(name) for name in cues_moved]]
    scale, shift, weights = fit_table(scores / before.scale, found, right)
    content = {
        "scale": round(scale, 3),
        "bias": {label: round(float(one), 2) for label, one in zip(names, shift, strict=True)},
        "cues": {
            name: {label: round(float(one), 2) for label, one in zip(names, row, strict=True)}
            for name, row in zip(cues_moved, weights, strict=True)
        },
    }
    head = "".join(
        f"{line}\n" for line in TABLE.read_text(encoding="utf-8").splitlines() if line.startswith("#")
    )
    TABLE.write_text(
        head + yaml.safe_dump(content, sort_keys=False, default_flow_style=None), encoding="utf-8"
    )
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
