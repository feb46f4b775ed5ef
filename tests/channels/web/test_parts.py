"""Origins, buckets and pages, each by itself."""

from __future__ import annotations

from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer, make_mocked_request

from channels.base import Address, Media, Outbound, OutboxId, Refused
from channels.web import WebChat, WebOptions, page_routes
from channels.web.buckets import Buckets, Rate, client_ip
from channels.web.origins import Origins


@pytest.mark.parametrize(
    ("public", "origin", "host", "allowed"),
    [
        ("https://a.cn", "https://a.cn", "a.cn", True),
        ("https://a.cn:443/x", "https://A.cn", "a.cn", True),
        ("https://a.cn", "https://a.cn.evil.com", "a.cn", False),
        ("https://a.cn", "https://a.cn@evil.com", "a.cn", False),
        ("http://127.0.0.1:8080", "http://localhost:8080", "localhost:8080", True),
        ("http://127.0.0.1:8080", "http://localhost:9090", "localhost:8080", False),
        ("http://0.0.0.0:8080", "http://192.168.1.5:8080", "192.168.1.5:8080", True),
        ("http://0.0.0.0:8080", "http://evil.com:8080", "evil.com:8080", False),
        ("http://0.0.0.0:8080", "http://192.168.1.6:8080", "192.168.1.5:8080", False),
        ("http://[::]:8080", "http://[::1]:8080", "[::1]:8080", True),
        ("https://a.cn", "file://", "a.cn", False),
        ("https://a.cn", "https://[::", "a.cn", False),
    ],
)
def test_origins(public: str, origin: str, host: str, allowed: bool) -> None:
    assert Origins(public).allows(origin, host) is allowed


def test_a_wrong_setting_is_refused_at_the_start() -> None:
    with pytest.raises(ValueError, match="city"):
        Origins("https://a.cn", ["city.example"])


def test_buckets_fill_up_again_and_forget_the_oldest() -> None:
    now = [0.0]
    buckets = Buckets(Rate(2, 0.5), size=2, clock=lambda: now[0])
    assert [buckets.take("a") for _ in range(3)] == [0, 0, 2]
    now[0] = 2
    assert buckets.take("a") == 0
    assert buckets.take("a") == 2
    buckets.take("b"), buckets.take("c")
    assert buckets.take("a") == 0  # forgotten, so it starts full: memory stays bounded


@pytest.mark.parametrize(
    ("proxies", "header", "ip"),
    [
        (0, "1.1.1.1", "9.9.9.9"),
        (1, "6.6.6.6, 1.1.1.1", "1.1.1.1"),
        (2, "1.1.1.1, 2.2.2.2", "1.1.1.1"),
        (1, "", "9.9.9.9"),
    ],
)
def test_whose_address_it_is(proxies: int, header: str, ip: str) -> None:
    request = make_mocked_request("GET", "/", {"X-Forwarded-For": header}).clone(remote="9.9.9.9")
    assert client_ip(request, proxies) == ip


async def test_send_only_names_the_line() -> None:
    channel = WebChat(WebOptions("http://127.0.0.1:1"))
    sent = await channel.send(Outbound(OutboxId(1), Address("abc"), "您好", seq=7))
    assert (sent.ref, sent.delivered) == ("abc:7", False)
    with pytest.raises(Refused):
        await channel.fetch(Media("image"))


async def test_pages_are_served_with_their_policies(tmp_path: Path) -> None:
    app = web.Application()
    app.add_routes(page_routes(tmp_path, ["https://city.example.cn"]))
    async with TestClient(TestServer(app)) as client:
        assert (await client.get("/chat")).status == 404
        (tmp_path / "widget.js").write_text("1")
        (tmp_path / "chat.html").write_text("<!doctype html>")
        page, script = await client.get("/chat"), await client.get("/widget.js")
        assert "frame-ancestors 'self' https://city.example.cn" in page.headers["Content-Security-Policy"]
        assert script.headers["Content-Type"].startswith(("text/javascript", "application/javascript"))
        assert script.headers["X-Content-Type-Options"] == "nosniff"
