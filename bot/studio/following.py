"""The running house follows the data: answers and the city's facts at once, services with their model.

Knowledge, departments, deadlines, places and calendar need no training, so they are those of the newest
revision. Which services there are, what they ask and the rules for danger are what the model in service was
trained and judged with: it must not answer what nobody knows, nor be asked for what it never learnt.
"""

from __future__ import annotations

import asyncio
import tempfile
from dataclasses import dataclass
from pathlib import Path

import structlog
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.errors import DataError
from bot.knowledge.entries import Entry, load_entries
from bot.safety import SafetyNet, load_net
from bot.services import Catalogue, load_catalogue
from bot.store.session import AWAY
from bot.store.teaching import Revision
from bot.studio import models, tree
from bot.understanding import Words
from bot.world import World

log = structlog.get_logger()
TOPICS = (tree.TOPIC, "models")  # news after which another revision may count
_READING = 120.0  # seconds that new articles may take to be read for their meaning
_OWN = ("services/", "acts/", "safety/", "conduct/")  # what belongs to the model


@dataclass(frozen=True, slots=True)
class Followed:
    """The two revisions that count now."""

    newest: int = 0
    taught: int = 0


async def followed(session: AsyncSession) -> Followed:
    """(0, 0) where nobody has opened the studio yet: then the files on disk count."""
    newest = await tree.latest(session)
    if not newest:
        return Followed()
    live = (await models.in_service(session)).live
    if live is not None and live.revision is not None:
        return Followed(newest, live.revision)
    seed = select(Revision.number).where(Revision.kind == "seed").order_by(Revision.number.desc()).limit(1)
    return Followed(newest, await session.scalar(seed) or newest)


class Follower:
    """`start` before messages come, `stop` at the end."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._at = Followed()
        self._articles: tuple[Entry, ...] | None = None
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        async with self._world.session.begin() as session:
            await tree.refresh(session)
        await self.follow()
        self._task = asyncio.create_task(self._run())

    async def stop(self) -> None:
        if self._task:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _run(self) -> None:
        with self._world.news.subscribe(*TOPICS, "models:*") as queue:
            while True:
                try:
                    await self.follow()
                    await self._answer()
                except AWAY as error:
                    log.warning("data.not_followed", error=type(error).__name__)
                await queue.get()
                while not queue.empty():
                    queue.get_nowait()

    async def follow(self) -> None:
        """Load what counts now, unless it is what is loaded."""
        async with self._world.session() as session:
            wanted = await followed(session)
            if wanted == self._at:
                return
            newest = await tree.files(session, wanted.newest)
            taught = await tree.files(session, wanted.taught)
        try:
            catalogue, articles, net = await asyncio.to_thread(_loaded, newest, taught)
        except DataError as error:  # the data moved on further than the model can follow: the house stays
            log.error("data.does_not_fit", file=error.path.name, line=error.line, what=error.what)
            return
        self._at = wanted
        self._world.guide.catalogue = catalogue
        self._world.guide.net = net
        self._world.understander.teach(Words(frozenset(catalogue.services), frozenset(catalogue.acts)), net)
        log.info("data.followed", newest=wanted.newest, taught=wanted.taught)
        self._articles = articles

    async def _answer(self) -> None:
        """Other articles, as soon as they can be found as well as the old ones."""
        old = self._world.knowledge
        if self._articles is None or self._articles == old.entries:
            return
        new = old.renewed(self._articles)
        new.start()
        try:
            if old.by_meaning:
                await asyncio.to_thread(new.wait, _READING)
        except asyncio.CancelledError:
            await asyncio.to_thread(new.close)
            raise
        self._world.guide.knowledge = new
        await asyncio.to_thread(old.close)


def _loaded(newest: tree.Files, taught: tree.Files) -> tuple[Catalogue, tuple[Entry, ...], SafetyNet]:
    """The newest city with the model's services; where these no longer fit, both as the model knew them."""
    with tempfile.TemporaryDirectory(prefix="lianxin-data-") as name:
        folder = Path(name)
        tree.to_disk(folder / "newest", newest)
        entries = load_entries(folder / "newest" / "knowledge", load_catalogue(folder / "newest"))
        tree.to_disk(folder / "taught", taught)
        net = load_net(folder / "taught" / "safety" / "net.yml")
        mixed = {path: text for path, text in taught.items() if path.startswith(_OWN)}
        mixed |= {path: text for path, text in newest.items() if not path.startswith(_OWN)}
        tree.to_disk(folder / "mixed", mixed)
        try:
            return load_catalogue(folder / "mixed"), entries, net
        except DataError:
            return load_catalogue(folder / "taught"), entries, net
