"""From "misunderstood" to "in service": machine time of teaching, training, judging, publishing, going back.

`./lianxin bench teaching`: a private database, the full data, the real trainer, two serving processes, and
citizens who write without pause while the model is changed. Writes docs/bench-teaching.md.
"""

from __future__ import annotations

import asyncio
import os
import secrets
import shutil
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from aiohttp import ClientSession, CookieJar, web
from sqlalchemy import func, select

from bot.app import HOUSE, make_app, make_world
from bot.config import ROOT, load
from bot.machine.model import models, served
from bot.machine.up import some_port
from bot.store import database
from bot.store.conversations import Inbox, Message
from bot.world import World
from channels.base import Address, ChannelName, Inbound, ProviderId

PHRASES = ("共享充电桩把我的车锁住了没人管", "充电桩扫码付了钱不出电", "小区充电桩坏了半个月没人修")
SERVICE = "property_management"
WRITERS = 6


class Load:
    """Citizens by web chat; every message must be handled by a model, at the first attempt."""

    def __init__(self, app: web.Application) -> None:
        self._app = app
        self._stop = asyncio.Event()
        self.written = 0

    async def write(self, number: int) -> None:
        while not self._stop.is_set():
            inbound = Inbound(
                channel=ChannelName("web"),
                provider_id=ProviderId(secrets.token_hex(8)),
                sender=Address(f"load-{number}-{self.written % 40}"),
                sent_at=datetime.now(UTC),
                text="家里暖气不热，物业不管",
                account="web",
            )
            await self._app[HOUSE].accept(inbound)
            self.written += 1
            await asyncio.sleep(0.02)

    def stop(self) -> None:
        self._stop.set()


async def _quiet(world: World) -> None:
    while True:
        async with world.session() as session:
            query = select(func.count()).where(Inbox.status.in_(("new", "waiting")))
            if not await session.scalar(query):
                return
        await asyncio.sleep(0.2)


async def _lost(world: World) -> tuple[int, int, int]:
    """Messages, those that no model read, and those that failed or had to be tried again."""
    async with world.session() as session:
        read = select(func.count()).where(Message.author == "citizen")
        every = int(await session.scalar(read) or 0)
        unread = int(await session.scalar(read.where(Message.model.is_(None))) or 0)
        again = select(func.count()).where((Inbox.status == "failed") | (Inbox.attempts > 0))
        return every, unread, int(await session.scalar(again) or 0)


async def _serving(world: World, name: str) -> float:
    began = time.perf_counter()
    while world.understander.plan.live != name:  # noqa: ASYNC110  # the same process; nobody sets an event
        await asyncio.sleep(0.005)
    return time.perf_counter() - began


async def _measure(app: web.Application, world: World, http: ClientSession) -> dict[str, Any]:
    async def call(method: str, path: str, body: Any = None) -> Any:
        async with http.request(method, path, json=body) as answer:
            text = await answer.text()
            assert answer.status < 300, (path, answer.status, text)
            return await answer.json()

    entered = await call("POST", "/api/login", {"login": "admin", "password": "lianxin-admin"})
    http.headers["X-CSRF-Token"] = entered["csrf"]
    while not world.understander.plan.live:  # noqa: ASYNC110  # the keeper's doing
        await asyncio.sleep(0.1)
    before = world.understander.plan.live
    found: dict[str, Any] = {}
    began = time.perf_counter()
    rows = [{"intent": SERVICE, "text": text} for text in PHRASES]
    await call("POST", "/api/studio/data/phrases", {"phrases": rows, "why": "measuring"})
    job = (await call("POST", "/api/studio/trainings", {"note": "measuring"}))["id"]
    stages: dict[str, float] = {}
    while True:
        row = next(one for one in (await call("GET", "/api/studio/trainings"))["rows"] if one["id"] == job)
        stages.setdefault(row["stage"] or row["status"], time.perf_counter() - began)
        if row["status"] not in ("queued", "running"):
            break
        await asyncio.sleep(0.5)
    assert row["status"] == "done", row
    found["trained"] = time.perf_counter() - began
    found["stages"] = stages
    seen = await call("GET", f"/api/studio/models/{row['model']}")
    found["passed"] = seen["judgement"]["passed"]
    load = Load(app)
    writing = [asyncio.create_task(load.write(n)) for n in range(WRITERS)]
    await asyncio.sleep(2)
    reason = "" if found["passed"] else "measuring the swap itself"
    await call("POST", f"/api/studio/models/{row['model']}/publish", {"how": "now", "reason": reason})
    found["published"] = await _serving(world, seen["version"]["name"])
    found["whole"] = time.perf_counter() - began
    await asyncio.sleep(2)
    asked = time.perf_counter()
    await call("POST", "/api/studio/models/rollback")
    await _serving(world, before)
    found["rollback"] = time.perf_counter() - asked
    await asyncio.sleep(1)
    load.stop()
    await asyncio.gather(*writing)
    await _quiet(world)
    found["messages"], found["unread"], found["again"] = await _lost(world)
    return found


async def _run() -> dict[str, Any]:
    settings = load()
    with tempfile.TemporaryDirectory(prefix="lianxin-teaching-") as temporary:
        folder = Path(temporary)
        source = models(settings)
        shutil.copytree(source, folder / "models")
        server = await asyncio.to_thread(database.private_server, folder / "pg")
        url = await asyncio.to_thread(database.server_url, server)
        await asyncio.to_thread(database.migrate, url)
        port = some_port()
        words = [sys.executable, "-m", "nlu.server", "--model", str(folder / "models"), "--port", str(port)]
        nlu = await asyncio.create_subprocess_exec(
            *words, "--processes", "2", env=os.environ | {"PYTHONPATH": str(ROOT)}, stdout=subprocess.DEVNULL
        )
        changed = {"data_dir": folder, "port": some_port(), "nlu_url": f"http://127.0.0.1:{port}"}
        fresh = load(database_url=url, demo="on", knowledge_meaning=False, **changed)
        world = make_world(fresh)
        app = make_app(world)
        runner = web.AppRunner(app, shutdown_timeout=1)
        await runner.setup()
        await web.TCPSite(runner, fresh.host, fresh.port).start()
        try:
            async with ClientSession(
                fresh.url, cookie_jar=CookieJar(unsafe=True), headers={"Origin": fresh.url}
            ) as http:
                return await _measure(app, world, http)
        finally:
            await runner.cleanup()
            nlu.terminate()
            await nlu.wait()
            await asyncio.to_thread(server.cleanup)


def report(found: dict[str, Any]) -> str:
    """As Markdown."""
    stages = [f"{name} {at:.0f} s" for name, at in found["stages"].items()]
    lines = [
        "# From misunderstood to in service",
        "",
        f"`./lianxin bench teaching`: {len(PHRASES)} phrases added, the full data trained and judged beside "
        f"the model in service, published and taken back while {WRITERS} citizens write without pause.",
        "",
        "| step | seconds |",
        "|---|---|",
        f"| taught, trained and judged | {found['trained']:.0f} |",
        f"| published: every process reads with it | {found['published']:.2f} |",
        f"| **all of it, machine time** | **{found['whole']:.0f}** |",
        f"| roll-back, from the click | {found['rollback']:.2f} |",
        "",
        f"Stages began at: {', '.join(stages)}. While it was changed twice, {found['messages']:,} messages "
        f"came; {found['unread']} were read by no model, {found['again']} failed or were tried again. "
        f"The gates {'opened' if found['passed'] else 'did not all open'}.",
    ]
    return "\n".join(lines) + "\n"


def main() -> None:
    """Print and write the report."""
    if not served(models(load())):
        sys.exit("there is no model yet: ./lianxin train")
    table = report(asyncio.run(_run()))
    print(table)
    (ROOT / "docs" / "bench-teaching.md").write_text(table, encoding="utf-8")


if __name__ == "__main__":
    main()
