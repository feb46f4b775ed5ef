"""After a conversation with a person: stars by button, menu or digit; words; and what is never asked."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select, update

from bot import codec
from bot.seats import rating
from bot.store.conversations import Conversation, Inbox, Message
from bot.store.handovers import Handover, Rating
from bot.turn import Turns
from bot.world import World
from channels.base import Address, ChannelName, Inbound, ProviderId
from tests.console.seat import Seat, citizen, waits


async def served(
    world: World, seat: Seat, channel: str = "wechat", address: str = "oAbc123", **more: Any
) -> int:
    """A conversation in which a person answered; they are still there."""
    key = await citizen(world, channel, address, draft=None)
    await waits(world, key, **more)
    await seat.post(f"/api/conversations/{key}/claim")
    await seat.post(f"/api/conversations/{key}/reply", {"text": "您好", "client_id": "client-0001"})
    return key


async def lines(world: World, key: int) -> list[Message]:
    async with world.session() as session:
        rows = await session.scalars(
            select(Message).where(Message.conversation_id == key).order_by(Message.seq)
        )
        return list(rows)


async def hears(world: World, key: int, text: str, payload: str = "") -> str:
    """The citizen writes; what the assistant answers."""
    async with world.session.begin() as session:
        row = await session.get_one(Conversation, key)
        number = await session.scalar(select(Inbox.id).order_by(Inbox.id.desc()).limit(1)) or 0
        inbound = Inbound(
            channel=ChannelName(row.channel),
            provider_id=ProviderId(f"test-{number + 1}"),
            sender=Address(row.address),
            sent_at=row.created_at,
            text=text,
            payload=payload,
        )
        session.add(
            Inbox(
                channel=row.channel,
                provider_id=inbound.provider_id,
                conversation_id=key,
                content=codec.dump(inbound),
                status="new",
            )
        )
    await Turns(world).take(key)
    return (await lines(world, key))[-1].body


async def ratings(world: World) -> list[Rating]:
    async with world.session() as session:
        return list(await session.scalars(select(Rating)))


@pytest.mark.parametrize("end", ["close", "return"])
async def test_stars_are_asked_at_the_end_and_understood_as_a_digit(
    world: World, operator: Seat, end: str
) -> None:
    key = await served(world, operator)
    await operator.post(f"/api/conversations/{key}/{end}", {"note": ""} if end == "return" else None)
    asked = (await lines(world, key))[-1]
    assert "打个分" in asked.body
    assert [one["label"] for one in (asked.extra or {})["choices"]][4] == "非常满意"
    assert "谢谢您的评价" in await hears(world, key, "5")
    row = (await ratings(world))[0]
    assert (row.stars, row.conversation_id, row.operator_id) == (5, key, operator.me["id"])


async def test_low_stars_ask_what_went_wrong_and_keep_the_words_masked(world: World, operator: Seat) -> None:
    key = await served(world, operator)
    await operator.post(f"/api/conversations/{key}/close")
    handover = (await ratings(world))[0].handover_id
    assert "没让您满意" in await hears(world, key, "不满意", f"seat:2:{handover}")
    async with world.session.begin() as session:
        conversation = await session.get_one(Conversation, key)
        for words in ("等了半天也没说清楚", "我电话13812345678"):
            assert await rating.rate(session, conversation, handover, None, words)
    row = (await ratings(world))[0]
    assert (row.stars, row.words) == (2, "等了半天也没说清楚\n我电话13812345678")
    assert "13812345678" not in row.masked


async def test_supervisors_read_the_ratings_masked(world: World, operator: Seat, supervisor: Seat) -> None:
    key = await served(world, operator)
    await operator.post(f"/api/conversations/{key}/close")
    await hears(world, key, "1")
    async with world.session.begin() as session:
        conversation = await session.get_one(Conversation, key)
        handover = (await ratings(world))[0].handover_id
        await rating.rate(session, conversation, handover, None, "打13812345678也没人接")
    await operator.get("/api/ratings", status=403)
    row = (await supervisor.get("/api/ratings", low="true"))["rows"][0]
    assert (row["conversation"], row["operator"], row["stars"]) == (key, "王芳", 1)
    assert "没人接" in row["words"] and "13812345678" not in row["words"]
    assert (await supervisor.get("/api/ratings", operator=999999))["rows"] == []


async def test_an_emergency_and_a_silent_seat_are_not_rated(world: World, operator: Seat) -> None:
    key = await served(world, operator, urgency="emergency")
    await operator.post(f"/api/conversations/{key}/close")
    silent = await citizen(world, address="oSilent", draft=None)
    await waits(world, silent)
    await operator.post(f"/api/conversations/{silent}/claim")
    await operator.post(f"/api/conversations/{silent}/close")
    assert await ratings(world) == []


async def test_where_only_templates_leave_nothing_is_asked(world: World, operator: Seat) -> None:
    key = await served(world, operator, "sms/aliyun", "+8613911112222")
    await operator.post(f"/api/conversations/{key}/close")
    assert await ratings(world) == []


async def test_an_open_question_is_not_asked_again_the_same_day(world: World, operator: Seat) -> None:
    key = await served(world, operator)
    await operator.post(f"/api/conversations/{key}/close")
    await waits(world, key)
    await operator.post(f"/api/conversations/{key}/claim")
    await operator.post(f"/api/conversations/{key}/reply", {"text": "您好", "client_id": "client-0002"})
    await operator.post(f"/api/conversations/{key}/close")
    assert len(await ratings(world)) == 1


async def test_nobody_rates_what_is_not_theirs(world: World, operator: Seat) -> None:
    key = await served(world, operator)
    await operator.post(f"/api/conversations/{key}/close")
    other = await citizen(world, address="oOther", draft=None)
    handover = (await ratings(world))[0].handover_id
    for payload in (f"seat:1:{handover}", "seat:9:1", "seat:1:99999999999999999999", "seat:x", "seat:"):
        await hears(world, other, "很不满意", payload)
    assert (await ratings(world))[0].stars is None


async def test_an_open_request_keeps_its_question(world: World, operator: Seat) -> None:
    key = await citizen(world)
    await waits(world, key)
    await operator.post(f"/api/conversations/{key}/claim")
    await operator.post(f"/api/conversations/{key}/reply", {"text": "您好", "client_id": "client-0003"})
    async with world.session.begin() as session:
        await session.execute(update(Handover).values(urgency="normal"))
    await operator.post(f"/api/conversations/{key}/return", {"note": ""})
    await hears(world, key, "4")
    async with world.session() as session:
        state = (await session.get_one(Conversation, key)).state or {}
    assert state["draft"]["service"] == "heating"
    assert (await ratings(world))[0].stars == 4
