"""What was read out of a revision, kept while it is of use: reading it takes a moment.

A revision never changes, so nothing here can be stale; several who ask at once wait for one reading.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

from sqlalchemy.ext.asyncio import AsyncSession

T = TypeVar("T")
MOST = 12
_KEPT: OrderedDict[tuple[str, int, str], Any] = OrderedDict()
_LOCKS: WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Lock] = WeakKeyDictionary()


async def kept(session: AsyncSession, revision: int, name: str, make: Callable[[], Awaitable[T]]) -> T:
    """The thing called `name` as of a revision."""
    key = (str(session.get_bind().engine.url), revision, name)
    if key in _KEPT:
        found: T = _KEPT[key]
        return found
    async with _LOCKS.setdefault(asyncio.get_running_loop(), asyncio.Lock()):
        found = _KEPT[key] if key in _KEPT else await make()
        _KEPT[key] = found
        while len(_KEPT) > MOST:
            _KEPT.popitem(last=False)
    return found
