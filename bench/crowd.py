"""The seats and citizens of `./lianxin bench seats`: they come in, are seated, write, answer and queue."""

from __future__ import annotations

import asyncio
import itertools
import secrets
import statistics
import time
import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import aiohttp
from sqlalchemy import Update, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from bench.board import CHATS, EVENTS, HELD, PAUSE_S, QUEUED, SEATS, Board
from bench.programs import say
from bot import tokens
from bot.config import load
from bot.console import entrance
from bot.seats import handover, offers
from bot.services import load_catalogue
from bot.store import transcript
from bot.store.conversations import Conversation
from bot.store.handovers import Offer
from bot.store.operators import Operator
from bot.store.sealing import Sealer

LOOKS = 5
_NOBODY: dict[str, Any] = {"password": "-"}  # a hash of nothing: nobody logs in by it


@dataclass
class Seat:
    """A seat's page: its socket, its log-in and what it holds."""

    operator: Operator
    base: str
    headers: dict[str, str]
    socket: aiohttp.ClientWebSocketResponse | None = None
    ready: asyncio.Event = field(default_factory=asyncio.Event)
    held: list[int] = field(default_factory=list)


@dataclass
class Chat:
    """A citizen's page."""

    socket: aiohttp.ClientWebSocketResponse
    ready: asyncio.Event = field(default_factory=asyncio.Event)
    index: bytes = b""  # blind index of its address
    conversation: int = 0


class Crowd:
    """Who sits and who writes, on sockets of their own, and what each of them is waiting for."""

    def __init__(
        self, http: aiohttp.ClientSession, store: async_sessionmaker[AsyncSession], sealer: Sealer
    ) -> None:
        self.http, self.store, self.sealer, self.board = http, store, sealer, Board()
        self.seats: list[Seat] = []
        self.chats: list[Chat] = []
        self.readers: list[asyncio.Task[None]] = []
        self.lost: list[int | None] = []  # close codes of sockets that the house closed
        self.over = False
        self.catalogue = load_catalogue(load().nlu_data)

    async def hire(self, bases: list[str]) -> None:
        """They count as present until their consoles speak for them, and are offered nothing."""
        here = datetime.now(UTC) + timedelta(hours=1)
        async with self.store.begin() as session:
            operators = [
                Operator(login=f"bench{i}", name=f"坐席{i}", presence="busy", seen_at=here, **_NOBODY)
                for i in range(SEATS)
            ]
            session.add_all(operators)
            await session.flush()
            logins = [await entrance.admit(session, operator, "bench") for operator in operators]
        for operator, (login, token), base in zip(operators, logins, itertools.cycle(bases), strict=False):
            headers = {
                "Cookie": f"{entrance.COOKIE}={token}",
                entrance.CSRF_HEADER: login.csrf,
                "Origin": base,
            }
            self.seats.append(Seat(operator, base, headers))

    async def enter(self) -> None:
        """Each opens the console, shows what they hold and is ready for more."""
        for seat in self.seats:
            seat.socket = await self.http.ws_connect(
                f"{seat.base}/api/live", headers=seat.headers, max_msg_size=0
            )
            self.readers.append(asyncio.create_task(self._read_seat(seat, seat.socket)))
            await seat.socket.send_json({"type": "watch", "conversations": seat.held})
        async with asyncio.timeout(60):
            await asyncio.gather(*(seat.ready.wait() for seat in self.seats))
        async with self.store.begin() as session:
            await session.execute(_ours().values(presence="online"))
        await asyncio.sleep(5)  # until all of this has been told

    async def open_chats(self, bases: list[str]) -> None:
        for first in range(0, CHATS, 50):
            await asyncio.gather(
                *(self._open_chat(i, bases[i % len(bases)]) for i in range(first, first + 50))
            )
            fresh = self.chats[first:]
            async with asyncio.timeout(120):
                await asyncio.gather(*(chat.ready.wait() for chat in fresh))
            if first % 500 == 450:
                say(f"  {first + 50} chats")
        async with self.store() as session:
            rows = await session.execute(select(Conversation.address_index, Conversation.id))
            ids = {bytes(index): key for index, key in rows}
        for chat in self.chats:
            chat.conversation = ids[chat.index]

    async def _open_chat(self, number: int, base: str) -> None:
        headers = {"Origin": base, "X-Forwarded-For": f"10.0.{number // 250}.{number % 250}"}
        socket = await self.http.ws_connect(f"{base}/channels/web/socket", headers=headers, max_msg_size=0)
        chat = Chat(socket)
        self.chats.append(chat)
        self.readers.append(asyncio.create_task(self._read_chat(chat)))
        await socket.send_json({"type": "hello", "last_seq": 0, "language": "zh"})

    async def seat_citizens(self) -> None:
        """Seats take the first chats, five each."""
        takers = itertools.cycle(self.seats)
        for chat in self.chats[: SEATS * HELD]:
            seat = next(takers)
            async with self.store.begin() as session:
                row = await session.get_one(Conversation, chat.conversation, with_for_update=True)
                waiting = await handover.queue(session, row, "asked")
                await handover.claim(session, waiting.id, await session.merge(seat.operator))
            seat.held.append(chat.conversation)

    async def leave(self) -> None:
        self.over = True
        for reader in self.readers:
            reader.cancel()
        for socket in [seat.socket for seat in self.seats] + [chat.socket for chat in self.chats]:
            if socket is not None:
                await socket.close()

    # ---- the measured part ------------------------------------------------------------------------

    async def citizens_write(self) -> None:
        for number in range(EVENTS):
            key = f"w{number}"
            self.board.send("line to the seat", key, 1)
            await self.chats[number % (SEATS * HELD)].socket.send_json(_message(f"补充 {key}"))
            await asyncio.sleep(PAUSE_S)
        await self.board.settled()

    async def seats_answer(self) -> None:
        sending = []
        for number in range(EVENTS):
            seat = self.seats[number % SEATS]
            key = f"r{number}"
            self.board.send("answer to the citizen", key, 1)
            sending.append(asyncio.create_task(self._reply(seat, seat.held[0], f"好的 {key}")))
            await asyncio.sleep(PAUSE_S)
        await asyncio.gather(*sending)
        await self.board.settled()

    async def _reply(self, seat: Seat, conversation: int, text: str) -> None:
        url = f"{seat.base}/api/conversations/{conversation}/reply"
        body = {"text": text, "client_id": secrets.token_hex(8)}
        async with self.http.post(url, json=body, headers=seat.headers) as response:
            assert response.status == 200, await response.text()

    async def queue_grows(self) -> None:
        for chat in self.chats[-QUEUED:]:
            async with self.store.begin() as session:
                conversation = await transcript.lock(session, chat.conversation)
                await handover.queue(session, conversation, "asked")
                self.board.send("queue entry to all consoles", str(chat.conversation), SEATS)
            await asyncio.sleep(0.5)
        await self.board.settled()

    async def queue_is_offered(self) -> None:
        """Everybody has room for one more; those who wait already are offered first."""
        async with self.store.begin() as session:
            await session.execute(_ours().values(capacity=HELD + 1))
        await asyncio.sleep(5)
        for chat in self.chats[-2 * QUEUED : -QUEUED]:
            async with self.store.begin() as session:
                conversation = await transcript.lock(session, chat.conversation)
                await handover.queue(session, conversation, "asked")
                self.board.send("offer to a free seat", str(chat.conversation), SEATS)
            await asyncio.sleep(0.5)
        await self.board.settled()

    async def one_look(self) -> float:
        """Milliseconds that one decision takes with everybody free and a full head of the queue."""
        took = []
        for _ in range(LOOKS):
            async with self.store() as session:
                await session.execute(update(Offer).values(outcome="withdrawn"))
                await session.execute(_ours().values(capacity=2 * HELD, seen_at=func.now()))
                for chat in self.chats[SEATS * HELD : SEATS * HELD + offers.AT_ONCE]:
                    conversation = await transcript.lock(session, chat.conversation)
                    await handover.queue(session, conversation, "asked")
                await session.flush()
                began = time.perf_counter()
                made = await offers.assign(session, self.catalogue, 60, 60)
                took.append((time.perf_counter() - began) * 1000)
                assert made == SEATS, made
                await session.rollback()
        return statistics.median(took)

    # ---- reading ----------------------------------------------------------------------------------

    async def _read_seat(self, seat: Seat, socket: aiohttp.ClientWebSocketResponse) -> None:
        async for message in socket:
            frame = message.json()
            if frame["type"] == "watching":
                seat.ready.set()
            elif frame["type"] == "offered":
                self.board.seen("offer to a free seat", str(frame["conversation"]))
            elif frame["type"] == "line":
                for line in frame["lines"]:
                    self.board.seen("line to the seat", line["text"].rpartition(" ")[2])
            elif frame["type"] == "waiting" and frame["row"]:
                self.board.seen("queue entry to all consoles", str(frame["row"]["id"]))

    async def _read_chat(self, chat: Chat) -> None:
        async for message in chat.socket:
            frame = message.json()
            if frame["type"] == "welcome":
                found = tokens.read(self.sealer, frame["token"], 3600)
                chat.index = self.sealer.index(":".join(found)) if found else b""
            if frame["type"] == "line":
                chat.ready.set()
                if frame["author"] == "operator":
                    self.board.seen("answer to the citizen", frame["text"].rpartition(" ")[2])
        if not self.over:
            self.lost.append(chat.socket.close_code)


def _ours() -> Update:
    """The line has a few demonstration accounts of its own."""
    return update(Operator).where(Operator.login.startswith("bench"))


def _message(text: str) -> dict[str, Any]:
    return {"type": "message", "id": str(uuid.uuid4()), "text": text}
