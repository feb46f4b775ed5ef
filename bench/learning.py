"""Does it learn from what people correct? Real messages, corrections through the API, real training.

The even rows of the folder's `topics.csv` are sent in three parts through the real intake. What the bot was
unsure of lies in the studio's inbox; what it read surely but wrongly an operator corrects. An admin teaches
both, each as the likeliest service of the category that people gave the message: the simulated persons know
the category and nothing else. After each part a model is trained on the data as the studio then holds it. The
odd rows are never sent, taught or looked at: they only judge. Prints a table, writes docs/bench-learning.md.
"""

# ruff: noqa: E501  # the report is Markdown, a paragraph is a line

from __future__ import annotations

import asyncio
import csv
import itertools
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aiohttp
from aiohttp import web
from sqlalchemy import func, select

from bot import logs
from bot.app import HOUSE, make_app, make_world
from bot.config import ROOT, load
from bot.machine.environment import RASA_PYTHON
from bot.machine.model import served
from bot.machine.up import some_port
from bot.store import database
from bot.store.tables import Conversation, Inbox, Message
from bot.studio import data
from bot.world import World
from channels.base import Address, ChannelName, Inbound, ProviderId

REAL = ROOT.parent / "shared" / "data" / "topics.csv"
PARTS = 3
HEAD = 200  # characters of a letter that are read beside its title
OUT = ROOT / "docs" / "bench-learning.md"
_BATCH = 40  # lessons per request
_numbers = itertools.count(1)


@dataclass(frozen=True)
class Row:
    title: str
    body: str
    topic: str


@dataclass
class Step:
    """How the untouched messages are read after so much teaching."""

    sent: int = 0
    unsure: int = 0
    corrected: int = 0
    taught: int = 0
    titles: float = 0.0
    wholes: float = 0.0
    training_s: float = 0.0


def rows() -> tuple[list[Row], list[Row]]:
    """Those to send, shuffled the same way every time, and those that judge."""
    with REAL.open(encoding="utf-8-sig", newline="") as file:
        found = [Row(r["title"].strip(), r["body"].strip(), r["topic"]) for r in csv.DictReader(file)]
    sent = found[0::2]
    random.Random(7).shuffle(sent)
    return sent, found[1::2]


# ---- the house ----------------------------------------------------------------------------------------


class House:
    """The whole app in this process, a model server beside it, and the console's API as people use it."""

    def __init__(self, folder: Path, world: World, app: web.Application, models: Path) -> None:
        self.folder, self.world, self.app, self.models = folder, world, app, models
        self.url = world.settings.url
        self.seats: dict[str, tuple[aiohttp.ClientSession, str]] = {}

    async def enter(self, login: str) -> None:
        client = aiohttp.ClientSession(self.url, cookie_jar=aiohttp.CookieJar(unsafe=True))
        body = {"login": login, "password": f"lianxin-{login}"}
        async with client.post("/api/login", json=body) as answer:
            answer.raise_for_status()
            self.seats[login] = (client, (await answer.json())["csrf"])

    async def ask(self, login: str, method: str, path: str, body: Any = None, **query: str) -> Any:
        client, csrf = self.seats[login]
        headers = {"X-CSRF-Token": csrf}
        async with client.request(method, path, json=body, params=query, headers=headers) as answer:
            if answer.status >= 300:
                raise RuntimeError(f"{method} {path}: {answer.status} {await answer.text()}")
            return await answer.json()

    async def leave(self) -> None:
        for client, _ in self.seats.values():
            await client.close()

    async def send(self, row: Row) -> str:
        """A citizen's message, through the real intake; its provider id."""
        key = f"bench-{next(_numbers)}"
        inbound = Inbound(
            channel=ChannelName("web"),
            provider_id=ProviderId(key),
            sender=Address(key),
            sent_at=datetime.now(UTC),
            text=row.title,
            account="web",
        )
        await self.app[HOUSE].accept(inbound)
        return key

    async def settled(self) -> None:
        while True:
            async with self.world.session() as session:
                query = select(func.count()).where(Inbox.status.in_(("new", "waiting")))
                if not await session.scalar(query):
                    return
            await asyncio.sleep(0.2)

    async def category(self, text: str) -> str:
        heard = await self.world.understander.understand(text)
        if heard.failure:
            raise RuntimeError(f"the model does not answer: {heard.failure}")
        service = self.world.catalogue.get(heard.service.name) if heard.service else None
        return service.category if service else ""

    async def likeliest(self, text: str, topic: str) -> str:
        """What an operator would pick who knows the category: its first service in the model's ranking."""
        heard = await self.world.understander.understand(text)
        of = {s.id for s in self.world.catalogue.services.values() if s.category == topic}
        return next((g.name for g in heard.services if g.name in of), "")


# ---- the steps ----------------------------------------------------------------------------------------


async def train(house: House) -> float:
    """A model of the data as the studio holds it now, in service; seconds."""
    began = time.perf_counter()
    number = str(time.monotonic_ns())
    tree = house.folder / number
    async with house.world.session.begin() as session:
        await data.snapshot(session, tree)
    words = [RASA_PYTHON, "-m", "nlu.training.train", "--data", tree, "--out", house.models]
    env = os.environ | {"PYTHONPATH": str(ROOT)}
    process = await asyncio.create_subprocess_exec(
        *map(str, words), cwd=ROOT, env=env, stdout=asyncio.subprocess.DEVNULL
    )
    if await process.wait():
        raise RuntimeError("training failed")
    return time.perf_counter() - began


async def swapped(house: House, seconds: float = 120) -> None:
    """The server reads with the newest model."""
    wanted = served(house.models)
    async with aiohttp.ClientSession(house.world.settings.nlu_url) as client:
        for _ in range(int(seconds * 5)):
            async with client.get("/status") as answer:
                if wanted in str((await answer.json()).get("model_file")):
                    return
            await asyncio.sleep(0.2)
    raise RuntimeError("the new model did not come into service")


async def judge(house: House, untouched: Sequence[Row], step: Step) -> None:
    titles = [await house.category(row.title) == row.topic for row in untouched]
    wholes = [await house.category(f"{row.title}。{row.body[:HEAD]}") == row.topic for row in untouched]
    step.titles, step.wholes = sum(titles) / len(titles), sum(wholes) / len(wholes)


async def traffic(house: House, part: Sequence[Row], step: Step) -> None:
    """Send, correct, teach."""
    keys = {await house.send(row): row for row in part}
    await house.settled()
    step.sent = len(keys)
    lines = await _lines(house, keys)
    inside = {row["conversation"]: row for row in await _inbox(house)}
    step.unsure = len(inside)
    wanted: dict[int, str] = {}
    for line, row in lines:
        service = await house.likeliest(row.title, row.topic)
        known = house.world.catalogue.get(line.service or "")
        if not service:
            continue
        wanted[line.conversation_id] = service
        if line.conversation_id not in inside and (known is None or known.category != row.topic):
            path = f"/api/conversations/{line.conversation_id}/lines/{line.seq}/correct"
            await house.ask("lead", "POST", path, {"service": service})
            step.corrected += 1
    await _teach(house, wanted, step)


async def _lines(house: House, keys: dict[str, Row]) -> list[tuple[Message, Row]]:
    """Each citizen has written once, under an address of their own."""
    async with house.world.session() as session:
        query = (
            select(Message, Conversation.address)
            .join(Conversation, Conversation.id == Message.conversation_id)
            .where(Message.author == "citizen")
        )
        return [(line, keys[who]) for line, who in await session.execute(query) if who in keys]


async def _inbox(house: House) -> list[dict[str, Any]]:
    """Everything open, as the page reads it."""
    found: list[dict[str, Any]] = []
    mark = ""
    while True:
        page = await house.ask(
            "admin", "GET", "/api/studio/inbox", limit="100", **({"after": mark} if mark else {})
        )
        for group in page["rows"]:
            after = ""
            while True:
                more = {"after": after} if after else {}
                query = {"group": str(group["id"]), "limit": "100"} | more
                inside = await house.ask("admin", "GET", "/api/studio/inbox/messages", **query)
                found += inside["rows"]
                after = inside["next"] or ""
                if not after:
                    break
        mark = page["next"] or ""
        if not mark:
            return found


async def _teach(house: House, wanted: dict[int, str], step: Step) -> None:
    """What lies open is taught as what it should have been; what nobody can place is ignored."""
    by_service: dict[str, list[int]] = {}
    lost: list[int] = []
    for row in await _inbox(house):
        service = wanted.get(row["conversation"], "")
        (by_service.setdefault(service, []) if service else lost).append(row["id"])
    for service, ids in by_service.items():
        for some in _batches(ids):
            body = {"lessons": [{"id": key} for key in some], "intent": service}
            await house.ask("admin", "POST", "/api/studio/inbox/teach", body)
            step.taught += len(some)
    if lost:
        await house.ask(
            "admin", "POST", "/api/studio/inbox/ignore", {"lessons": [{"id": key} for key in lost]}
        )


def _batches(ids: list[int]) -> list[list[int]]:
    return [ids[n : n + _BATCH] for n in range(0, len(ids), _BATCH)]


# ---- all of it ----------------------------------------------------------------------------------------


async def learn(folder: Path) -> list[Step]:
    sent, untouched = rows()
    models = folder / "models"
    if (kept := load().data_dir / "models").is_dir():
        shutil.copytree(kept, models)  # a model for the present data need not be trained again
    logs.set_up("error")
    server = database.private_server(folder)
    url = database.server_url(server)
    database.migrate(url)
    port = some_port()
    settings = load(
        _env_file=None,
        database_url=url,
        data_dir=folder,
        port=some_port(),
        nlu_url=f"http://127.0.0.1:{port}",
        nlu_timeout=10.0,
        demo="on",
        knowledge_meaning=False,  # groups are not what is measured
    )
    world = make_world(settings)
    app = make_app(world)
    runner = web.AppRunner(app, shutdown_timeout=1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", settings.port).start()
    house = House(folder, world, app, models)
    nlu: subprocess.Popen[bytes] | None = None
    try:
        for login in ("lead", "admin"):
            await house.enter(login)
        steps = [Step(training_s=await train(house))]
        nlu = _serve(models, port)
        await _answers(world)
        await judge(house, untouched, steps[0])
        print(_line(0, steps[0]), flush=True)
        size = -(-len(sent) // PARTS)
        for number in range(PARTS):
            step = Step()
            await traffic(house, sent[number * size : (number + 1) * size], step)
            step.training_s = await train(house)
            await swapped(house)
            await judge(house, untouched, step)
            steps.append(step)
            print(_line(number + 1, step), flush=True)
        return steps
    finally:
        if nlu is not None:
            nlu.terminate()
            nlu.wait(20)
        await house.leave()
        await runner.cleanup()
        server.cleanup()


def _serve(models: Path, port: int) -> subprocess.Popen[bytes]:
    words = ["-m", "nlu.server", "--model", str(models), "--port", str(port), "--processes", "1"]
    return subprocess.Popen(  # noqa: S603 - our own words
        [sys.executable, *words], cwd=ROOT, env=os.environ | {"PYTHONPATH": str(ROOT)}
    )


async def _answers(world: World) -> None:
    for _ in range(300):
        if await world.understander.ready():
            return
        await asyncio.sleep(0.2)
    raise RuntimeError("the model server does not answer")


def _line(number: int, step: Step) -> str:
    name = "before" if number == 0 else f"after part {number}"
    return (
        f"| {name} | {step.sent or ''} | {step.unsure or ''} | {step.corrected or ''} | {step.taught or ''} "
        f"| {step.titles:.3f} | {step.wholes:.3f} | {f'{step.training_s:.0f}' if number else ''} |"
    )


REPORT = """# Learning from corrections

`./lianxin bench learning` prints this; it needs the folder of real messages that the project does not contain, and says so where it is absent. {machine}

Real messages are sent as citizens' traffic through the real intake, {sent} in {parts} parts. What the bot is unsure of lies in the studio's inbox by itself; what it reads surely but wrongly a supervisor corrects in the conversation. An admin then teaches both through the console's API, and a model is trained with Rasa on the data as the studio holds it, {trainings} times in all, and put into service. Operator and admin are simulated: they know the official category that people gave the message and choose the model's likeliest service of it. The {judged} messages that judge are never sent or taught; a message counts as right when its service has the official category.

| | sent | in the inbox by itself | corrected by hand | taught | right, titles | right, title and 200 characters | training, s |
|---|---|---|---|---|---|---|---|
{lines}

The standard error of each share is about {error:.3f}. Messages of a category that the model did not consider at all are ignored, as a person who cannot place them would.
"""


def main() -> None:
    """For `./lianxin bench learning`."""
    if not REAL.exists():
        print(f"learning: skipped, there are no real messages at {REAL}")
        return
    sent, untouched = rows()
    with tempfile.TemporaryDirectory(prefix="lianxin-learning-") as folder:
        steps = asyncio.run(learn(Path(folder)))
    share = steps[-1].titles
    text = REPORT.format(
        machine=f"Measured on {os.cpu_count()} cores.",
        sent=len(sent),
        parts=PARTS,
        trainings=PARTS + 1,
        judged=len(untouched),
        lines="\n".join(_line(number, step) for number, step in enumerate(steps)),
        error=(share * (1 - share) / len(untouched)) ** 0.5,
    )
    OUT.write_text(text, encoding="utf-8")
    print(text)
