"""Watching: what is counted, what is called a surge or a new phrase, and the public register."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import update

from bot.store.conversations import Message
from bot.store.models import ModelVersion
from bot.studio import watching
from bot.studio.watching import at_least, divergence, new_phrases, unknown_share
from tests.conftest import Running
from tests.console.conftest import browser
from tests.console.seat import Seat, citizen, waits

if TYPE_CHECKING:
    from bot.world import World


@pytest.fixture
async def boss(running: Running) -> AsyncIterator[Seat]:
    async with browser(running) as client:
        yield await Seat(client).enter("admin")


async def wrote(world: World, number: int, text: str = "我家暖气不热", weeks: int = 0, ago: int = 0) -> int:
    """A message that a model read, so many weeks and minutes ago."""
    key = await citizen(world, address=f"o{number}", text=text)
    at = datetime.now(UTC) - timedelta(weeks=weeks, minutes=ago)
    async with world.session.begin() as session:
        await session.execute(
            update(Message)
            .where(Message.conversation_id == key, Message.author == "citizen")
            .values(created_at=at, model="m1", understood=number % 2 == 0)
        )
    return key


async def test_what_was_read_is_counted_per_version(running: Running, boss: Seat) -> None:
    world = running.world
    keys = [await wrote(world, n) for n in range(4)]
    await waits(world, keys[0])
    seen = await boss.get("/api/studio/watch", days=2)
    assert (seen["messages"], seen["understood"], seen["handovers"]) == (4, 2, 1)
    assert len(seen["by_day"]) == 2 and seen["by_day"][-1]["messages"] == 4
    (version,) = seen["versions"]
    assert (version["model"], version["messages"], version["handovers"]) == ("m1", 4, 1)
    assert seen["topics"][0]["service"] == "heating" and seen["topics"][0]["share"] == 1.0
    await boss.get("/api/studio/watch", 422, days=0)


async def test_a_surge_is_more_than_the_same_hour_of_other_weeks(running: Running, boss: Seat) -> None:
    world = running.world
    for n in range(7):
        await wrote(world, n, ago=5)
    await wrote(world, 100, weeks=1, ago=5)
    seen = await boss.get("/api/studio/watch")
    (surge,) = seen["surges"]
    assert (surge["service"], surge["count"], surge["usual"]) == ("heating", 7, 0.25)
    for n in range(28):
        await wrote(world, 200 + n, weeks=1 + n % 4, ago=5)
    assert (await boss.get("/api/studio/watch"))["surges"] == []


async def test_new_words_stand_out_from_what_was_taught(running: Running) -> None:
    world = running.world
    for n in range(4):
        await wrote(world, n, text=f"共享充电桩锁死了，第{n}次")
    async with world.session.begin() as session:
        version = ModelVersion(name="lianxin-x", profile={"terms": "暖气 不热 锁死 死了", "services": {}})
        session.add(version)
        await session.flush()
        from bot.store.models import Publication

        session.add(Publication(verb="installed", live_id=version.id))
    async with world.session() as session:
        seen = await watching.watch(session, world.city, 1)
    assert seen.phrases[0].words.startswith("共享充电桩") and seen.phrases[0].count == 4
    assert seen.unknown_words and 0.3 < seen.unknown_words < 1


def test_the_arithmetic() -> None:
    assert at_least(0, 3) == 1 and at_least(7, 0.5) < 1e-5 and 0.5 < at_least(3, 3) < 0.7
    assert divergence({"a": 5}, {"a": 9}) == 0 and divergence({"a": 1}, {"b": 1}) == 1
    assert unknown_share(["暖气不热"], {"暖气", "气不", "不热"}) == 0
    assert unknown_share([], set()) is None
    drones = [(f"{who}放无人机{what}", "") for who in "我你" for what in ("拍照", "落地")]
    assert [one.words for one in new_phrases(drones, {"人机", "无人"})] == ["放无人机"]
    assert new_phrases([("暖气不热", "heating")] * 9, {"暖气", "气不", "不热"}) == []


async def test_the_register_is_public_only_when_switched_on(running: Running, boss: Seat) -> None:
    await boss.get("/api/register.json", 404)
    async with browser(running) as client:
        assert (await client.get("/api/register")).status == 404
    draft = await boss.get("/api/studio/register")
    words = draft["words"] | {"public": True, "owner": "<b>市政务服务中心</b>", "contact": "12345"}
    changed = await boss.send("PUT", "/api/studio/register", {"words": words})
    assert changed["entry"]["owner"] == "<b>市政务服务中心</b>"
    async with browser(running) as client:
        page = await client.get("/api/register")
        text = await page.text()
        assert page.status == 200 and "&lt;b&gt;市政务服务中心" in text and "<b>市政" not in text
        entry = await (await client.get("/api/register.json")).json()
        assert entry["threshold"] == 0.45 and entry["override_rate"] is None and entry["classes"] == []
    async with browser(running) as client:
        seat = await Seat(client).enter("lead")
        await seat.send("PUT", "/api/studio/register", {"words": words}, 403)
