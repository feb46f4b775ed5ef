"""What tests stand on: a real PostgreSQL, one database per test, and the whole app on a free port.

Unit tests (tests/unit) use none of this and need no server.
"""

from __future__ import annotations

import asyncio
import os
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
import structlog

from bot import logs

ROOT = Path(__file__).resolve().parent.parent
if TYPE_CHECKING:
    from aiohttp import web

    from bot.config import Settings
    from bot.world import World

TEMPLATE = "lianxin_template"
# As in service: an exception in one line. Drawn with all its values it takes seconds, in which tests wait.
structlog.configure(
    processors=[
        structlog.stdlib.add_log_level,
        structlog.processors.ExceptionRenderer(logs.outline),
        structlog.processors.KeyValueRenderer(key_order=["event", "level"]),
    ]
)


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """Address of a server whose `lianxin_template` database is migrated."""
    from bot.store import database

    folder = Path(tempfile.mkdtemp(prefix="lianxin-test-"))
    server = database.private_server(folder)
    base = str(server.get_uri())
    with psycopg.connect(base, autocommit=True) as connection:
        # speed: nothing here must survive a power cut
        for setting in (
            "fsync = off",
            "synchronous_commit = off",
            "full_page_writes = off",
            "max_connections = 300",
        ):
            connection.execute(f"ALTER SYSTEM SET {setting}")
        connection.execute("SELECT pg_reload_conf()")
    database.create(base, TEMPLATE)
    database.migrate(str(server.get_uri(database=TEMPLATE)))
    yield base
    server.cleanup()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def database_url(postgres: str) -> Iterator[str]:
    """A fresh, migrated database."""
    from bot.store import database

    name = f"test_{secrets.token_hex(6)}"
    database.create(postgres, name, template=TEMPLATE)
    yield postgres.replace("/postgres?", f"/{name}?")
    with psycopg.connect(postgres, autocommit=True) as connection:
        connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


@pytest.fixture
def settings(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Embedded defaults on a free port: demo on, no model (`nlu_url` leads nowhere)."""
    from bot.config import load

    for name in [name for name in os.environ if name.startswith("LIANXIN_") and "TEST" not in name]:
        monkeypatch.delenv(name)
    return load(
        _env_file=None,
        database_url=database_url,
        data_dir=tmp_path,
        port=some_port(),
        **({"nlu_data": os.environ["LIANXIN_TEST_DATA"]} if "LIANXIN_TEST_DATA" in os.environ else {}),
        nlu_url=f"http://127.0.0.1:{some_port()}",
        demo="on",
        knowledge_meaning=False,  # each test has an empty data_dir: it would read all articles anew
    )


def some_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Running:
    """The app in this process, behind real HTTP."""

    world: World
    app: web.Application
    url: str
    extra: dict[str, Any] = field(default_factory=dict)


async def start(settings: Settings) -> tuple[Running, web.AppRunner]:
    from aiohttp import web

    from bot.app import make_app, make_world

    world = make_world(settings)
    app = make_app(world)
    runner = web.AppRunner(app, shutdown_timeout=1)
    await runner.setup()
    await web.TCPSite(runner, settings.host, settings.port).start()
    return Running(world, app, settings.url), runner


@pytest.fixture
async def running(settings: Settings) -> AsyncIterator[Running]:
    """The app without a model."""
    running, runner = await start(settings)
    yield running
    await runner.cleanup()


@pytest.fixture
async def world(running: Running) -> World:
    return running.world


# ---- the real model -----------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def models() -> Path:
    """The folder of trained models; `./lianxin test` sees to it that there is one."""
    folder = Path(os.environ.get("LIANXIN_TEST_MODELS", ROOT / ".lianxin" / "data" / "models"))
    if not (folder / "current").exists():
        pytest.skip("no trained model: run ./lianxin train or ./lianxin test")
    return folder


@pytest.fixture(scope="session")
def nlu_url(models: Path) -> Iterator[str]:
    """The NLU server with the trained model, in its own process."""
    port = some_port()
    process = subprocess.Popen(  # our own words
        [sys.executable, "-m", "nlu.server", "--model", str(models), "--port", str(port), "--processes", "1"],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
    )
    url = f"http://127.0.0.1:{port}"
    try:
        _wait(f"{url}/status", process)
        yield url
    finally:
        process.terminate()
        process.wait(20)


def _wait(url: str, process: subprocess.Popen[bytes], seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise RuntimeError(f"the server ended with {process.returncode}")
        try:
            with urllib.request.urlopen(url, timeout=2):  # noqa: S310  # our own address
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    raise TimeoutError(url)


@pytest.fixture
async def whole(settings: Settings, nlu_url: str) -> AsyncIterator[Running]:
    """The app with the real model."""
    running, runner = await start(settings.model_copy(update={"nlu_url": nlu_url}))
    yield running
    await runner.cleanup()


async def until(check: Any, seconds: float = 30.0, every: float = 0.03) -> Any:
    """What `check` (async) returns once it is true; fails after `seconds`."""
    deadline = time.monotonic() + seconds
    while True:
        found = await check()
        if found:
            return found
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {seconds} s: {getattr(check, '__name__', check)}")
        await asyncio.sleep(every)
