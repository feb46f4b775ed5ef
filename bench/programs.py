"""Programs that run beside a measurement, for as long as it needs them."""

from __future__ import annotations

import asyncio
import os
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp
from rich.console import Console

from bot.config import ROOT

SECRET = "0123456789abcdef0123456789abcdef"  # noqa: S105  # of a database that is thrown away
say = Console(stderr=True).print


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
