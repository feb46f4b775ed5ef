"""What colleagues tell each other and keep: notes, calls, drafts, corrections. No citizen sees any of it."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, cast

from aiohttp import web
from sqlalchemy import select, update

from bot import codec
from bot.dialogue.types import Guess, State, Understanding
from bot.seats import notes
from bot.store import transcript
from bot.store.conversations import Conversation, Message, Outbox
from bot.store.operators import Operator
from bot.store.teaching import Misread
from bot.world import World
from channels.base import Address, Channel, ChannelName, Intake, Limits, Media, Outbound, Sent
from tests.console.seat import Seat, citizen, waits
from tests.console.test_live import feed


async def held(world: World, seat: Seat, **options: Any) -> int:
    """A conversation that this operator has taken."""
    key = await citizen(world, **options)
    await waits(world, key)
    await seat.post(f"/api/conversations/{key}/claim")
    return key


async def test_a_note_calls_a_colleague_and_no_citizen_reads_it(
    world: World, operator: Seat, colleague: Seat
) -> None:
    key = await held(world, operator)
    await colleague.get(f"/api/conversations/{key}", status=404)
    body = {"text": "@李强 他的电话是13812345678，请帮忙看看", "mentions": [colleague.me["id"]]}
    note = await operator.post(f"/api/conversations/{key}/notes", body, status=201)
    assert note["mentions"] == [{"id": colleague.me["id"], "name": colleague.me["name"]}]
    assert "13812345678" in note["text"]

    called = (await colleague.get("/api/notices"))["mentions"]
    assert [one["id"] for one in called] == [note["id"]]
    assert "13812345678" not in str(called)
    seen = await colleague.get(f"/api/conversations/{key}")  # being called opens it, masked
    assert seen["masked"]
    assert seen["notes"][0]["text"].startswith("@李强")
    await colleague.post("/api/notices/read", {"conversation": key})
    assert (await colleague.get("/api/notices"))["mentions"] == []

    async with world.session() as session:
        lines = await session.scalars(select(Message.body).where(Message.conversation_id == key))
        assert not any("李强" in line for line in lines)


async def test_only_colleagues_can_be_called(world: World, operator: Seat) -> None:
    key = await held(world, operator)
    path = f"/api/conversations/{key}/notes"
    answer = await operator.post(path, {"text": "x", "mentions": [10**17]}, status=422)
    assert "mentions" in answer["fields"]
    await operator.post(path, {"text": "   "}, status=422)
    await operator.post(path, {"text": "x" * 2001}, status=422)


async def test_a_note_arrives_live_where_it_belongs(world: World, operator: Seat, colleague: Seat) -> None:
    key = await held(world, operator)
    async with feed(operator) as mine, feed(colleague) as theirs:
        await mine.watch(key)
        async with world.session.begin() as session:
            conversation = await transcript.lock(session, key)
            lead = (await session.scalars(select(Operator).where(Operator.login == "lead"))).one()
            await notes.add(session, conversation, lead, "先安抚", [colleague.me["id"]], whisper=True)
        got = await mine.next("note")
        assert (got["note"]["kind"], got["note"]["text"]) == ("whisper", "先安抚")
        assert (await theirs.next("mention"))["note"]["conversation"] == key


async def test_what_is_not_sent_yet_is_kept_per_person(
    world: World, operator: Seat, supervisor: Seat
) -> None:
    key = await held(world, operator)
    path = f"/api/conversations/{key}"
    await operator.send("PUT", f"{path}/unsent", {"text": "还没写完", "internal": True})
    await operator.send("PUT", f"{path}/unsent", {"text": "还没写完的话"})
    kept = (await operator.get(path))["unsent"]
    assert (kept["text"], kept["internal"]) == ("还没写完的话", False)
    assert (await supervisor.get(path))["unsent"] is None
    await operator.post(f"{path}/reply", {"text": "还没写完的话。", "client_id": "abcdefgh-9"})
    assert (await operator.get(path))["unsent"] is None
    await operator.send("PUT", f"{path}/unsent", {"text": "x"})
    await operator.send("PUT", f"{path}/unsent", {"text": ""})
    assert (await operator.get(path))["unsent"] is None
    answers = await asyncio.gather(
        *(operator.raw("PUT", f"{path}/unsent", {"text": f"第{n}次"}) for n in range(6))
    )
    assert {answer.status for answer in answers} == {200}


async def test_a_correction_changes_line_draft_and_studio(world: World, operator: Seat) -> None:
    key = await held(world, operator)
    path = f"/api/conversations/{key}"
    body = {"service": "property_management", "kind": "help", "place": "滨江区人民路1号", "note": "物业的事"}
    line = await operator.post(f"{path}/lines/1/correct", body)
    assert line["corrected"]["service"]["id"] == "property_management"
    assert line["corrected"]["by"] == operator.me["name"]
    assert line["understood"]["services"][0]["id"] == "heating"  # the model's own reading stays
    seen = await operator.get(path)
    assert seen["draft"]["service"]["id"] == "property_management"
    assert seen["draft"]["kind"] == "help"
    assert {one["name"]: one["value"] for one in seen["draft"]["details"]}["place"] == "滨江区人民路1号"
    assert seen["row"]["service"]["id"] == "property_management"
    async with world.session() as session:
        taught = (await session.scalars(select(Misread))).one()
    assert taught.sources == ["corrected"]

    again = await operator.post(f"{path}/lines/1/correct", {"kind": "complaint"})
    assert again["corrected"]["service"] is None
    assert (await operator.get(path))["draft"]["kind"] == "complaint"


async def test_a_correction_begins_the_draft_that_the_bot_missed(world: World, operator: Seat) -> None:
    key = await held(world, operator, draft=None, address="oNone")
    path = f"/api/conversations/{key}"
    await operator.post(f"{path}/lines/1/correct", {"service": "heating"})
    draft = (await operator.get(path))["draft"]
    assert draft["text"].startswith("我家暖气不热")
    assert {one["name"] for one in draft["details"]} >= {"phone"}
    async with world.session() as session:
        row = await session.get_one(Conversation, key)
        assert row.state is not None
        assert codec.load(State, row.state).draft is not None


async def test_a_correction_is_checked(world: World, operator: Seat) -> None:
    key = await held(world, operator)
    path = f"/api/conversations/{key}/lines"
    await operator.post(f"{path}/1/correct", {"service": "nothing"}, status=422)
    await operator.post(f"{path}/1/correct", {}, status=422)
    await operator.post(f"{path}/2/correct", {"kind": "help"}, status=409)  # our own line
    await operator.post(f"{path}/99/correct", {"kind": "help"}, status=404)


async def test_a_list_shows_the_citizens_last_words(world: World, operator: Seat) -> None:
    key = await citizen(world)
    await waits(world, key)
    row = (await operator.get("/api/queue"))["rows"][0]
    assert row["last"].startswith("我家暖气不热")
    assert (row["last_author"], row["unanswered"]) == ("bot", False)


async def test_what_may_still_be_sent_is_told(world: World, operator: Seat) -> None:
    key = await held(world, operator, channel="wechat")
    path = f"/api/conversations/{key}"
    sending = (await operator.get(path))["sending"]
    channel = world.channels["wechat"]
    assert sending["quota"] == sending["per_inbound"] == channel.limits.per_inbound
    assert sending["until"] is not None
    async with world.session.begin() as session:
        await session.execute(update(Outbox).values(status="sent", sent_at=datetime.now(UTC)))
    left = (await operator.get(path))["sending"]["quota"]
    assert left == channel.limits.per_inbound - 2  # the assistant's question and "a person is with you"


class Typist:
    """A channel that shows typing."""

    name, limits = ChannelName("wechat"), Limits()

    def __init__(self) -> None:
        self.shown: list[Address] = []

    def routes(self, intake: Intake) -> Sequence[web.AbstractRouteDef]:
        return []

    async def send(self, message: Outbound) -> Sent:
        return Sent()

    async def fetch(self, media: Media) -> bytes:
        return b""

    async def close(self) -> None:
        pass

    def show_typing(self, to: Address) -> None:
        self.shown.append(to)


async def test_a_person_who_writes_is_shown_where_the_channel_can(
    world: World, operator: Seat, colleague: Seat
) -> None:
    typist = Typist()
    cast("dict[str, Channel]", world.channels)["wechat"] = typist
    key = await held(world, operator, channel="wechat")
    await colleague.raw("POST", f"/api/conversations/{key}/typing")  # not theirs
    await operator.post(f"/api/conversations/{key}/typing")
    async with world.session() as session:
        assert typist.shown == [(await session.get_one(Conversation, key)).address]


async def test_nobody_is_called_rude_for_a_glimpse(world: World, operator: Seat) -> None:
    key = await held(world, operator)
    for share in (0.3, 0.9):
        heard = Understanding("老板不给钱", conduct=(Guess("abuse", share),))
        async with world.session.begin() as session:
            row = await transcript.lock(session, key)
            await transcript.append(session, row, "citizen", heard.text, understanding=codec.dump(heard))
    lines = (await operator.get(f"/api/conversations/{key}"))["lines"]
    assert [line["understood"]["conduct"] for line in lines[-2:]] == [[], ["abuse"]]
