"""The WebSocket: one task reads, one follows the conversation, one writes at the reader's pace."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from contextlib import aclosing

from aiohttp import WSCloseCode, WSMsgType, web

from channels.base import JsonObject
from channels.web import frames
from channels.web.buckets import client_ip
from channels.web.chat import Chat, Guest
from channels.web.origins import Origins

log = logging.getLogger(__name__)
_BAD_FRAMES = 20  # a broken page may err; a machine that throws rubbish is shown out
_FLOOD = 120
_UNSEEN = 50
_CONNECT_COST = 4


class _Closed(Exception):
    """Why we close: every close has a code and a reason that the page understands."""

    def __init__(self, code: WSCloseCode, reason: str) -> None:
        super().__init__(reason)
        self.code, self.reason = code, reason


class Sockets:
    """All open sockets of this process, so that a shutdown can tell each of them."""

    def __init__(self, chat: Chat, origins: Origins) -> None:
        self._chat, self._origins = chat, origins
        self._open: set[web.WebSocketResponse] = set()

    async def handle(self, request: web.Request) -> web.StreamResponse:
        if not self._origins.allows(request.headers.get("Origin", ""), request.host):
            raise web.HTTPForbidden(text="this site may not use the chat")
        ip = client_ip(request, self._chat.options.trusted_proxies)
        if wait := self._chat.from_address(ip, _CONNECT_COST):
            raise web.HTTPTooManyRequests(headers={"Retry-After": str(int(wait) + 1)})
        options = self._chat.options
        socket = web.WebSocketResponse(max_msg_size=options.max_frame, heartbeat=options.heartbeat, timeout=2)
        await socket.prepare(request)
        self._open.add(socket)
        try:
            await _Session(self._chat, socket, request, ip).run()
        finally:
            self._open.discard(socket)
        return socket

    async def close(self) -> None:
        """Pages reconnect by themselves, to whoever serves then."""
        await asyncio.gather(
            *(s.close(code=WSCloseCode.GOING_AWAY, message=b"restart") for s in set(self._open))
        )


class _Session:
    def __init__(self, chat: Chat, socket: web.WebSocketResponse, request: web.Request, ip: str) -> None:
        self._chat, self._socket, self._request, self._ip = chat, socket, request, ip
        self._queue: asyncio.Queue[JsonObject] = asyncio.Queue(chat.options.send_queue)
        self._bad = self._refused = 0
        self._unseen: deque[int] = deque(maxlen=_UNSEEN)  # lines the page has not yet shown

    async def run(self) -> None:
        """Until either side ends it. The first task to fail decides the reason that the page is told."""
        try:
            async with asyncio.TaskGroup() as tasks:
                writer = tasks.create_task(self._write())
                guest, hello = await self._hello()
                follower = tasks.create_task(self._follow(guest, hello))
                await self._read(guest)
                follower.cancel()
                writer.cancel()
        except* _Closed as group:
            why = _first(group)
            assert isinstance(why, _Closed)  # noqa: S101  # narrowed by except*
            await self._close(why)
        except* (ConnectionError, TimeoutError):
            pass  # the other end is gone; what it missed is replayed when it returns
        except* self._chat.options.away as group:  # nothing is lost: the page says again what we did not take
            log.warning("web chat postponed: %s", type(_first(group)).__name__)
            await self._close(_Closed(WSCloseCode.TRY_AGAIN_LATER, "away"))
        except* Exception as group:  # outermost loop: the page reconnects and tries again
            log.error("web chat failed", exc_info=group)
            await self._close(_Closed(WSCloseCode.INTERNAL_ERROR, "error"))

    async def _close(self, why: _Closed) -> None:
        try:
            async with asyncio.timeout(2):
                await self._socket.close(code=why.code, message=why.reason.encode())
        except (TimeoutError, ConnectionError):
            if self._request.transport is not None:
                self._request.transport.abort()  # it does not even read the farewell

    # in

    async def _hello(self) -> tuple[Guest, frames.Hello]:
        while True:
            try:
                async with asyncio.timeout(self._chat.options.hello_seconds):
                    raw = await self._receive()
            except TimeoutError:
                raise _Closed(WSCloseCode.POLICY_VIOLATION, "hello_first") from None
            if raw is None:
                raise ConnectionResetError
            frame = await self._parsed(raw)
            if isinstance(frame, frames.Hello):
                break
            if frame is not None:
                raise _Closed(WSCloseCode.POLICY_VIOLATION, "hello_first")
        guest = self._chat.open(frame)
        await self._chat.greet(guest)  # first: a page that has its token is not greeted again
        await self._push(self._chat.welcome(guest, frame.last_seq))
        return guest, frame

    async def _read(self, guest: Guest) -> None:
        while (raw := await self._receive()) is not None:
            wait = self._chat.from_address(self._ip) or self._chat.frame_wait(guest)
            if wait:
                await self._refuse(wait, raw)
                continue
            frame = await self._parsed(raw)
            if isinstance(frame, frames.Ack):
                await self._chat.shown(guest, self._shown_until(frame.seq))
            elif frame is not None and (answer := await self._chat.take(guest, frame)):
                await self._push(answer)

    async def _refuse(self, wait: float, raw: str | bytes) -> None:
        self._refused += 1
        if self._refused > _FLOOD:
            raise _Closed(WSCloseCode.POLICY_VIOLATION, "flood")
        await self._push(frames.slow_down(wait, frames.own_id(raw)))

    async def _parsed(self, raw: str | bytes) -> frames.Frame | None:
        try:
            return frames.parse(raw)
        except frames.BadFrame as problem:
            self._bad += 1
            if self._bad > _BAD_FRAMES:
                raise _Closed(WSCloseCode.POLICY_VIOLATION, "bad_frames") from None
            await self._push(problem.answer())
            return None

    async def _receive(self) -> str | bytes | None:
        """The next frame; None when the page has gone. aiohttp itself closes on an oversized one (1009)."""
        message = await self._socket.receive()
        if message.type in (WSMsgType.TEXT, WSMsgType.BINARY):
            data: str | bytes = message.data
            return data
        return None

    # out

    async def _follow(self, guest: Guest, hello: frames.Hello) -> None:
        after = hello.last_seq if guest.resumed else 0
        async with aclosing(self._chat.follow(guest, after)) as news:
            async for batch in news:
                for frame in batch:
                    await self._push(frame)
                    if frame["type"] == "line" and frame["author"] != "citizen":
                        self._unseen.append(frame["seq"])

    def _shown_until(self, seq: int) -> list[int]:
        shown = [waiting for waiting in self._unseen if waiting <= seq]
        self._unseen = deque((waiting for waiting in self._unseen if waiting > seq), _UNSEEN)
        return shown

    async def _push(self, frame: JsonObject) -> None:
        try:
            async with asyncio.timeout(self._chat.options.send_patience):
                await self._queue.put(frame)
        except TimeoutError:
            raise _Closed(WSCloseCode.TRY_AGAIN_LATER, "slow") from None

    async def _write(self) -> None:
        while True:
            await self._socket.send_json(await self._queue.get(), dumps=frames.dumps)


def _first(group: BaseExceptionGroup[BaseException]) -> BaseException:
    inner: BaseException = group
    while isinstance(inner, BaseExceptionGroup):
        inner = inner.exceptions[0]
    return inner
