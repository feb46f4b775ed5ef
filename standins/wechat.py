"""WeChat's API as an official account meets it: tokens, the five messages in 48 hours, files, typing."""

from __future__ import annotations

import json
import re
import secrets
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from standins.base import Option, Outlet

WINDOW, PER_MESSAGE = 48 * 3600.0, 5
EVENT_WINDOW, PER_EVENT = 60.0, 3
TEXT_CAP = 2048
TOKEN_LASTS = 7200
UPLOAD_CAPS = {"image": 10, "voice": 2, "video": 10, "thumb": 1}  # megabytes
ESCAPE = re.compile(rb"(?<!\\)(?:\\\\)*\\u[0-9a-fA-F]{4}")

SAYS = {
    -1: "system error",
    40001: "invalid credential, access_token is invalid or not latest",
    40003: "invalid openid",
    40004: "invalid media type",
    40007: "invalid media_id",
    40008: "invalid message type",
    40013: "invalid appid",
    40014: "invalid access_token",
    40033: "invalid charset. please check your request, if include \\uxxxx will create fail!",
    40125: "invalid appsecret",
    41001: "access_token missing",
    41005: "media data missing",
    42001: "access_token expired",
    44004: "empty content",
    45001: "media size out of limit",
    45002: "content size out of limit",
    45009: "reach max api daily quota limit",
    45015: "response out of time limit or subscription is canceled",
    45047: "out of response count limit",
    45081: "api forbidden for typing command",
    47001: "data format error",
}


class Refusal(Exception):
    def __init__(self, code: int) -> None:
        super().__init__(SAYS[code])
        self.code = code


@dataclass(slots=True)
class _Allowance:
    """How much may still be said to one citizen: by their last message, and by their last tap."""

    until: float = 0
    left: int = 0
    tap_until: float = 0
    tap_left: int = 0

    def spend(self, now: float) -> None:
        if now < self.until and self.left:
            self.left -= 1
        elif now < self.tap_until and self.tap_left:
            self.tap_left -= 1
        else:
            raise Refusal(45047 if now < max(self.until, self.tap_until) else 45015)


@dataclass(frozen=True, slots=True)
class File:
    mime: str
    data: bytes


class WeChatStandIn:
    """One official account and its followers. `fail_next` makes the next calls fail with its codes,
    `always` every call of a name (`send`, `typing` …) until it is taken out."""

    def __init__(self, appid: str, secret: str, clock: Callable[[], float] = time.time) -> None:
        self.appid, self.secret, self.clock = appid, secret, clock
        self.outlet = Outlet()
        self.media: dict[str, File] = {}
        self.typing: set[str] = set()
        self.fail_next: list[int] = []
        self.always: dict[str, int] = {}
        self.calls: list[str] = []
        self._token, self._expires = "", 0.0
        self._allowed: dict[str, _Allowance] = {}

    def app(self) -> web.Application:
        app = web.Application(client_max_size=16 * 1024 * 1024)
        app.add_routes(
            [
                web.post("/cgi-bin/stable_token", self._guarded(self._stable_token)),
                web.post("/cgi-bin/message/custom/send", self._called(self._send)),
                web.post("/cgi-bin/message/custom/typing", self._called(self._typing)),
                web.get("/cgi-bin/media/get", self._called(self._get)),
                web.post("/cgi-bin/media/upload", self._called(self._upload)),
                web.get("/video/{id}", self._video),
            ]
        )
        return app

    def heard(self, openid: str, tap: bool = False) -> None:
        """The citizen wrote (or tapped a menu, scanned, subscribed): the account may answer again."""
        allowed = self._allowed.setdefault(openid, _Allowance())
        now = self.clock()
        if tap:
            allowed.tap_until, allowed.tap_left = now + EVENT_WINDOW, PER_EVENT
        else:
            allowed.until, allowed.left = now + WINDOW, PER_MESSAGE

    def left(self, openid: str) -> None:
        """The citizen no longer follows the account."""
        self._allowed.pop(openid, None)

    def remaining(self, openid: str) -> int:
        """How many customer-service messages may still be sent to this citizen now."""
        allowed, now = self._allowed.get(openid, _Allowance()), self.clock()
        by_message = allowed.left if now < allowed.until else 0
        return by_message + (allowed.tap_left if now < allowed.tap_until else 0)

    def keep(self, data: bytes, mime: str) -> str:
        """A file as the citizen's phone would have sent it; its media id."""
        media_id = secrets.token_urlsafe(48)
        self.media[media_id] = File(mime, data)
        return media_id

    def expire_token(self) -> None:
        """As when another server of the account forced a new token."""
        self._token = ""

    # the calls

    def _guarded(self, call: Callable[[web.Request], Awaitable[web.Response]]) -> Callable[..., Any]:
        async def handle(request: web.Request) -> web.Response:
            name = request.path.rpartition("/")[2]
            self.calls.append(name)
            try:
                if name in self.always:
                    raise Refusal(self.always[name])
                if self.fail_next:
                    raise Refusal(self.fail_next.pop(0))
                return await call(request)
            except Refusal as refusal:
                # The real one answers 200, and calls its JSON text/plain on some paths.
                said = f"{refusal} rid: {secrets.token_hex(4)}-{secrets.token_hex(4)}"
                return web.json_response({"errcode": refusal.code, "errmsg": said})

        return handle

    def _called(self, call: Callable[[web.Request], Awaitable[web.Response]]) -> Callable[..., Any]:
        async def with_token(request: web.Request) -> web.Response:
            token = request.query.get("access_token", "")
            if not token:
                raise Refusal(41001)
            if token != self._token:
                raise Refusal(40001)
            if self.clock() >= self._expires:
                raise Refusal(42001)
            return await call(request)

        return self._guarded(with_token)

    async def _stable_token(self, request: web.Request) -> web.Response:
        wish = await _json(request)
        if wish.get("appid") != self.appid:
            raise Refusal(40013)
        if wish.get("secret") != self.secret:
            raise Refusal(40125)
        if not self._token or self.clock() >= self._expires or wish.get("force_refresh") is True:
            self._token, self._expires = secrets.token_urlsafe(64), self.clock() + TOKEN_LASTS
        return web.json_response(
            {"access_token": self._token, "expires_in": int(self._expires - self.clock())}
        )

    async def _send(self, request: web.Request) -> web.Response:
        wish = await _json(request)
        openid, kind = wish.get("touser"), wish.get("msgtype")
        if not isinstance(openid, str) or openid not in self._allowed:
            raise Refusal(40003)
        text, options, media = self._content(kind, wish)
        if len(text.encode()) > TEXT_CAP:
            raise Refusal(45002)
        self._allowed[openid].spend(self.clock())
        self.typing.discard(openid)
        self.outlet.put(openid, text, "api", options, media)
        return web.json_response({"errcode": 0, "errmsg": "ok"})

    def _content(self, kind: object, wish: dict[str, Any]) -> tuple[str, list[Option], str]:
        part = wish.get(kind) if isinstance(kind, str) else None
        if not isinstance(part, dict):
            raise Refusal(40008)
        match kind:
            case "text":
                if not part.get("content"):
                    raise Refusal(44004)
                return str(part["content"]), [], ""
            case "msgmenu":
                entries = [Option(str(entry["id"]), str(entry["content"])) for entry in part["list"]]
                return f"{part['head_content']}{part.get('tail_content', '')}", entries, ""
            case "image" | "voice" | "video":
                if part.get("media_id") not in self.media:
                    raise Refusal(40007)
                return "", [], str(part["media_id"])
            case _:
                raise Refusal(40008)

    async def _typing(self, request: web.Request) -> web.Response:
        wish = await _json(request)
        openid = str(wish.get("touser"))
        if openid not in self._allowed or self.clock() >= self._allowed[openid].until:
            raise Refusal(45081)
        (self.typing.add if wish.get("command") == "Typing" else self.typing.discard)(openid)
        self.outlet.tell()
        return web.json_response({"errcode": 0, "errmsg": "ok"})

    async def _get(self, request: web.Request) -> web.Response:
        media_id = request.query.get("media_id", "")
        file = self.media.get(media_id)
        if file is None:
            raise Refusal(40007)
        if file.mime.startswith("video/"):
            url = request.url.with_path(request.path.replace("/cgi-bin/media/get", f"/video/{media_id}"))
            return web.json_response({"video_url": str(url.with_query(None))})
        return web.Response(
            body=file.data,
            content_type=file.mime,
            headers={"Content-Disposition": f'attachment; filename="{media_id}"'},
        )

    async def _video(self, request: web.Request) -> web.Response:
        file = self.media.get(request.match_info["id"])
        if file is None:
            raise web.HTTPNotFound
        return web.Response(body=file.data, content_type=file.mime)

    async def _upload(self, request: web.Request) -> web.Response:
        kind = request.query.get("type", "")
        if kind not in UPLOAD_CAPS:
            raise Refusal(40004)
        part = (await request.post()).get("media")
        if not isinstance(part, web.FileField):
            raise Refusal(41005)
        data = part.file.read()
        if len(data) > UPLOAD_CAPS[kind] * 1024 * 1024:
            raise Refusal(45001)
        made = int(self.clock())
        return web.json_response(
            {"type": kind, "media_id": self.keep(data, part.content_type), "created_at": made}
        )


async def _json(request: web.Request) -> dict[str, Any]:
    body = await request.read()
    if ESCAPE.search(body):
        raise Refusal(40033)
    try:
        value = json.loads(body.decode())
    except (ValueError, RecursionError):
        raise Refusal(47001) from None
    if not isinstance(value, dict):
        raise Refusal(47001)
    return value
