"""A model in the shadow reads what citizens write and answers nobody; what it would have said is kept.

It must cost the citizen nothing: it is asked after the turn has committed, by few tasks at a time, and left
out when they are busy.
"""

from __future__ import annotations

import asyncio

import structlog
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from bot.dialogue.types import Understanding
from bot.store.models import ModelVersion, ShadowRead
from bot.store.session import AWAY
from bot.world import World

log = structlog.get_logger()
AT_ONCE = 2


class Shadow:
    """One per process."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._tasks: set[asyncio.Task[None]] = set()

    def hear(self, inbox_id: int, understanding: Understanding | None) -> None:
        """Returns at once."""
        model = self._world.understander.plan.shadow
        if not model or understanding is None or understanding.failure or len(self._tasks) >= AT_ONCE:
            return
        task = asyncio.create_task(self._read(inbox_id, understanding, model))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def stop(self) -> None:
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=2)

    async def _read(self, inbox_id: int, live: Understanding, model: str) -> None:
        other = await self._world.understander.second_opinion(live.text, model)
        if other is None:
            return
        row = {
            "inbox_id": inbox_id,
            "live": live.model,
            "live_service": _service(live),
            "service": _service(other),
            "live_act": _act(live),
            "act": _act(other),
            "live_alarms": list(live.alarms),
            "alarms": list(other.alarms),
            "confidence": other.service.confidence if other.service else 0.0,
            "agrees": agree(live, other),
        }
        try:
            async with self._world.session.begin() as session:
                version = await session.scalar(select(ModelVersion.id).where(ModelVersion.name == model))
                if version is not None:
                    statement = insert(ShadowRead).values(model_id=version, **row)
                    await session.execute(statement.on_conflict_do_nothing())
        except AWAY as error:
            log.warning("shadow.lost", error=type(error).__name__)


def agree(one: Understanding, other: Understanding) -> bool:
    """Whether the citizen would have met the same answer, as far as reading goes."""
    return (
        _act(one) == _act(other)
        and set(one.alarms) == set(other.alarms)
        and (bool(_act(one)) or _service(one) == _service(other))
    )


def _service(heard: Understanding) -> str:
    return heard.service.name if heard.service else ""


def _act(heard: Understanding) -> str:
    return heard.act.name if heard.act else ""
