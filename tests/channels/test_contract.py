"""One contract over all channels: two doors, a name, limits; and leaves that know nothing of the house."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from aiohttp import web

import channels
import standins
from channels.base import Channel, Media, Refused, TryLater
from channels.sms import Aliyun, AliyunConfig, Tencent, TencentConfig, Twilio, TwilioConfig
from channels.wechat import WeChat, WeChatConfig
from tests.channels.fake_intake import FakeIntake


def every_channel() -> list[Channel]:
    return [
        WeChat(WeChatConfig("token", "wx1", "secret", api_url="http://127.0.0.1:9")),
        Twilio(TwilioConfig("AC1", "token", "+8657112345000", "https://city.example.cn")),
        Aliyun(AliyunConfig("hook", "id", "key", "某市12345")),
        Tencent(TencentConfig("hook", "id", "key", "1400000000", "某市12345")),
    ]


@pytest.mark.parametrize("channel", every_channel(), ids=lambda channel: channel.name)
async def test_routes_lie_under_the_channels_name(channel: Channel) -> None:
    routes = channel.routes(FakeIntake())
    assert routes
    for route in routes:
        assert isinstance(route, web.RouteDef)
        assert route.path.startswith(f"/channels/{channel.name}")
    await channel.close()
    await channel.close()


@pytest.mark.parametrize("channel", every_channel(), ids=lambda channel: channel.name)
async def test_a_file_nobody_has_is_refused(channel: Channel) -> None:
    with pytest.raises((Refused, TryLater)):
        await channel.fetch(Media("image", ref="file:///etc/passwd"))
    await channel.close()


def test_all_names_differ() -> None:
    assert len({channel.name for channel in every_channel()}) == len(every_channel())


@pytest.mark.parametrize(
    ("folder", "allowed"), [(channels.__path__[0], {"channels"}), (standins.__path__[0], {"standins"})]
)
def test_leaves_import_nothing_of_the_house(folder: str, allowed: set[str]) -> None:
    ours = {"bot", "channels", "actions", "nlu", "standins", "tests", "bench"}
    for path in Path(folder).rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            names += [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            for name in names:
                assert name.partition(".")[0] not in ours - allowed, f"{path.name} imports {name}"
