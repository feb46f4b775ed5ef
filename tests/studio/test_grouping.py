"""Grouping by meaning: alike directions, agreement of guesses, and a second node that goes on."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from sqlalchemy import select

from bot.knowledge.words import Numbers
from bot.store.teaching import Misread, MisreadGroup
from bot.studio.grouping import Grouper, _Groups
from tests.conftest import Running
from tests.studio.test_inbox import lay


class Topics:
    """An encoder that knows three topics and nothing else."""

    name = "topics"
    words = ("灯", "水", "狗")

    def encode(self, texts: Sequence[str]) -> Numbers:
        rows = np.array([[1.0, *(text.count(w) for w in self.words)] for text in texts], dtype=np.float32)
        found: Numbers = (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)
        return found


async def groups(running: Running) -> dict[str, int | None]:
    async with running.world.session() as session:
        return {row.words: row.group_id for row in await session.scalars(select(Misread))}


async def test_alike_meanings_join_and_another_node_goes_on(running: Running, tmp_path: Path) -> None:
    world = running.world
    await asyncio.to_thread(world.grouper.close)  # the house's own, which knows words alone here
    one, other = (Grouper(world.session, tmp_path, ["灯", "水", "狗"], Topics) for _ in range(2))
    for number, text in enumerate(("灯坏了", "停水", "狗咬人", "楼道灯灭")):
        await lay(world, text, number)
    await one.look()
    await lay(world, "没有水", 8)
    await other.look()
    found = await groups(running)
    assert found["灯坏了"] == found["楼道灯灭"] and found["停水"] == found["没有水"]
    assert len(set(found.values())) == 3 and None not in found.values()
    async with world.session() as session:
        made = (await session.scalars(select(MisreadGroup))).all()
    assert {group.encoder for group in made} == {"topics"}
    for grouper in (one, other):
        await asyncio.to_thread(grouper.close)


def test_what_the_model_took_for_the_same_may_be_less_alike() -> None:
    known = _Groups()
    known.add(7, np.array([1, 0], dtype=np.float32), {"bus": 0.9})
    near = np.array([0.45, 0.893], dtype=np.float32)
    assert known.likest(near, {"bus": 0.9}) == 7
    assert known.likest(near, {"heating": 0.9}) is None
