"""Token buckets: how much one chat, or one address on the internet, may ask of us."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from aiohttp import web


@dataclass(frozen=True, slots=True)
class Rate:
    """`burst` at once, then `per_second`."""

    burst: float
    per_second: float


class Buckets:
    """One bucket per key. The least recently used are forgotten, so that a flood of keys costs no memory."""

    def __init__(self, rate: Rate, size: int = 50_000, clock: Callable[[], float] = time.monotonic) -> None:
        self._rate, self._size, self._clock = rate, size, clock
        self._held: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, key: str, cost: float = 1) -> float:
        """0 when granted, otherwise the seconds until it would be."""
        now = self._clock()
        level, since = self._held.pop(key, (self._rate.burst, now))
        level = min(self._rate.burst, level + (now - since) * self._rate.per_second)
        wait = 0.0 if level >= cost else (cost - level) / self._rate.per_second
        self._held[key] = (level - cost if not wait else level, now)
        if len(self._held) > self._size:
            self._held.popitem(last=False)
        return wait


def client_ip(request: web.Request, trusted_proxies: int) -> str:
    """Who asks. Each trusted proxy adds one address at the right; further left is anybody's claim."""
    if trusted_proxies:
        chain = [
            part.strip() for part in request.headers.get("X-Forwarded-For", "").split(",") if part.strip()
        ]
        if chain:
            return chain[-min(trusted_proxies, len(chain))]
    return request.remote or "?"
