"""What every stand-in has: the list of what reached each phone, and news when it grows."""

from __future__ import annotations

import asyncio
import io
from collections import defaultdict, deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import aiohttp

KEPT = 200  # deliveries remembered per phone

Via = Literal["passive", "api", "sms", "error"]


@dataclass(frozen=True, slots=True)
class Option:
    """A choice that the citizen may tap."""

    id: str
    label: str


@dataclass(frozen=True, slots=True)
class Delivery:
    """One message on a citizen's phone. `number` rises with every delivery of the stand-in."""

    number: int
    phone: str
    text: str
    via: Via
    options: tuple[Option, ...] = ()
    media: str = ""  # id in the stand-in's media store
    ref: str = ""  # the provider's id of it


class Outlet:
    """What was delivered, per phone, with a way to wait for more."""

    def __init__(self) -> None:
        self._seen: defaultdict[str, deque[Delivery]] = defaultdict(lambda: deque(maxlen=KEPT))
        self._count = 0
        self._news = asyncio.Event()

    def put(
        self, phone: str, text: str, via: Via, options: Sequence[Option] = (), media: str = "", ref: str = ""
    ) -> Delivery:
        self._count += 1
        delivery = Delivery(self._count, phone, text, via, tuple(options), media, ref)
        self._seen[phone].append(delivery)
        self.tell()
        return delivery

    def tell(self) -> None:
        """Wake all who wait for `changed`."""
        self._news.set()
        self._news = asyncio.Event()

    def of(self, phone: str, after: int = 0) -> list[Delivery]:
        """What reached `phone` after the delivery numbered `after`."""
        return [delivery for delivery in self._seen.get(phone, ()) if delivery.number > after]

    async def changed(self) -> None:
        """Returns at the next delivery, to whatever phone."""
        await self._news.wait()

    async def wait(self, phone: str, count: int = 1, after: int = 0, patience: float = 10) -> list[Delivery]:
        """At least `count` deliveries to `phone`. Raises TimeoutError."""
        async with asyncio.timeout(patience):
            while len(found := self.of(phone, after)) < count:
                await self.changed()
        return found


@dataclass(frozen=True, slots=True)
class Answered:
    """What our webhook said to a push: 0 as status when it said nothing in time."""

    status: int
    body: str = ""
    attempts: int = 1


async def post(
    url: str, *, data: bytes | dict[str, str], headers: dict[str, str] | None = None, patience: float = 10
) -> Answered:
    """One push as a provider sends it, on a connection of its own."""
    sent = io.BytesIO(data) if isinstance(data, bytes) else data
    limit = aiohttp.ClientTimeout(total=patience)
    try:
        async with (
            aiohttp.ClientSession(timeout=limit) as session,
            session.post(url, data=sent, headers=headers, allow_redirects=False) as response,
        ):
            return Answered(response.status, await response.text())
    except (TimeoutError, aiohttp.ClientError):
        return Answered(0)
