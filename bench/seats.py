"""News in real time: 200 seats and 2,000 open chats on real WebSockets, two app processes, one database.

`./lianxin bench seats`: how long a citizen's line takes to the seat, a person's answer to the citizen, and a
new entry of the queue to every console. The peer is a bare aiohttp relay without a database, in the
same run: the floor of this machine. Prints a table and writes docs/bench-seats.md.
"""

from __future__ import annotations

import asyncio
import itertools
import os
import secrets
import shutil
import statistics
import sys
import tempfile
import time
import uuid
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
import psutil
from aiohttp import web
from rich.console import Console
from sqlalchemy import Update, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from bench.serving import percentile
from bot import tokens
from bot.config import ROOT, load
from bot.console import entrance
from bot.machine.model import models
from bot.machine.up import some_port
from bot.seats import handover, offers
from bot.services import load_catalogue
from bot.store import database, sealing, transcript
from bot.store.conversations import Conversation
from bot.store.handovers import Offer
from bot.store.operators import Operator
from bot.store.sealing import Sealer
from bot.store.session import make_engine, sessions

SEATS, CHATS, HELD = 200, 2000, 5  # conversations that each seat speaks in
EVENTS, PAUSE_S = 300, 0.05
QUEUED = 40
LOOKS = 5
LATE_S = 30.0
SECRET = "0123456789abcdef0123456789abcdef"  # noqa: S105  # of a database that is thrown away
_NOBODY: dict[str, Any] = {"password": "-"}  # a hash of nothing: nobody logs in by it
say = Console(stderr=True).print


@dataclass
class Board:
    """When each awaited thing was sent and how many milliseconds it took to each reader."""

    sent: dict[str, float] = field(default_factory=dict)
    left: dict[str, int] = field(default_factory=dict)
    took: dict[str, list[float]] = field(default_factory=dict)
    done: asyncio.Event = field(default_factory=asyncio.Event)

    def send(self, what: str, key: str, readers: int) -> None:
        self.sent[f"{what}:{key}"], self.left[f"{what}:{key}"] = time.perf_counter(), readers

    def seen(self, what: str, key: str) -> None:
        name = f"{what}:{key}"
        if self.left.get(name, 0) > 0:
            self.left[name] -= 1
            self.took.setdefault(what, []).append((time.perf_counter() - self.sent[name]) * 1000)
            if not any(self.left.values()):
                self.done.set()

    async def settled(self) -> None:
        """Raises AssertionError naming how much never came."""
        while any(self.left.values()):
            self.done.clear()
            try:
                async with asyncio.timeout(LATE_S):
                    await self.done.wait()
            except TimeoutError:
                missing = sum(self.left.values())
                raise AssertionError(f"{missing} frames never came") from None


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


class Bench:
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


# ---- the floor: the same frames without a house ------------------------------------------------------


async def relay(port: int) -> None:
    """Hands each frame on to the sockets that it names ("*": to all). No database, no rights, no history."""
    sockets: dict[str, web.WebSocketResponse] = {}

    async def serve(request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        sockets[request.query["name"]] = socket
        async for message in socket:
            to = message.json()["to"]
            for reader in list(sockets.values()) if to == "*" else [sockets[to]]:
                await reader.send_str(message.data)
        return socket

    app = web.Application()
    app.add_routes([web.get("/", serve)])
    await web._run_app(app, host="127.0.0.1", port=port, print=None)


async def floor(http: aiohttp.ClientSession, port: int) -> Board:
    """One to one for lines and answers, one to all consoles for the queue."""
    board = Board()

    async def read(socket: aiohttp.ClientWebSocketResponse) -> None:
        async for message in socket:
            frame = message.json()
            board.seen(frame["what"], frame["key"])

    url = f"http://127.0.0.1:{port}/?name="
    sockets = [await http.ws_connect(f"{url}{number}") for number in range(SEATS)]
    readers = [asyncio.create_task(read(socket)) for socket in sockets]
    for what in ("line to the seat", "answer to the citizen"):
        for number in range(EVENTS):
            board.send(what, str(number), 1)
            to = str(number % SEATS)
            await sockets[(number + 1) % SEATS].send_json({"what": what, "key": str(number), "to": to})
            await asyncio.sleep(PAUSE_S)
    for number in range(QUEUED):
        board.send("queue entry to all consoles", str(number), SEATS)
        await sockets[0].send_json({"what": "queue entry to all consoles", "key": str(number), "to": "*"})
        await asyncio.sleep(0.5)
    await board.settled()
    for reader in readers:
        reader.cancel()
    return board


# ---- the run -----------------------------------------------------------------------------------------


@asynccontextmanager
async def program(*words: object, **env: str) -> AsyncIterator[asyncio.subprocess.Process]:
    with tempfile.TemporaryFile() as log:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            *map(str, words),
            env=os.environ | {"PYTHONPATH": str(ROOT)} | env,
            stdout=log,
            stderr=log,
        )
        try:
            yield process
        finally:
            if process.returncode is not None:
                log.seek(0)
                say(log.read().decode()[-2000:])
            else:
                process.terminate()
                await process.wait()


async def answers(http: aiohttp.ClientSession, url: str) -> None:
    for _ in range(1800):
        try:
            async with http.get(url):
                return
        except aiohttp.ClientError:
            await asyncio.sleep(0.1)
    raise TimeoutError(f"{url} never answered")


async def measured(folder: Path) -> tuple[Board, Board, float, float]:
    """The house, the floor, the megabytes of one app process, and the milliseconds of one assignment."""
    server = await asyncio.to_thread(database.private_server, folder)
    url = await asyncio.to_thread(database.server_url, server)
    await asyncio.to_thread(database.migrate, url)
    sealer = Sealer(SECRET)
    sealing.use(sealer)
    engine = make_engine(url)
    async with AsyncExitStack() as stack:
        stack.push_async_callback(asyncio.to_thread, server.cleanup)
        stack.push_async_callback(engine.dispose)
        nlu, relaying, *ports = (some_port() for _ in range(4))
        bases = [f"http://127.0.0.1:{port}" for port in ports]
        await stack.enter_async_context(
            program("-m", "nlu.server", "--model", models(load()), "--port", nlu, "--processes", 1)
        )
        env = {
            "LIANXIN_DATABASE_URL": url,
            "LIANXIN_DATA_DIR": str(folder),
            "LIANXIN_SECRET_KEY": SECRET,
            "LIANXIN_NLU_URL": f"http://127.0.0.1:{nlu}",
            "LIANXIN_TRUSTED_PROXIES": "1",
            "LIANXIN_QUEUE_SECONDS": "3600",
            "LIANXIN_OFFER_SECONDS": "120",
            "LIANXIN_REPLY_SECONDS": "3600",
            "LIANXIN_KNOWLEDGE_MEANING": "false",  # its first start would be measured too
            "LIANXIN_LOG_LEVEL": "warning",
        }
        connector = aiohttp.TCPConnector(limit=0)
        http = await stack.enter_async_context(aiohttp.ClientSession(connector=connector))
        apps = [
            await stack.enter_async_context(program("-m", "bot.cli", "serve", LIANXIN_PORT=str(port), **env))
            for port in ports
        ]
        for base in bases:
            await answers(http, f"{base}/health/live")
        bench = Bench(http, sessions(engine), sealer)
        await bench.hire(bases)
        say("chats open …")
        await bench.open_chats(bases)
        say("citizens are seated …")
        await bench.seat_citizens()
        say("seats log in …")
        await bench.enter()
        say("measuring …")
        for step in (bench.citizens_write, bench.seats_answer, bench.queue_grows, bench.queue_is_offered):
            await step()
        assert not bench.lost, f"the house closed sockets: {bench.lost}"
        bench.over = True
        memory = max(psutil.Process(app.pid).memory_info().rss for app in apps) / 1e6
        for reader in bench.readers:
            reader.cancel()
        for socket in [seat.socket for seat in bench.seats] + [chat.socket for chat in bench.chats]:
            if socket is not None:
                await socket.close()
        for app in apps:
            app.terminate()
            await app.wait()
        look = await bench.one_look()
        say("the floor …")
        words = f"import asyncio; from bench.seats import relay; asyncio.run(relay({relaying}))"
        await stack.enter_async_context(program("-c", words))
        await answers(http, f"http://127.0.0.1:{relaying}/?name=")
        return bench.board, await floor(http, relaying), memory, look


def main() -> None:
    """Print the table and write docs/bench-seats.md."""
    folder = Path(tempfile.mkdtemp(prefix="lianxin-bench-"))
    try:
        ours, bare, memory, look = asyncio.run(measured(folder))
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    table = report(ours, bare, memory, look)
    print(table)
    (ROOT / "docs" / "bench-seats.md").write_text(table, encoding="utf-8")


def report(ours: Board, bare: Board, memory: float, look: float) -> str:
    """Milliseconds: median, 95th and 99th percentile, beside the floor's median."""
    rows = [
        "# News in real time",
        "",
        f"`./lianxin bench seats`: {SEATS} seats and {CHATS:,} open chats on real WebSockets, "
        f"{SEATS * HELD:,} of them with a person; two app processes on one private PostgreSQL, load and"
        f" all on one machine ({os.cpu_count()} cores). {EVENTS} lines and {EVENTS} answers, one each"
        f" {PAUSE_S * 1000:.0f} ms, then {QUEUED} queue entries to {SEATS} consoles, and {QUEUED} while every"
        " seat has room for one more: until all have heard to whom it is offered. The floor is a bare"
        f" aiohttp relay without a database. {memory:,.0f} MB per app process. One look of the assignment"
        f" over {SEATS} free seats and {offers.AT_ONCE} who wait, all of them offered: {look:,.0f} ms.",
        "",
        "| milliseconds | median | 95 % | 99 % | floor, median | ratio |",
        "|---|---|---|---|---|---|",
    ]
    for what, took in ours.took.items():
        low = statistics.median(bare.took.get(what) or bare.took["queue entry to all consoles"])
        mid = statistics.median(took)
        tail = " | ".join(f"{percentile(took, share):,.0f}" for share in (0.95, 0.99))
        rows.append(f"| {what} | {mid:,.0f} | {tail} | {low:,.1f} | {mid / low:,.0f} × |")
    return "\n".join(rows) + "\n"
