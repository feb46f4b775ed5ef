"""Changing the served model under full load: no request may be dropped, none delayed, no memory kept.

`./lianxin bench swapping`: 32 connections ask without pause while the model is changed ten times; the peer is
the same load with no change. `rasa run` is not measured here: it hangs for half a minute at each change.
"""

from __future__ import annotations

import asyncio
import shutil
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import psutil

from bench.serving import heard, percentile, running, spoken, texts
from bot.config import ROOT, load
from bot.machine.model import models, served
from bot.machine.up import some_port

CONNECTIONS = 32
SWAPS = 10
PAUSE_S = 1.0


async def _ask_on(
    port: int, first: int, messages: Sequence[str], took: list[float], stop: asyncio.Event
) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    number = first
    while not stop.is_set():
        request = spoken(messages[number % len(messages)])
        began = time.perf_counter()
        writer.write(request)
        if not await heard(reader):
            raise AssertionError("a request was refused")
        took.append((time.perf_counter() - began) * 1000)
        number += CONNECTIONS
    writer.close()


def _memory(server: psutil.Process) -> float:
    """MB of all processes; pages that they share count once."""
    everyone = [server, *server.children(recursive=True)]
    return sum(float(one.memory_full_info().pss) for one in everyone) / 1e6


async def _loaded(
    server: psutil.Process, port: int, folder: Path, names: Sequence[str]
) -> tuple[list[float], list[float]]:
    """Milliseconds of every answer, and MB after each change (`names` may be empty: then nothing changes)."""
    took: list[float] = []
    stop, memory, messages = asyncio.Event(), [], texts()
    asking = [asyncio.create_task(_ask_on(port, n, messages, took, stop)) for n in range(CONNECTIONS)]
    for i in range(SWAPS):
        await asyncio.sleep(PAUSE_S)
        if names:
            (folder / "current").write_text(names[(i + 1) % 2] + "\n", encoding="utf-8")
        await asyncio.sleep(PAUSE_S)
        memory.append(await asyncio.to_thread(_memory, server))
    stop.set()
    await asyncio.gather(*asking)
    return took, memory


def main() -> None:
    """Print the table and write docs/bench-swapping.md."""
    source = models(load())
    name = served(source).removesuffix(".tar.gz")
    with tempfile.TemporaryDirectory() as temporary:
        folder, names = Path(temporary), ("one", "two")
        for copy in names:
            shutil.copytree(source / name, folder / copy)
        (folder / "current").write_text("one\n", encoding="utf-8")
        port = some_port()
        words: list[str | Path] = [sys.executable, "-m", "nlu.server", "--model", folder, "--port", str(port)]
        with running(words, port) as (server, _):
            still, _none = asyncio.run(_loaded(server, port, folder, ()))
            changing, memory = asyncio.run(_loaded(server, port, folder, names))
    table = report(still, changing, memory)
    print(table)
    (ROOT / "docs" / "bench-swapping.md").write_text(table, encoding="utf-8")


def report(still: Sequence[float], changing: Sequence[float], memory: Sequence[float]) -> str:
    """The two loads side by side."""
    rows = [
        "# Changing the model under load",
        "",
        f"`./lianxin bench swapping`: {CONNECTIONS} connections without pause, {SWAPS} changes of the model.",
        "",
        "| | no change | ten changes |",
        "|---|---|---|",
        f"| answers | {len(still):,} | {len(changing):,} |",
        "| refused or lost | 0 | 0 |",
        f"| median, ms | {percentile(still, 0.5):.0f} | {percentile(changing, 0.5):.0f} |",
        f"| 99th percentile, ms | {percentile(still, 0.99):.0f} | {percentile(changing, 0.99):.0f} |",
        f"| slowest, ms | {max(still):.0f} | {max(changing):.0f} |",
        f"| memory after each change (PSS), MB | | {', '.join(f'{one:.0f}' for one in memory)} |",
    ]
    return "\n".join(rows) + "\n"


if __name__ == "__main__":
    main()
