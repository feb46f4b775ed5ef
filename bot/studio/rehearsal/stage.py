"""All transcripts played against one model, on an NLU server of its own that no citizen reaches."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import sys
import urllib.error
import urllib.request
from collections.abc import AsyncIterator, Callable
from pathlib import Path

from bot.config import ROOT
from bot.dialogue.types import Understanding
from bot.errors import LianxinError
from bot.safety import SafetyNet, load_net
from bot.services import Catalogue, load_catalogue
from bot.studio.rehearsal.player import Reader, play, transcripts
from bot.understanding import Words, joined, read_answer

START = 60.0  # seconds
Missed = dict[str, list[str]]  # conversation → what did not come true; empty lists for those that went well


class NoRehearsal(LianxinError):
    """The model could not be started."""


async def rehearse(model: Path, data: Path, say: Callable[[int, int], None]) -> Missed:
    """`data` is what the model was trained on: its services are the ones on offer."""
    catalogue = await asyncio.to_thread(load_catalogue, data)
    net = await asyncio.to_thread(load_net, data / "safety" / "net.yml")
    async with server(model) as url:
        return await asyncio.to_thread(_play_all, _reader(url, net, catalogue), catalogue, say)


@contextlib.asynccontextmanager
async def server(model: Path) -> AsyncIterator[str]:
    """An NLU server for one exported model; its address."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "nlu.server", "--model", str(model), "--port", "0"),
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        stdin=asyncio.subprocess.DEVNULL,
    )
    try:
        async with asyncio.timeout(START):
            port = await _port(process)
        yield f"http://127.0.0.1:{port}"
    except TimeoutError as error:
        raise NoRehearsal("the model did not start in time") from error
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.communicate()


async def _port(process: asyncio.subprocess.Process) -> int:
    port = 0
    if process.stdout is None or process.stderr is None:
        raise NoRehearsal("the model did not start")
    async for line in process.stdout:
        facts = json.loads(line)
        port = facts.get("port", port)
        if facts["stage"] == "ready":
            return int(port)
    last = (await process.stderr.read()).decode(errors="replace").strip().splitlines()
    raise NoRehearsal(last[-1] if last else "the model did not start")


def _reader(url: str, net: SafetyNet, catalogue: Catalogue) -> Reader:
    words = Words(frozenset(catalogue.services), frozenset(catalogue.acts))

    def read(text: str) -> Understanding:
        body = json.dumps({"text": text}).encode()
        with urllib.request.urlopen(f"{url}/model/parse", body, timeout=30) as answer:  # noqa: S310  # our own address
            return joined(text, read_answer(answer.read()), net.cries(text), words)

    return read


def _play_all(read: Reader, catalogue: Catalogue, say: Callable[[int, int], None]) -> Missed:
    """In a thread: reading is a plain call, and the players' loop is their own."""
    every = [one for one in transcripts() if one.reader != "rules"]
    found: Missed = {}
    for number, one in enumerate(every, start=1):
        try:
            found[f"{one.file.removesuffix('.yml')}: {one.name}"] = asyncio.run(play(one, read, catalogue))
        except (urllib.error.URLError, OSError) as error:
            raise NoRehearsal(f"the model stopped answering ({type(error).__name__})") from error
        except (LianxinError, LookupError, ValueError) as error:
            found[f"{one.file.removesuffix('.yml')}: {one.name}"] = [f"{type(error).__name__}: {error}"]
        say(number, len(every))
    return found
