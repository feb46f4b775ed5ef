"""Each node's keeper: sees to it that its NLU has the models that are in service, then switches over.

The switch is one assignment in this process, made only when every process of the NLU has the model loaded: no
message waits for it and none is lost. What hinders it is written down for the admins; the old plan stays.
"""

from __future__ import annotations

import asyncio
import os
import socket

import structlog
from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert

from bot.errors import LianxinError
from bot.store.models import ModelNode, ModelVersion
from bot.store.session import AWAY, listen, notify
from bot.studio import files, models, registering
from bot.studio.exchange import Exchange, ExchangeError, NoExchange, Stock
from bot.studio.models import InService
from bot.studio.plan import Plan
from bot.studio.registering import TOPIC
from bot.world import World

log = structlog.get_logger()
PERIOD = 5.0  # seconds between looks without news
LOADING = 30.0  # seconds in which an NLU must have loaded a model
BEAT = 15.0  # seconds after which a node says again that it is there


def node_name(world: World) -> str:
    """This process, as admins read it."""
    return f"{socket.gethostname()}:{world.settings.port or os.getpid()}"


class Keeper:
    """One per process."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._exchange = Exchange(world.settings.nlu_url)
        self._node = node_name(world)
        self._told: tuple[object, ...] = ()
        self._told_at = 0.0

    async def run(self) -> None:
        """Until cancelled."""
        try:
            with self._world.news.subscribe(TOPIC) as queue:
                await self._safely()
                async for _ in listen(queue, PERIOD):
                    while not queue.empty():
                        queue.get_nowait()
                    await self._safely()
        finally:
            await self._exchange.close()

    async def _safely(self) -> None:
        try:
            await self.look()
        except AWAY as error:
            log.warning("keeper.postponed", error=type(error).__name__)
            await asyncio.sleep(1)
        except Exception:  # the outermost loop: the plan stays as it is, and the next look may do better
            log.exception("keeper.failed")
            await asyncio.sleep(5)

    async def look(self) -> None:
        """Follow the last publication as far as possible."""
        problem = ""
        try:
            problem = await self._follow()
        except NoExchange as error:
            problem = str(error)
        except LianxinError as error:
            problem = str(error)
            if (problem,) != self._told[1:]:
                log.warning("keeper.hindered", problem=problem)
        await self._tell(problem)

    async def _follow(self) -> str:
        """Returns what hinders without keeping the live model from its work; raises what does."""
        understander = self._world.understander
        async with self._world.session() as session:
            now = await models.in_service(session)
        plan, problem = plan_of(now), ""
        stock = await self._exchange.stock()
        if set(plan.names) - stock.loaded:
            stock, problem = await self._equip(now, stock)
        if now.live is not None and understander.plan != plan:
            understander.plan = plan
            understander.missing.clear()
            log.info("keeper.switched", live=plan.live, staged=plan.staged, shadow=plan.shadow)
        await self._tidy(now, stock)
        return problem

    async def _equip(self, now: InService, stock: Stock) -> tuple[Stock, str]:
        """Send what is missing, and wait until every process has it loaded."""
        problem = ""
        for version in (now.live, now.staged, now.shadow, now.before):
            if version is None or version.name in stock.stored:
                continue
            try:
                await self._send(version)
            except ExchangeError as error:
                if version is now.live:
                    raise
                problem = f"{version.name}: {error}"
        await self._hold(now)
        needed = set(plan_of(now).names)
        try:
            async with asyncio.timeout(LOADING):
                while True:
                    stock = await self._exchange.stock()
                    if needed & stock.stored <= stock.loaded:
                        return stock, problem
                    await asyncio.sleep(0.05)
        except TimeoutError:
            if now.live is not None and now.live.name not in stock.loaded:
                raise ExchangeError("the NLU did not load the model in time") from None
            return stock, problem or "the NLU did not load every model in time"

    async def _send(self, version: ModelVersion) -> None:
        async with self._world.session() as session:
            export = await files.load(session, version.id, "export")
        if export is None:
            raise ExchangeError(f"the files of version {version.id} are not kept any more")
        await self._exchange.send(version.name, export)

    async def _hold(self, now: InService) -> None:
        stored = (await self._exchange.stock()).stored
        every = (now.live, now.before, now.staged, now.shadow)
        names = dict.fromkeys(v.name for v in every if v is not None and v.name in stored)
        await self._exchange.hold(tuple(names))

    async def _tidy(self, now: InService, stock: Stock) -> None:
        """After the switch: the NLU's own default follows, and what only it knows is taken in."""
        if now.live is not None and stock.current == now.live.name:
            return
        async with self._world.session() as session:
            known = await session.scalar(select(ModelVersion.id).where(ModelVersion.name == stock.current))
        if known is None and stock.current:
            await self._adopt(stock.current)
            return
        if now.live is not None and now.live.name in stock.stored:
            await self._exchange.point_at(now.live.name)

    async def _adopt(self, name: str) -> None:
        export = await self._exchange.fetch(name)
        try:
            rasa: bytes | None = await self._exchange.fetch(name, "rasa")
        except ExchangeError:  # the export alone is enough to serve
            rasa = None
        async with self._world.session.begin() as session:
            await registering.adopt(session, name, export, rasa)

    async def _tell(self, problem: str) -> None:
        """Write down how this node stands, when it changed and now and then."""
        plan = self._world.understander.plan
        state = (plan, problem)
        loop = asyncio.get_running_loop()
        if state == self._told and loop.time() - self._told_at < BEAT:
            return
        values = {
            "publication_id": plan.publication or None,
            "holds": list(plan.names),
            "problem": problem[:500],
            "seen_at": func.clock_timestamp(),
        }
        async with self._world.session.begin() as session:
            statement = insert(ModelNode).values(node=self._node, **values)
            await session.execute(statement.on_conflict_do_update(index_elements=["node"], set_=values))
            if state != self._told:
                await notify(session, TOPIC, kind="node")
        self._told, self._told_at = state, loop.time()


def plan_of(now: InService) -> Plan:
    """The last publication as the understander reads it."""
    if now.publication is None or now.live is None:
        return Plan()
    return Plan(
        publication=now.publication.id,
        live=now.live.name,
        staged=now.staged.name if now.staged else "",
        share=now.publication.share,
        shadow=now.shadow.name if now.shadow else "",
    )
