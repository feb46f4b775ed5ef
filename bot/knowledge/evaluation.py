"""How good the answers are: held-out questions with the article that answers them, and some that none does.

Of each part of a file the first half is for choosing numbers, the second for the figure that is published.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from bot.errors import SetupError
from bot.knowledge.search import Knowledge, load_knowledge
from bot.marks import Marked, read
from bot.services import load_catalogue

ANY_DAY = date.min  # no article has expired: figures must not change with the calendar
PATIENCE = 30.0  # seconds for one vector: here every question gets one
READY = 600.0
FILES = ("knowledge.yml", "knowledge_en.yml")
PARTS = ("for tuning", "final")


@dataclass(frozen=True, slots=True)
class Case:
    question: str
    article: str  # "" where no article answers


@dataclass(frozen=True, slots=True)
class Figures:
    """Shares of the answerable questions, except `misled`: of those that no article answers."""

    answerable: int
    unanswerable: int
    first: float  # the right article is the best, said or not
    third: float  # … is among the best three
    right: float  # said, and right
    wrong: float  # said, and wrong
    misled: float  # said although nothing answers it
    ms: float  # per question, embedding included


def cases(file: Path) -> list[Case]:
    """Raises DataError."""
    return [_case(node) for node in read(file).items()]


def _case(node: Marked) -> Case:
    one = node.fields(("question", "article"), ("question", "article"))
    article = one["article"].text()
    return Case(one["question"].text(), "" if article == "null" else article)


def halves(found: Sequence[Case]) -> tuple[list[Case], list[Case]]:
    """(for tuning, for the final figure): the first and second half of either kind."""
    kinds = ([c for c in found if c.article], [c for c in found if not c.article])
    middles = [(len(kind) + 1) // 2 for kind in kinds]
    return (
        [c for kind, middle in zip(kinds, middles, strict=True) for c in kind[:middle]],
        [c for kind, middle in zip(kinds, middles, strict=True) for c in kind[middle:]],
    )


async def measure(knowledge: Knowledge, found: Sequence[Case]) -> Figures:
    """Without the service that the model would add: the figure is about the answers alone."""
    began = time.perf_counter()
    seen = [await _asked(knowledge, case) for case in found]
    took = time.perf_counter() - began
    answerable = [one for one, case in zip(seen, found, strict=True) if case.article]
    rest = [one for one, case in zip(seen, found, strict=True) if not case.article]
    return Figures(
        answerable=len(answerable),
        unanswerable=len(rest),
        first=_share(rank == 0 for rank, _ in answerable),
        third=_share(rank < 3 for rank, _ in answerable),
        right=_share(said and rank == 0 for rank, said in answerable),
        wrong=_share(said and rank > 0 for rank, said in answerable),
        misled=_share(said for _, said in rest),
        ms=round(1000 * took / max(len(found), 1), 1),
    )


async def _asked(knowledge: Knowledge, case: Case) -> tuple[int, bool]:
    """(place of the right article, whether the best one is said)."""
    await knowledge.ahead(case.question)
    ranked, good = knowledge.ranked(case.question, None, ANY_DAY)
    ids = [entry.id for _, entry in ranked]
    return ids.index(case.article) if case.article else -1, good


def _share(found: Iterable[bool]) -> float:
    hits = list(found)
    return sum(hits) / len(hits) if hits else 0.0


async def evaluate(nlu_data: Path, kept: Path) -> dict[str, Figures]:
    """The figures by name of the part, words alone beside words and meaning. Raises DataError, SetupError."""
    catalogue = load_catalogue(nlu_data)
    words = load_knowledge(nlu_data / "knowledge", catalogue)
    joint = load_knowledge(nlu_data / "knowledge", catalogue, kept, PATIENCE)
    joint.start()
    try:
        await _ready(joint)
        found: dict[str, Figures] = {}
        for file in FILES:
            for part, some in zip(PARTS, halves(cases(nlu_data / "tests" / file)), strict=True):
                for how, knowledge in (("words", words), ("words + meaning", joint)):
                    found[f"{file} · {part} · {how}"] = await measure(knowledge, some)
        return found
    finally:
        joint.close()


async def _ready(knowledge: Knowledge) -> None:
    deadline = time.monotonic() + READY
    while not knowledge.by_meaning:  # a thread sets it, not the loop
        if time.monotonic() > deadline:
            raise SetupError("There is no sentence encoder for this machine, or it did not get ready.")
        await asyncio.sleep(0.1)


def table(found: Mapping[str, Figures]) -> str:
    """As Markdown."""
    head = "| questions | n | best is right | among three | said, right | said, wrong | misled | ms |"
    rows = [
        f"| {name} | {f.answerable} + {f.unanswerable} | {f.first:.3f} | {f.third:.3f} | {f.right:.3f} "
        f"| {f.wrong:.3f} | {f.misled:.3f} | {f.ms} |"
        for name, f in found.items()
    ]
    return "\n".join([head, "|---" * 8 + "|", *rows])
