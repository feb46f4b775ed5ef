"""Cut a letter into the pieces that can each decide something; time stays linear however long it is."""

from __future__ import annotations

import re

import numpy as np

from nlu.reading.axes import Floats

_ENDS = re.compile(r"[^。！？!?；;\n…]+[。！？!?；;\n…]*")
_LONGEST = 60
_MOST = 60


def pieces(text: str) -> list[str]:
    """Sentences, long ones cut at commas or simply at 60 characters; of endless letters the first sixty."""
    parts: list[str] = []
    for sentence in _ENDS.findall(text):
        parts.extend(_short(sentence))
        if len(parts) >= _MOST:
            break
    return parts[:_MOST] if len(parts) > 1 else []


def _short(sentence: str) -> list[str]:
    if len(sentence) <= _LONGEST:
        return [sentence] if sentence.strip() else []
    parts, current = [], ""
    for clause in re.findall(r"[^,，、]+[,，、]?", sentence):
        if current and len(current) + len(clause) > _LONGEST:
            parts.append(current)
            current = ""
        while len(clause) > _LONGEST:
            parts.append(clause[:_LONGEST])
            clause = clause[_LONGEST:]
        current += clause
    return [*parts, current] if current.strip() else parts


def pool(axis: str, scores: Floats) -> Floats:
    """One score per label from those of the whole text (first row) and of its pieces.

    A danger or an insult is decided by its worst sentence. What a letter is about stands in its first
    sentence (a title, mostly), in the whole, and in the sentences on average: a third each read best. What
    it asks for is a matter of the whole.
    """
    if len(scores) == 1:
        return np.asarray(scores[0])
    if axis in ("danger", "conduct"):
        return np.asarray(scores.max(axis=0))
    if axis == "service":
        return np.asarray((scores[0] + scores[1] + scores[1:].mean(axis=0)) / 3)
    return np.asarray(scores[0])
