"""A small house for /try: real channels and real stand-ins around a bot of a few lines."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from aiohttp import web

from channels.base import Channel, ChannelName, Choice, Inbound, Outbound, OutboxId, Template
from channels.sms.aliyun import Aliyun, AliyunConfig
from channels.sms.tencent import Tencent, TencentConfig
from channels.sms.twilio import Twilio, TwilioConfig
from channels.web import WebChat, WebOptions
from channels.wechat.channel import WeChat, WeChatConfig
from standins import aliyun, tencent
from standins.aliyun import AliyunStandIn
from standins.phones import Doors
from standins.tencent import TencentStandIn
from standins.tryout import try_routes
from standins.twilio import TwilioStandIn
from standins.wechat import WeChatStandIn
from tests.channels.web.house import House

AES = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
SECRETS = {
    "wechat_token": "token",
    "wechat_aes_key": AES,
    "aliyun_secret": "hush-a",
    "tencent_secret": "hush-t",
}
RECEIPT = {"number": "202511220001", "code": "5Q7K", "service": "路灯故障", "deadline": "11月27日"}


@dataclass
class Accounts:
    port: int
    wechat_appid: str = "wx0123456789abcdef"
    values: dict[str, str] = field(default_factory=lambda: dict(SECRETS))

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def text(self, name: str) -> str:
        return self.values[name]


class Relay(House):
    """Answers at once where the provider waits, and once more through its API."""

    def __init__(self) -> None:
        super().__init__()
        self.channels: dict[ChannelName, Channel] = {}
        self.sending: set[asyncio.Task[None]] = set()

    async def accept(self, inbound: Inbound, patience: float = 0) -> Sequence[Outbound]:
        await super().accept(inbound, patience)
        channel = self.channels[inbound.channel]
        if channel.name == "web" or inbound.event:
            return ()
        task = asyncio.create_task(self._send(channel, inbound, "请问在哪条路上？"))
        self.sending.add(task)
        task.add_done_callback(self.sending.discard)
        if not patience:
            return ()
        return (Outbound(OutboxId(1), inbound.sender, f"记下了：{inbound.text or '照片'}"),)

    async def _send(self, channel: Channel, inbound: Inbound, text: str) -> None:
        await asyncio.sleep(0.1)
        free = channel.limits.free_text
        choices = (Choice("人民路", "a"), Choice("不清楚", "b"))
        template = None if free else Template("receipt", RECEIPT)
        await channel.send(Outbound(OutboxId(2), inbound.sender, text, choices, template))


def make_app(port: int, pages: Path | None = None) -> tuple[web.Application, Relay]:
    """Everything on one port; `pages` is the folder web/ where the pages are to be served too."""
    accounts, relay = Accounts(port), Relay()
    here = f"{accounts.url}/standins"
    standins = Doors(
        WeChatStandIn(accounts.wechat_appid, "secret"),
        TwilioStandIn("AC1", "auth", "+12025550123"),
        AliyunStandIn("LTAI", "key", "临江12345"),
        TencentStandIn("AKID", "key", "1400000001", "临江12345"),
        accounts,
    )
    built: list[Channel] = [
        WeChat(WeChatConfig("token", accounts.wechat_appid, "secret", AES, api_url=f"{here}/wechat")),
        Twilio(TwilioConfig("AC1", "auth", "+12025550123", accounts.url, api_url=f"{here}/twilio")),
        Aliyun(AliyunConfig("hush-a", "LTAI", "key", "临江12345", aliyun.SETTING, api_url=f"{here}/aliyun")),
        Tencent(
            TencentConfig(
                "hush-t", "AKID", "key", "1400000001", "临江12345", tencent.SETTING, api_url=f"{here}/tencent"
            )
        ),
        WebChat(WebOptions(accounts.url)),
    ]
    relay.channels = {channel.name: channel for channel in built}
    app = web.Application(client_max_size=16 * 1024 * 1024)
    for channel in built:
        app.add_routes(channel.routes(relay))
    for name in ("wechat", "twilio", "aliyun", "tencent"):
        app.add_subapp(f"/standins/{name}", getattr(standins, name).app())
    app.add_routes(try_routes(standins))

    async def close(_: web.Application) -> None:
        for channel in built:
            await channel.close()

    app.on_shutdown.append(close)
    if pages:
        _serve(app, pages)
    return app, relay


def _serve(app: web.Application, pages: Path) -> None:
    from channels.web import page_routes

    app.add_routes(page_routes(pages / "widget" / "dist"))

    async def index(_: web.Request) -> web.FileResponse:
        return web.FileResponse(pages / "try" / "dist" / "index.html")

    app.add_routes([web.get("/try/", index), web.static("/try", pages / "try" / "dist")])
