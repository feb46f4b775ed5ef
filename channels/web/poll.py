"""Long polling for places where WebSockets are blocked: the same frames, one HTTP request at a time.

Nothing is remembered between two requests: the token says who it is, the page says what it has seen.
"""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from typing import Annotated, Any

from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from channels.base import JsonObject, Presence
from channels.web import frames
from channels.web.buckets import client_ip
from channels.web.chat import Chat, Guest
from channels.web.origins import Origins


class _Post(BaseModel):
    model_config = ConfigDict(strict=True)

    frames: Annotated[list[dict[str, Any]], Field(min_length=1, max_length=32)]


class _Get(BaseModel):
    """The page's own picture; the answer comes when ours differs."""

    after: int = Field(0, ge=0, le=2**53)
    typing: bool = False
    person: str = Field("", max_length=100)
    queue: int = Field(0, ge=0, le=100_000)


class Polling:
    def __init__(self, chat: Chat, origins: Origins) -> None:
        self._chat, self._origins = chat, origins

    async def post(self, request: web.Request) -> web.Response:
        """Frames to us. `hello` needs no Authorization header; all else does."""
        headers = self._admitted(request)
        try:
            posted = _Post.model_validate_json(await self._body(request))
        except ValidationError as problem:
            field = ".".join(map(str, problem.errors()[0]["loc"])) or "body"
            return _json({"frames": [frames.error("bad_frame", field=field)]}, headers, 400)
        guest, ip = self._chat.guest(bearer(request)), self._ip(request)
        answers: list[JsonObject] = []
        shown: list[int] = []
        for raw in posted.frames:
            guest = await self._take(guest, ip, raw, answers, shown)
        if guest is not None:
            await self._chat.shown(guest, shown)
        return _json({"frames": answers}, headers)

    async def _take(
        self, guest: Guest | None, ip: str, raw: dict[str, Any], answers: list[JsonObject], shown: list[int]
    ) -> Guest | None:
        try:
            frame = frames.parse(frames.dumps(raw))
        except frames.BadFrame as problem:
            answers.append(problem.answer())
            return guest
        if isinstance(frame, frames.Hello):
            if wait := self._chat.from_address(ip):  # one request may not open chats without end
                answers.append(frames.slow_down(wait))
                return guest
            guest = self._chat.open(frame)
            await self._chat.greet(guest)
            answers.append(self._chat.welcome(guest, frame.last_seq))
        elif guest is None:
            answers.append(frames.error("token", message="say hello again"))
        elif wait := self._chat.frame_wait(guest):
            answers.append(frames.slow_down(wait, str(getattr(frame, "id", ""))))
        elif isinstance(frame, frames.Ack):
            shown.append(frame.seq)
        elif answer := await self._chat.take(guest, frame):
            answers.append(answer)
        return guest

    async def get(self, request: web.Request) -> web.Response:
        """Waits until there is something that the page has not seen, at most `poll_seconds`."""
        headers = self._admitted(request)
        guest = self._chat.guest(bearer(request))
        if guest is None:
            return _json({"frames": [frames.error("token", message="say hello again")]}, headers, 401)
        try:
            seen = _Get.model_validate(dict(request.query))
        except ValidationError as problem:
            field = str(problem.errors()[0]["loc"][0])
            return _json({"frames": [frames.error("bad_frame", field=field)]}, headers, 400)
        known = Presence(seen.typing, seen.person, seen.queue)
        batch: list[JsonObject] = []
        try:
            async with (
                asyncio.timeout(self._chat.options.poll_seconds),
                aclosing(self._chat.follow(guest, seen.after, known)) as news,
            ):
                batch = await anext(news, [])
        except TimeoutError:
            pass
        return _json({"frames": batch}, headers)

    async def _body(self, request: web.Request) -> bytes:
        limit, body = self._chat.options.max_frame, bytearray()
        async for chunk in request.content.iter_any():
            body += chunk
            if len(body) > limit:
                raise web.HTTPRequestEntityTooLarge(limit, len(body))
        return bytes(body)

    def _admitted(self, request: web.Request) -> dict[str, str]:
        headers = self._origins.cors(request)
        if wait := self._chat.from_address(self._ip(request)):
            raise web.HTTPTooManyRequests(headers={**headers, "Retry-After": str(int(wait) + 1)})
        return headers

    def _ip(self, request: web.Request) -> str:
        return client_ip(request, self._chat.options.trusted_proxies)


def bearer(request: web.Request) -> str | None:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip()[:4096] if scheme.lower() == "bearer" else None


def _json(body: JsonObject, headers: dict[str, str], status: int = 200) -> web.Response:
    headers = {**headers, "Cache-Control": "no-store"}
    return web.json_response(body, status=status, headers=headers, dumps=frames.dumps)
