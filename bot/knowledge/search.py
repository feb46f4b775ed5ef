"""Looking an answer up: the scores of words and of meaning joined, best article first.

An expired answer is never said. Without an encoder, or while its vectors are not ready, words decide alone
by a threshold of their own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np

from actions.base import Article, ServiceId
from bot.knowledge.encoder import load_encoder
from bot.knowledge.entries import Entry, load_entries
from bot.knowledge.meaning import Meaning
from bot.knowledge.words import Grams, Numbers
from bot.safety import normalised
from bot.services import Catalogue

CLOSE = 0.9  # a second answer this close to the first is offered too
MOST = 3


@dataclass(frozen=True, slots=True)
class Fusion:
    """How the two scores become one, and from where it is good enough to be said. The numbers are chosen
    on the development half of our own test questions (`python -m bot.knowledge`)."""

    meaning: float = 0.5  # share of meaning in the joint score
    floor: float = 0.80  # cosine of e5 between texts that have nothing in common
    good: float = 0.42  # joint score from which an answer is said
    good_words: float = 0.42  # the same for words alone
    service: float = 0.06  # bonus for articles of the service that was understood

    def joined(self, words: Numbers, meaning: Numbers | None) -> Numbers:
        if meaning is None:
            return words
        near = np.clip((meaning - self.floor) / (1 - self.floor), 0, 1)
        joint: Numbers = (1 - self.meaning) * words + self.meaning * near
        return joint


class Knowledge:
    def __init__(
        self, entries: Sequence[Entry], meaning: Meaning | None = None, fusion: Fusion | None = None
    ) -> None:
        self._entries = entries
        self._owner = np.array(
            [n for n, entry in enumerate(entries) for _ in entry.questions], dtype=np.int64
        )
        self._grams = Grams(questions(entries))
        self._meaning = meaning
        self._fusion = fusion or Fusion()

    @property
    def by_meaning(self) -> bool:
        """Whether meaning counts, or words alone (no encoder, or its vectors are still being computed)."""
        return self._meaning is not None and self._meaning.ready

    def start(self) -> None:
        if self._meaning:
            self._meaning.start()

    def close(self) -> None:
        if self._meaning:
            self._meaning.close()

    async def ahead(self, question: str) -> None:
        """Do the slow part of a search that may follow. To be awaited with no transaction open."""
        if self._meaning and question:
            await self._meaning.ahead(normalised(question.strip()))

    def search(
        self, question: str, service: ServiceId | None, language: str, today: date
    ) -> Sequence[Article]:
        """Best first; empty when nothing is good enough to say. Never slow: see `ahead`."""
        scores, good = self._scores(normalised(question.strip()))
        ranked = sorted(
            (
                (
                    float(score) + (self._fusion.service if service and entry.service == service else 0.0),
                    entry,
                )
                for score, entry in zip(scores, self._entries, strict=True)
                if entry.holds(today)
            ),
            key=lambda pair: pair[0],
            reverse=True,
        )
        best = ranked[0][0] if ranked else 0.0
        return tuple(
            _article(entry, score, language)
            for score, entry in ranked[:MOST]
            if score >= good and score >= best * CLOSE
        )

    def _scores(self, text: str) -> tuple[Numbers, float]:
        """One per article, and what counts as good among them."""
        meaning = self._meaning.scores(text) if self._meaning else None
        joint = self._fusion.joined(self._grams.scores(text), meaning)
        scores = np.zeros(len(self._entries), dtype=np.float32)
        np.maximum.at(scores, self._owner, joint)
        return scores, self._fusion.good_words if meaning is None else self._fusion.good


def questions(entries: Sequence[Entry]) -> list[str]:
    return [normalised(question) for entry in entries for question in entry.questions]


def _article(entry: Entry, score: float, language: str) -> Article:
    answer = entry.answer_en if language == "en" and entry.answer_en else entry.answer
    return Article(entry.id, entry.questions[0], answer, entry.source, entry.links, round(score, 3))


def load_knowledge(folder: Path, catalogue: Catalogue, kept: Path | None = None) -> Knowledge:
    """With `kept`, a folder for computed vectors, by meaning too. Raises DataError naming file and line."""
    entries = load_entries(folder, catalogue)
    encoder = load_encoder() if kept and entries else None
    if encoder is None or kept is None:
        return Knowledge(entries)
    return Knowledge(entries, Meaning(encoder, questions(entries), kept / "vectors.npz"))
