"""Does it learn from what people say and do? Real messages, corrections through the API, real training.

Two thirds of the folder's `topics.csv` are sent in three parts through the real intake, as the letters that people
wrote. What the bot was unsure of lies in the studio's inbox; what it read surely but wrongly an operator
corrects; each request becomes a ticket that is answered, which confirms the service it was filed under. An
admin teaches what then lies in the inbox, each as the likeliest service of the category that people gave the
message: the simulated persons know the category and nothing else. After each part a model is trained on the
data as the studio then holds it. The last third is never sent, taught or looked at: it only judges. Then the
thirds change places in a fresh house, so that every message judges once. Prints a table, writes
docs/bench-learning.md.
"""

# ruff: noqa: E501  # the report is Markdown, a paragraph is a line

from __future__ import annotations

import asyncio
import csv
import functools
import itertools
import operator
import os
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, fields
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
from bot.store.conversations import Conversation, Inbox, Message
from bot.studio import data
from bot.world import World
from channels.base import Address, ChannelName, Inbound, ProviderId

REAL = ROOT.parent / "shared" / "data" / "topics.csv"
FOLDS = 3
PARTS = 3
HEAD = 200  # characters of a letter that are read beside its title
LETTER = 4000  # characters of a message
OUT = ROOT / "docs" / "bench-learning.md"
_BATCH = 40  # lessons per request
_numbers = itertools.count(1)


@dataclass(frozen=True)
class Row:
    title: str
    body: str
    topic: str

    @property
    def letter(self) -> str:
        return f"{self.title}。{self.body}"[:LETTER]

    @property
    def head(self) -> str:
        return f"{self.title}。{self.body[:HEAD]}"


@dataclass
class Step:
    """How the untouched messages are read after so much teaching; a figure per message."""

    sent: int = 0
    unsure: int = 0
    corrected: int = 0
    settled: int = 0
    taught: int = 0
    titles: list[bool] = field(default_factory=list)
    wholes: list[bool] = field(default_factory=list)
    belief: list[float] = field(default_factory=list)  # in the right category, of title and both
    training_s: float = 0.0

    def __add__(self, other: Step) -> Step:
        return Step(*(getattr(self, one.name) + getattr(other, one.name) for one in fields(self)))


def rows(fold: int) -> tuple[list[Row], list[Row]]:
    """Those to send, shuffled the same way every time, and those that judge."""
    with REAL.open(encoding="utf-8-sig", newline="") as file:
        found = [Row(r["title"].strip(), r["body"].strip(), r["topic"]) for r in csv.DictReader(file)]
    sent = [row for number, row in enumerate(found) if number % FOLDS != fold]
    random.Random(7).shuffle(sent)
    return sent, found[fold::FOLDS]


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
            text=row.letter,
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

    async def judged(self, text: str, topic: str) -> tuple[bool, float]:
        """Whether the likeliest service is of that category, and how much the model believes in it."""
        heard = await self.world.understander.understand(text)
        if heard.failure:
            raise RuntimeError(f"the model does not answer: {heard.failure}")
        of = [guess for guess in heard.services if self._category(guess.name) == topic]
        right = bool(heard.services) and self._category(heard.services[0].name) == topic
        return right, sum(guess.confidence for guess in of)

    def _category(self, name: str) -> str:
        service = self.world.catalogue.get(name)
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
    """The app reads with the newest model: its server has loaded it, and its plan says so."""
    wanted = served(house.models)
    async with asyncio.timeout(seconds):
        while house.world.understander.plan.live != wanted:  # noqa: ASYNC110  # the keeper's doing
            await asyncio.sleep(0.2)


async def judge(house: House, untouched: Sequence[Row], step: Step) -> None:
    for row in untouched:
        title, one = await house.judged(row.title, row.topic)
        whole, other = await house.judged(row.head, row.topic)
        step.titles.append(title)
        step.wholes.append(whole)
        step.belief.append((one + other) / 2)


async def traffic(house: House, part: Sequence[Row], step: Step) -> None:
    """Send, correct, answer, teach."""
    keys = {await house.send(row): row for row in part}
    await house.settled()
    step.sent = len(keys)
    lines = await _lines(house, keys)
    step.unsure = len(await _inbox(house))
    wanted: dict[int, str] = {}
    for line, row in lines:
        known = house.world.catalogue.get(line.service or "")
        right = known is not None and known.category == row.topic
        service = str(line.service) if right else await house.likeliest(row.letter, row.topic)
        if not service:
            continue
        wanted[line.conversation_id] = service
        if not right:
            path = f"/api/conversations/{line.conversation_id}/lines/{line.seq}/correct"
            await house.ask("lead", "POST", path, {"service": service})
            step.corrected += 1
        ticket = {"conversation": line.conversation_id, "service": service, "kind": "complaint"}
        made = await house.ask("lead", "POST", "/api/tickets", ticket | {"text": row.letter, "tell": False})
        await house.ask("lead", "POST", f"/api/tickets/{made['number']}/move", {"state": "answered"})
    step.settled = sum(row["sources"] == ["settled"] for row in await _inbox(house))
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


async def learn(folder: Path, fold: int) -> list[Step]:
    sent, untouched = rows(fold)
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
        trains=False,  # trained here, so that its time is known
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
        await swapped(house)
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
        await house.leave()
        await runner.cleanup()
        if nlu is not None:
            nlu.terminate()
            nlu.wait(60)
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


def _mean(found: Sequence[float]) -> float:
    return sum(found) / len(found)


def _gain(after: Sequence[float], before: Sequence[float]) -> str:
    """Of the same messages, in points, with its standard error."""
    differs = [new - old for new, old in zip(after, before, strict=True)]
    return f"{100 * _mean(differs):+.1f} ± {100 * statistics.pstdev(differs) / len(differs) ** 0.5:.1f}"


def _line(number: int, step: Step) -> str:
    name = "before" if number == 0 else f"after part {number}"
    read = (step.titles, step.wholes, [*step.titles, *step.wholes], step.belief)
    shares = " | ".join(f"{_mean(one):.3f}" for one in read)
    told = [step.sent, step.unsure, step.corrected, step.settled, step.taught]
    counts = " | ".join(str(one) if number else "" for one in told)
    return f"| {name} | {counts} | {shares} | {f'{step.training_s:.0f}' if number else ''} |"


def _gains(steps: Sequence[Step]) -> Iterator[str]:
    pairs = [(f"part {n}", steps[n], steps[n - 1]) for n in range(1, len(steps))]
    for name, after, before in [*pairs, ("all of it", steps[-1], steps[0])]:
        gains = [_gain(getattr(after, it), getattr(before, it)) for it in ("titles", "wholes", "belief")]
        yield f"| {name} | {' | '.join(gains)} |"


REPORT = """# Learning from what people say and do

`./lianxin bench learning` prints this; it needs the folder of real messages that the project does not contain, and says so where it is absent. {machine}

Of {all} real letters two thirds are sent as citizens' messages through the real intake, in {parts} parts; the last third only judges. Then the thirds change places, in a fresh house each time, and no letter judges twice: {judged} have judged here. What the bot is unsure of lies in the studio's inbox by itself. What it read wrongly a supervisor corrects in the conversation. Each request is filed and answered: where the model had not been sure, that brings it to the inbox as well, with the service that was right. An admin teaches what lies there through the console's API, and a model is trained with Rasa on the data as the studio holds it and put into service. The simulated people know the official category that somebody gave the letter, and choose the model's likeliest service of it. Right means that the service read has the official category, belief is how likely the model takes that category to be, which moves with every lesson where being right only moves when the first two change places.

| | sent | unsure | corrected | answered | taught | right, titles | right, title and {head} characters | right, both together | belief | training, s |
|---|---|---|---|---|---|---|---|---|---|---|
{lines}

What each part gained, in points, on the same messages with the standard error of that difference:

| | titles | title and {head} characters | belief |
|---|---|---|---|
{gains}
{more}"""


def report(folds: Sequence[Sequence[Step]]) -> str:
    """As Markdown; all folds together."""
    steps = [functools.reduce(operator.add, some) for some in zip(*folds, strict=True)]
    return REPORT.format(
        machine=f"Measured on {os.cpu_count()} cores, shared with other work.",
        parts=PARTS,
        all=sum(map(len, rows(0))),
        judged=len(steps[0].titles),
        head=HEAD,
        lines="\n".join(_line(number, step) for number, step in enumerate(steps)),
        gains="\n".join(_gains(steps)),
        more="" if len(folds) == FOLDS else f"\nThe first {len(folds)} of {FOLDS} thirds only.\n",
    )


def main() -> None:
    """For `./lianxin bench learning`."""
    if not REAL.exists():
        print(f"learning: skipped, there are no real messages at {REAL}")
        return
    folds: list[list[Step]] = []
    for fold in range(FOLDS):
        with tempfile.TemporaryDirectory(prefix="lianxin-learning-") as folder:
            folds.append(asyncio.run(learn(Path(folder), fold)))
        OUT.write_text(report(folds), encoding="utf-8")
    print(report(folds))
