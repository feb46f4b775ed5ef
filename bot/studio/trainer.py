"""Each node's trainer: takes the next job, one at a time over all nodes, and survives its own death.

A lock of the database says who works; the row says how far it is. A node that dies loses the lock; its
process goes on. Back again it takes the process up where it is; another node waits a little for that, then
starts over.
"""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import structlog
from sqlalchemy import func, or_, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.errors import LianxinError
from bot.store.models import Training
from bot.store.session import AWAY, listen
from bot.studio import making, retention, trainings
from bot.studio.keeper import node_name
from bot.studio.making import TRAINER, Making
from bot.studio.problems import Cancelled, Stopped, of_os
from bot.studio.process import Followed
from bot.world import World

log = structlog.get_logger()
PERIOD = 3.0  # seconds between looks without news
BEAT = 1.0  # seconds between two lines in the row
ABANDONED = timedelta(seconds=15)  # without a beat, and the node is taken for dead
ATTEMPTS = 3
_LOCK = 12348
_SHOWN = ("epoch", "epochs", "done", "of", "loss", "accuracy", "eta_s", "axis", "elapsed_s", "files")


class Trainer:
    """One per process. `words` start the training of a model."""

    def __init__(self, world: World, words: Sequence[str | Path] = TRAINER) -> None:
        self._world = world
        self._words = words
        self._node = node_name(world)
        self._folder = world.settings.data_dir / "trainings"

    async def run(self) -> None:
        """Until cancelled."""
        with self._world.news.subscribe(trainings.TOPIC) as queue:
            await self._safely()
            async for _ in listen(queue, PERIOD):
                while not queue.empty():
                    queue.get_nowait()
                await self._safely()

    async def _safely(self) -> None:
        try:
            await self.look()
        except AWAY as error:  # the process goes on; it is taken up when the database is back
            log.warning("trainer.postponed", error=type(error).__name__)
            await asyncio.sleep(1)

    async def look(self) -> None:
        """Work off what is open, if nobody else does."""
        if await self._next() is None:
            return
        async with self._world.engine.connect() as lock:
            await lock.execution_options(isolation_level="AUTOCOMMIT")
            if not await lock.scalar(text("SELECT pg_try_advisory_lock(:key)"), {"key": _LOCK}):
                return
            try:
                while (job := await self._next()) is not None:
                    await self._work(job, lock)
            finally:
                with contextlib.suppress(*AWAY):
                    await lock.execute(text("SELECT pg_advisory_unlock(:key)"), {"key": _LOCK})

    async def _next(self) -> Training | None:
        """The one that was begun, else the oldest that waits. Another node's may still be taken up by it."""
        late = datetime.now(UTC) - ABANDONED
        free = or_(
            Training.status == "queued",
            Training.node == self._node,
            func.coalesce(Training.heartbeat_at, Training.created_at - ABANDONED) < late,
        )
        query = select(Training).where(Training.status.in_(trainings.OPEN), free)
        async with self._world.session() as session:
            found: Training | None = await session.scalar(
                query.order_by(Training.status.desc(), Training.id).limit(1)
            )
            return found

    async def _work(self, job: Training, lock: AsyncConnection) -> None:
        folder = self._folder / str(job.id)
        adopted = job.status == "running" and job.node == self._node and folder.exists()
        attempts = job.attempts if adopted else job.attempts + 1
        if attempts > ATTEMPTS:
            await self._end(job, "failed", Stopped("interrupted"))
            return
        if not adopted:
            await _clear(folder)
        await self._begin(job, attempts)
        log.info("training.adopted" if adopted else "training.begun", training=job.id, kind=job.kind)
        beat = _Beat()
        work = Making(self._world, job, folder, beat.hear, self._words)
        doing = asyncio.create_task(self._do(work))
        try:
            await self._watch(job, doing, beat, lock)
        except asyncio.CancelledError:  # this process stops in good order: another may begin again
            doing.cancel()
            await asyncio.gather(doing, return_exceptions=True)
            await work.stop()
            await self._requeue(job)
            raise
        except Cancelled:
            doing.cancel()
            await asyncio.gather(doing, return_exceptions=True)
            await work.stop()
            await self._end(job, "cancelled", None)
        except Stopped as stopped:
            await self._end(job, "failed", stopped)
        except AWAY:  # the database is: the process goes on, and is taken up again
            doing.cancel()
            await asyncio.gather(doing, return_exceptions=True)
            raise
        except Exception as error:  # the outermost loop of a job: whatever breaks it must not end the trainer
            log.exception("training.broken", training=job.id)
            await self._end(job, "failed", Stopped("other", type(error).__name__))
        await asyncio.to_thread(making.tidy, folder)

    async def _do(self, work: Making) -> None:
        try:
            write = await work.run()
            async with self._world.session.begin() as session:
                version = await write(session)
                row = await session.get_one(Training, work.job.id)
                row.status, row.stage, row.model_id = "done", "done", version.id
                row.ended_at = row.heartbeat_at = datetime.now(UTC)
                row.revision = version.revision
                await trainings.tell(session, row)
            await retention.apply(self._world)
        except LianxinError as error:
            raise Stopped("other", str(error)) from error
        except OSError as error:
            raise of_os(error) from error

    async def _watch(
        self, job: Training, doing: asyncio.Task[None], beat: _Beat, lock: AsyncConnection
    ) -> None:
        """Write down how far it is, and look whether somebody cancelled. Raises what the work raised."""
        while True:
            await asyncio.wait([doing], timeout=BEAT)
            if doing.done():
                doing.result()
                return
            await lock.scalar(text("SELECT 1"))  # still ours? Without the lock another may work
            async with self._world.session.begin() as session:
                row = await session.get_one(Training, job.id, with_for_update=True)
                row.heartbeat_at = datetime.now(UTC)
                if row.cancel:
                    raise Cancelled
                if beat.fresh:
                    row.stage, row.progress = beat.take()
                    await trainings.tell(session, row)

    async def _begin(self, job: Training, attempts: int) -> None:
        now = datetime.now(UTC)
        async with self._world.session.begin() as session:
            row = await session.get_one(Training, job.id)
            row.status, row.node, row.attempts, row.heartbeat_at = "running", self._node, attempts, now
            row.started_at = row.started_at or now
            await trainings.tell(session, row)

    async def _end(self, job: Training, status: str, stopped: Stopped | None) -> None:
        async with self._world.session.begin() as session:
            row = await session.get_one(Training, job.id)
            row.status, row.ended_at = status, datetime.now(UTC)
            if stopped is not None:
                row.problem, row.detail = stopped.code, stopped.detail
                log.warning("training.failed", training=job.id, problem=stopped.code)
            await trainings.tell(session, row)

    async def _requeue(self, job: Training) -> None:
        with contextlib.suppress(*AWAY):
            async with self._world.session.begin() as session:
                row = await session.get_one(Training, job.id)
                if row.status == "running":
                    row.status, row.node, row.attempts = "queued", "", max(0, row.attempts - 1)
                    row.stage, row.progress = "", {}


class _Beat:
    """The last line of progress, and what a curve needs of those before it."""

    def __init__(self) -> None:
        self.fresh = False
        self._began = time.monotonic()
        self._stage = ""
        self._facts: dict[str, Any] = {}
        self._curve: list[list[Any]] = []

    def hear(self, facts: dict[str, Any]) -> None:
        self.fresh = True
        self._stage = str(facts["stage"])[:40]
        self._facts = {name: facts[name] for name in _SHOWN if facts.get(name) is not None}
        if self._facts.get("loss") is not None:
            point = [str(facts.get("axis", ""))[:20], facts["loss"], facts.get("accuracy")]
            self._curve = [*self._curve, point][-40:]

    def take(self) -> tuple[str, dict[str, Any]]:
        self.fresh = False
        return self._stage, {**self._facts, "curve": self._curve}


async def _clear(folder: Path) -> None:
    """Begin from nothing; what other trainings left, processes among it, goes too."""
    for path in list(folder.parent.glob("*")):  # a handful of names
        for name in ("train", "judge"):
            await Followed(path, name).end()
        await asyncio.to_thread(shutil.rmtree, path, ignore_errors=True)
    await asyncio.to_thread(folder.mkdir, parents=True, exist_ok=True)
