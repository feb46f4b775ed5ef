"""A bounded queue before one worker: a burst waits its turn, a flood is told to come back.

Parsing takes about a millisecond of pure computing, so it runs in the event loop, one text at a time, and the
loop gets its turn between two texts.
"""

from __future__ import annotations

import asyncio
import logging
from typing import Any

from nlu.reading.engine import Engine
from nlu.serving.models import Served

log = logging.getLogger(__name__)


class Full(Exception):
    """The queue is full; try again in a moment."""


class Queue:
    """Texts wait here for the engine."""

    def __init__(self, served: Served, size: int) -> None:
        self._served = served
        self._waiting: asyncio.Queue[tuple[str, Engine | None, asyncio.Future[dict[str, Any]]]] = (
            asyncio.Queue(size)
        )

    def put(self, texts: list[str], engine: Engine | None = None) -> list[asyncio.Future[dict[str, Any]]]:
        """All of them or none. Without an engine the default reads, as it is when their turn comes."""
        room = self._waiting.maxsize - self._waiting.qsize()
        if len(texts) > room:
            raise Full
        loop = asyncio.get_running_loop()
        answers = [loop.create_future() for _ in texts]
        for text, answer in zip(texts, answers, strict=True):
            self._waiting.put_nowait((text, engine, answer))
        return answers

    async def run(self) -> None:
        """The worker; lives as long as the process."""
        while True:
            text, chosen, answer = await self._waiting.get()
            if answer.cancelled():
                continue
            engine = chosen or self._served.engine
            try:
                parse = engine.parse(text)
            except Exception as error:  # the outermost loop: one text must not end the worker
                log.exception("a text of %d characters could not be parsed", len(text))
                answer.set_exception(error)
            else:
                answer.set_result({**parse, "model_id": engine.meta.model_id})
            await asyncio.sleep(0)
