"""A private PostgreSQL for the run, an empty database per test, and a console served over real HTTP."""

from __future__ import annotations

import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any, cast

import psycopg
import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from bot.attachments import Attachments
from bot.config import ROOT, load
from bot.console import ensure_demo, plug
from bot.services import load_catalogue
from bot.store import database, sealing
from bot.store.session import News, make_engine, sessions
from bot.world import WORLD, World
from tests.console.seat import Seat


@pytest.fixture(scope="session")
def database_url() -> Iterator[str]:
    with tempfile.TemporaryDirectory(prefix="lx") as folder:
        server = database.private_server(Path(folder))
        url = database.server_url(server, "console_test")
        database.migrate(url)
        yield url
        server.cleanup()


@pytest.fixture(scope="session")
def catalogue() -> Any:
    return load_catalogue(ROOT / "nlu_data")


@pytest.fixture
async def world(database_url: str, catalogue: Any, tmp_path: Path) -> AsyncIterator[World]:
    with psycopg.connect(database_url, autocommit=True) as connection:
        tables = connection.execute(
            "SELECT string_agg(quote_ident(tablename), ',') FROM pg_tables "
            "WHERE schemaname = 'public' AND tablename <> 'alembic_version'"
        ).fetchone()
        connection.execute(f"TRUNCATE {tables[0] if tables else ''} RESTART IDENTITY CASCADE")
    sealer = sealing.Sealer("s" * 40)
    sealing.use(sealer)
    engine, news = make_engine(database_url, pool=5), News(database_url)
    await news.start()
    absent = cast(Any, None)
    yield World(
        settings=load(_env_file=None, data_dir=tmp_path, demo="on"),
        engine=engine,
        session=sessions(engine),
        sealer=sealer,
        news=news,
        catalogue=catalogue,
        city=catalogue.city,
        net=absent,
        policy=absent,
        understander=absent,
        knowledge=absent,
        attachments=Attachments(tmp_path / "files"),
    )
    await news.stop()
    await engine.dispose()


@pytest.fixture
async def server(world: World) -> AsyncIterator[TestServer]:
    async with world.session.begin() as session:
        await ensure_demo(session)
    app = web.Application()
    app[WORLD] = world
    plug(app, world)
    server = TestServer(app)
    await server.start_server()
    yield server
    await server.close()


@pytest.fixture
async def anonymous(server: TestServer) -> AsyncIterator[Seat]:
    async with TestClient(server) as client:
        yield Seat(client)


@pytest.fixture
async def operator(server: TestServer) -> AsyncIterator[Seat]:
    async with TestClient(server) as client:
        yield await Seat(client).enter("seat1")


@pytest.fixture
async def colleague(server: TestServer) -> AsyncIterator[Seat]:
    async with TestClient(server) as client:
        yield await Seat(client).enter("seat2")


@pytest.fixture
async def supervisor(server: TestServer) -> AsyncIterator[Seat]:
    async with TestClient(server) as client:
        yield await Seat(client).enter("lead")


@pytest.fixture
async def admin(server: TestServer) -> AsyncIterator[Seat]:
    async with TestClient(server) as client:
        yield await Seat(client).enter("admin")
