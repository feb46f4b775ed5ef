"""One supervisor for all processes: restarts what dies, stops everything, leaves nothing behind."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from bot.machine.steps import console, tied

STEADY = 30.0  # seconds after which a process counts as having started well
GRACE = 12.0  # seconds to finish what it does


@dataclass(slots=True)
class Program:
    name: str
    words: Sequence[str | Path]
    env: Mapping[str, str] = field(default_factory=dict)
    log: Path | None = None  # None: our own output
    process: asyncio.subprocess.Process | None = None
    restarts: int = 0


class Supervisor:
    def __init__(self, programs: Sequence[Program]) -> None:
        self._programs = programs
        self._stopping = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []

    def start(self) -> None:
        self._tasks = [asyncio.create_task(self._keep(program)) for program in self._programs]

    def stop(self) -> None:
        self._stopping.set()

    async def wait(self) -> None:
        """Until `stop`, then until every process has ended: last started first."""
        await self._stopping.wait()
        for program in reversed(self._programs):
            await self._end(program)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _keep(self, program: Program) -> None:
        while not self._stopping.is_set():
            started = time.monotonic()
            with contextlib.ExitStack() as stack:
                output = stack.enter_context(program.log.open("ab")) if program.log else None
                program.process = await asyncio.create_subprocess_exec(
                    *map(str, program.words),
                    env=os.environ | program.env,
                    stdout=output,
                    stderr=output,
                    stdin=asyncio.subprocess.DEVNULL,
                    start_new_session=True,
                    preexec_fn=tied,
                )
            code = await program.process.wait()
            if self._stopping.is_set():
                return
            program.restarts = 0 if time.monotonic() - started > STEADY else program.restarts + 1
            pause = min(30.0, 0.5 * 2**program.restarts)
            console.print(f"! {program.name} ended with {code}; starting it again in {pause:.0f} s")
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(pause):
                    await self._stopping.wait()

    async def _end(self, program: Program) -> None:
        process = program.process
        if process is None or process.returncode is not None:
            return
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGTERM)
        try:
            async with asyncio.timeout(GRACE):
                await process.wait()
        except TimeoutError:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            await process.wait()
