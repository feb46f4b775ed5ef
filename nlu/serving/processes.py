"""As many serving processes as asked for: started, restarted when one dies, stopped together.

Forking happens before any thread or event loop exists. Each child opens its own listener on the shared port.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from collections.abc import Callable
from types import FrameType

_GRACE_S = 5.0
_RESTART_S = 0.5


class Supervisor:
    """The parent: it serves nothing itself."""

    def __init__(self, count: int, child: Callable[[], int]) -> None:
        self._count = count
        self._child = child
        self._running: set[int] = set()
        self._stopping = False

    def run(self) -> int:
        """Until SIGTERM or SIGINT."""
        for name in (signal.SIGTERM, signal.SIGINT):
            signal.signal(name, self._stop)
        signal.signal(signal.SIGHUP, self._pass_on)
        for _ in range(self._count):
            self._start()
        print(json.dumps({"stage": "ready", "processes": self._count}), flush=True)
        while self._running:
            self._wait()
        return 0

    def _start(self) -> None:
        sys.stdout.flush()
        pid = os.fork()
        if pid == 0:
            status = 1
            try:
                for name in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
                    signal.signal(name, signal.SIG_DFL)
                status = self._child()
            finally:
                os._exit(status)
        self._running.add(pid)

    def _wait(self) -> None:
        pid, status = os.wait()
        self._running.discard(pid)
        if not self._stopping:
            print(f"nlu server: process {pid} ended with {status}, starting another", file=sys.stderr)
            time.sleep(_RESTART_S)
            self._start()

    def _stop(self, _number: int, _frame: FrameType | None) -> None:
        self._stopping = True
        for pid in self._running:
            os.kill(pid, signal.SIGTERM)
        signal.signal(signal.SIGALRM, self._kill)
        signal.setitimer(signal.ITIMER_REAL, _GRACE_S)

    def _kill(self, _number: int, _frame: FrameType | None) -> None:
        for pid in self._running:
            os.kill(pid, signal.SIGKILL)

    def _pass_on(self, number: int, _frame: FrameType | None) -> None:
        for pid in self._running:
            os.kill(pid, number)
