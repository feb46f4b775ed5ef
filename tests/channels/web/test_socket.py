"""The socket: a chat from hello to resume, and everything that a page or an attacker may do wrong."""

from __future__ import annotations

import asyncio
import socket as sockets
import uuid
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from aiohttp import WSServerHandshakeError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from channels.base import ChannelName, Outbound, OutboxId, Presence
from channels.web import frames
from channels.web.buckets import Rate
from tests.channels.web.conftest import SITE, Serve, Served
from tests.channels.web.house import Away, House

WEB = ChannelName("web")


def message(text: str = "路灯坏了", **more: Any) -> dict[str, Any]:
    return {"type": "message", "id": str(uuid.uuid4()), "text": text, **more}


async def test_a_new_chat_is_greeted_and_answered(served: Served, house: House) -> None:
    page, welcome = await served.hello(language="en")
    assert welcome["resumed"] is False
    assert welcome["language"] == "en"
    assert (await page.hear("line"))["text"] == "您好，我是12345智能助手。"
    said = message()
    await page.say(**said)
    heard = [await page.hear() for _ in range(3)]
    assert {frame["type"] for frame in heard} == {"accepted", "line"}
    own, reply = (frame for frame in heard if frame["type"] == "line")
    assert (own["author"], own["client_id"], own["seq"]) == ("citizen", said["id"], 2)
    assert (reply["author"], reply["text"], reply["seq"]) == ("bot", "收到：路灯坏了", 3)
    inbound = house.accepted[WEB, said["id"]]
    assert (inbound.language, inbound.sent_at.tzinfo is not None) == ("en", True)


async def test_resume_replays_what_was_missed_and_nothing_else(served: Served, house: House) -> None:
    page, welcome = await served.hello()
    await page.hear("line")
    await page.raw.close()
    house.say(house.newest, "第二句")
    house.say(house.newest, "第三句")
    again, second = await served.hello(token=welcome["token"], last_seq=1)
    assert second["resumed"] is True
    assert [(await again.hear("line"))["text"] for _ in range(2)] == ["第二句", "第三句"]
    house.say(house.newest, "第四句")
    assert (await again.hear())["text"] == "第四句"


async def test_long_histories_come_in_order(served: Served, house: House) -> None:
    page, welcome = await served.hello()
    for number in range(450):
        house.say(house.newest, str(number))
    await page.raw.close()
    again, _ = await served.hello(token=welcome["token"])
    assert [(await again.hear("line"))["seq"] for _ in range(451)] == list(range(1, 452))


async def test_a_repeated_id_is_accepted_again_but_stored_once(served: Served, house: House) -> None:
    page, _ = await served.hello()
    said = message()
    for _ in range(2):
        await page.say(**said)
        assert (await page.hear("accepted"))["id"] == said["id"]
    assert house.pushes == 3  # open, message, message
    assert [line.text for line in house.talk(WEB, house.newest).lines].count("路灯坏了") == 1


@pytest.mark.parametrize(
    "origin",
    [
        None,
        "null",
        "https://evil.example",
        "http://12345.example.gov.cn",
        f"{SITE}.evil.example",
        f"{SITE}:8443",
    ],
)
async def test_foreign_origins_are_refused_before_the_upgrade(served: Served, origin: str | None) -> None:
    with pytest.raises(WSServerHandshakeError) as refused:
        await served.connect(origin)
    assert refused.value.status == 403


async def test_sites_that_embed_us_are_let_in(served: Served) -> None:
    page = await served.connect("https://city.example.cn")
    await page.say(type="hello")
    assert await page.hear("welcome")


async def test_a_forged_or_foreign_token_starts_a_new_chat(served: Served, house: House) -> None:
    _, mine = await served.hello()
    _, forged = await served.hello(token=mine["token"][:-2] + "xx")
    _, file = await served.hello(token=house.token(ChannelName("web/file"), house.newest))
    assert not forged["resumed"]
    assert not file["resumed"]
    assert len(house.talks) == 3


async def test_an_old_token_starts_a_new_chat(serve: Serve) -> None:
    served = await serve(token_seconds=-1)
    _, mine = await served.hello()
    _, later = await served.hello(token=mine["token"])
    assert not later["resumed"]


async def test_a_link_of_another_channel_continues_its_conversation(served: Served, house: House) -> None:
    sms = ChannelName("sms/twilio")
    house.say("+8613800000000", "短信里的话", channel=sms)  # type: ignore[arg-type]
    page, welcome = await served.hello(token=house.token(sms, "+8613800000000"))  # type: ignore[arg-type]
    assert welcome["resumed"]
    assert (await page.hear("line"))["text"] == "短信里的话"


async def test_too_many_messages_are_slowed_down_not_lost(serve: Serve) -> None:
    served = await serve(messages=Rate(3, 5))
    page, _ = await served.hello()
    said = [message(str(number)) for number in range(5)]
    for one in said:
        await page.say(**one)
    slow = await page.hear("slow_down")
    assert slow["id"] == said[3]["id"]
    await asyncio.sleep(slow["seconds"] + 0.3)
    await page.say(**said[3])
    assert (await page.hear("accepted"))["id"] == said[3]["id"]


async def test_the_limit_holds_over_several_sockets_of_one_chat(serve: Serve) -> None:
    served = await serve(messages=Rate(2, 0.001))
    first, welcome = await served.hello()
    second, _ = await served.hello(token=welcome["token"])
    for page in (first, first, second):
        await page.say(**message())
    assert await second.hear("slow_down")


async def test_a_flood_is_shown_out(serve: Serve) -> None:
    served = await serve(frames=Rate(5, 0.001))
    page, _ = await served.hello()
    for _ in range(200):
        await page.say(type="ping")
    assert await page.closed() == 1008


async def test_one_address_cannot_open_sockets_without_end(serve: Serve) -> None:
    served = await serve(address=Rate(9, 0.001))
    await served.hello()
    await served.connect()
    with pytest.raises(WSServerHandshakeError) as refused:
        await served.connect()
    assert refused.value.status == 429


async def test_an_oversized_frame_closes_with_its_reason(served: Served) -> None:
    page, _ = await served.hello()
    await page.raw.send_str("x" * 70_000)
    assert await page.closed() == 1009


async def test_hello_comes_first(serve: Serve) -> None:
    served = await serve(hello_seconds=0.2)
    early = await served.connect()
    await early.say(type="ping")
    assert await early.closed() == 1008
    silent = await served.connect()
    assert await silent.closed() == 1008


@pytest.mark.parametrize(
    ("frame", "field"),
    [
        ({"type": "message", "id": "1", "text": "x"}, "id"),
        ({"type": "message", "text": "x"}, "id"),
        ({"type": "dance"}, "type"),
        ({"type": "ack", "seq": -1}, "seq"),
        ({"type": "ack", "seq": "1"}, "seq"),
        ([], "frame"),
    ],
)
async def test_errors_name_the_field(served: Served, frame: object, field: str) -> None:
    page, _ = await served.hello()
    await page.raw.send_json(frame)
    assert (await page.hear("error"))["field"] == field


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"text": "长" * 5001}, "text"),
        ({"text": " \u200b\n"}, "frame"),
        ({"location": {"latitude": 91, "longitude": 0}}, "location.latitude"),
        ({"attachments": ["x"] * 10}, "attachments"),
    ],
)
async def test_a_wrong_message_is_rejected_by_its_id(
    served: Served, more: dict[str, Any], field: str
) -> None:
    page, _ = await served.hello()
    said = message(**{"text": "x", **more})
    await page.say(**said)
    answer = await page.hear("rejected")
    assert (answer["id"], answer["field"]) == (said["id"], field)


async def test_rubbish_is_answered_and_in_the_end_shown_out(served: Served) -> None:
    page, _ = await served.hello()
    await page.raw.send_bytes(b"\xff\x00{")
    assert (await page.hear("error"))["code"] == "bad_frame"
    for _ in range(25):
        await page.raw.send_str("{")
    assert await page.closed() == 1008


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)
keys = st.sampled_from(
    ["type", "id", "text", "seq", "choice", "attachments", "location", "token", "last_seq"]
)
kinds = st.sampled_from(["hello", "message", "typing", "ack", "ping"])
almost = st.builds(lambda d, kind: {**d, "type": kind}, st.dictionaries(keys, values, max_size=6), kinds)


@settings(max_examples=300, deadline=None)
@given(
    st.binary(max_size=200)
    | (values | almost).map(lambda value: frames.dumps({"": value})[4:-1].encode("utf-8", "surrogatepass"))
)
def test_any_bytes_are_a_frame_or_a_named_error(raw: bytes) -> None:
    try:
        frame = frames.parse(raw)
    except frames.BadFrame as problem:
        assert problem.field
        assert problem.answer()["type"] in ("error", "rejected")
    else:
        assert frame.type in ("hello", "message", "typing", "ack", "ping")
        if isinstance(frame, frames.Message):
            assert "\x00" not in frame.text


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=200))
async def test_any_text_arrives_as_it_was_typed(text: str) -> None:
    raw = frames.dumps({"type": "message", "id": str(uuid.uuid4()), "text": "问" + text})
    frame = frames.parse(raw)
    assert isinstance(frame, frames.Message)
    kept = {char for char in text if char.isprintable()}
    assert kept <= set(frame.text)


HANDSHAKE = (
    "GET /channels/web/socket HTTP/1.1",
    "Host: x",
    f"Origin: {SITE}",
    "Upgrade: websocket",
    "Connection: Upgrade",
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
    "Sec-WebSocket-Version: 13",
)


async def test_a_slow_reader_is_cut_off_and_others_are_not_held_up(serve: Serve, house: House) -> None:
    served = await serve(send_queue=2, send_patience=0.3, heartbeat=60)
    page, welcome = await served.hello()
    await page.raw.close()
    address = house.newest
    for _ in range(200):
        house.say(address, "长" * 60_000)
    loop = asyncio.get_running_loop()
    with sockets.socket() as raw:
        raw.setsockopt(sockets.SOL_SOCKET, sockets.SO_RCVBUF, 4096)
        raw.setblocking(False)
        await loop.sock_connect(raw, (served.server.host, served.server.port))
        await loop.sock_sendall(raw, ("\r\n".join(HANDSHAKE) + "\r\n\r\n").encode())
        hello = frames.dumps({"type": "hello", "token": welcome["token"]}).encode()
        await loop.sock_sendall(raw, bytes([0x81, 0x80 | 126]) + len(hello).to_bytes(2) + bytes(4) + hello)
        await until(lambda: bool(house.talk(WEB, address).watchers))
        other, _ = await served.hello()
        await other.say(**message("我不慢"))
        assert await other.hear("accepted")
        await until(lambda: not house.talk(WEB, address).watchers)


async def until(done: Callable[[], bool]) -> None:
    async with asyncio.timeout(8):
        while not done():  # noqa: ASYNC110  # a condition, not an event of ours
            await asyncio.sleep(0.02)


async def test_presence_typing_and_acknowledgement_pass_through(served: Served, house: House) -> None:
    page, _ = await served.hello()
    await page.hear("line")
    house.say(house.newest, "第二句")
    await page.hear("line")
    house.show(house.newest, Presence(person="小李", queue=0))
    assert await page.hear("presence") == {"type": "presence", "typing": False, "person": "小李", "queue": 0}
    await page.say(type="typing")
    await page.say(type="typing")
    for _ in range(2):
        await page.say(type="ack", seq=2)
    await page.say(type="ping")
    assert await page.hear("pong")
    assert house.typed == [house.newest]
    assert [report.ref for report in house.reports] == [f"{house.newest}:{seq}" for seq in (1, 2)]
    seen = Outbound(OutboxId(1), house.newest, "第二句", seq=2)
    assert (await served.channel.send(seen)).delivered
    assert not (await served.channel.send(replace(seen, seq=3))).delivered


async def test_who_goes_on_typing_is_shown_typing(served: Served, house: House) -> None:
    page, _ = await served.hello()
    for _ in range(2):
        house.show(house.newest, Presence(typing=True))
        assert (await page.hear("presence"))["typing"] is True


async def test_a_house_that_cannot_serve_now_asks_to_come_back_and_loses_nothing(
    serve: Serve, house: House
) -> None:
    served = await serve(away=(Away,))
    house.away = True
    new = await served.connect()
    await new.say(type="hello", last_seq=0, language="zh")
    assert await new.closed() == 1013  # without a token: the next hello is a new chat's, and greeted
    house.away = False
    page, welcome = await served.hello()
    await page.hear("line")
    house.away = True
    said = message()
    await page.say(**said)
    assert await page.closed() == 1013
    house.away = False
    again, _ = await served.hello(token=welcome["token"], last_seq=1)
    await again.say(**said)
    assert (await again.hear("accepted"))["id"] == said["id"]
    assert [line.text for line in house.talk(WEB, house.newest).lines].count("路灯坏了") == 1


async def test_shutdown_tells_every_page(served: Served) -> None:
    page, _ = await served.hello()
    hearing = asyncio.create_task(page.closed())
    await served.channel.close()
    assert await hearing == 1001
