"""The whole house with the keyword model, its citizens, and those who teach."""

from __future__ import annotations

import asyncio
import json
import secrets
from collections.abc import AsyncIterator, Iterator
from typing import Any

import psycopg
import pytest
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from bot.store import database
from bot.store.session import make_engine, sessions
from bot.studio import tree
from tests.conftest import ROOT, TEMPLATE, Running
from tests.console.conftest import (  # noqa: F401  # fixtures
    admin,
    browser,
    operator,
    supervisor,  # fixtures
)
from tests.console.seat import Seat
from tests.house.conftest import citizen, house, nlu  # noqa: F401  # fixtures

TAUGHT = "lianxin_taught"


@pytest.fixture(scope="session")
def taught(postgres: str) -> str:
    """A template whose training data is seeded: doing that once saves seconds per test."""
    database.create(postgres, TAUGHT, template=TEMPLATE)

    async def seed() -> None:
        tree.use(ROOT / "nlu_data")
        engine = make_engine(postgres.replace("/postgres?", f"/{TAUGHT}?"))
        async with sessions(engine).begin() as session:
            await tree.ready(session)
        await engine.dispose()

    asyncio.run(seed())
    return TAUGHT


@pytest.fixture
def database_url(postgres: str, taught: str) -> Iterator[str]:
    name = f"test_{secrets.token_hex(6)}"
    database.create(postgres, name, template=taught)
    yield postgres.replace("/postgres?", f"/{name}?")
    with psycopg.connect(postgres, autocommit=True) as connection:
        connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


@pytest.fixture
async def teacher(house: Running) -> AsyncIterator[Seat]:  # noqa: F811
    """The admin."""
    async with browser(house) as client:
        yield await Seat(client).enter("admin")


@pytest.fixture
async def seat(house: Running) -> AsyncIterator[Seat]:  # noqa: F811
    async with browser(house) as client:
        yield await Seat(client).enter("seat1")


def unsure(text: str, *guesses: tuple[str, float], **more: Any) -> str:
    """An answer of the model, for KeywordNlu.broken."""
    ranking = [{"name": name, "confidence": share} for name, share in guesses]
    answer = {"text": text, "intent": ranking[0], "intent_ranking": ranking, "model_id": "m7"}
    return json.dumps(answer | more)


@pytest.fixture
async def maker(database_url: str) -> AsyncIterator[async_sessionmaker[AsyncSession]]:
    engine = make_engine(database_url)
    yield sessions(engine)
    await engine.dispose()
