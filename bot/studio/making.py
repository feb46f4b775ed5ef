"""From the present data to a judged version: the steps of one training, each where it can be taken up again.

Everything happens in the training's own folder; nothing of it is served before the last step, which writes
the version with its files, what was measured, and the end of the job in one transaction.
"""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import sys
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.config import ROOT
from bot.errors import DataError, LianxinError
from bot.machine import model
from bot.machine.environment import RASA_PYTHON
from bot.safety import load_net
from bot.services import load_catalogue
from bot.store.models import ModelFile, ModelVersion, Training
from bot.studio import data, files, index, judging, models, registering
from bot.studio.problems import Stopped, of_process
from bot.studio.process import Followed
from bot.studio.rehearsal import stage
from bot.studio.vocabulary import terms
from bot.world import World

ROOM = 1024**3  # bytes that a training needs free
LEAST = 5  # phrases of a service or act, below which there is nothing to learn from
TRAINER: tuple[str | Path, ...] = (RASA_PYTHON, "-m", "nlu.training.train")
JUDGE: tuple[str | Path, ...] = (sys.executable, "-m", "nlu.judge")
_ENV = {"PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"}
_MEANINGS = "LIANXIN_NLU_CACHE"  # where the trainer remembers vectors: encoding all phrases takes minutes

Hear = Callable[[dict[str, Any]], None]


@dataclass
class Making:
    """One job. `hear` is told every line of progress."""

    world: World
    job: Training
    folder: Path
    hear: Hear
    trainer: Sequence[str | Path] = TRAINER
    running: Followed | None = None
    facts: dict[str, Any] = field(default_factory=dict)

    async def run(self) -> Callable[[AsyncSession], Awaitable[ModelVersion]]:
        """Do everything that takes time; what comes back writes it down, in the caller's transaction."""
        if self.job.kind == "judge":
            return await self._only_judge()
        await self._snapshot()
        name = await self._train()
        await self._place_new(name)
        report, against = await self._judge()
        return lambda session: self._keep(session, name, report, against)

    async def stop(self) -> None:
        """End the process that is running, if any."""
        if self.running is not None:
            await self.running.end()

    # ---- the data ---------------------------------------------------------------------------------

    @property
    def data(self) -> Path:
        return self.folder / "data"

    @property
    def new(self) -> Path:
        """The export of the candidate."""
        return self.folder / "new"

    async def _snapshot(self) -> None:
        """The data as they are now; taken up again after a crash they stay what they were."""
        self.hear({"stage": "snapshot"})
        done = self.folder / "snapshot.json"
        if not done.exists():
            shutil.rmtree(self.folder, ignore_errors=True)
            self.data.mkdir(parents=True)
            if shutil.disk_usage(self.folder).free < ROOM:
                raise Stopped("disk")
            async with self.world.session.begin() as session:
                revision = await data.snapshot(session, self.data)
            self._imports()
            done.write_text(json.dumps({"revision": revision}), encoding="utf-8")
        self.facts["revision"] = json.loads(done.read_text(encoding="utf-8"))["revision"]
        self.facts |= await asyncio.to_thread(inspected, self.data)

    def _imports(self) -> None:
        """Past tickets that were taken in on this machine's command line."""
        for path in (self.world.settings.data_dir / "imports").glob("*.yml"):
            target = self.data / "imports" / path.name
            target.parent.mkdir(exist_ok=True)
            if not target.exists():
                shutil.copyfile(path, target)

    # ---- training ---------------------------------------------------------------------------------

    async def _train(self) -> str:
        """The name of the model; trained in Rasa's environment, in a process of its own."""
        if not os.path.exists(self.trainer[0]):  # noqa: ASYNC240, PTH110  # one look
            raise Stopped("environment")
        process = self.running = Followed(self.folder, "train")
        if not process.begun:
            words = [*self.trainer, "--data", self.data, "--imports", self.data / "imports"]
            words += ["--out", self.folder / "out", "--known", *await self._known()]
            kept = model.models(self.world.settings) / "cache"
            await process.start(words, _ENV | {_MEANINGS: str(kept)}, ROOT)
        last = await process.follow(self.hear)
        if last.get("stage") != "done" or process.status not in (0, None):
            raise of_process(process.status, process.last_words(), "train")
        return str(last["model"])

    async def _known(self) -> Sequence[str]:
        """Versions whose files are here: the same data need not be trained again."""
        async with self.world.session() as session:
            query = select(ModelVersion.name).join(ModelFile, ModelFile.model_id == ModelVersion.id)
            return (await session.scalars(query.where(ModelFile.form == "export"))).all()

    async def _place_new(self, name: str) -> None:
        """The candidate's export as `new`: just made, or a known version's."""
        made = self.folder / "out" / name
        shutil.rmtree(self.new, ignore_errors=True)
        if (made / "model.json").exists():
            await asyncio.to_thread(shutil.copytree, made, self.new)
            return
        async with self.world.session() as session:
            version = await session.scalar(select(ModelVersion).where(ModelVersion.name == name))
            export = await files.load(session, version.id, "export") if version else None
        if export is None:
            raise Stopped("broken")
        self.new.mkdir(parents=True)
        await asyncio.to_thread(files.unpacked, export, self.new)

    # ---- judging ----------------------------------------------------------------------------------

    async def _judge(self, against_id: int | None = None) -> tuple[dict[str, Any], ModelVersion | None]:
        """The report, and beside which version."""
        against = await self._rival(against_id)
        async with self.world.session() as session:
            recent = await judging.validated(session)
        (self.folder / "traffic.jsonl").write_text(recent, encoding="utf-8")
        out = self.folder / "report.json"
        words: list[str | Path] = [*JUDGE, "--model", self.new, "--data", self.data, "--out", out]
        words += ["--traffic", self.folder / "traffic.jsonl"]
        words += ["--against", self.folder / "old"] if against else []
        process = self.running = Followed(self.folder, "judge")
        await process.end()  # of a life before this one
        await process.start(words, _ENV, ROOT)
        last = await process.follow(self.hear)
        if last.get("stage") != "done" or process.status != 0:
            raise of_process(process.status, process.last_words(), "judge")
        report: dict[str, Any] = json.loads(out.read_text(encoding="utf-8"))
        net = await asyncio.to_thread(load_net, self.data / "safety" / "net.yml")
        await asyncio.to_thread(judging.join_rules, report, net)
        report["transcripts"] = await self._rehearse(against is not None)
        return report, against

    async def _rival(self, against_id: int | None) -> ModelVersion | None:
        """What is in service (or was named) as folder `old`; None where its files are not kept."""
        async with self.world.session() as session:
            wanted = await session.get(ModelVersion, against_id) if against_id else None
            version = wanted or (await models.in_service(session)).live
            export = await files.load(session, version.id, "export") if version else None
        shutil.rmtree(self.folder / "old", ignore_errors=True)
        if version is None or export is None:
            return None
        (self.folder / "old").mkdir(parents=True)
        await asyncio.to_thread(files.unpacked, export, self.folder / "old")
        return version

    async def _rehearse(self, rival: bool) -> dict[str, Any]:
        """Conversations with both; a rival that cannot be started any more is left out."""

        def say(done: int, of: int) -> None:
            self.hear({"stage": "rehearse", "done": done, "of": of})

        try:
            new = await stage.rehearse(self.new, self.data, say)
        except LianxinError as error:
            raise Stopped("judge", str(error)) from error
        try:
            old = await stage.rehearse(self.folder / "old", self.data, say) if rival else None
        except LianxinError:
            old = None
        return judging.rehearsed(new, old)

    async def _only_judge(self) -> Callable[[AsyncSession], Awaitable[ModelVersion]]:
        """A known version beside another: on the newer one's data, which hold its held-out phrases."""
        model_id, against_id = self.job.model_id, self.job.against_id
        shutil.rmtree(self.folder, ignore_errors=True)
        self.data.mkdir(parents=True)
        async with self.world.session.begin() as session:
            version = await session.get_one(ModelVersion, model_id)
            packed = await files.load(session, version.id, "data")
            if packed is None:
                await data.snapshot(session, self.data)
        if packed is not None:
            await asyncio.to_thread(files.unpacked, packed, self.data)
        await self._place_new(version.name)
        report, against = await self._judge(against_id)

        async def write(session: AsyncSession) -> ModelVersion:
            row = await session.get_one(ModelVersion, model_id)
            test_set = await judging.freeze(session, self.data)
            await judging.keep(session, row, against, test_set, report)
            return row

        return write

    # ---- the end ----------------------------------------------------------------------------------

    async def _keep(
        self, session: AsyncSession, name: str, report: dict[str, Any], against: ModelVersion | None
    ) -> ModelVersion:
        """The version with its files, and what was measured."""
        archive = self.folder / "out" / f"{name}.tar.gz"
        export = await asyncio.to_thread(files.packed, self.new)
        rasa = await asyncio.to_thread(archive.read_bytes) if archive.exists() else None
        version = await registering.add(
            session,
            name,
            export,
            rasa,
            source="trained",
            revision=self.facts["revision"],
            phrases=self.facts["phrases"],
            services=self.facts["services"],
            profile=self.facts["profile"],
            exact=True,  # the trainer's own gate compared the two before it said "done"
            note=self.job.note,
            created_by=self.job.asked_by,
        )
        await files.keep(session, version.id, "data", await asyncio.to_thread(files.packed, self.data))
        test_set = await judging.freeze(session, self.data)
        await judging.keep(session, version, against, test_set, report)
        return version


def inspected(folder: Path) -> dict[str, Any]:
    """Counts and vocabulary of the data. Raises Stopped for what training would only stumble over."""
    try:
        catalogue = load_catalogue(folder)
    except DataError as error:
        where = error.path.relative_to(folder) if error.path.is_relative_to(folder) else error.path
        raise Stopped("data", f"{where}:{error.line}: {error.what}") from error
    counts: Counter[str] = Counter()
    words: Counter[str] = Counter()
    for path in sorted(folder.glob("*/*.yml")):
        relative = path.relative_to(folder).as_posix()
        if not index.taught(relative):
            continue
        for row in index.rows(relative, path.read_text(encoding="utf-8"), catalogue.acts):
            counts[row["intent"]] += 1
            words.update(terms(row["text"]))
    few = [
        f"{name} ({counts[name]})" for name in (*catalogue.services, *catalogue.acts) if counts[name] < LEAST
    ]
    if few:
        raise Stopped("few", f"{LEAST}: " + "、".join(few[:10]))
    services = {str(name): counts[name] for name in catalogue.services}
    profile = {"services": services, "terms": " ".join(sorted(words))}
    return {"phrases": sum(counts.values()), "services": len(services), "profile": profile}


def tidy(folder: Path) -> None:
    """After the end: only what explains a failure stays, and that for the next training only."""
    for path in folder.iterdir() if folder.exists() else ():
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        elif not path.name.endswith((".txt", ".jsonl")):
            path.unlink(missing_ok=True)
