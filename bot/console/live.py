"""The live feed: what happens in the house reaches every open console without a reload.

One hub per process hears the news, reads each changed row once and hands the frame to every socket it
concerns. A socket's queue is bounded: who reads too slowly is closed with 1013 and comes back by reading
everything again.
Frames to the page: hello · waiting · claimed · ended · line · typing · note · mention · limit · emergency ·
ticket · presence · alarm · training · models · misread · resync.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal

import structlog
from aiohttp import WSCloseCode, WSMsgType, web
from pydantic import Field, RootModel, ValidationError
from pydantic_core import to_json
from sqlalchemy.exc import SQLAlchemyError

from bot.console import beating, entrance, feed
from bot.console.api import Call
from bot.console.problems import BadRequest
from bot.console.shapes import Id, Nothing, Shape
from bot.store.operators import Operator
from bot.store.session import listen
from bot.world import World

log = structlog.get_logger()
WAITING_FRAMES = 500
BEAT = 15.0  # seconds; nothing new is offered after 40 s of silence, what is held is kept for 90
LOGGED_OUT = 4401


class Watch(Shape):
    """Which conversations this page shows; replaces the earlier list."""

    type: Literal["watch"]
    conversations: list[Id] = Field(max_length=200)


class Ping(Shape):
    type: Literal["ping"]


class Incoming(RootModel[Annotated[Watch | Ping, Field(discriminator="type")]]):
    """A frame of the page."""


@dataclass(eq=False)
class Seat:
    """One open console, its unsent frames and the conversations it shows."""

    operator: Operator
    login: bytes  # the hash of the cookie
    socket: web.WebSocketResponse
    frames: asyncio.Queue[bytes | None] = field(default_factory=lambda: asyncio.Queue(WAITING_FRAMES))
    watching: set[int] = field(default_factory=set)

    def put(self, frame: bytes) -> None:
        """None at the end of the queue closes the socket."""
        try:
            self.frames.put_nowait(frame)
        except asyncio.QueueFull:
            while not self.frames.empty():
                self.frames.get_nowait()
            self.frames.put_nowait(None)


class Hub:
    """Runs while there is a socket: no console, no work."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._seats: set[Seat] = set()
        self._tasks: dict[str, asyncio.Task[None]] = {}

    @contextlib.contextmanager
    def joined(self, seat: Seat) -> Any:
        self._seats.add(seat)
        for work in (self._run, self._beat):
            task = self._tasks.get(work.__name__)
            if task is None or task.done():
                self._tasks[work.__name__] = asyncio.create_task(work())
        try:
            yield
        finally:
            self._seats.discard(seat)

    async def close(self) -> None:
        """The process stops: every console is told to come back."""
        for task in self._tasks.values():
            task.cancel()
        if self._tasks:
            await asyncio.wait(list(self._tasks.values()))
        for seat in list(self._seats):
            await seat.socket.close(code=WSCloseCode.GOING_AWAY, message=b"restart")

    def tell(self, kind: str, to: Iterable[Seat] | None = None, **data: Any) -> None:
        frame = to_json({"type": kind, **data})
        for seat in list(self._seats if to is None else to):
            seat.put(frame)

    async def _run(self) -> None:
        with self._world.news.subscribe(*feed.TOPICS) as queue:
            async for item in listen(queue, 60):
                if not self._seats:
                    return  # here and not by being cancelled: a query cut off half-way costs its connection
                if item is None:
                    continue
                try:
                    await feed.hand_on(self, self._world, item)
                except (SQLAlchemyError, OSError) as error:  # the pages read again when the database is back
                    log.warning("live.lost", error=type(error).__name__)
                    self.tell("resync")
                except Exception:
                    # The outermost loop of the feed: one strange item must not silence every console.
                    log.exception("live.failed", topic=item.get("topic"))
                    self.tell("resync")

    async def _beat(self) -> None:
        while self._seats:
            await asyncio.sleep(BEAT)
            await self.here(list(self._seats))

    async def here(self, seats: list[Seat]) -> None:
        """Open consoles keep their operators present, all in one go; who was logged out is shown the door."""
        try:
            known = await beating.beat(self._world, {seat.login for seat in seats})
        except (SQLAlchemyError, OSError) as error:
            log.warning("live.beat", error=type(error).__name__)
            return
        gone = []
        for seat in seats:
            if seat.login in known:
                seat.operator = known[seat.login]
            else:
                gone.append(seat.socket.close(code=LOGGED_OUT, message=b"logged out"))
        # At once, and whatever comes of it: a dead connection must not hold up the others' beat.
        await asyncio.gather(*gone, return_exceptions=True)

    def seats(self) -> list[Seat]:
        return list(self._seats)

    def watchers(self, conversation: int) -> list[Seat]:
        return [seat for seat in self._seats if conversation in seat.watching]


HUB: web.AppKey[Hub] = web.AppKey("console_hub", Hub)


async def live(call: Call[Nothing, Nothing]) -> web.WebSocketResponse:
    """The cookie was checked by the route; the Origin is checked here, before anything is upgraded."""
    entrance.check_origin(call.world, call.request, needed=True)
    socket = web.WebSocketResponse(heartbeat=20, max_msg_size=16 * 1024, compress=False)
    if not socket.can_prepare(call.request).ok:
        raise BadRequest("需要 WebSocket · this needs a WebSocket", 426)
    await call.session.close()
    await socket.prepare(call.request)
    seat = Seat(call.operator, call.login.token_hash, socket)
    with call.request.app[HUB].joined(seat):
        seat.put(to_json({"type": "hello", "operator": call.operator.id}))
        sender = asyncio.create_task(_send(seat))
        try:
            await call.request.app[HUB].here([seat])
            await _receive(call.world, seat)
        finally:
            sender.cancel()
            await asyncio.gather(sender, return_exceptions=True)
    return socket


async def _send(seat: Seat) -> None:
    while (frame := await seat.frames.get()) is not None:
        try:
            await seat.socket.send_str(frame.decode())
        except ConnectionError:
            return
    await seat.socket.close(code=WSCloseCode.TRY_AGAIN_LATER, message=b"too slow")


async def _receive(world: World, seat: Seat) -> None:
    async for message in seat.socket:
        if message.type is not WSMsgType.TEXT:
            continue
        try:
            frame = Incoming.model_validate_json(message.data).root
        except (ValidationError, UnicodeEncodeError):
            seat.put(to_json({"type": "error", "message": "无法理解的消息 · unknown frame"}))
            continue
        if isinstance(frame, Watch):
            async with world.session() as session:
                seat.watching = await feed.may_watch(session, seat.operator, frame.conversations)
            seat.put(to_json({"type": "watching", "conversations": sorted(seat.watching)}))
        else:
            seat.put(to_json({"type": "pong"}))
