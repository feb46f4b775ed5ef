"""NLU servers as processes of their own with small models, and apps that use them."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from nlu.serving import archive
from tests.conftest import ROOT, Running, some_port, start, until
from tests.nlu.small_model import write_model

if TYPE_CHECKING:
    from bot.config import Settings
    from bot.store.models import ModelVersion
    from bot.world import World


@dataclass
class Nlu:
    """A server with the small model `lianxin-one`."""

    folder: Path
    url: str
    process: subprocess.Popen[bytes]


@contextlib.contextmanager
def nlu_server(folder: Path) -> Iterator[Nlu]:
    if not (folder / "current").exists():
        folder.mkdir(exist_ok=True)
        write_model(folder)
    port = some_port()
    process = subprocess.Popen(
        [sys.executable, "-m", "nlu.server", "--model", str(folder), "--port", str(port), "--queue", "2000"],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        stdout=subprocess.DEVNULL,
    )
    try:
        yield Nlu(folder, f"http://127.0.0.1:{port}", process)
    finally:
        process.terminate()
        process.wait(20)


async def answers(url: str) -> None:
    async def up() -> bool:
        try:
            with urllib.request.urlopen(f"{url}/status", timeout=2):  # noqa: ASYNC210, S310  # our own address
                return True
        except (urllib.error.URLError, OSError):
            return False

    await until(up, 30, 0.1)


@pytest.fixture
async def nlu(tmp_path: Path) -> AsyncIterator[Nlu]:
    with nlu_server(tmp_path / "models") as server:
        await answers(server.url)
        yield server


@pytest.fixture
async def node(settings: Settings, nlu: Nlu) -> AsyncIterator[Running]:
    """One app with its NLU, and the model that was there taken in."""
    running, runner = await start(settings.model_copy(update={"nlu_url": nlu.url, "trains": False}))
    await until(lambda: serves(running.world, "lianxin-one"), 20)
    yield running
    await runner.cleanup()


async def serves(world: World, name: str) -> bool:
    return world.understander.plan.live == name


async def register(world: World, folder: Path, name: str, damage: bool = False) -> ModelVersion:
    """A version as training leaves it: files in the database, not judged yet."""
    from bot.studio import registering

    made = write_model(folder, name, serve=False)
    packed = archive.pack(made)
    if damage:
        (made / "reader" / "weights.npy").write_bytes(b"no weights")
        packed = archive.pack(made)
    async with world.session.begin() as session:
        return await registering.add(session, name, packed, None, exact=True)


async def judged(world: World, version: ModelVersion, passed: bool = True) -> None:
    from bot.store.models import HeldOut, Judgement

    async with world.session.begin() as session:
        if await session.get(HeldOut, "x") is None:
            session.add(HeldOut(sha256="x", data=b""))
            await session.flush()
        session.add(Judgement(model_id=version.id, test_set="x", report={}, gates={}, passed=passed))
