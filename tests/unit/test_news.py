"""News inside one process, without a database."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from bot.store.session import listen


@pytest.mark.parametrize("steps", range(6))
async def test_a_listener_ends_even_when_news_come_at_that_moment(steps: int) -> None:
    queue: asyncio.Queue[dict[str, Any]] = asyncio.Queue()

    async def follow() -> None:
        async for _ in listen(queue, 60):
            pass

    task = asyncio.create_task(follow())
    await asyncio.sleep(0.01)
    queue.put_nowait({"topic": "seats"})
    for _ in range(steps):
        await asyncio.sleep(0)
    task.cancel()
    done, _ = await asyncio.wait([task], timeout=1)
    assert done


async def test_quiet_is_told() -> None:
    queue: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
    heard = listen(queue, 0.01)
    assert await anext(heard) is None
    queue.put_nowait({"topic": "seats"})
    assert await anext(heard) == {"topic": "seats"}
