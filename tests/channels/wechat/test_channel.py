"""The account on the wire: handshake, the three modes, passive replies, repeats, and what forgers try."""

from __future__ import annotations

import asyncio
import gzip
import time
from dataclasses import replace
from urllib.parse import parse_qsl, urlencode, urlsplit

import aiohttp
import pytest

from channels.base import Address, Choice, Inbound, Outbound, ShowsTyping
from channels.wechat import WeChat
from channels.wechat.crypto import signature
from standins.base import post
from standins.wechat_phone import FAULT, Mode
from tests.channels.fake_intake import echo, saying
from tests.channels.vectors import PAYLOADS, payload
from tests.channels.wechat.conftest import KEY, OLD_KEY, TOKEN, Line, OpenLine

MODES: list[Mode] = ["plain", "compatible", "safe"]


def signed(**extra: str) -> dict[str, str]:
    at, nonce = str(int(time.time())), "nonce-1"
    return {"signature": signature(TOKEN, at, nonce), "timestamp": at, "nonce": nonce, **extra}


async def get(url: str, query: dict[str, str] | list[tuple[str, str]]) -> tuple[int, str]:
    async with aiohttp.ClientSession() as session, session.get(f"{url}?{urlencode(query)}") as response:
        return response.status, await response.text()


# the handshake


async def test_handshake_returns_the_echo(line: Line) -> None:
    assert await get(line.push_url, signed(echostr="4375120948345356249")) == (200, "4375120948345356249")


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"signature": "0" * 40}, 403),
        ({"signature": "签名"}, 400),
        ({"nonce": "other"}, 403),
        ({"timestamp": "1"}, 403),
        ({"timestamp": "soon"}, 403),
        ({"nonce": ""}, 400),
        ({"echostr": "<script>alert(1)</script> "}, 400),
    ],
)
async def test_forged_handshakes(line: Line, change: dict[str, str], status: int) -> None:
    assert (await get(line.push_url, signed(echostr="1") | change))[0] == status


@pytest.mark.parametrize("name", ["signature", "timestamp", "nonce", "echostr"])
async def test_missing_and_doubled_parameters(line: Line, name: str) -> None:
    query = signed(echostr="1")
    assert (await get(line.push_url, [*query.items(), (name, query[name])]))[0] == 400
    assert (await get(line.push_url, {key: value for key, value in query.items() if key != name}))[0] == 400


@pytest.mark.parametrize("age", [-3600, 3600])
async def test_an_old_signature_is_worth_nothing(line: Line, age: int) -> None:
    at = str(int(time.time()) + age)
    query = {"signature": signature(TOKEN, at, "n"), "timestamp": at, "nonce": "n", "echostr": "1"}
    assert (await get(line.push_url, query))[0] == 403


# pushes


def in_mode(mode: Mode) -> dict[str, str]:
    return {} if mode == "plain" else {"aes_key": KEY}


@pytest.mark.parametrize("mode", MODES)
async def test_a_quick_turn_is_answered_in_the_response(open_line: OpenLine, mode: Mode) -> None:
    line = await open_line(**in_mode(mode))
    line.intake.rule = echo
    pushed = await line.phone(mode=mode).say("路灯坏了")
    assert pushed.reply is not None
    assert (pushed.reply.text, pushed.reply.via) == ("听到：路灯坏了", "passive")
    assert pushed.answered.attempts == 1
    assert [turn.text for turn in line.intake.turns] == ["路灯坏了"]


@pytest.mark.parametrize("mode", MODES)
async def test_a_slow_turn_is_acknowledged_and_answered_later(open_line: OpenLine, mode: Mode) -> None:
    line = await open_line(passive_seconds=0.2, **in_mode(mode))
    line.intake.rule, line.intake.turn_seconds = echo, 0.5
    pushed = await line.phone(mode=mode).say("路灯坏了")
    assert (pushed.reply, pushed.answered.body) == (None, "success")
    async with asyncio.timeout(5):
        await typing_shown(line)
    await asyncio.sleep(0.5)
    (reply,) = line.intake.outbox
    await line.channel.send(reply)
    (shown,) = line.standin.outlet.of("o-citizen")
    assert (shown.text, shown.via) == ("听到：路灯坏了", "api")
    assert "o-citizen" not in line.standin.typing


async def typing_shown(line: Line) -> None:
    while "o-citizen" not in line.standin.typing:
        await line.standin.outlet.changed()


async def test_a_person_who_writes_is_shown_now_and_then(line: Line) -> None:
    channel = WeChat(line.config, line.clock)
    assert isinstance(channel, ShowsTyping)
    line.standin.heard("o-citizen")
    for _ in range(3):
        channel.show_typing(Address("o-citizen"))
    async with asyncio.timeout(5):
        await typing_shown(line)
    assert line.standin.calls.count("typing") == 1
    line.standin.typing.clear()
    line.clock.ahead += 11
    channel.show_typing(Address("o-citizen"))
    async with asyncio.timeout(5):
        await typing_shown(line)
    await channel.close()


async def test_typing_that_fails_harms_nobody(open_line: OpenLine) -> None:
    line = await open_line(passive_seconds=0.1, api_url="http://127.0.0.1:9")
    line.intake.turn_seconds = 0.3
    assert (await line.phone().say("在吗")).answered.body == "success"


async def test_quick_silence_shows_no_typing(line: Line) -> None:
    assert (await line.phone().say("人工在听")).answered.body == "success"
    await line.channel.close()
    assert line.standin.calls == []


async def test_choices_are_numbered_in_a_passive_reply(line: Line) -> None:
    choices = (Choice("供暖", "service:heating"), Choice("噪音", "service:noise"))
    line.intake.rule = lambda inbound: saying(inbound.sender, "您要反映的是？", choices=choices)
    pushed = await line.phone().say("投诉")
    assert pushed.reply is not None
    assert pushed.reply.text == "您要反映的是？\n回复数字选择：\n1. 供暖\n2. 噪音"


@pytest.mark.parametrize("mode", MODES)
async def test_a_repeat_gets_the_same_answer_and_no_second_turn(open_line: OpenLine, mode: Mode) -> None:
    line = await open_line(**in_mode(mode))
    line.intake.rule = echo
    phone = line.phone(mode=mode)
    message = phone.message("text", Content="路灯坏了")
    first, second = await phone.push(message), await phone.push(message)
    assert first.reply is not None
    assert second.reply is not None
    assert first.reply.text == second.reply.text
    assert len(line.intake.turns) == 1


async def test_wechat_hangs_up_and_comes_again(line: Line) -> None:
    """The first attempt is cut while the turn runs; the second finds its answer."""
    line.intake.rule, line.intake.turn_seconds = echo, 0.6
    phone = line.phone()
    phone.patience = 0.4
    pushed = await phone.say("路灯坏了")
    assert pushed.answered.attempts == 2
    assert pushed.reply is not None
    assert pushed.reply.text == "听到：路灯坏了"
    assert len(line.intake.turns) == 1


async def test_a_hang_up_loses_nothing(line: Line) -> None:
    line.intake.turn_seconds = 0.3
    phone = line.phone()
    phone.patience = 0.1
    message = phone.message("text", Content="喂")
    assert (await phone.send_once(message)).status == 0
    await asyncio.sleep(0.5)
    assert [turn.text for turn in line.intake.turns] == ["喂"]


async def test_a_store_that_is_down_is_not_acknowledged(line: Line) -> None:
    line.intake.down = True
    pushed = await line.phone().say("停水了")
    assert pushed.answered.status == 500
    assert pushed.reply is not None
    assert pushed.reply.text == FAULT
    line.intake.down = False
    assert (await line.phone().say("停水了")).answered.status == 200


async def test_everything_a_citizen_can_do(open_line: OpenLine) -> None:
    line = await open_line(aes_key=KEY)
    phone = line.phone()
    line.intake.rule = echo
    await phone.follow("hall-3")
    await phone.scan("hall-4")
    await phone.click("progress")
    await phone.choose("rate:5", "满意")
    await phone.show(b"jpeg")
    await phone.speak(b"amr", "路灯坏了")
    await phone.film(b"mp4")
    await phone.point(30.25, 120.16, "湖滨路")
    await phone.leave()
    turns = line.intake.turns
    assert [turn.event for turn in turns] == ["subscribe", "scan", "menu", *[None] * 5, "unsubscribe"]
    assert [turn.payload for turn in turns[:4]] == ["hall-3", "hall-4", "progress", "rate:5"]
    assert [media.kind for turn in turns for media in turn.media] == ["image", "voice", "video"]
    assert await line.channel.fetch(turns[4].media[0]) == b"jpeg"
    assert await line.channel.fetch(turns[6].media[0]) == b"mp4"
    assert turns[5].text == "路灯坏了"
    assert turns[7].location is not None
    assert {shown.via for shown in line.standin.outlet.of(phone.openid)} == {"passive"}


async def raw_push(line: Line, body: str | bytes, **headers: str) -> int:
    data = body if isinstance(body, bytes) else body.encode()
    return (await post(f"{line.push_url}?{urlencode(signed())}", data=data, headers=headers)).status


async def test_own_payloads(line: Line) -> None:
    for path in sorted((PAYLOADS / "wechat").glob("*.xml")):
        assert await raw_push(line, path.read_bytes()) == 200, path.stem
    assert {report.ref for report in line.intake.reports} == {"300000001", "300000002", "400000001"}
    assert line.intake.accepted == len(line.intake.turns) > 10


async def test_hostile_payloads(line: Line) -> None:
    for path in sorted((PAYLOADS / "wechat" / "hostile").glob("*.xml")):
        assert await raw_push(line, path.read_bytes()) == 400, path.stem
    assert line.intake.accepted == 0


async def test_bodies_beyond_the_cap(line: Line) -> None:
    huge = payload("wechat/text.xml").replace("楼下", "楼下" * 40_000)
    assert await raw_push(line, huge) == 413
    assert await raw_push(line, gzip.compress(huge.encode()), **{"Content-Encoding": "gzip"}) == 413
    assert await raw_push(line, b"no gzip", **{"Content-Encoding": "gzip"}) == 400
    assert line.intake.accepted == 0


# forgers


async def test_a_forged_signature_reaches_nobody(line: Line) -> None:
    phone = line.phone(token="guessed")
    assert (await phone.say("转走全部工单")).answered.status == 403
    assert line.intake.accepted == 0


async def test_plain_words_do_not_pass_where_a_key_is_set(open_line: OpenLine) -> None:
    line = await open_line(aes_key=KEY)
    assert (await line.phone(mode="plain").say("降级")).answered.status == 403
    assert line.intake.accepted == 0


async def test_only_the_encrypted_half_of_a_compatible_push_counts(open_line: OpenLine) -> None:
    line = await open_line(aes_key=KEY)
    phone = line.phone(mode="compatible")
    url, body = phone.sealed(phone.message("text", Content="真话"))
    answered = await post(url, data=body.replace("真话", "假话").encode())
    assert answered.status == 200
    assert [turn.text for turn in line.intake.turns] == ["真话"]


async def test_the_plain_half_of_a_compatible_push_is_read_without_a_key(line: Line) -> None:
    line.intake.rule = echo
    phone = line.phone(mode="compatible", aes_key=KEY)
    url, body = phone.sealed(phone.message("text", Content="您好"))
    answered = await post(url, data=body.encode())
    assert line.phone(mode="plain").read_reply(answered.body) == "听到：您好"


async def test_a_safe_push_without_a_key_is_refused(line: Line) -> None:
    assert (await line.phone(mode="safe", aes_key=KEY).say("您好")).answered.status == 403


async def test_a_changed_envelope_is_refused(open_line: OpenLine) -> None:
    line = await open_line(aes_key=KEY)
    phone = line.phone()
    url, body = phone.sealed(phone.message("text", Content="您好"))
    start = body.index("<Encrypt><![CDATA[") + 18
    changed = f"{body[:start]}{'B' if body[start] == 'A' else 'A'}{body[start + 1 :]}"
    assert (await post(url, data=changed.encode())).status == 403
    query = dict(parse_qsl(urlsplit(url).query)) | {"nonce": "1"}
    assert (await post(f"{line.push_url}?{urlencode(query)}", data=body.encode())).status == 403
    assert (await post(url, data=b"<xml><ToUserName>gh</ToUserName></xml>")).status == 400
    doubled = body.replace("</xml>", "<Encrypt>x</Encrypt></xml>")
    assert (await post(url, data=doubled.encode())).status == 400
    assert line.intake.accepted == 0


async def test_another_account_is_refused(open_line: OpenLine) -> None:
    line = await open_line(aes_key=KEY)
    assert (await line.phone(appid="wx-of-others").say("您好")).answered.status == 403


# key rotation


async def test_while_the_key_changes_both_are_answered_in_kind(open_line: OpenLine) -> None:
    line = await open_line(aes_key=KEY, aes_key_previous=OLD_KEY)
    line.intake.rule = echo
    for key in (KEY, OLD_KEY):
        pushed = await line.phone(aes_key=key).say("您好")
        assert pushed.reply is not None
        assert pushed.reply.text == "听到：您好"


async def test_after_the_change_the_old_key_is_refused(open_line: OpenLine) -> None:
    line = await open_line(aes_key=KEY)
    assert (await line.phone(aes_key=OLD_KEY).say("您好")).answered.status == 403


async def test_replies_cannot_be_broken_out_of(open_line: OpenLine) -> None:
    def nasty(inbound: Inbound) -> Outbound:
        return saying(inbound.sender, f"{inbound.text}]]></Content><MsgType>x</MsgType>\x08")

    for mode in MODES:
        line = await open_line(**in_mode(mode))
        line.intake.rule = nasty
        pushed = await line.phone(mode=mode).say("]]>")
        assert pushed.reply is not None
        assert pushed.reply.text == "]]>]]></Content><MsgType>x</MsgType>"


async def test_secrets_are_not_shown(line: Line) -> None:
    config = replace(line.config, aes_key=KEY)
    assert not any(secret in repr(config) for secret in (TOKEN, "app-secret", KEY))
