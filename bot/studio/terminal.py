"""`./lianxin trainings`: what was trained, and with --start a new one, followed until it ends.

The work is done by the running app; here the row is written and read, so it may be followed from anywhere and
left alone at any time.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator

from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from bot.config import Settings
from bot.errors import NotFound, SetupError
from bot.machine.steps import console
from bot.store import database
from bot.store.models import Training
from bot.store.session import make_engine, sessions
from bot.studio import trainings
from bot.studio.problems import sentence

LOOK = 1.0  # seconds


@contextlib.asynccontextmanager
async def _sessions(settings: Settings) -> AsyncIterator[async_sessionmaker[AsyncSession]]:
    url = settings.text("database_url")
    server = None
    if not url:
        server = await asyncio.to_thread(database.private_server, settings.data_dir)
        url = await asyncio.to_thread(database.server_url, server)
    engine = make_engine(url, pool=1)
    try:
        yield sessions(engine)
    finally:
        await engine.dispose()
        if server is not None:
            with contextlib.suppress(OSError):
                await asyncio.to_thread(server.cleanup)


async def show(settings: Settings, start: bool, note: str, follow: bool) -> int:
    """0 when what was followed ended well."""
    async with _sessions(settings) as session_of:
        if start:
            async with session_of.begin() as session:
                key = (await trainings.ask(session, None, note)).id
            return await _follow(session_of, key)
        async with session_of() as session:
            rows = await trainings.listed(session, 10)
        for row in reversed(rows):
            console.print(line(row))
        if not rows:
            console.print("Nothing was trained yet: ./lianxin trainings --start")
        if follow and rows and rows[0].status in trainings.OPEN:
            return await _follow(session_of, rows[0].id)
    return 0


async def _follow(session_of: async_sessionmaker[AsyncSession], key: int) -> int:
    told = ""
    while True:
        async with session_of() as session:
            row = await session.get(Training, key)
        if row is None:
            raise NotFound("there is no such training")
        now = line(row)
        if now != told:
            console.print(now)
            told = now
        if row.status not in trainings.OPEN:
            if row.status == "failed":
                raise SetupError(sentence(row.problem, row.detail).rpartition(" · ")[2])
            return 0 if row.status == "done" else 1
        await asyncio.sleep(LOOK)


def line(row: Training) -> str:
    """One training in one line."""
    parts = [f"#{row.id} {row.kind}: {row.status}"]
    facts = row.progress
    if row.status == "running":
        parts.append(row.stage)
        for done, of in (("epoch", "epochs"), ("done", "of")):
            if facts.get(of):
                parts.append(f"{facts.get(done, 0)}/{facts[of]}")
        if facts.get("loss") is not None:
            parts.append(f"loss {facts['loss']:.2f}")
        if facts.get("eta_s"):
            parts.append(f"{facts['eta_s']:.0f} s left")
    if row.model_id and row.status == "done":
        parts.append(f"version {row.model_id}")
    if row.problem:
        parts.append(sentence(row.problem, row.detail).rpartition(" · ")[2])
    return " · ".join(part for part in parts if part)
