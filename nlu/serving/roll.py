"""Which models each process of one server has loaded: a small file per process, read by whoever is asked.

A request reaches any one of the processes, and can speak for all of them only by what they write down.
"""

from __future__ import annotations

import contextlib
import json
import os
import socket
from collections.abc import Sequence
from pathlib import Path

FOLDER = ".loaded"


class Roll:
    """Processes of one machine with one parent belong together."""

    def __init__(self, place: Path) -> None:
        self._folder = place / FOLDER
        self._prefix = f"{socket.gethostname()}-{os.getppid()}-"
        self._file = self._folder / f"{self._prefix}{os.getpid()}"

    def write(self, names: Sequence[str]) -> None:
        """What this process has; a folder that cannot be written to is no reason to stop."""
        fresh = self._file.with_name(f".{self._file.name}")
        with contextlib.suppress(OSError):
            self._folder.mkdir(exist_ok=True)
            fresh.write_text(json.dumps(list(names)), encoding="utf-8")
            fresh.replace(self._file)

    def common(self, ours: Sequence[str]) -> list[str]:
        """What all living processes have, this one among them."""
        every = set(ours)
        for path in self._folder.glob(f"{self._prefix}*"):
            if path == self._file:
                continue
            if not _alive(int(path.name.rpartition("-")[2])):
                path.unlink(missing_ok=True)
                continue
            with contextlib.suppress(OSError, ValueError):
                every &= set(json.loads(path.read_text(encoding="utf-8")))
        return sorted(every)

    def clear(self) -> None:
        """This process ends."""
        with contextlib.suppress(OSError):
            self._file.unlink(missing_ok=True)


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
