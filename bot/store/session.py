"""Engine, sessions and news: one engine per process, one session per unit of work.

News travels by `NOTIFY` inside the transaction, so nobody hears of what was rolled back.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections import defaultdict
from collections.abc import AsyncIterator, Iterator
from typing import Any

import psycopg
import structlog
from sqlalchemy import event, text
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as NoConnection
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import Session

import bot.store.tables  # noqa: F401  # before the first statement: one table's keys lead into another's module

log = structlog.get_logger()
CHANNEL = "lianxin"
_UNTOLD = "news"
_TELL = text("SELECT pg_notify(:channel, item) FROM unnest(CAST(:news AS text[])) AS item")
# The database is away or too busy, or the disk is full: the same thing may work in a moment. Other errors of
# SQLAlchemy are about what was asked, and repeating does not mend them.
AWAY = (OperationalError, InterfaceError, NoConnection, OSError)


def make_engine(url: str, pool: int = 15) -> AsyncEngine:
    """`url` as libpq knows it (postgresql://…); the driver is psycopg."""
    return create_async_engine(
        url.replace("postgresql://", "postgresql+psycopg://", 1),
        pool_size=pool,
        max_overflow=10,
        pool_pre_ping=True,
        # from which likeness `<%` finds a text: searching for a longer one forgives a slip
        connect_args={"options": "-c pg_trgm.word_similarity_threshold=0.4"},
        pool_timeout=10,
        hide_parameters=True,  # they are what citizens wrote, and errors end in logs
    )


def sessions(engine: AsyncEngine) -> async_sessionmaker[AsyncSession]:
    return async_sessionmaker(engine, expire_on_commit=False)


async def notify(session: AsyncSession, topic: str, **data: Any) -> None:
    """Tell every process, when this transaction commits. `data` is small: ids, never text of citizens."""
    payload = json.dumps({"topic": topic, **data}, separators=(",", ":"))
    session.sync_session.info.setdefault(_UNTOLD, []).append(payload)


@event.listens_for(Session, "before_commit")
def _tell(session: Session) -> None:
    """All the news of a transaction in one statement: a turn has eight."""
    if untold := session.info.pop(_UNTOLD, None):
        session.execute(_TELL, {"channel": CHANNEL, "news": untold})


@event.listens_for(Session, "after_rollback")
def _forget(session: Session) -> None:
    session.info.pop(_UNTOLD, None)


class News:
    """Listens to `NOTIFY` on one connection of its own and hands each item to whoever subscribed.

    A lost connection is opened anew; subscribers then get `{"topic": "reconnected"}` and read the rows again.
    """

    def __init__(self, url: str) -> None:
        self._url = url
        self._queues: dict[str, set[asyncio.Queue[dict[str, Any]]]] = defaultdict(set)
        self._task: asyncio.Task[None] | None = None
        self._ready = asyncio.Event()

    async def start(self) -> None:
        self._task = asyncio.create_task(self._listen())
        async with asyncio.timeout(30):
            await self._ready.wait()

    async def stop(self) -> None:
        if self._task:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    @contextlib.contextmanager
    def subscribe(self, *topics: str) -> Iterator[asyncio.Queue[dict[str, Any]]]:
        """A queue of news on topics such as "seats", "conversation:7" or "conversation:*". Bounded: a slow
        reader gets a single `reconnected` instead of what it missed."""
        queue: asyncio.Queue[dict[str, Any]] = asyncio.Queue(1000)
        for topic in topics:
            self._queues[topic].add(queue)
        try:
            yield queue
        finally:
            for topic in topics:
                self._queues[topic].discard(queue)
                if not self._queues[topic]:
                    del self._queues[topic]

    def publish(self, item: dict[str, Any]) -> None:
        """Hand on to this process's subscribers. Who cares for one conversation only ("seats:7") is not woken
        by the others: there may be thousands of open chats."""
        topic = str(item["topic"])
        kind = topic.partition(":")[0] + ":*"
        about = f"{topic}:{item.get('conversation')}"
        for queue in {q for name in (topic, kind, about) for q in self._queues.get(name, ())}:
            self._put(queue, item)

    @staticmethod
    def _put(queue: asyncio.Queue[dict[str, Any]], item: dict[str, Any]) -> None:
        try:
            queue.put_nowait(item)
        except asyncio.QueueFull:
            while not queue.empty():
                queue.get_nowait()
            queue.put_nowait({"topic": "reconnected"})

    async def _listen(self) -> None:
        first = True
        while True:
            try:
                async with await psycopg.AsyncConnection.connect(self._url, autocommit=True) as connection:
                    await connection.execute(f"LISTEN {CHANNEL}")
                    self._ready.set()
                    if not first:
                        for queues in list(self._queues.values()):
                            for queue in list(queues):
                                self._put(queue, {"topic": "reconnected"})
                    first = False
                    async for note in connection.notifies():
                        self.publish(json.loads(note.payload))
            except (psycopg.Error, OSError, ValueError) as error:
                log.warning("news.lost", error=type(error).__name__)
                await asyncio.sleep(1)


async def listen(queue: asyncio.Queue[dict[str, Any]], quiet: float) -> AsyncIterator[dict[str, Any] | None]:
    """Items of a subscription; None after `quiet` seconds without one."""
    while True:
        item = None
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(quiet):
                item = await queue.get()
        yield item
