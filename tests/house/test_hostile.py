"""What strangers send to the whole app: every request gets a plain answer, none gets a 500 or hangs."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import aiohttp
import pytest
from yarl import URL

from bot import guard
from bot.app import HOUSE
from channels.base import Address, ChannelName
from tests.house.conftest import database_away

if TYPE_CHECKING:
    from tests.conftest import Running

LINE = b"GET /console/ HTTP/1.1\r\nHost: x\r\n"
POST = b"POST %s HTTP/1.1\r\nHost: %s\r\nContent-Length: 3\r\n\r\na=b"
REQUESTS: dict[str, bytes] = {
    "a zero byte in a path": b"GET /console/%00 HTTP/1.1\r\nHost: x\r\n\r\n",
    "a name too long for a file": b"GET /try/" + b"a" * 300 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
    "a path too long for a file": b"GET /console/" + b"a/" * 3000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
    "half a character in a path": b"GET /console/%ED%A0%80 HTTP/1.1\r\nHost: x\r\n\r\n",
    "bytes in a cookie": b"GET /api/me HTTP/1.1\r\nHost: x\r\nCookie: lianxin_seat=\xff\xfe\r\n\r\n",
    "bytes in a token": b"GET /channels/web/poll HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer \xff\r\n\r\n",
    "no host": POST % (b"/channels/sms/twilio", b""),
    "half an address as host": POST % (b"/channels/sms/twilio", b"["),
    "a host with a name": POST % (b"/channels/sms/twilio", b"a@b:c"),
    "a port that is none": POST % (b"/channels/sms/twilio", b"a:99999"),
    "a body that is not packed": (
        b"POST /try/api/sms HTTP/1.1\r\nHost: x\r\nContent-Encoding: gzip\r\nContent-Length: 3\r\n\r\nabc"
    ),
    "chunks that are none": b"POST /chat HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nZ\r\n",
    "a header without end": LINE + b"X: " + b"a" * 20_000,
    "a part whose header is none": (
        b"POST /channels/web/upload HTTP/1.1\r\nHost: x\r\nContent-Type: multipart/form-data; boundary=B\r\n"
        b"Authorization: Bearer TOKEN\r\nContent-Length: 21\r\n\r\n--B\r\nnone\r\n\r\na\r\n--B--"
    ),
    "no HTTP at all": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
}


async def status(running: Running, request: bytes) -> int:
    parts = urlsplit(running.url)
    reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
    writer.write(request)
    async with asyncio.timeout(10):
        line = await reader.readline()
    writer.close()
    return int(line.split()[1])


@pytest.mark.parametrize("name", REQUESTS)
async def test_a_hostile_request_is_answered(running: Running, name: str) -> None:
    token = running.app[HOUSE].token(ChannelName("web"), Address("a")).encode()
    assert await status(running, REQUESTS[name].replace(b"TOKEN", token)) < 500


@pytest.mark.parametrize("path", ["..%2f..%2fpackage.json", "%2fetc%2fpasswd", "assets%2f.."])
async def test_no_file_beside_the_pages_is_served(running: Running, path: str) -> None:
    async with aiohttp.ClientSession() as http:
        front = await (await http.get(f"{running.url}/console/")).text()
        answer = await (await http.get(URL(f"{running.url}/console/{path}", encoded=True))).text()
    assert answer == front


async def test_a_body_that_never_comes_is_not_waited_for(
    running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(guard, "BODY_SECONDS", 0.3)
    for path in (b"/try/api/sms", b"/channels/sms/twilio", b"/channels/web/poll", b"/api/login"):
        head = b"POST %s HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n" % path
        assert await status(running, head + b"Content-Length: 50\r\n\r\n{") == 400


async def test_a_database_that_is_away_is_no_mistake_of_ours(running: Running, database_url: str) -> None:
    """Who asks meanwhile is told to come again, and is served when it is back."""
    login = {"login": "seat", "password": "wrong password"}
    async with aiohttp.ClientSession() as http:
        async with database_away(database_url):
            answer = await http.post(f"{running.url}/api/login", json=login)
            assert answer.status == 503 and answer.headers["Retry-After"]
        answer = await http.post(f"{running.url}/api/login", json=login)
        assert answer.status == 401
