"""A long process that outlives the app: started once, followed by whoever is there, found after a crash.

Its output goes into files, not pipes, so that nobody needs to listen for it to go on. A file with its id and
the time of its birth tells it from another process that was later given the same id.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import psutil

LOOK = 0.3  # seconds
GRACE = 10.0  # seconds to end by itself
LAST_WORDS = 16 * 1024  # bytes of its errors that are read


class Followed:
    """One process with its folder. `status` is None where it was not our own child."""

    def __init__(self, folder: Path, name: str) -> None:
        self._progress = folder / f"{name}.progress.jsonl"
        self._errors = folder / f"{name}.errors.txt"
        self._id = folder / f"{name}.pid.json"
        self._child: asyncio.subprocess.Process | None = None
        self._read = 0

    async def start(self, words: Sequence[str | Path], env: Mapping[str, str], cwd: Path) -> None:
        """In a session of its own and politely: citizens come first."""
        with self._progress.open("wb") as out, self._errors.open("wb") as errors:
            self._child = await asyncio.create_subprocess_exec(
                *("nice", "-n", "10", *map(str, words)),
                env=os.environ | dict(env),
                cwd=cwd,
                stdout=out,
                stderr=errors,
                stdin=asyncio.subprocess.DEVNULL,
                start_new_session=True,
            )
        with contextlib.suppress(psutil.NoSuchProcess):
            born = psutil.Process(self._child.pid).create_time()
            self._id.write_text(json.dumps({"pid": self._child.pid, "born": born}), encoding="utf-8")

    @property
    def begun(self) -> bool:
        return self._id.exists()

    @property
    def status(self) -> int | None:
        return self._child.returncode if self._child else None

    def alive(self) -> bool:
        """Whether the process that was started still runs, whoever started it."""
        if self._child is not None:
            return self._child.returncode is None
        return self._found() is not None

    def _found(self) -> psutil.Process | None:
        try:
            known = json.loads(self._id.read_text(encoding="utf-8"))
            process = psutil.Process(int(known["pid"]))
            same = abs(process.create_time() - float(known["born"])) < 1
            return process if same and process.status() != psutil.STATUS_ZOMBIE else None
        except (OSError, ValueError, KeyError, psutil.Error):
            return None

    async def end(self) -> None:
        """Stop it and all that it started."""
        process = self._found()
        if process is not None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(process.pid, signal.SIGTERM)
            deadline = asyncio.get_running_loop().time() + GRACE
            while self.alive() and asyncio.get_running_loop().time() < deadline:  # noqa: ASYNC110  # not ours
                await asyncio.sleep(0.05)
            if self.alive():
                with contextlib.suppress(ProcessLookupError, PermissionError):
                    os.killpg(process.pid, signal.SIGKILL)
        if self._child is not None:
            await self._child.wait()

    def news(self) -> list[dict[str, Any]]:
        """Whole lines since the last call; what is no JSON is passed over."""
        try:
            with self._progress.open("rb") as file:
                file.seek(self._read)
                raw = file.read()
        except OSError:
            return []
        whole = raw[: raw.rfind(b"\n") + 1]
        self._read += len(whole)
        found = []
        for line in whole.splitlines():
            with contextlib.suppress(ValueError):
                facts = json.loads(line)
                if isinstance(facts, dict) and isinstance(facts.get("stage"), str):
                    found.append(facts)
        return found

    def last_words(self) -> str:
        try:
            with self._errors.open("rb") as file:
                file.seek(max(0, self._errors.stat().st_size - LAST_WORDS))
                return file.read().decode(errors="replace").strip()
        except OSError:
            return ""

    async def follow(self, hear: Callable[[dict[str, Any]], None]) -> dict[str, Any]:
        """Until it has ended; returns its last line of progress, {} if it said nothing."""
        last: dict[str, Any] = {}
        while True:
            alive = self.alive()
            for facts in self.news():
                last = facts
                hear(facts)
            if not alive:
                if self._child is not None:
                    await self._child.wait()
                return last
            await asyncio.sleep(LOOK)
