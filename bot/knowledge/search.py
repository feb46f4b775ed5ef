"""Looking an answer up: the scores of words and of meaning joined, best article first.

An expired answer is never said. Without an encoder, or while its vectors are not ready, words decide alone.
The numbers here were chosen on the development half of `nlu_data/tests/knowledge*.yml`: `python -m
bot.knowledge` prints what they are worth.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path

import numpy as np

from actions.base import Article, ServiceId
from bot.knowledge.asked import asked
from bot.knowledge.directions import foreign
from bot.knowledge.encoder import load_encoder
from bot.knowledge.entries import Entry, load_entries
from bot.knowledge.meaning import PATIENCE, Meaning
from bot.knowledge.words import Numbers, Words
from bot.services import Catalogue

MEANING = 0.6  # its share in the joint score; words have the rest
SERVICE = 0.03  # bonus for articles of the service that was understood: it settles a tie, no more
LEAD = 0.5  # how much of the distance to the next article counts: a clear winner may be weaker
GOOD = 0.36  # from here an answer is said
GOOD_FOREIGN = 0.36  # the same by meaning alone, for questions that share no word with our articles
GOOD_WORDS = 0.15  # the same by words alone
CLOSE = 0.9  # a second answer this close to the first is offered too
MOST = 3


class Knowledge:
    """`start` once and `close` at the end; `ahead` before a transaction, `search` within it."""

    def __init__(self, entries: Sequence[Entry], meaning: Meaning | None = None) -> None:
        self._entries = entries
        self._words = Words(entries)
        self._meaning = meaning

    def renewed(self, entries: Sequence[Entry]) -> Knowledge:
        """For other articles; to be started and closed like the first."""
        return Knowledge(entries, self._meaning.renewed(entries) if self._meaning else None)

    @property
    def entries(self) -> tuple[Entry, ...]:
        return tuple(self._entries)

    def wait(self, seconds: float) -> None:
        """Until meaning counts, or this long; never on the event loop."""
        if self._meaning:
            self._meaning.wait(seconds)

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
        if self._meaning and (text := asked(question)):
            await self._meaning.ahead(text)

    def search(
        self, question: str, service: ServiceId | None, language: str, today: date
    ) -> Sequence[Article]:
        """Best first; empty when nothing is good enough to say. Never slow: see `ahead`."""
        ranked, good = self.ranked(question, service, today)
        close = [(score, entry) for score, entry in ranked[:MOST] if score >= ranked[0][0] * CLOSE]
        return tuple(_article(entry, score, language) for score, entry in close) if good else ()

    def ranked(
        self, question: str, service: ServiceId | None, today: date
    ) -> tuple[Sequence[tuple[float, Entry]], bool]:
        """Every article that holds today with its score, best first; and whether the first may be said."""
        scores, least = self._scores(asked(question))
        if service:
            scores = scores + np.array([SERVICE * (entry.service == service) for entry in self._entries])
        order = np.argsort(-scores, kind="stable")
        ranked = [(float(scores[n]), self._entries[n]) for n in order if self._entries[n].holds(today)]
        best, second = [*(score for score, _ in ranked[:2]), 0.0, 0.0][:2]
        return ranked, bool(ranked) and best + LEAD * (best - second) >= least

    def _scores(self, text: str) -> tuple[Numbers, float]:
        """One per article, and what counts as good among them."""
        words, verbatim = self._words.scores(text), self._words.verbatim(text)
        meaning = self._meaning.scores(text) if self._meaning else None
        if meaning is None:
            return np.maximum(words, verbatim), GOOD_WORDS
        if foreign(text):
            return np.maximum(meaning, verbatim), GOOD_FOREIGN
        return np.maximum(MEANING * meaning + (1 - MEANING) * words, verbatim), GOOD


def _article(entry: Entry, score: float, language: str) -> Article:
    answer = entry.answer_en if language == "en" and entry.answer_en else entry.answer
    return Article(entry.id, entry.questions[0], answer, entry.source, entry.links, round(score, 3))


def load_knowledge(
    folder: Path, catalogue: Catalogue, kept: Path | None = None, patience: float = PATIENCE
) -> Knowledge:
    """With `kept`, a folder for computed vectors, by meaning too. Raises DataError naming file and line."""
    entries = load_entries(folder, catalogue)
    encoder = load_encoder() if kept and entries else None
    if encoder is None or kept is None:
        return Knowledge(entries)
    return Knowledge(entries, Meaning(encoder, entries, kept / "vectors.npz", patience))
