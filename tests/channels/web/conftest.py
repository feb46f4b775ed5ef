"""The channel on a real port, with the house in memory behind it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from typing import Any

import pytest
from aiohttp import ClientSession, ClientWebSocketResponse, web
from aiohttp.test_utils import TestServer

from channels.web import WebChat, WebOptions
from tests.channels.web.house import House

SITE = "https://12345.example.gov.cn"
Page = Callable[..., Awaitable["Socket"]]


class Socket:
    """The page's side of a socket."""

    def __init__(self, raw: ClientWebSocketResponse) -> None:
        self.raw = raw

    async def say(self, **frame: Any) -> None:
        await self.raw.send_json(frame)

    async def hear(self, kind: str | None = None) -> dict[str, Any]:
        """The next frame; with `kind`, the next of that type."""
        while True:
            frame: dict[str, Any] = await self.raw.receive_json(timeout=5)
            if kind in (None, frame["type"]):
                return frame

    async def closed(self) -> int:
        while not self.raw.closed:
            await self.raw.receive(timeout=5)
        return self.raw.close_code or 0


class Served:
    """A running channel. `options` may be changed before the first request."""

    def __init__(self, server: TestServer, session: ClientSession, house: House, channel: WebChat) -> None:
        self.server, self.session, self.house, self.channel = server, session, house, channel

    async def connect(self, origin: str | None = SITE) -> Socket:
        headers = {"Origin": origin} if origin else {}
        return Socket(
            await self.session.ws_connect(self.server.make_url("/channels/web/socket"), headers=headers)
        )

    async def hello(self, **more: Any) -> tuple[Socket, dict[str, Any]]:
        socket = await self.connect()
        await socket.say(type="hello", **{"last_seq": 0, "language": "zh", **more})
        return socket, await socket.hear("welcome")

    def url(self, path: str) -> str:
        return str(self.server.make_url(f"/channels/web/{path}"))


Serve = Callable[..., Awaitable[Served]]


@pytest.fixture
def house() -> House:
    return House()


@pytest.fixture
async def serve(house: House) -> AsyncIterator[Serve]:
    """Starts the channel with the given options."""
    running: list[Served] = []

    async def start(**options: Any) -> Served:
        channel = WebChat(replace(WebOptions(SITE, ("https://city.example.cn",)), **options))
        app = web.Application()
        app.add_routes(channel.routes(house))
        server = TestServer(app)
        await server.start_server()
        running.append(Served(server, ClientSession(), house, channel))
        return running[-1]

    yield start
    for served in running:
        await served.channel.close()
        await served.session.close()
        await served.server.close()


@pytest.fixture
async def served(serve: Serve) -> Served:
    return await serve()
