"""Three articles and an encoder that knows three concepts, for all tests of knowledge."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path

import numpy as np

from actions.base import ServiceId
from bot.knowledge import Entry, Knowledge
from bot.knowledge.words import Numbers

FOLDER = Path(__file__).resolve().parents[2] / "nlu_data"
TODAY = date(2026, 11, 25)
CONCEPTS = (("工资", "薪水", "pay"), ("暖气", "供热", "heat"), ("户口", "落户", "register"))
ENTRIES = (
    Entry("wages", ("老板不发工资怎么办", "拖欠工资找谁"), "打12333。", "Call 12333.", "unpaid_wages"),
    Entry("heat", ("暖气费怎么交",), "公众号交。", "Pay online.", "heating", valid_until=date(2027, 3, 31)),
    Entry("old", ("户口怎么迁",), "旧答案。", valid_until=date(2026, 11, 24)),
)
Make = Callable[..., Knowledge]


class Concepts:
    """An encoder for tests: a text points to the concepts that it names, in whatever words."""

    def __init__(self, name: str = "concepts", delay: float = 0.0) -> None:
        self.name = name
        self.delay = delay
        self.seen: list[str] = []
        self.threads: set[int] = set()

    def encode(self, texts: Sequence[str]) -> Numbers:
        self.seen += texts
        self.threads.add(threading.get_ident())
        time.sleep(self.delay * len(texts))
        rows = [[any(word in text for word in words) for words in CONCEPTS] + [True] for text in texts]
        found = np.array(rows, dtype=np.float32)
        found[:, -1] = 0.01
        found /= np.linalg.norm(found, axis=1, keepdims=True)
        return found


async def ready(knowledge: Knowledge, seconds: float = 5) -> Knowledge:
    async with asyncio.timeout(seconds):
        while not knowledge.by_meaning:  # noqa: ASYNC110  # a thread sets it, not the loop
            await asyncio.sleep(0.005)
    return knowledge


def ids(
    knowledge: Knowledge, question: str, service: str = "", language: str = "zh", today: date = TODAY
) -> list[str]:
    found = knowledge.search(question, ServiceId(service) if service else None, language, today)
    return [article.id for article in found]
