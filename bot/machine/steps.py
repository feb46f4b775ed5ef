"""Long steps, side by side, each with its progress and time: live on a terminal, else as plain lines."""

from __future__ import annotations

import asyncio
import ctypes
import errno
import signal
import sys
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path

from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn

from bot.errors import SetupError

console = Console(stderr=True, highlight=False)
QUIET = 10.0  # seconds after which a plain log hears that a step still runs


class Steps:
    """`await steps.run("name", work)` inside `async with`; `work` is given a way to say how far it is."""

    def __init__(self) -> None:
        self._live = Progress(
            SpinnerColumn(finished_text="[green]✓"),
            TextColumn("{task.description}"),
            TimeElapsedColumn(),
            TextColumn("[dim]{task.fields[detail]}"),
            console=console,
        )

    async def __aenter__(self) -> Steps:
        if console.is_terminal:
            self._live.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        if console.is_terminal:
            self._live.stop()

    async def run(self, name: str, work: Callable[[Callable[[str], None]], Awaitable[bool]]) -> None:
        """Run one step. `work` returns False when there was nothing to do, and then nothing is shown."""
        started = told = time.monotonic()
        task: TaskID | None = None

        def detail(line: str) -> None:
            nonlocal task, told
            line = line.strip()[-90:]
            if console.is_terminal:
                if task is None:
                    task = self._live.add_task(name, total=1, detail="")
                self._live.update(task, detail=line)
            elif task is None or time.monotonic() - told > QUIET:
                task, told = TaskID(0), time.monotonic()
                console.print(f"· {name} {told - started:.0f} s {line}")

        try:
            done = await work(detail)
        except OSError as error:
            if error.errno == errno.ENOSPC:
                raise SetupError(f"{name}: the disk is full.") from error
            raise SetupError(f"{name}: {error}") from error
        if console.is_terminal and task is not None:
            self._live.update(task, completed=1, detail="")
        elif done and not console.is_terminal:
            console.print(f"✓ {name} ({time.monotonic() - started:.0f} s)")


def _die_with_parent() -> None:
    ctypes.CDLL(None).prctl(1, signal.SIGTERM)  # PR_SET_PDEATHSIG


# For children: should we be killed, they are told.
tied = _die_with_parent if sys.platform == "linux" else None


async def command(
    words: Sequence[str | Path],
    detail: Callable[[str], None],
    *,
    cwd: Path | None = None,
    env: Mapping[str, str] | None = None,
    what: str,
    on_line: Callable[[str], str | None] | None = None,
    keep: int = 15,
) -> None:
    """Run a program to its end, its last line as progress. Raises SetupError with its last `keep` lines."""
    process = await asyncio.create_subprocess_exec(
        *map(str, words),
        cwd=cwd,
        env=env,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        limit=1024 * 1024,
        preexec_fn=tied,
    )
    assert process.stdout  # noqa: S101  # asked for above
    last: list[str] = []
    try:
        detail("")
        async for raw in process.stdout:
            line = raw.decode(errors="replace").rstrip().rsplit("\r", 1)[-1]
            if line:
                last = [*last[1 - keep :], line]
                shown = on_line(line) if on_line else line
                if shown:
                    detail(shown)
        code = await process.wait()
    except asyncio.CancelledError:
        process.terminate()
        await process.wait()
        raise
    if code:
        said = "\n  ".join(last)
        full = "\nThe disk is full." if "No space left" in said else ""
        raise SetupError(f"{what} failed:\n  {said}{full}")
