"""Real servers on free ports, closed after each test."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from hypothesis import settings

from tests.channels.fake_intake import FakeIntake

settings.register_profile("shared machine", deadline=None)
settings.load_profile("shared machine")

Listen = Callable[[web.Application], Awaitable[str]]


@pytest.fixture
async def listen() -> AsyncIterator[Listen]:
    """Serve an application; its address without the final slash."""
    servers: list[TestServer] = []

    async def start(app: web.Application) -> str:
        server = TestServer(app)
        await server.start_server()
        servers.append(server)
        return str(server.make_url("")).rstrip("/")

    yield start
    for server in servers:
        await server.close()


@pytest.fixture
def intake() -> FakeIntake:
    return FakeIntake()
