"""The size of the load on the seats, and the board on which its news are clocked."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field

SEATS, CHATS, HELD = 200, 2000, 5  # conversations that each seat speaks in
EVENTS, PAUSE_S = 300, 0.05
QUEUED = 40
LATE_S = 30.0


@dataclass
class Board:
    """When each awaited thing was sent and how many milliseconds it took to each reader."""

    sent: dict[str, float] = field(default_factory=dict)
    left: dict[str, int] = field(default_factory=dict)
    took: dict[str, list[float]] = field(default_factory=dict)
    done: asyncio.Event = field(default_factory=asyncio.Event)

    def send(self, what: str, key: str, readers: int) -> None:
        self.sent[f"{what}:{key}"], self.left[f"{what}:{key}"] = time.perf_counter(), readers

    def seen(self, what: str, key: str) -> None:
        name = f"{what}:{key}"
        if self.left.get(name, 0) > 0:
            self.left[name] -= 1
            self.took.setdefault(what, []).append((time.perf_counter() - self.sent[name]) * 1000)
            if not any(self.left.values()):
                self.done.set()

    async def settled(self) -> None:
        """Raises AssertionError naming how much never came."""
        while any(self.left.values()):
            self.done.clear()
            try:
                async with asyncio.timeout(LATE_S):
                    await self.done.wait()
            except TimeoutError:
                missing = sum(self.left.values())
                raise AssertionError(f"{missing} frames never came") from None
