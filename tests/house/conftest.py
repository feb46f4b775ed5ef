"""The app with the keyword model, a citizen who writes through the real intake, and what they were told."""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import psycopg
import pytest

from tests.conftest import Running, start, until
from tests.house.nlu import KeywordNlu

if TYPE_CHECKING:
    from bot.config import Settings
    from bot.world import World

_ids = itertools.count(1)


@pytest.fixture
async def nlu(settings: Settings) -> AsyncIterator[KeywordNlu]:
    server = KeywordNlu(urlsplit(settings.nlu_url).port or 0)
    await server.start()
    yield server
    await server.stop()


async def on_duty(world: World) -> None:
    """Somebody is at a seat all day, who takes nothing by themselves."""
    from bot.store.operators import Operator

    async with world.session.begin() as session:
        tomorrow = datetime.now(UTC) + timedelta(days=1)
        session.add(Operator(login="there", name="值班员", password="x", presence="busy", seen_at=tomorrow))


@pytest.fixture
async def house(settings: Settings, nlu: KeywordNlu) -> AsyncIterator[Running]:
    running, runner = await start(settings)
    await on_duty(running.world)
    yield running
    await runner.cleanup()


@dataclass
class Citizen:
    """Writes by web chat, straight into the intake; reads their own conversation."""

    running: Running
    address: str = field(default_factory=lambda: f"citizen-{next(_ids)}")

    @property
    def world(self) -> World:
        return self.running.world

    async def write(self, text: str, id: str = "", **more: Any) -> str:
        from bot.app import HOUSE
        from channels.base import Address, ChannelName, Inbound, ProviderId

        id = id or f"m{next(_ids)}"
        inbound = Inbound(
            channel=ChannelName("web"),
            provider_id=ProviderId(id),
            sender=Address(self.address),
            sent_at=datetime.now(UTC),
            text=text,
            account="web",
            **more,
        )
        await self.running.app[HOUSE].accept(inbound)
        return id

    async def lines(self, author: str = "") -> list[str]:
        from bot.app import HOUSE
        from channels.base import Address, ChannelName

        lines = await self.running.app[HOUSE].lines(ChannelName("web"), Address(self.address), 0)
        return [line.text for line in lines if not author or line.author == author]

    async def told(self, part: str, times: int = 1, seconds: float = 30) -> str:
        """The bot's line that holds `part`, once it was said `times` times."""

        async def said() -> str:
            found = [line for line in await self.lines() if part in line]
            return found[-1] if len(found) >= times else ""

        try:
            return str(await until(said, seconds))
        except AssertionError:
            raise AssertionError(f"never told {part!r}; lines: {await self.lines()}") from None

    async def settled(self) -> None:
        """Everything that was written is handled."""
        from sqlalchemy import func, select

        from bot.store.conversations import Inbox

        async def nothing_open() -> bool:
            async with self.world.session() as session:
                query = select(func.count()).where(Inbox.status.in_(("new", "waiting")))
                return not await session.scalar(query)

        await until(nothing_open)


@pytest.fixture
def citizen(house: Running) -> Citizen:
    return Citizen(house)


async def count(world: World, table: Any, *where: Any) -> int:
    from sqlalchemy import func, select

    async with world.session() as session:
        return int(await session.scalar(select(func.count()).select_from(table).where(*where)) or 0)


@asynccontextmanager
async def database_away(url: str) -> AsyncIterator[None]:
    """Nobody is connected to the database, and nobody can connect."""
    name = urlsplit(url).path[1:]
    with psycopg.connect(url.replace(f"/{name}?", "/postgres?"), autocommit=True) as admin:
        sessions = f"FROM pg_stat_activity WHERE datname = '{name}'"

        async def alone() -> bool:
            return admin.execute(f"SELECT 1 {sessions}").fetchone() is None

        admin.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
        try:
            admin.execute(f"SELECT pg_terminate_backend(pid) {sessions}")
            await until(alone)
            yield
        finally:
            admin.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")
