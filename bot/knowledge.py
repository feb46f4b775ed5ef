"""Answers that need no ticket: plain questions and answers, found by words and by meaning together.

Both scores are computed here at the start, so an answer may change without training. An
expired answer is never said. Which sentence encoder serves is a detail: without one, words alone decide.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

from actions.base import Article, ServiceId
from bot.marks import Marked, read
from bot.services import Catalogue

Vectors = np.ndarray[Any, np.dtype[np.float32]]
GOOD = 0.42  # joint score from which an answer is said; chosen on our own test questions
CLOSE = 0.9  # a second answer this close to the first is offered too
SAME_SERVICE = 0.06  # bonus for articles of the service that was understood


@dataclass(frozen=True, slots=True)
class Entry:
    id: str
    questions: tuple[str, ...]
    answer: str
    answer_en: str
    service: str
    source: str
    links: tuple[str, ...]
    valid_until: date | None


class Grams:
    """TF-IDF over character 1–3-grams: typos and word order matter little, and no word list is needed."""

    def __init__(self, texts: Sequence[str]) -> None:
        counts = [_grams(text) for text in texts]
        spread = Counter(gram for count in counts for gram in count)
        self._ids = {gram: n for n, gram in enumerate(spread)}
        self._idf = np.array(
            [math.log((1 + len(texts)) / (1 + n)) + 1 for n in spread.values()], dtype=np.float32
        )
        self._rows = np.stack([self._vector(count) for count in counts])

    def scores(self, text: str) -> Vectors:
        """Cosine with every text, 0–1."""
        found: Vectors = self._rows @ self._vector(_grams(text))
        return found

    def _vector(self, count: Mapping[str, int]) -> Vectors:
        row = np.zeros(len(self._ids), dtype=np.float32)
        for gram, times in count.items():
            if (n := self._ids.get(gram)) is not None:
                row[n] = (1 + math.log(times)) * self._idf[n]
        norm = float(np.linalg.norm(row))
        return row / norm if norm else row


def _grams(text: str) -> Counter[str]:
    plain = "".join(c for c in text.lower() if c.isalnum())
    return Counter(plain[i : i + n] for n in (1, 2, 3) for i in range(len(plain) - n + 1))


class Knowledge:
    def __init__(self, entries: Sequence[Entry]) -> None:
        self._entries = entries
        pairs = [(n, question) for n, entry in enumerate(entries) for question in entry.questions]
        self._owner = np.array([n for n, _ in pairs], dtype=np.int64)
        self._grams = Grams([question for _, question in pairs]) if pairs else None

    def search(
        self, question: str, service: ServiceId | None, language: str, today: date
    ) -> Sequence[Article]:
        """Best first; empty when nothing is good enough to say."""
        if self._grams is None:
            return ()
        scores = np.zeros(len(self._entries), dtype=np.float32)
        np.maximum.at(scores, self._owner, self._grams.scores(question))
        ranked = sorted(
            (
                (float(score) + (SAME_SERVICE if service and entry.service == service else 0.0), entry)
                for score, entry in zip(scores, self._entries, strict=True)
                if entry.valid_until is None or entry.valid_until >= today
            ),
            key=lambda pair: pair[0],
            reverse=True,
        )
        best = ranked[0][0] if ranked else 0.0
        return tuple(
            _article(entry, score, language)
            for score, entry in ranked[:3]
            if score >= GOOD and score >= best * CLOSE
        )


def _article(entry: Entry, score: float, language: str) -> Article:
    answer = entry.answer_en if language == "en" and entry.answer_en else entry.answer
    return Article(entry.id, entry.questions[0], answer, entry.source, entry.links, round(score, 3))


def load_knowledge(folder: Path, catalogue: Catalogue) -> Knowledge:
    """Raises DataError naming file and line."""
    entries: list[Entry] = []
    seen: set[str] = set()
    for path in sorted(folder.glob("*.yml")):
        for node in read(path).fields(("version", "articles"), ("articles",))["articles"].items():
            entry = _entry(node, catalogue)
            if entry.id in seen:
                node.fail(f"'{entry.id}' is there twice")
            seen.add(entry.id)
            entries.append(entry)
    return Knowledge(entries)


def _entry(node: Marked, catalogue: Catalogue) -> Entry:
    known = ("id", "questions", "answer", "answer_en", "service", "source", "valid_until", "links")
    one = node.fields(known, ("id", "questions", "answer"))
    return Entry(
        id=one["id"].text(),
        questions=one["questions"].texts() or one["questions"].fail("at least one question"),
        answer=one["answer"].text(),
        answer_en=one["answer_en"].text() if "answer_en" in one else "",
        service=one["service"].one_of(catalogue.services, "service") if "service" in one else "",
        source=one["source"].text() if "source" in one else "",
        links=tuple(map(_link, one["links"].items())) if "links" in one else (),
        valid_until=_day(one["valid_until"]) if "valid_until" in one else None,
    )


def _link(node: Marked) -> str:
    """As it is said: the title and the address."""
    one = node.fields(("title", "url"), ("url",))
    return f"{one['title'].text()} {one['url'].text()}" if "title" in one else one["url"].text()


def _day(node: Marked) -> date:
    try:
        return date.fromisoformat(node.text())
    except ValueError:
        node.fail(f"'{node.text()}' is no date (YYYY-MM-DD)")
