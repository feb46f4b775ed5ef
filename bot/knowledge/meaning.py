"""How alike a question and an article are by their meaning, without ever holding anybody up.

The articles' vectors are read or computed in the background; until they are there, words alone decide.
A citizen's question is embedded by `ahead`, on a thread and within a time limit, and remembered for the
moment in which it is looked up.
"""

from __future__ import annotations

import asyncio
import os
import sys
import threading
import time
from collections import OrderedDict
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import structlog

from bot import metrics
from bot.knowledge import vectors
from bot.knowledge.directions import Directions, directions, texts
from bot.knowledge.encoder import Encoder
from bot.knowledge.entries import Entry
from bot.knowledge.words import Numbers

log = structlog.get_logger()
PATIENCE = 0.15  # seconds that a turn waits for its question's vector
WAITING = 8  # questions in line; with more, a turn does not wait at all
RECENT = 512  # questions remembered
_NICE = 10  # the background gives way to whoever answers a citizen


class Meaning:
    """`start` once, `close` at the end; in between `ahead`, then `scores`."""

    def __init__(
        self, encoder: Encoder, entries: Sequence[Entry], file: Path, patience: float = PATIENCE
    ) -> None:
        self._encoder = encoder
        self._entries = entries
        self._texts = texts(entries)
        self._file = file
        self._patience = patience
        self._directions: Directions | None = None
        self._recent: OrderedDict[str, Numbers] = OrderedDict()
        self._lock = threading.Lock()
        self._waiting = 0
        self._pool = ThreadPoolExecutor(1, "question")
        self._closing = threading.Event()
        self._builder: threading.Thread | None = None

    def renewed(self, entries: Sequence[Entry]) -> Meaning:
        """For other articles, with the same encoder; to be started like the first."""
        return Meaning(self._encoder, entries, self._file, self._patience)

    @property
    def ready(self) -> bool:
        return self._directions is not None

    def start(self) -> None:
        """At once where the file holds everything, else in the background."""
        known = vectors.load(self._file, self._encoder, self._texts)
        self._directions = directions(self._entries, known)
        if self._directions is None:
            self._builder = threading.Thread(target=self._build, args=(known,), name="knowledge", daemon=True)
            self._builder.start()

    def wait(self, seconds: float) -> None:
        """Until everything is read, on a thread of the caller's."""
        if self._builder:
            self._builder.join(seconds)

    def close(self) -> None:
        self._closing.set()
        self._pool.shutdown(wait=False, cancel_futures=True)
        if self._builder:
            self._builder.join(10)

    async def ahead(self, text: str) -> None:
        """Have the vector of `text` at hand, if that can be done in time."""
        if not self.ready or self._known(text) is not None:
            return
        if self._waiting >= WAITING:
            metrics.MEANINGS.labels("busy").inc()
            return
        self._waiting += 1
        try:
            work = asyncio.get_running_loop().run_in_executor(self._pool, self._embed, text)
            async with asyncio.timeout(self._patience):
                await work
            metrics.MEANINGS.labels("ready").inc()
        except TimeoutError:
            metrics.MEANINGS.labels("late").inc()
        finally:
            self._waiting -= 1

    def scores(self, text: str) -> Numbers | None:
        """Cosine with every article; None when `text` was not embedded ahead, or the rest is not ready."""
        row = self._known(text)
        if row is None or self._directions is None:
            return None
        return self._directions.cosines(row, text)

    def _known(self, text: str) -> Numbers | None:
        with self._lock:
            row = self._recent.get(text)
            if row is not None:
                self._recent.move_to_end(text)
            return row

    def _embed(self, text: str) -> None:
        """On the pool's thread. What comes too late for its own turn serves the next."""
        row = self._encoder.encode([text])[0]
        with self._lock:
            self._recent[text] = row
            while len(self._recent) > RECENT:
                self._recent.popitem(last=False)

    def _build(self, known: vectors.Vectors) -> None:
        if sys.platform == "linux":  # elsewhere a thread has no priority of its own
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _NICE)
        began = time.monotonic()
        found = vectors.completed(self._encoder, known, self._texts, lambda: not self._closing.is_set())
        vectors.store(self._file, self._encoder, found)
        self._directions = directions(self._entries, found)
        if self._directions:
            took = round(time.monotonic() - began, 1)
            log.info("knowledge.ready", texts=len(self._texts), new=len(found) - len(known), seconds=took)
