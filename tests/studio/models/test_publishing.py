"""Who reads whom: publishing at once and by and by, going back, and nothing lost while it happens."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import func, select

from bot.errors import Conflict, Invalid
from bot.store.conversations import Inbox, Message
from bot.store.models import ModelNode, Publication, ShadowRead
from bot.store.office import Audit
from bot.store.operators import Operator
from bot.studio import models, publishing
from bot.studio.plan import Plan
from tests.conftest import Running, some_port, start, until
from tests.house.conftest import Citizen
from tests.studio.models.conftest import Nlu, answers, judged, nlu_server, register, serves

if TYPE_CHECKING:
    from bot.config import Settings
    from bot.world import World


async def admin(world: World) -> Operator:
    async with world.session() as session:
        return (await session.scalars(select(Operator).where(Operator.role == "admin"))).one()


async def read_by(world: World) -> dict[str, int]:
    """Model → messages of citizens that it read."""
    async with world.session() as session:
        rows = await session.execute(
            select(Message.model, func.count()).where(Message.author == "citizen").group_by(Message.model)
        )
        return {str(model): count for model, count in rows}


async def test_what_is_served_already_is_version_one(node: Running) -> None:
    async with node.world.session() as session:
        now = await models.in_service(session)
        assert now.live and now.live.name == "lianxin-one" and now.live.source == "installed"
        assert now.publication and now.publication.verb == "installed"
    await Citizen(node).write("暖气不热")
    await until(lambda: _all_done(node.world))
    assert await read_by(node.world) == {"id-lianxin-one": 1}


async def _all_done(world: World) -> bool:
    async with world.session() as session:
        query = select(func.count()).where(Inbox.status.in_(("new", "waiting")))
        return not await session.scalar(query)


async def test_publish_and_back_again(node: Running, tmp_path: Path) -> None:
    world, by = node.world, await admin(node.world)
    version = await register(world, tmp_path / "made", "two")
    await judged(world, version)
    async with world.session.begin() as session:
        await publishing.publish(session, by, version.id)
    await until(lambda: serves(world, "two"))
    citizen = Citizen(node)
    await citizen.write("暖气不热")
    await until(lambda: _all_done(world))
    assert await read_by(world) == {"id-two": 1}

    began = time.monotonic()
    async with world.session.begin() as session:
        await publishing.rollback(session, by)
    await until(lambda: serves(world, "lianxin-one"), 5)
    assert time.monotonic() - began < 5
    async with world.session() as session:
        verbs = list(await session.scalars(select(Audit.verb).where(Audit.verb.like("model.%"))))
        assert verbs == ["model.publish", "model.rollback"]
        with pytest.raises(Conflict):
            await publishing.stop(session, by)


async def test_a_version_that_failed_needs_a_reason_and_the_reason_stays(
    node: Running, tmp_path: Path
) -> None:
    world, by = node.world, await admin(node.world)
    version = await register(world, tmp_path / "made", "two")
    await judged(world, version, passed=False)
    for reason in ("", "  x "):
        async with world.session() as session:
            with pytest.raises(Invalid):
                await publishing.publish(session, by, version.id, reason)
    async with world.session.begin() as session:
        await publishing.publish(session, by, version.id, "新服务今天必须上线")
    async with world.session() as session:
        row = (await session.scalars(select(Publication).order_by(Publication.id.desc()))).first()
        assert row and row.reason == "新服务今天必须上线"
        entry = (await session.scalars(select(Audit).where(Audit.verb == "model.publish"))).one()
        assert entry.data["reason"] == "新服务今天必须上线"


async def test_a_share_of_conversations_always_the_same_ones(node: Running, tmp_path: Path) -> None:
    world, by = node.world, await admin(node.world)
    version = await register(world, tmp_path / "made", "two")
    await judged(world, version)
    async with world.session.begin() as session:
        await publishing.stage(session, by, version.id, 50)

    async def staged() -> bool:
        return world.understander.plan.staged == "two"

    await until(staged)
    citizens = [Citizen(node) for _ in range(12)]
    for _ in range(2):
        await asyncio.gather(*(citizen.write("暖气不热") for citizen in citizens))
        await until(lambda: _all_done(world), 20)
    async with world.session() as session:
        rows = (
            await session.execute(
                select(Message.conversation_id, Message.model).where(Message.author == "citizen").distinct()
            )
        ).all()
    assert len(rows) == 12  # one model for each conversation
    assert {model for _, model in rows} == {"id-two", "id-lianxin-one"}
    plan = world.understander.plan
    assert all(plan.reads(key) == str(model).removeprefix("id-") for key, model in rows)


def test_the_lot_is_fair() -> None:
    plan = Plan(live="a", staged="b", share=20)
    drawn = sum(plan.reads(n) == "b" for n in range(10_000))
    assert 1_800 < drawn < 2_200
    assert all(Plan(live="a", staged="b", share=0).reads(n) == "a" for n in range(100))


async def test_a_shadow_reads_along_and_answers_nobody(node: Running, tmp_path: Path) -> None:
    world, by = node.world, await admin(node.world)
    version = await register(world, tmp_path / "made", "two")  # not judged: a shadow needs no gate
    async with world.session.begin() as session:
        await publishing.shadow(session, by, version.id)

    async def shadowed() -> bool:
        return world.understander.plan.shadow == "two"

    await until(shadowed)
    await Citizen(node).write("暖气不热")

    async def noted() -> ShadowRead | None:
        async with world.session() as session:
            found: ShadowRead | None = await session.scalar(select(ShadowRead))
            return found

    row = await until(noted)
    assert (row.service, row.live_service, row.live, row.agrees) == (
        "heating",
        "heating",
        "id-lianxin-one",
        True,
    )
    assert await read_by(world) == {"id-lianxin-one": 1}


async def test_a_damaged_model_stops_nothing(node: Running, tmp_path: Path) -> None:
    """Even if somebody publishes it in spite of all: the node says what is wrong and goes on as before."""
    world, by = node.world, await admin(node.world)
    version = await register(world, tmp_path / "made", "two", damage=True)
    async with world.session.begin() as session:
        await publishing.publish(session, by, version.id, "试试看会怎样")

    async def hindered() -> str:
        async with world.session() as session:
            return str(await session.scalar(select(ModelNode.problem)) or "")

    assert "damaged" in await until(hindered)
    await Citizen(node).write("暖气不热")
    await until(lambda: _all_done(world))
    assert await read_by(world) == {"id-lianxin-one": 1}
    async with world.session.begin() as session:
        await publishing.rollback(session, by)

    async def well() -> bool:
        return not await hindered() and await serves(world, "lianxin-one")

    await until(well)


async def test_an_nlu_that_lost_the_model_still_answers(node: Running, nlu: Nlu) -> None:
    world = node.world
    world.understander.plan = Plan(publication=world.understander.plan.publication, live="gone")
    heard = await world.understander.understand("暖气不热")
    assert heard.failure is None and heard.model == "id-lianxin-one"


async def test_two_nodes_under_load_lose_nothing(settings: Settings, nlu: Nlu, tmp_path: Path) -> None:
    """Two apps, each with an NLU of its own, citizens writing to both without pause, five changes."""
    with nlu_server(tmp_path / "other") as second:
        await answers(second.url)
        one, first_runner = await start(settings.model_copy(update={"nlu_url": nlu.url}))
        more = {"nlu_url": second.url, "port": some_port(), "data_dir": tmp_path / "two"}
        more |= {"secret_key": settings.secret_key}
        (tmp_path / "two").mkdir()
        (tmp_path / "two" / "secret.key").write_bytes((tmp_path / "secret.key").read_bytes())
        other, second_runner = await start(settings.model_copy(update=more))
        try:
            await _under_load([one, other], tmp_path)
        finally:
            await second_runner.cleanup()
            await first_runner.cleanup()


async def _under_load(nodes: list[Running], tmp_path: Path) -> None:
    for running in nodes:
        await until(lambda running=running: serves(running.world, "lianxin-one"), 20)
    world = nodes[0].world
    by = await admin(world)
    versions = [await register(world, tmp_path / "made", name) for name in ("two", "three")]
    for version in versions:
        await judged(world, version)
    stop, written = asyncio.Event(), 0

    async def citizen(number: int) -> None:
        nonlocal written
        someone = Citizen(nodes[number % 2])
        while not stop.is_set():
            await someone.write("暖气不热")
            written += 1
            await asyncio.sleep(0.02)

    writing = [asyncio.create_task(citizen(n)) for n in range(8)]
    for name in ("two", "three", "back", "three", "back"):
        async with world.session.begin() as session:
            if name == "back":
                await publishing.rollback(session, by)
            else:
                await publishing.publish(session, by, versions[("two", "three").index(name)].id)
        async with world.session() as session:
            live = (await models.in_service(session)).live
        assert live is not None
        for running in nodes:
            await until(lambda running=running, live=live: serves(running.world, live.name), 10)
        await asyncio.sleep(0.3)
    stop.set()
    await asyncio.gather(*writing)
    await until(lambda: _all_done(world), 60)
    read = await read_by(world)
    async with world.session() as session:
        failed = await session.scalar(select(func.count()).where(Inbox.status == "failed"))
        waited = await session.scalar(select(func.count()).where(Inbox.attempts > 0))
    assert sum(read.values()) == written and "None" not in read
    assert set(read) == {"id-lianxin-one", "id-two", "id-three"}
    assert (failed, waited) == (0, 0)
