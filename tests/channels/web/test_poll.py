"""Long polling: the same chat without a socket."""

from __future__ import annotations

import asyncio
import uuid
from typing import Any

from channels.base import Presence
from channels.web.buckets import Rate
from tests.channels.web.conftest import SITE, Serve, Served
from tests.channels.web.house import House


async def post(served: Served, *frames: Any, token: str = "", origin: str = SITE) -> tuple[int, list[Any]]:
    headers = {"Origin": origin} | ({"Authorization": f"Bearer {token}"} if token else {})
    async with served.session.post(
        served.url("poll"), json={"frames": list(frames)}, headers=headers
    ) as answer:
        return answer.status, (await answer.json())["frames"] if answer.status in (200, 400, 401) else []


async def get(served: Served, token: str, **query: Any) -> tuple[int, list[Any]]:
    headers = {"Authorization": f"Bearer {token}"}
    async with served.session.get(served.url("poll"), params=query, headers=headers) as answer:
        return answer.status, (await answer.json())["frames"]


async def hello(served: Served, **more: Any) -> str:
    _, [welcome] = await post(served, {"type": "hello", **more})
    return str(welcome["token"])


async def test_a_whole_chat(served: Served, house: House) -> None:
    token = await hello(served)
    _, [greeting] = await get(served, token)
    assert (greeting["text"], greeting["seq"]) == ("您好，我是12345智能助手。", 1)
    id = str(uuid.uuid4())
    said = {"type": "message", "id": id, "text": "没水了"}
    assert await post(served, said, said, token=token) == (200, [{"type": "accepted", "id": id}] * 2)
    _, lines = await get(served, token, after=1)
    assert [line["text"] for line in lines] == ["没水了", "收到：没水了"]


async def test_one_post_cannot_open_chats_without_end(serve: Serve, house: House) -> None:
    served = await serve(address=Rate(3, 0.001))  # the request itself and two chats
    _, answers = await post(served, *[{"type": "hello"}] * 5)
    assert [answer["type"] for answer in answers] == ["welcome"] * 2 + ["slow_down"] * 3
    assert len(house.talks) == 2


async def test_waits_for_news(served: Served, house: House) -> None:
    token = await hello(served)
    waiting = asyncio.create_task(get(served, token, after=1))
    await asyncio.sleep(0.1)
    assert not waiting.done()
    house.say(house.newest, "来了")
    assert [line["text"] for line in (await waiting)[1]] == ["来了"]


async def test_returns_empty_when_nothing_happens_and_leaves_no_watcher(serve: Serve, house: House) -> None:
    served = await serve(poll_seconds=0.1)
    token = await hello(served)
    assert await get(served, token, after=1) == (200, [])
    assert not any(talk.watchers for talk in house.talks.values())


async def test_presence_comes_once(serve: Serve, house: House) -> None:
    served = await serve(poll_seconds=0.2)
    token = await hello(served)
    house.show(house.newest, Presence(person="小李", queue=2))
    _, [presence] = await get(served, token, after=1)
    assert (presence["person"], presence["queue"]) == ("小李", 2)
    assert await get(served, token, after=1, person="小李", queue=2) == (200, [])


async def test_resume(served: Served, house: House) -> None:
    token = await hello(served)
    _, [welcome] = await post(served, {"type": "hello", "token": token, "last_seq": 1})
    assert (welcome["resumed"], welcome["seq"]) == (True, 1)
    assert len(house.talks) == 1


async def test_what_is_wrong_is_named(served: Served) -> None:
    token = await hello(served)
    assert (await post(served, {"type": "ping"}))[1][0]["code"] == "token"
    assert (await post(served, {"type": "nonsense"}, token=token))[1][0]["field"] == "type"
    assert (await post(served, "x", token=token))[1][0]["field"] == "frames.0"
    assert (await get(served, token, after="x"))[1][0]["field"] == "after"
    assert (await get(served, "forged"))[0] == 401
    assert (await post(served, {"type": "hello"}, origin="https://evil.example"))[0] == 403
    assert (await post(served, {"type": "hello", "x": "y" * 70_000}))[0] == 413
