"""A city's page with the widget on it, on a port of its own, and the house in memory behind it."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from pathlib import Path
from typing import Any

from aiohttp import web

from channels.base import Inbound
from channels.web import WebChat, WebOptions, page_routes
from tests.channels.web.house import House

HOME = """<!doctype html><html lang="zh-CN"><meta charset="utf-8"><title>某某市人民政府</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<main><h1>某某市人民政府</h1><p><a href="#">政务公开</a></p></main>
<script src="/widget.js" data-language="zh" defer></script></html>"""
GREETING = "您好，这里是12345热线。遇到危险请马上打110。"


def answer(house: House, inbound: Inbound) -> None:
    to = inbound.sender
    if inbound.event == "open":
        house.say(to, GREETING, choices=[("反映问题", "report"), ("查进度", "progress")])
    elif inbound.text == "转人工":
        house.say(to, "小李 为您服务", author="system", notice="person_joined")
        house.say(to, "我是小李，您请说。", author="operator", name="小李")
    elif inbound.payload:
        house.say(to, f"您选了 {inbound.payload}")
    elif inbound.media:
        house.say(to, f"收到 {len(inbound.media)} 张照片")
    elif inbound.location:
        house.say(to, f"收到位置 {inbound.location.latitude:.2f}")
    else:
        house.say(to, f"收到：{inbound.text} <b>x</b> https://example.cn/a?b=1&c=<i> 费用120元")


class Site:
    """May be cut off and put back, as networks are."""

    def __init__(self, pages: Path, **options: Any) -> None:
        self.pages, self.options = pages, options
        self.house = House(answer)
        self.port = 0
        self.blocked = False  # WebSockets, as by some offices' proxies
        self._runner: web.AppRunner | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def start(self) -> None:
        """Again on the port it had."""
        options = {"token_seconds": 3600, **self.options}
        channel = WebChat(WebOptions(self.url or "http://127.0.0.1", **options))
        app = web.Application(client_max_size=16 * 1024 * 1024, middlewares=[self._gate])
        app.add_routes(channel.routes(self.house))
        app.add_routes(page_routes(self.pages / "widget" / "dist"))
        app.add_routes([web.get("/", self._home)])

        async def close(_: web.Application) -> None:
            await channel.close()

        app.on_shutdown.append(close)
        self._runner = web.AppRunner(app, shutdown_timeout=0.2)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self.port, reuse_address=True).start()

    async def stop(self) -> None:
        if self._runner:
            with suppress(asyncio.CancelledError):
                await self._runner.cleanup()
            self._runner = None

    async def _home(self, _: web.Request) -> web.Response:
        return web.Response(text=HOME, content_type="text/html")

    @web.middleware
    async def _gate(self, request: web.Request, handler: Any) -> web.StreamResponse:
        if self.blocked and request.path.endswith("/socket"):
            raise web.HTTPForbidden
        answered: web.StreamResponse = await handler(request)
        return answered
