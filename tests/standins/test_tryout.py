"""/try from end to end: every message goes through a real channel and comes back from a stand-in."""

from __future__ import annotations

import asyncio
import base64
import json
import uuid
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing
from typing import Any

import pytest
from aiohttp import ClientSession, web
from aiohttp.test_utils import unused_port

from standins import aliyun, tencent
from tests.standins.relay import Relay, make_app

PNG = b"\x89PNG\r\n\x1a\n" + bytes(40)


class Page:
    """What the page in the browser does."""

    def __init__(self, session: ClientSession, url: str, house: Relay) -> None:
        self._session, self._url, self.house, self.id = session, url, house, str(uuid.uuid4())

    async def post(self, path: str, **body: Any) -> tuple[int, Any]:
        body = {"session": self.id, **body}
        async with self._session.post(f"{self._url}/try/api/{path}", json=body) as answer:
            return answer.status, await answer.json()

    async def events(self, **query: Any) -> AsyncIterator[dict[str, Any]]:
        url = f"{self._url}/try/api/events"
        async with self._session.get(url, params={"session": self.id, **query}) as stream:
            async for line in stream.content:
                if line.startswith(b"data: "):
                    yield json.loads(line[6:])

    async def until(self, done: Callable[[dict[str, Any]], bool]) -> list[dict[str, Any]]:
        heard = []
        async with asyncio.timeout(8), aclosing(self.events()) as events:  # type: ignore[type-var]  # a generator
            async for event in events:
                heard.append(event)
                if done(event):
                    break
        return heard


@pytest.fixture
async def page() -> AsyncIterator[Page]:
    port = unused_port()
    app, relay = make_app(port)
    runner = web.AppRunner(app, shutdown_timeout=0.2)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    async with ClientSession() as session:
        yield Page(session, f"http://127.0.0.1:{port}", relay)
    await runner.cleanup()


def said(text: str) -> Callable[[dict[str, Any]], bool]:
    return lambda event: event["author"] == "bot" and text in event["text"]


async def test_a_wechat_message_is_encrypted_pushed_and_answered_both_ways(page: Page) -> None:
    assert (await page.post("wechat", text="路灯坏了"))[0] == 200
    events = await page.until(said("哪条路"))
    mine, passive, api = (event for event in events if event["text"])
    assert (mine["phone"], mine["author"], mine["text"]) == ("wechat", "citizen", "路灯坏了")
    assert passive["text"] == "记下了：路灯坏了"
    assert "被动回复" in passive["wire"]["接口"]
    assert api["wire"]["本轮额度"] == "还剩 4 / 5 条"
    assert [choice["label"] for choice in api["choices"]] == ["人民路", "不清楚"]
    update = next(event for event in events if event.get("about") == mine["id"])
    assert update["wire"]["校验"] == "通过（msg_signature）"
    assert update["wire"]["方式"].startswith("安全模式")


async def test_a_tapped_choice_carries_its_payload(page: Page) -> None:
    await page.post("wechat", text="路灯坏了")
    events = await page.until(said("哪条路"))
    option = events[-1]["choices"][0]
    await page.post("wechat", choice=option)
    assert [inbound.payload for inbound in page.house.accepted.values()] == ["", option["id"]]


async def test_a_picture_and_a_place(page: Page) -> None:
    assert (await page.post("wechat", image=base64.b64encode(PNG).decode()))[0] == 200
    assert (await page.post("wechat", place={"latitude": 30.5, "longitude": 104.1, "label": "人民路"}))[
        0
    ] == 200
    first, second = page.house.accepted.values()
    assert first.media[0].kind == "image"
    assert second.location is not None
    assert second.location.label == "人民路"


@pytest.mark.parametrize(
    ("provider", "proof", "templates"),
    [
        ("twilio", "X-Twilio-Signature", None),
        ("aliyun", "密钥", aliyun.SETTING),
        ("tencent", "密钥", tencent.SETTING),
    ],
)
async def test_sms_through_each_provider(
    page: Page, provider: str, proof: str, templates: str | None
) -> None:
    assert (await page.post("sms", provider=provider, text="没有暖气"))[0] == 200
    events = await page.until(lambda event: "送达回执" in event.get("wire", {}))
    verdict = next(event["wire"]["校验"] for event in events if "校验" in event.get("wire", {}))
    assert verdict.startswith("通过")
    assert proof in verdict
    reply = next(event for event in events if event["author"] == "bot" and event["text"])
    assert reply["provider"] == provider
    receipt = templates.split(",")[0].removeprefix("receipt=") if templates else None
    assert reply["wire"].get("模板") == receipt
    assert ("202511220001" in reply["text"]) is (receipt is not None)
    assert events[-1]["wire"]["送达回执"] == "已推送"
    assert [report.ok for report in page.house.reports] == [True]


async def test_a_page_that_comes_back_sees_everything_again_and_others_nothing(page: Page) -> None:
    await page.post("wechat", text="路灯坏了")
    before = await page.until(said("哪条路"))
    assert await page.until(said("哪条路")) == before
    other = Page(page._session, page._url, page.house)
    await other.post("wechat", text="另一个人")
    heard = await other.until(said("哪条路"))
    assert all("路灯" not in event["text"] for event in heard)


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        ("wechat", {}, ""),
        ("wechat", {"text": "a", "event": "subscribe"}, ""),
        ("wechat", {"image": "bm90IGEgcGljdHVyZQ=="}, "image"),
        ("wechat", {"session": "../x", "text": "a"}, "session"),
        ("sms", {"provider": "pigeon", "text": "a"}, "provider"),
        ("sms", {"provider": "twilio", "text": ""}, "text"),
    ],
)
async def test_what_is_wrong_is_named(page: Page, path: str, body: dict[str, Any], field: str) -> None:
    status, answer = await page.post(path, **body)
    assert (status, answer["field"]) == (400, field)
