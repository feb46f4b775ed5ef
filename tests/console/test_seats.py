"""The operator's day: see the queue, take a conversation, answer, file, give back."""

from __future__ import annotations

import asyncio

from bot.world import World
from tests.console.seat import Seat, citizen, filed, waits


async def test_who_waits_is_ordered_by_gravity_then_by_time(world: World, operator: Seat) -> None:
    early = await citizen(world, address="a1")
    late = await citizen(world, address="a2")
    grave = await citizen(world, address="a3")
    await waits(world, early)
    await waits(world, late)
    await waits(world, grave, "emergency", reason="emergency", safety=["fire"])
    queue = await operator.get("/api/queue")
    assert [row["id"] for row in queue["rows"]] == [grave, early, late]
    assert queue["total"] == 3
    assert queue["rows"][0]["handover"]["safety"] == ["fire"]
    assert "13812345678" not in str(queue)


async def test_claim_reply_give_back(world: World, operator: Seat) -> None:
    key = await citizen(world)
    await waits(world, key)
    await operator.post(f"/api/conversations/{key}/claim")
    assert [row["id"] for row in (await operator.get("/api/conversations"))["rows"]] == [key]
    line = await operator.post(
        f"/api/conversations/{key}/reply", {"text": "您好，我来帮您看看。", "client_id": "abcdefgh-1"}
    )
    again = await operator.post(
        f"/api/conversations/{key}/reply", {"text": "您好，我来帮您看看。", "client_id": "abcdefgh-1"}
    )
    assert line["seq"] == again["seq"]
    seen = await operator.get(f"/api/conversations/{key}")
    assert not seen["masked"]
    assert "13812345678" in seen["lines"][0]["text"]
    assert seen["lines"][0]["understood"]["services"][0]["zh"] == "供暖不热"
    assert seen["lines"][-1]["delivery"]["status"] in ("queued", "sent", "given_up")
    assert seen["draft"]["service"]["id"] == "heating"
    await operator.post(f"/api/conversations/{key}/return", {"note": "已说明"})
    assert (await operator.get("/api/conversations"))["rows"] == []
    after = await operator.get(f"/api/conversations/{key}")
    assert after["row"]["mode"] == "bot"
    assert after["masked"]


async def test_two_cannot_claim_the_same(world: World, operator: Seat, colleague: Seat) -> None:
    key = await citizen(world)
    await waits(world, key)
    answers = await asyncio.gather(
        *(seat.raw("POST", f"/api/conversations/{key}/claim") for seat in (operator, colleague) * 3)
    )
    assert sorted(answer.status for answer in answers)[0] == 200
    assert [answer.status for answer in answers].count(200) == 1
    assert {answer.status for answer in answers} <= {200, 404, 409}


async def test_a_colleagues_conversation_is_not_for_operators(
    world: World, operator: Seat, colleague: Seat, supervisor: Seat
) -> None:
    key = await citizen(world)
    await waits(world, key)
    await operator.post(f"/api/conversations/{key}/claim")
    await colleague.get(f"/api/conversations/{key}", status=404)
    await colleague.post(
        f"/api/conversations/{key}/reply", {"text": "x", "client_id": "abcdefgh-2"}, status=404
    )
    seen = await supervisor.get(f"/api/conversations/{key}")
    assert seen["masked"]
    assert "13812345678" not in str(seen)
    await supervisor.post(f"/api/conversations/{key}/unmask", {"reason": "检查服务质量"})
    assert "13812345678" in str(await supervisor.get(f"/api/conversations/{key}"))


async def test_filing_from_a_conversation_keeps_what_was_collected(world: World, operator: Seat) -> None:
    key = await citizen(world)
    await waits(world, key)
    await operator.post(f"/api/conversations/{key}/claim")
    made = await operator.post(
        "/api/tickets",
        {
            "conversation": key,
            "service": "heating",
            "kind": "complaint",
            "text": "供暖不热，顶楼，老人受冻",
            "details": {"since": "三天"},
        },
    )
    assert made["masked"]
    full = await operator.post(f"/api/tickets/{made['number']}/unmask", {"reason": "核对电话"})
    details = {d["name"]: d["value"] for d in full["details"]}
    assert details["phone"] == "+8613812345678"
    assert details["since"] == "三天"
    seen = await operator.get(f"/api/conversations/{key}")
    assert seen["draft"] is None
    assert made["number"] in seen["lines"][-1]["text"]


async def test_tickets_are_found_by_number_phone_and_words(world: World, operator: Seat) -> None:
    number = await filed(world)
    for words in (number, number.lower(), "13812345678", "暖气", "暖气 不热", "家里暖气不热"):
        found = await operator.get("/api/tickets", q=words)
        assert [row["number"] for row in found["rows"]] == [number], words
    assert (await operator.get("/api/tickets", q="噪音扰民"))["rows"] == []
    assert (await operator.get("/api/tickets", q="13900000000"))["rows"] == []
