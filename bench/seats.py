"""News in real time: 200 seats and 2,000 open chats on real WebSockets, two app processes, one database.

`./lianxin bench seats`: how long a citizen's line takes to the seat, a person's answer to the citizen, and a
new entry of the queue to every console. The peer is a bare aiohttp relay without a database, in the
same run: the floor of this machine. Prints a table and writes docs/bench-seats.md.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import statistics
import tempfile
from contextlib import AsyncExitStack
from pathlib import Path

import aiohttp
import psutil

from bench.board import CHATS, EVENTS, HELD, PAUSE_S, QUEUED, SEATS, Board
from bench.crowd import Crowd
from bench.programs import SECRET, answers, program, say
from bench.relay import floor
from bench.serving import percentile
from bot.config import ROOT, load
from bot.machine.model import models
from bot.machine.up import some_port
from bot.seats import offers
from bot.store import database, sealing
from bot.store.sealing import Sealer
from bot.store.session import make_engine, sessions


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
        crowd = Crowd(http, sessions(engine), sealer)
        await crowd.hire(bases)
        say("chats open …")
        await crowd.open_chats(bases)
        say("citizens are seated …")
        await crowd.seat_citizens()
        say("seats log in …")
        await crowd.enter()
        say("measuring …")
        for step in (crowd.citizens_write, crowd.seats_answer, crowd.queue_grows, crowd.queue_is_offered):
            await step()
        assert not crowd.lost, f"the house closed sockets: {crowd.lost}"
        memory = max(psutil.Process(app.pid).memory_info().rss for app in apps) / 1e6
        await crowd.leave()
        for app in apps:
            app.terminate()
            await app.wait()
        look = await crowd.one_look()
        say("the floor …")
        words = f"import asyncio; from bench.relay import relay; asyncio.run(relay({relaying}))"
        await stack.enter_async_context(program("-c", words))
        await answers(http, f"http://127.0.0.1:{relaying}/?name=")
        return crowd.board, await floor(http, relaying), memory, look


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
