"""What a limited citizen meets: less talk, but nothing lost, and an emergency always passes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, update

from bot.seats import limits
from bot.store.conversations import Conversation, Inbox
from bot.store.handovers import Handover
from bot.store.operators import Operator
from bot.store.talking import Limit
from bot.world import World
from tests.conftest import until
from tests.house.conftest import Citizen, count


async def limited(world: World, what: str) -> int:
    """The only conversation there is, under a limit of two hours; the limit's id."""
    async with world.session.begin() as session:
        key = (await session.scalars(select(Conversation.id))).one()
        asker, agreed = (await session.scalars(select(Operator.id).order_by(Operator.id).limit(2))).all()
        row = Limit(
            conversation_id=key,
            what=what,
            hours=2,
            reason="辱骂",
            status="active",
            asked_by=asker,
            decided_by=agreed,
            until=datetime.now(UTC) + timedelta(hours=2),
        )
        session.add(row)
        await session.flush()
        return row.id


async def stored(citizen: Citizen, text: str) -> None:
    async def there() -> bool:
        return text in await citizen.lines("citizen")

    await until(there)


async def statuses(world: World) -> list[str]:
    async with world.session() as session:
        return list(await session.scalars(select(Inbox.status).order_by(Inbox.id)))


async def test_a_block_keeps_what_is_asked_for_and_answers_it_when_lifted(citizen: Citizen) -> None:
    await citizen.write("你好")
    await citizen.told("您说，什么事")
    limit = await limited(citizen.world, "block")
    await citizen.write("你们都是废物")
    await citizen.told("我先不回复了")
    await citizen.write("家里暖气不热")
    await stored(citizen, "家里暖气不热")
    await until(lambda: _nth(citizen.world, 2, "waiting"))
    said = len(await citizen.lines())
    await citizen.write("废物")
    await stored(citizen, "废物")
    assert len(await citizen.lines()) == said + 1  # told once

    async with citizen.world.session.begin() as session:
        lead = (await session.scalars(select(Operator).where(Operator.login == "lead"))).one()
        talk = (await session.scalars(select(Conversation))).one()
        assert await limits.held(session, talk) >= 1
        await limits.lift(session, limit, lead)
    await citizen.told("供暖")  # the request is taken up
    await citizen.settled()


async def _is(world: World, wanted: list[str]) -> bool:
    return await statuses(world) == wanted


async def _nth(world: World, place: int, wanted: str) -> bool:
    found = await statuses(world)
    return len(found) > place and found[place] == wanted


@pytest.mark.parametrize("what", ["block", "slow", "mute"])
async def test_an_emergency_passes_every_limit(citizen: Citizen, what: str) -> None:
    await citizen.write("你好")
    await citizen.told("您说，什么事")
    await limited(citizen.world, what)
    await citizen.write("我站在楼顶，不想活了")
    await citizen.told("110")
    async with citizen.world.session() as session:
        assert (await session.scalars(select(Handover.rank))).all() == [2]


async def test_slow_answers_in_order_when_the_time_has_come(citizen: Citizen) -> None:
    await citizen.write("你好")
    await citizen.told("您说，什么事")
    await limited(citizen.world, "slow")
    await citizen.write("家里暖气不热")
    await citizen.told("大约每十分钟")
    await until(lambda: _is(citizen.world, ["done", "waiting"]))
    async with citizen.world.session.begin() as session:
        due = (await session.scalars(select(Inbox.due_at).where(Inbox.status == "waiting"))).one()
        assert timedelta(minutes=8) < due - datetime.now(UTC) <= limits.PACE
        await session.execute(update(Limit).values(until=datetime.now(UTC)))
        await session.execute(update(Inbox).where(Inbox.status == "waiting").values(due_at=datetime.now(UTC)))
    await citizen.told("供暖")


async def test_mute_calls_no_person_and_the_bot_goes_on(citizen: Citizen) -> None:
    await citizen.write("你好")
    await citizen.told("您说，什么事")
    await limited(citizen.world, "mute")
    await citizen.write("转人工")
    await citizen.told("以后才能再转人工")
    assert await count(citizen.world, Handover) == 0
    await citizen.write("家里暖气不热")
    await citizen.told("供暖")


async def test_a_limit_ends_by_itself(citizen: Citizen) -> None:
    await citizen.write("你好")
    await citizen.told("您说，什么事")
    await limited(citizen.world, "block")
    async with citizen.world.session.begin() as session:
        await session.execute(update(Limit).values(until=datetime.now(UTC)))
    await citizen.write("家里暖气不热")
    await citizen.told("供暖")
