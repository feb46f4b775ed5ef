"""Lists and searches at size, through the real API: 100,000 conversations, a million lines, 200,000 tickets.

`./lianxin bench lists`: fills a private PostgreSQL, starts the app as a process of its own and asks it what
its pages ask, one request after the other. The floor beside it is an answer that reads no list: who I am.
Prints a table and writes docs/bench-lists.md.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import aiohttp
from sqlalchemy import func, select

from bench.filling import DAYS, Size, fill
from bench.programs import SECRET, answers, program, say
from bench.serving import percentile
from bot import console
from bot.config import ROOT
from bot.console import entrance
from bot.console.users import by_login
from bot.machine.up import some_port
from bot.store import database, sealing
from bot.store.conversations import Conversation
from bot.store.operators import Operator
from bot.store.sealing import Sealer
from bot.store.session import make_engine, sessions

SIZE = Size()
ROUNDS = 25
WORDS = (
    *("暖气不热", "电梯", "红旗路", "拖欠三个月工资", "半夜装修"),
    *("停水", "健身房 不退卡", "阳光花园", "井盖破了", "老人高龄补贴"),
)
RARE = ("龘龘", "物业不让装充电桩怎么办", "xyzzy")
NUMBERS = ("13912345678", "13800001111")


def questions() -> list[tuple[str, str, Iterator[dict[str, Any]]]]:
    """What is measured, its address, and the queries that are asked in turn."""

    def always(**query: Any) -> Iterator[dict[str, Any]]:
        while True:
            yield query

    def each(name: str, values: tuple[str, ...], **query: Any) -> Iterator[dict[str, Any]]:
        while True:
            for value in values:
                yield query | {name: value}

    states = ("accepted", "dispatched", "signed", "returned", "answered", "closed", "redo")
    return [
        ("floor: who I am", "/api/me", always()),
        ("queue, first paint", "/api/queue", always()),
        ("conversations, all", "/api/conversations", always(scope="all")),
        ("conversations, one channel", "/api/conversations", always(scope="all", channel="web")),
        ("conversations, words", "/api/conversations", each("q", WORDS, scope="all")),
        ("conversations, a phone", "/api/conversations", each("q", NUMBERS, scope="all")),
        ("one conversation", "/api/conversations/{id}", always()),
        ("tickets, all", "/api/tickets", always()),
        ("tickets, by state", "/api/tickets", each("state", states)),
        ("tickets, overdue", "/api/tickets", always(overdue="true")),
        ("tickets, a service", "/api/tickets", each("service", ("heating", "parking", "bus"))),
        ("tickets, words", "/api/tickets", each("q", WORDS)),
        (
            "tickets, words nobody wrote",
            "/api/tickets",
            each("q", RARE),
        ),
        (
            "conversations, words nobody wrote",
            "/api/conversations",
            each("q", RARE, scope="all"),
        ),
        ("tickets, a phone", "/api/tickets", each("q", NUMBERS)),
        ("tickets, a number", "/api/tickets", each("q", ("LJ202601010000007", "LJ209901010000001"))),
        ("audit, all", "/api/audit", always()),
        ("audit, what was done", "/api/audit", each("verb", ("unmask", "export", "login", "never"))),
        ("audit, who", "/api/audit", each("who", ("王芳", "nobody"))),
        ("audit, an object", "/api/audit", each("object", ("conversation:777", "user"))),
        ("deliveries", "/api/deliveries", always()),
        ("questions", "/api/questions", always()),
        ("people", "/api/users", always()),
        ("today's figures", "/api/stats", always()),
        ("the wall", "/api/wall", always()),
    ]


class Asker:
    """A logged-in admin's browser, without the browser."""

    def __init__(self, http: aiohttp.ClientSession, base: str, cookie: str, keys: list[int]) -> None:
        self.http, self.base, self.keys = http, base, keys
        self.headers = {"Cookie": f"{entrance.COOKIE}={cookie}"}

    async def get(self, path: str, query: dict[str, Any]) -> tuple[float, dict[str, Any]]:
        """Milliseconds to the last byte, and the answer."""
        began = time.perf_counter()
        async with self.http.get(self.base + path, params=query, headers=self.headers) as response:
            body = await response.read()
        took = (time.perf_counter() - began) * 1000
        assert response.status == 200, (path, query, body[:300])
        return took, await response.json()

    async def measure(self, path: str, queries: Iterator[dict[str, Any]], rounds: int) -> list[float]:
        took = []
        for number in range(rounds):
            where = path.replace("{id}", str(self.keys[number % len(self.keys)]))
            took.append((await self.get(where, next(queries)))[0])
        return took

    async def deep(self, path: str, query: dict[str, Any], pages: int) -> list[float]:
        """One page after the other, as somebody scrolls."""
        took, after = [], ""
        for _ in range(pages):
            spent, answer = await self.get(path, query | ({"after": after} if after else {}))
            took.append(spent)
            after = answer["next"]
            if not after:
                break
        return took


async def prepared(folder: Path, stack: AsyncExitStack, size: Size) -> tuple[str, str, list[int]]:
    """Address of a filled database, an admin's cookie, and some conversations."""
    server = await asyncio.to_thread(database.private_server, folder)
    stack.push_async_callback(asyncio.to_thread, server.cleanup)
    url = await asyncio.to_thread(database.server_url, server)
    await asyncio.to_thread(database.migrate, url)
    sealer = Sealer(SECRET)
    sealing.use(sealer)
    engine = make_engine(url)
    stack.push_async_callback(engine.dispose)
    async with sessions(engine).begin() as session:
        await console.ensure_demo(session)
        operators = list(await session.scalars(select(Operator.id)))
        full = await session.scalar(select(func.count()).select_from(Conversation)) or 0
    if not full:
        say("filling …")
        await asyncio.to_thread(fill, url, sealer, size, operators, say)
    async with sessions(engine).begin() as session:
        admin = await by_login(session, "admin")
        assert admin is not None
        _, cookie = await entrance.admit(session, admin, "bench")
        keys = list(await session.scalars(select(Conversation.id).limit(200)))
    return url, cookie, keys


async def measured(folder: Path, size: Size = SIZE, rounds: int = ROUNDS) -> dict[str, list[float]]:
    async with AsyncExitStack() as stack:
        url, cookie, keys = await prepared(folder, stack, size)
        port = some_port()
        env = {
            "LIANXIN_DATABASE_URL": url,
            "LIANXIN_DATA_DIR": str(folder),
            "LIANXIN_SECRET_KEY": SECRET,
            "LIANXIN_NLU_URL": f"http://127.0.0.1:{some_port()}",
            "LIANXIN_KNOWLEDGE_MEANING": "false",
            "LIANXIN_LOG_LEVEL": "warning",
            "LIANXIN_PORT": str(port),
        }
        await stack.enter_async_context(program("-m", "bot.cli", "serve", **env))
        http = await stack.enter_async_context(aiohttp.ClientSession())
        base = f"http://127.0.0.1:{port}"
        await answers(http, f"{base}/health/live")
        asker = Asker(http, base, cookie, keys)
        took: dict[str, list[float]] = {}
        for name, path, queries in questions():
            took[f"{name}, cold"] = await asker.measure(path, queries, 1)
            took[name] = await asker.measure(path, queries, rounds)
            say(f"  {name}: {took[f'{name}, cold'][0]:.0f} then {statistics.median(took[name]):.0f} ms")
        for name, path, query in (
            ("conversations, page after page", "/api/conversations", {"scope": "all"}),
            ("tickets, page after page", "/api/tickets", {}),
            ("audit, page after page", "/api/audit", {}),
        ):
            took[name] = await asker.deep(path, query, 100)
            took[f"{name}, cold"] = took[name][:1]
            say(f"  {name}: {statistics.median(took[name]):.0f} ms")
        return took


def report(took: dict[str, list[float]], size: Size = SIZE) -> str:
    rows = [
        "# Lists and searches at size",
        "",
        f"`./lianxin bench lists`: {size.conversations:,} conversations, {size.messages:,} messages, "
        f"{size.tickets:,} tickets, {size.audit:,} entries of the audit trail over {DAYS} days in one private"
        f" PostgreSQL; the app, the database and who asks on one machine ({os.cpu_count()} cores, shared with"
        f" other work). {ROUNDS} requests each, one after the other, by an admin; pages of 30 or 50 rows, 100"
        " deep where it says page after page. The target is 300 ms. `first`: the first request of its kind.",
        "",
        "| milliseconds | first | median | 95 % | worst |",
        "|---|---|---|---|---|",
    ]
    for name, values in took.items():
        if not name.endswith(", cold"):
            first = took[f"{name}, cold"][0]
            tail = f"{percentile(values, 0.95):,.0f} | {max(values):,.0f}"
            rows.append(f"| {name} | {first:,.0f} | {statistics.median(values):,.0f} | {tail} |")
    return "\n".join(rows) + "\n"


def main() -> None:
    folder = Path(tempfile.mkdtemp(prefix="lianxin-bench-"))
    try:
        took = asyncio.run(measured(folder))
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    table = report(took)
    print(table)
    (ROOT / "docs" / "bench-lists.md").write_text(table, encoding="utf-8")
