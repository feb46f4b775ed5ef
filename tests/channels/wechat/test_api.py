"""What goes to WeChat's API, against a stand-in that refuses what the real one refuses."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from aiohttp import web

from channels.base import (
    AttachmentId,
    Choice,
    DeliveryError,
    Media,
    Outbound,
    Refused,
    Sent,
    Stored,
    TryLater,
)
from channels.wechat import WeChat, WeChatConfig
from standins.base import Option
from tests.channels.conftest import Listen
from tests.channels.fake_intake import saying
from tests.channels.wechat.conftest import APPID, SECRET, TOKEN, Line, OpenLine

PICTURE = b"\xff\xd8\xff\xe0" + b"picture" * 200_000  # more than a megabyte


async def written(line: Line, openid: str = "o-citizen") -> None:
    """The citizen has just written, so five messages may go out."""
    await line.phone(openid).say("您好")


async def refusal(line: Line, message: Outbound) -> DeliveryError:
    with pytest.raises(DeliveryError) as caught:
        await line.channel.send(message)
    return caught.value


async def test_text_arrives_unescaped(line: Line) -> None:
    await written(line)
    words = '工单已受理 🙂 \\u4e2d "引号" ]]> \x00'
    assert await line.channel.send(saying("o-citizen", words)) == Sent()
    assert [shown.text for shown in line.standin.outlet.of("o-citizen")] == [words.replace("\x00", "")]


async def test_choices_become_a_menu_whose_ids_are_the_payloads(line: Line) -> None:
    await written(line)
    choices = (Choice("满意", "rate:5"), Choice("不满意", "rate:1"))
    await line.channel.send(saying("o-citizen", "办得怎么样？", choices=choices))
    (shown,) = line.standin.outlet.of("o-citizen")
    assert (shown.text, shown.options) == (
        "办得怎么样？",
        (Option("rate:5", "满意"), Option("rate:1", "不满意")),
    )


async def test_a_picture_of_the_operator(line: Line) -> None:
    await written(line)
    kept = AttachmentId("0b7e")
    line.intake.files[kept] = Stored(kept, "image/jpeg", len(PICTURE), PICTURE)
    await line.channel.send(saying("o-citizen", "请看这张图", attachment=kept))
    picture, words = line.standin.outlet.of("o-citizen")
    assert line.standin.media[picture.media].data == PICTURE
    assert line.standin.media[picture.media].mime == "image/jpeg"
    assert words.text == "请看这张图"


async def test_a_picture_alone(line: Line) -> None:
    await written(line)
    kept = AttachmentId("0b7e")
    line.intake.files[kept] = Stored(kept, "image/png", len(PICTURE), PICTURE)
    await line.channel.send(saying("o-citizen", "", attachment=kept))
    assert len(line.standin.outlet.of("o-citizen")) == 1


@pytest.mark.parametrize(("mime", "code"), [("application/pdf", "mime"), (None, "no_attachment")])
async def test_files_that_cannot_go_out(line: Line, mime: str | None, code: str) -> None:
    await written(line)
    kept = AttachmentId("0b7e")
    if mime:
        line.intake.files[kept] = Stored(kept, mime, 3, b"pdf")
    error = await refusal(line, saying("o-citizen", "请看附件", attachment=kept))
    assert isinstance(error, Refused)
    assert error.code == code


async def test_the_sixth_message_is_held(line: Line) -> None:
    await written(line)
    for number in range(5):
        await line.channel.send(saying("o-citizen", f"第{number}条"))
    error = await refusal(line, saying("o-citizen", "第六条"))
    assert isinstance(error, Refused)
    assert (error.code, error.hold) == ("45047", True)
    await written(line)
    await line.channel.send(saying("o-citizen", "第六条"))


async def test_a_tap_opens_the_way_for_three_messages_and_a_minute(line: Line) -> None:
    await line.phone().click("progress")
    for number in range(3):
        await line.channel.send(saying("o-citizen", f"第{number}条"))
    assert (await refusal(line, saying("o-citizen", "第四条"))).code == "45047"
    await line.phone().click("progress")
    line.clock.ahead = 61
    assert (await refusal(line, saying("o-citizen", "太晚了"))).code == "45015"


async def test_after_48_hours_messages_are_held(line: Line) -> None:
    await written(line)
    line.clock.ahead = 48 * 3600 + 1
    error = await refusal(line, saying("o-citizen", "回访"))
    assert isinstance(error, Refused)
    assert (error.code, error.hold) == ("45015", True)


@pytest.mark.parametrize(
    ("code", "kind", "hold", "after"),
    [
        (-1, TryLater, None, 1),
        (45009, TryLater, None, 3600),
        (40003, Refused, False, None),
        (45002, Refused, False, None),
    ],
)
async def test_what_errors_mean(
    line: Line, code: int, kind: type[DeliveryError], hold: bool | None, after: float | None
) -> None:
    await written(line)
    await line.channel.send(saying("o-citizen", "先有令牌"))
    line.standin.fail_next = [code]
    error = await refusal(line, saying("o-citizen", "您好"))
    assert type(error) is kind
    assert (error.code, getattr(error, "hold", None), getattr(error, "after", None)) == (
        str(code),
        hold,
        after,
    )


async def test_a_strange_citizen_is_refused(line: Line) -> None:
    assert isinstance(await refusal(line, saying("nobody", "您好")), Refused)


async def test_one_token_for_all(line: Line) -> None:
    for number in range(5):
        await written(line, f"o-{number}")
    await asyncio.gather(*(line.channel.send(saying(f"o-{number}", "您好")) for number in range(5)))
    assert line.standin.calls.count("stable_token") == 1


async def test_a_token_taken_away_is_renewed_once(line: Line) -> None:
    await written(line)
    await line.channel.send(saying("o-citizen", "一"))
    line.standin.expire_token()
    await line.channel.send(saying("o-citizen", "二"))
    assert line.standin.calls == ["stable_token", "send", "send", "stable_token", "send"]


@pytest.mark.parametrize("code", [40001, 40014, 42001])
async def test_a_token_refused_twice_is_for_later(line: Line, code: int) -> None:
    await written(line)
    await line.channel.send(saying("o-citizen", "一"))
    line.standin.calls.clear()
    line.standin.always["send"] = code
    error = await refusal(line, saying("o-citizen", "二"))
    assert isinstance(error, TryLater)
    assert line.standin.calls.count("send") == 2


async def test_wrong_credentials_are_told_to_operators(
    open_line: OpenLine, caplog: pytest.LogCaptureFixture
) -> None:
    line = await open_line(secret="wrong")
    await written(line)
    error = await refusal(line, saying("o-citizen", "您好"))
    assert isinstance(error, TryLater)
    assert (error.code, error.after) == ("40125", 300)
    assert any(record.levelname == "ERROR" and "40125" in record.message for record in caplog.records)
    assert "wrong" not in caplog.text


async def test_fetching_what_the_citizen_sent(line: Line) -> None:
    picture, film = line.standin.keep(PICTURE, "image/jpeg"), line.standin.keep(b"film", "video/mp4")
    assert await line.channel.fetch(Media("image", ref=picture)) == PICTURE
    assert await line.channel.fetch(Media("video", ref=film)) == b"film"
    with pytest.raises(Refused) as gone:
        await line.channel.fetch(Media("image", ref="three-days-old"))
    assert gone.value.code == "40007"


async def test_files_beyond_the_cap_are_not_read(line: Line) -> None:
    huge = line.standin.keep(bytes(2 * 1024 * 1024 + 1), "audio/amr")
    with pytest.raises(Refused) as refused:
        await line.channel.fetch(Media("voice", ref=huge))
    assert refused.value.code == "too_large"


Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


async def wechat_that_answers(listen: Listen, answer: Handler) -> WeChat:
    """An API whose every call but the token's is answered by `answer`."""

    async def token(request: web.Request) -> web.Response:
        return web.json_response({"access_token": "t", "expires_in": 7200})

    app = web.Application()
    app.router.add_post("/cgi-bin/stable_token", token)
    app.router.add_route("*", "/{path:.*}", answer)
    return WeChat(WeChatConfig(TOKEN, APPID, SECRET, api_url=await listen(app)))


@pytest.mark.parametrize("url", ["http://169.254.169.254/latest", "file:///etc/passwd", "http://[", "", None])
async def test_videos_are_fetched_from_tencent_only(listen: Listen, url: str | None) -> None:
    async def elsewhere(request: web.Request) -> web.Response:
        return web.json_response({"video_url": url})

    channel = await wechat_that_answers(listen, elsewhere)
    with pytest.raises(Refused, match="no address"):
        await channel.fetch(Media("video", ref="x"))
    await channel.close()


@pytest.mark.parametrize(
    ("status", "body"), [(502, b"bad gateway"), (200, b"<html>"), (200, b"[]"), (200, b'{"errcode":')]
)
async def test_nonsense_is_for_later(listen: Listen, status: int, body: bytes) -> None:
    async def nonsense(request: web.Request) -> web.Response:
        return web.Response(status=status, body=body)

    channel = await wechat_that_answers(listen, nonsense)
    with pytest.raises(TryLater):
        await channel.send(saying("o-citizen", "您好"))
    await channel.close()


async def test_a_hang_up_is_for_later(listen: Listen) -> None:
    async def hang_up(request: web.Request) -> web.Response:
        assert request.transport is not None
        request.transport.close()
        return web.Response()

    channel = await wechat_that_answers(listen, hang_up)
    with pytest.raises(TryLater) as later:
        await channel.send(saying("o-citizen", "您好"))
    assert later.value.code == "network"
    await channel.close()


async def test_nobody_there_is_for_later() -> None:
    channel = WeChat(WeChatConfig(TOKEN, APPID, SECRET, api_url="http://127.0.0.1:9"))
    with pytest.raises(TryLater):
        await channel.send(saying("o-citizen", "您好"))
    await channel.close()
