"""A bounded queue before one worker: a burst waits its turn, a flood is told to come back.

Reading takes about a millisecond of pure computing, so it runs in the event loop, one text at a time, and the
loop gets its turn between two texts. The few texts that need the sentence encoder (tens of milliseconds) go
on in one thread beside it, so that nobody waits behind them.
"""

from __future__ import annotations

import asyncio
import logging
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from nlu.reading.engine import Engine
from nlu.reading.second import Slow
from nlu.serving.models import Served

Answer = asyncio.Future[dict[str, Any]]
log = logging.getLogger(__name__)


class Full(Exception):
    """The queue is full; try again in a moment."""


class Queue:
    """Texts wait here for the engine."""

    def __init__(self, served: Served, size: int) -> None:
        self._served = served
        self._waiting: asyncio.Queue[tuple[str, Engine | None, Answer]] = asyncio.Queue(size)
        self._slow: set[asyncio.Task[None]] = set()
        self._beside = ThreadPoolExecutor(1, "encoder")
        self._one = asyncio.Lock()  # for the thread: who waits for it may be gone before their turn

    def put(self, texts: list[str], engine: Engine | None = None) -> list[Answer]:
        """All of them or none. Without an engine the default reads, as it is when their turn comes."""
        room = self._waiting.maxsize - self._waiting.qsize() - len(self._slow)
        if len(texts) > room:
            raise Full
        loop = asyncio.get_running_loop()
        answers = [loop.create_future() for _ in texts]
        for text, answer in zip(texts, answers, strict=True):
            self._waiting.put_nowait((text, engine, answer))
        return answers

    async def run(self) -> None:
        """The worker; lives as long as the process."""
        try:
            while True:
                text, chosen, answer = await self._waiting.get()
                if not answer.cancelled():
                    self._read(text, chosen or self._served.engine, answer)
                    await asyncio.sleep(0)
        finally:
            self._beside.shutdown(wait=False, cancel_futures=True)

    def _read(self, text: str, engine: Engine, answer: Answer) -> None:
        try:
            parse = engine.parse(text, at_once=True)
        except Slow:
            task = asyncio.get_running_loop().create_task(self._later(text, engine, answer))
            self._slow.add(task)
            task.add_done_callback(self._slow.discard)
        except Exception as error:  # noqa: BLE001  # the outermost loop: one text must not end the worker
            _failed(text, answer, error)
        else:
            answer.set_result({**parse, "model_id": engine.meta.model_id})

    async def _later(self, text: str, engine: Engine, answer: Answer) -> None:
        try:
            async with self._one:
                if answer.done():
                    return
                parse = await asyncio.get_running_loop().run_in_executor(self._beside, engine.parse, text)
        except Exception as error:  # noqa: BLE001  # as above
            _failed(text, answer, error)
        else:
            if not answer.done():
                answer.set_result({**parse, "model_id": engine.meta.model_id})


def _failed(text: str, answer: Answer, error: Exception) -> None:
    log.error("a text of %d characters could not be parsed", len(text), exc_info=error)
    if not answer.done():
        answer.set_exception(error)
