"""Teach the second opinion: emergencies against what the first look finds hardest to tell from them."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.model_selection import StratifiedKFold
from sklearn.svm import SVC

from nlu.reading.axes import Floats
from nlu.reading.features import Vocabulary
from nlu.reading.second import SecondOpinion, centre, key, meanings, remembered
from nlu.training import progress
from nlu.training.linear import matrix

CACHE_SETTING = "LIANXIN_NLU_CACHE"
_FOLDS = 3
_SEED = 7
_GAMMA = 2.0
_STRENGTH = 5.0
_WORDS = 1.0  # the weight of characters beside meaning
# Of ordinary phrases this share is worth the encoder's time; of long texts (many sentences) less …
_DOUBTED, _DOUBTED_LONG = 0.20, 0.10
# … and of all phrases that are no emergency, the hardest among them, this share may raise an alarm.
_FALSE_ALARMS = 0.015
# What nearly all true emergencies pass: a weak rule of the app is not believed below.
_GLIMPSE, _GLIMPSED = 0.2, 0.99
LEAST = 9  # emergencies, with fewer of which nothing is learnt
_EASY = 1500  # ordinary phrases that are taught beside the hard ones
_BATCH = 64

Flags = NDArray[np.bool_]


def _remembered(path: Path | None) -> dict[str, NDArray[np.float32]]:
    if path is None or not path.exists():
        return {}
    with np.load(path) as arrays:
        return dict(zip(arrays["keys"].tolist(), arrays["vectors"], strict=True))


def encoded(texts: Sequence[str]) -> NDArray[np.float32]:
    """Vectors of the texts; those of earlier trainings are remembered, in a folder that the caller names."""
    folder = os.environ.get(CACHE_SETTING)
    path = Path(folder) / "meanings.npz" if folder else None
    known = _remembered(path)
    missing = sorted({text for text in texts if key(text) not in known}, key=lambda text: (len(text), text))
    for start in range(0, len(missing), _BATCH):
        batch = missing[start : start + _BATCH]
        known.update(zip(map(key, batch), meanings(batch), strict=True))
        if progress.listener and start // _BATCH % 8 == 0:
            progress.listener.stage("encode", done=start, of=len(missing))
    known = {name: known[name] for name in map(key, texts)}
    if path and missing:
        path.parent.mkdir(parents=True, exist_ok=True)
        np.savez(path, keys=np.array(list(known)), vectors=np.stack(list(known.values())))
    remembered.update(known)
    return np.stack([known[key(text)] for text in texts])


@dataclass(frozen=True)
class _Taught:
    """Both views of the phrases that are taught."""

    meanings: NDArray[np.float32]
    words: Any

    def kernel(self, other: _Taught) -> Floats:
        """How alike every phrase is to every other."""
        near = np.exp(-_GAMMA * (2 - 2 * np.asarray(self.meanings @ other.meanings.T, dtype=np.float64)))
        return np.asarray(near + _WORDS * (self.words @ other.words.T).toarray())

    def of(self, chosen: NDArray[np.intp]) -> _Taught:
        return _Taught(self.meanings[chosen], self.words[chosen])


def _machine(taught: _Taught, danger: Flags) -> SVC:
    machine = SVC(C=_STRENGTH, kernel="precomputed", class_weight="balanced", cache_size=500)
    return machine.fit(taught.kernel(taught), danger)


def _unseen(taught: _Taught, danger: Flags) -> Floats:
    scores = np.zeros(len(danger))
    for kept, held in StratifiedKFold(_FOLDS, shuffle=True, random_state=_SEED).split(scores, danger):
        machine = _machine(taught.of(kept), danger[kept])
        scores[held] = machine.decision_function(taught.of(held).kernel(taught.of(kept)))
    return scores


def _line(scores: Floats, danger: Flags, allowed: int) -> tuple[float, float]:
    """Slope and shift: an alarm (one half) is what few others reach, a glimpse what nearly all dangers do."""
    others = np.sort(scores[~danger])
    alarm = float(others[-min(allowed + 1, len(others))]) if len(others) else 0.0
    low = float(np.quantile(scores[danger], 1 - _GLIMPSED)) if danger.any() else alarm
    glimpse = min(low, alarm - 0.1)
    slope = float(np.log(1 / _GLIMPSE - 1)) / (alarm - glimpse)
    return slope, -slope * alarm


def teach(texts: Sequence[str], first: Floats, danger: Flags, vocabulary: Vocabulary) -> SecondOpinion:
    """`texts` are the telling pieces of phrases, `first` their scores by a map that had not seen them."""
    gates = np.quantile(first[~danger], [1 - _DOUBTED, 1 - _DOUBTED_LONG])
    hard = np.flatnonzero(~danger & (first >= gates[0]))
    others = np.flatnonzero(~danger & (first < gates[0]))
    easy = np.random.default_rng(_SEED).permutation(others)[:_EASY]
    chosen = np.concatenate([np.flatnonzero(danger), hard, easy])
    raw, truth = encoded([texts[i] for i in chosen]), danger[chosen]
    mean = raw.mean(axis=0)
    taught = _Taught(centre(raw, mean), matrix(vocabulary, [texts[i] for i in chosen]))
    # What raises no doubt never alarms, so the allowed alarms all fall among the doubted.
    doubted = first[chosen] >= gates[0]
    scores = _unseen(taught, truth)
    slope, shift = _line(scores[doubted], truth[doubted], int(_FALSE_ALARMS * (~danger).sum()))
    machine = _machine(taught, truth)
    weights = np.asarray(machine.dual_coef_[0], dtype=np.float32)
    return SecondOpinion(
        taught.meanings[machine.support_],
        weights,
        np.asarray(_WORDS * (taught.words[machine.support_].T @ weights), dtype=np.float32),
        np.asarray(machine.intercept_[0]),
        mean,
        np.asarray(_GAMMA),
        gates,
        np.asarray(slope),
        np.asarray(shift),
    )
