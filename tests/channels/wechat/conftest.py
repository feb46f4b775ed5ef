"""An official account: the channel on a real port, WeChat's stand-in on another, and phones between them."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Any

import pytest
from aiohttp import web

from channels.wechat import WeChat, WeChatConfig
from standins.wechat import WeChatStandIn
from standins.wechat_phone import Account, Mode, WeChatPhone
from tests.channels.conftest import Listen
from tests.channels.fake_intake import FakeIntake

KEY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFE"
OLD_KEY = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefg"
APPID, SECRET, TOKEN = "wx0123456789abcdef", "app-secret", "push-token"


class Clock:
    """Time that tests move."""

    def __init__(self) -> None:
        self.ahead = 0.0

    def __call__(self) -> float:
        return time.time() + self.ahead


@dataclass(frozen=True)
class Line:
    """Everything around one account."""

    channel: WeChat
    intake: FakeIntake
    standin: WeChatStandIn
    push_url: str
    api_url: str
    config: WeChatConfig
    clock: Clock

    def phone(self, openid: str = "o-citizen", mode: Mode | None = None, **account: Any) -> WeChatPhone:
        chosen: Mode = mode or ("safe" if self.config.aes_key else "plain")
        set_up = Account(self.push_url, TOKEN, APPID, self.config.aes_key, chosen)
        return WeChatPhone(self.standin, replace(set_up, **account), openid)


OpenLine = Callable[..., Awaitable[Line]]


@pytest.fixture
async def open_line(listen: Listen, intake: FakeIntake) -> AsyncIterator[OpenLine]:
    opened: list[WeChat] = []

    async def start(**config: Any) -> Line:
        clock = Clock()
        standin = WeChatStandIn(APPID, SECRET, clock)
        api_url = await listen(standin.app())
        wanted = replace(WeChatConfig(TOKEN, APPID, SECRET, api_url=api_url, passive_seconds=1.0), **config)
        channel = WeChat(wanted)
        opened.append(channel)
        app = web.Application()
        app.add_routes(channel.routes(intake))
        push_url = f"{await listen(app)}/channels/wechat"
        return Line(channel, intake, standin, push_url, api_url, wanted, clock)

    yield start
    for channel in opened:
        await channel.close()


@pytest.fixture
async def line(open_line: OpenLine) -> Line:
    return await open_line()
