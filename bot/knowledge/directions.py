"""Where each article points: the mean of its questions and its answer, seen from the middle of them all.

All of e5's vectors lie in one narrow cone (two texts with nothing in common have cosine 0.8), and every
language has a cone of its own. So a vector counts from the middle of its language's cone: an English question
then finds the Chinese article.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from bot.knowledge.entries import Entry
from bot.knowledge.vectors import Vectors
from bot.knowledge.words import Numbers
from bot.safety import normalised

SAMPLE = 4  # the middle of English is known well enough from every fourth answer
_CHINESE = re.compile(r"[\u3400-\u9fff]")


@dataclass(frozen=True, slots=True)
class Directions:
    rows: Numbers  # one of length one per article
    middle: Numbers
    middle_en: Numbers

    def cosines(self, row: Numbers, text: str) -> Numbers:
        """Of a text's vector with every article, −1 to 1."""
        middle = self.middle_en if foreign(text) else self.middle
        found: Numbers = self.rows @ _unit(row - middle)
        return found


def foreign(text: str) -> bool:
    return not _CHINESE.search(text)


def texts(entries: Sequence[Entry]) -> list[str]:
    """Everything whose vector `directions` needs, each once."""
    return list(dict.fromkeys([*_own(entries), *_english(entries)]))


def directions(entries: Sequence[Entry], vectors: Vectors) -> Directions | None:
    """None while a vector is missing."""
    if not all(text in vectors for text in texts(entries)):
        return None
    middle = np.mean([vectors[text] for entry in entries for text in _questions(entry)], axis=0)
    english = [vectors[text] for text in _english(entries)]
    rows = np.stack(
        [
            np.sum([_unit(vectors[text] - middle) for text in (*_questions(entry), _answer(entry))], axis=0)
            for entry in entries
        ]
    )
    return Directions(_unit(rows), middle, np.mean(english, axis=0) if english else middle)


def _own(entries: Sequence[Entry]) -> Iterator[str]:
    for entry in entries:
        yield from _questions(entry)
        yield _answer(entry)


def _english(entries: Sequence[Entry]) -> list[str]:
    return [normalised(entry.answer_en) for entry in entries[::SAMPLE] if entry.answer_en]


def _questions(entry: Entry) -> list[str]:
    return [normalised(question) for question in entry.questions]


def _answer(entry: Entry) -> str:
    return normalised(entry.answer)


def _unit(rows: Numbers) -> Numbers:
    length = np.linalg.norm(rows, axis=-1, keepdims=True)
    found: Numbers = (rows / np.where(length == 0, 1, length)).astype(np.float32)
    return found
