"""The live feed: each console hears what concerns it, masked where it must be, and nothing else."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from aiohttp import ClientWebSocketResponse, WSMsgType

from bot.console.live import HUB, WAITING_FRAMES
from bot.console.live import Seat as OpenSeat
from bot.store import transcript
from bot.studio import inbox
from bot.world import World
from tests.conftest import Running, until
from tests.console.seat import Seat, citizen, filed, waits


class Feed:
    def __init__(self, socket: ClientWebSocketResponse) -> None:
        self.socket = socket
        self.seen: list[dict[str, Any]] = []

    async def next(self, kind: str, seconds: float = 20) -> dict[str, Any]:
        """The next frame of this kind; what comes before it is kept in `seen`."""
        async with asyncio.timeout(seconds):
            while True:
                frame: dict[str, Any] = await self.socket.receive_json()
                self.seen.append(frame)
                if frame["type"] == kind:
                    return frame

    async def watch(self, *conversations: int) -> list[int]:
        await self.socket.send_json({"type": "watch", "conversations": list(conversations)})
        kept: list[int] = (await self.next("watching"))["conversations"]
        return kept


@asynccontextmanager
async def feed(seat: Seat) -> AsyncIterator[Feed]:
    origin = str(seat.client._base_url).rstrip("/")
    async with seat.client.ws_connect("/api/live", origin=origin) as socket:
        opened = Feed(socket)
        await opened.next("hello")
        await asyncio.sleep(0.05)  # the hub subscribes in a task of its own
        yield opened


async def says(world: World, conversation: int, text: str) -> None:
    async with world.session.begin() as session:
        row = await transcript.lock(session, conversation)
        await transcript.append(session, row, "citizen", text)


async def test_a_conversation_that_waits_is_taken_and_ends(
    world: World, operator: Seat, colleague: Seat
) -> None:
    key = await citizen(world)
    async with feed(operator) as mine, feed(colleague) as theirs:
        handover = await waits(world, key)
        for one in (mine, theirs):
            frame = await one.next("waiting")
            assert frame["row"]["id"] == key
            assert "13812345678" not in str(frame)
        await operator.post(f"/api/conversations/{key}/claim")
        for one in (mine, theirs):
            frame = await one.next("claimed")
            assert frame["handover"] == handover
            assert frame["operator"] == operator.me["id"]
        await operator.post(f"/api/conversations/{key}/close")
        for one in (mine, theirs):
            assert (await one.next("ended"))["how"] == "closed"


async def test_an_emergency_reaches_every_console(world: World, operator: Seat, admin: Seat) -> None:
    key = await citizen(world)
    async with feed(operator) as one, feed(admin) as two:
        await waits(world, key, "emergency", reason="emergency", safety=["self_harm"])
        for each in (one, two):
            frame = await each.next("alarm")
            assert frame["row"]["handover"]["safety"] == ["self_harm"]


async def test_lines_come_whole_to_who_speaks_and_masked_to_who_watches(
    world: World, operator: Seat, supervisor: Seat
) -> None:
    key = await citizen(world)
    await waits(world, key)
    await operator.post(f"/api/conversations/{key}/claim")
    async with feed(operator) as mine, feed(supervisor) as above:
        assert await mine.watch(key) == [key]
        assert await above.watch(key) == [key]
        await says(world, key, "我的电话是13899998888")
        assert "13899998888" in (await mine.next("line"))["lines"][0]["text"]
        assert "138****8888" in (await above.next("line"))["lines"][0]["text"]


async def test_a_colleagues_conversation_cannot_be_watched(
    world: World, operator: Seat, colleague: Seat
) -> None:
    key = await citizen(world)
    await waits(world, key)
    await operator.post(f"/api/conversations/{key}/claim")
    async with feed(colleague) as theirs:
        assert await theirs.watch(key, 999_999) == []
        await says(world, key, "只给王芳看的话")
        await operator.post("/api/me/presence", {"presence": "away"})
        await theirs.next("presence")
        assert not [frame for frame in theirs.seen if frame["type"] == "line"]


async def test_the_queue_shows_the_last_words_while_waiting(world: World, operator: Seat) -> None:
    key = await citizen(world)
    async with feed(operator) as mine:
        await waits(world, key)
        await mine.next("waiting")
        await says(world, key, "还有人吗")
        assert (await mine.next("waiting"))["row"]["last"] == "还有人吗"


async def test_tickets_and_typing_are_told(running: Running, world: World, operator: Seat) -> None:
    key = await citizen(world, "web", "w-1")
    await waits(world, key)
    await operator.post(f"/api/conversations/{key}/claim")
    async with feed(operator) as mine:
        await mine.watch(key)
        number = await filed(world, conversation_id=key)
        assert (await mine.next("ticket"))["ticket"]["number"] == number
        from bot.inbox import House
        from bot.turn import Turns
        from channels.base import Address, ChannelName

        await House(world, Turns(world)).typing(ChannelName("web"), Address("w-1"))
        assert (await mine.next("typing"))["conversation"] == key


NO_FRAMES = [
    "",
    "x",
    "[]",
    '{"type":"watch"}',
    '{"type":"watch","conversations":["x"]}',
    '{"type":"\\ud800"}',
]
NO_FRAMES += ['{"type":"watch","conversations":[99999999999999999999999]}']


@pytest.mark.parametrize("text", NO_FRAMES)
async def test_frames_that_are_none_are_answered_not_fatal(operator: Seat, text: str) -> None:
    async with feed(operator) as mine:
        await mine.socket.send_str(text)
        await mine.next("error")
        await mine.socket.send_json({"type": "ping"})
        await mine.next("pong")


async def test_logging_out_closes_the_feed(
    running: Running, operator: Seat, admin: Seat, monkeypatch: Any
) -> None:
    from bot.console import live

    monkeypatch.setattr(live, "BEAT", 0.1)  # a constant, not behaviour: nobody waits 25 seconds here
    async with feed(operator) as mine:
        await admin.send("PATCH", f"/api/users/{operator.me['id']}", {"active": False})
        async with asyncio.timeout(5):
            while (message := await mine.socket.receive()).type is WSMsgType.TEXT:
                pass
        assert message.data == live.LOGGED_OUT


async def test_who_reads_too_slowly_is_let_go(running: Running, operator: Seat) -> None:
    hub = running.app[HUB]
    async with feed(operator) as mine:
        seat: OpenSeat = next(iter(hub._seats))
        for _ in range(WAITING_FRAMES + 2):
            seat.put(b'{"type":"pong"}')
        async with asyncio.timeout(5):
            while (message := await mine.socket.receive()).type is WSMsgType.TEXT:
                pass
        assert message.data == 1013
    await until(_nobody(hub))


def _nobody(hub: Any) -> Any:
    async def empty() -> bool:
        return not hub._seats

    return empty


async def test_a_misread_message_reaches_those_who_teach(
    world: World, operator: Seat, supervisor: Seat
) -> None:
    key = await citizen(world)
    async with feed(supervisor) as teaches, feed(operator) as works:
        async with world.session.begin() as session:
            row = await transcript.lock(session, key)
            line = await transcript.append(session, row, "citizen", "楼道黑漆漆的")
            await inbox.put(session, line, "unsure")
        await teaches.next("misread")
        await works.watch()  # what came before the answer is seen
        assert "misread" not in {frame["type"] for frame in works.seen}
