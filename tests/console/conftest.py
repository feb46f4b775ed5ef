"""Browsers of operators against the whole app."""

from __future__ import annotations

from collections.abc import AsyncIterator

import aiohttp
import pytest

from tests.conftest import Running
from tests.console.seat import Seat


def browser(running: Running) -> aiohttp.ClientSession:
    """Keeps cookies of 127.0.0.1 too."""
    return aiohttp.ClientSession(running.url, cookie_jar=aiohttp.CookieJar(unsafe=True))


@pytest.fixture
async def anonymous(running: Running) -> AsyncIterator[Seat]:
    async with browser(running) as client:
        yield Seat(client)


@pytest.fixture
async def operator(running: Running) -> AsyncIterator[Seat]:
    async with browser(running) as client:
        yield await Seat(client).enter("seat1")


@pytest.fixture
async def colleague(running: Running) -> AsyncIterator[Seat]:
    async with browser(running) as client:
        yield await Seat(client).enter("seat2")


@pytest.fixture
async def supervisor(running: Running) -> AsyncIterator[Seat]:
    async with browser(running) as client:
        yield await Seat(client).enter("lead")


@pytest.fixture
async def admin(running: Running) -> AsyncIterator[Seat]:
    async with browser(running) as client:
        yield await Seat(client).enter("admin")
