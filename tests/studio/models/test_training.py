"""Trainings as jobs: to a judged version, past every failure, through crashes, and never into service by
themselves.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psutil
import pytest
from sqlalchemy import select, update

from bot.errors import Conflict
from bot.store.models import Judgement, ModelFile, ModelVersion, Training
from bot.studio import models, publishing, retention, trainings
from bot.studio.problems import sentence
from bot.studio.trainer import Trainer
from tests.conftest import ROOT, Running, start, until
from tests.house.conftest import Citizen
from tests.studio.models import small_data
from tests.studio.models.conftest import Nlu, serves
from tests.studio.models.test_publishing import admin

if TYPE_CHECKING:
    from bot.config import Settings
    from bot.world import World

SCRIPT = ROOT / "tests" / "studio" / "models" / "trainer.py"


@pytest.fixture
async def studio(settings: Settings, nlu: Nlu, tmp_path: Path) -> AsyncIterator[Running]:
    """An app over small data, which trains nothing by itself, and the small model in service."""
    data = small_data.write(tmp_path / "nlu_data")
    changed = {"nlu_url": nlu.url, "nlu_data": data, "trains": False}
    running, runner = await start(settings.model_copy(update=changed))
    await until(lambda: serves(running.world, "lianxin-one"), 20)
    yield running
    await runner.cleanup()


def trainer(world: World, mode: str) -> Trainer:
    return Trainer(world, (sys.executable, SCRIPT, mode))


async def ask(world: World) -> int:
    by = await admin(world)
    async with world.session.begin() as session:
        return (await trainings.ask(session, by, "试一次")).id


async def row(world: World, key: int) -> Training:
    async with world.session() as session:
        return await session.get_one(Training, key)


async def trained(world: World, mode: str) -> Training:
    key = await ask(world)
    await trainer(world, mode).look()
    return await row(world, key)


async def judgement(world: World, model_id: int | None) -> Judgement:
    async with world.session() as session:
        query = select(Judgement).where(Judgement.model_id == model_id).order_by(Judgement.id.desc())
        found = (await session.scalars(query)).first()
        assert found is not None
        return found


def gate(found: Judgement, name: str) -> dict[str, Any]:
    return next(one for one in found.gates["gates"] if one["name"] == name)


async def still_serves(studio: Running) -> None:
    """What was in service is, and answers."""
    async with studio.world.session() as session:
        live = (await models.in_service(session)).live
    assert live and live.name == "lianxin-one"
    heard = await studio.world.understander.understand("暖气不热")
    assert heard.model == "id-lianxin-one" and heard.failure is None


async def test_from_data_to_a_judged_version_that_can_be_published(studio: Running) -> None:
    world = studio.world
    job = await trained(world, "good")
    assert (job.status, job.problem, job.detail) == ("done", "", "")
    async with world.session() as session:
        version = await session.get_one(ModelVersion, job.model_id)
        assert version.name == "lianxin-good" and version.services == 3 and version.phrases > 30
        assert version.revision and version.note == "试一次" and "暖气" in version.profile["terms"]
        forms = set(await session.scalars(select(ModelFile.form).where(ModelFile.model_id == version.id)))
        assert forms == {"export", "rasa", "data"}
    found = await judgement(world, version.id)
    assert found.passed and found.report["transcripts"]["count"] > 5
    assert found.report["worse_count"] == 0
    await still_serves(studio)
    by = await admin(world)
    async with world.session.begin() as session:
        await publishing.publish(session, by, version.id)
    await until(lambda: serves(world, "lianxin-good"), 15)
    await Citizen(studio).write("暖气不热")


async def test_the_same_data_is_not_trained_twice(studio: Running) -> None:
    first = await trained(studio.world, "good")
    again = await trained(studio.world, "good")
    assert (again.status, again.model_id) == ("done", first.model_id)


@pytest.mark.parametrize(
    ("mode", "problem", "says"),
    [
        ("disk", "disk", "disk is full"),
        ("killed", "killed", "killed"),
        ("yaml", "data", "services/heating.yml:7"),
        ("refused", "export", "text 3.intent"),
        ("broken", "judge", "damaged"),
    ],
)
async def test_what_fails_says_what_to_mend_and_reaches_nobody(
    studio: Running, mode: str, problem: str, says: str
) -> None:
    job = await trained(studio.world, mode)
    assert (job.status, job.problem, job.model_id) == ("failed", problem, None)
    assert says in sentence(job.problem, job.detail)
    await still_serves(studio)
    async with studio.world.session() as session:
        assert len((await session.scalars(select(ModelVersion))).all()) == 1


async def test_shuffled_labels_are_seen_and_need_a_reason(studio: Running) -> None:
    job = await trained(studio.world, "shuffled")
    found = await judgement(studio.world, job.model_id)
    assert not found.passed and gate(found, "overall")["open"] is False
    assert found.report["worse_count"] >= 4
    await _refused(studio, job)


async def test_a_danger_that_was_taken_away_is_seen(studio: Running) -> None:
    job = await trained(studio.world, "unsafe")
    found = await judgement(studio.world, job.model_id)
    assert not found.passed
    assert gate(found, "classes") == {
        "name": "classes",
        "open": False,
        "seen": 1,
        "limit": 0,
        "worst": ["flooding"],
    }
    assert gate(found, "danger")["open"] is False
    await _refused(studio, job)


async def _refused(studio: Running, job: Training) -> None:
    from bot.errors import Invalid

    by = await admin(studio.world)
    async with studio.world.session() as session:
        with pytest.raises(Invalid):
            await publishing.publish(session, by, job.model_id or 0)
    await still_serves(studio)


async def test_too_few_phrases_and_mistakes_are_named_before_anything_starts(studio: Running) -> None:
    from bot.studio.making import inspected
    from bot.studio.problems import Stopped

    data = studio.world.settings.nlu_data
    bus = data / "services" / "bus.yml"
    lines = bus.read_text(encoding="utf-8").splitlines()
    first = next(n for n, line in enumerate(lines) if line.strip().startswith("examples:")) + 1
    bus.write_text("\n".join(lines[: first + 2]) + "\n", encoding="utf-8")
    with pytest.raises(Stopped) as few:
        inspected(data)
    assert few.value.code == "few" and "bus (2)" in few.value.detail
    bus.write_text("version: '3.1'\nnlu:\n- intent: buss\n", encoding="utf-8")
    with pytest.raises(Stopped) as wrong:
        inspected(data)
    assert wrong.value.code == "data" and "services/bus.yml:3" in wrong.value.detail


async def test_progress_is_seen_and_cancelling_ends_the_process(studio: Running) -> None:
    world = studio.world
    key = await ask(world)
    working = asyncio.create_task(trainer(world, "slow").look())

    async def epochs() -> int:
        return int((await row(world, key)).progress.get("epoch", 0))

    await until(epochs, 20)
    job = await row(world, key)
    assert (job.status, job.stage, job.progress["epochs"]) == ("running", "train", 30)
    assert job.progress["curve"][0][0] == "service" and job.progress["eta_s"] == 3.0
    by = await admin(world)
    async with world.session.begin() as session:
        await trainings.cancel(session, by, key)
    async with asyncio.timeout(20):
        await working
    assert (await row(world, key)).status == "cancelled"
    assert not _processes()
    await still_serves(studio)


def _processes() -> list[psutil.Process]:
    return [
        one
        for one in psutil.process_iter(["cmdline", "status"])
        if str(SCRIPT) in (one.info["cmdline"] or []) and one.info["status"] != psutil.STATUS_ZOMBIE
    ]


async def test_a_training_that_waits_is_cancelled_at_once(studio: Running) -> None:
    world = studio.world
    key, by = await ask(world), await admin(world)
    async with world.session() as session:
        with pytest.raises(Conflict):
            await trainings.ask(session, by)
    async with world.session.begin() as session:
        assert (await trainings.cancel(session, by, key)).status == "cancelled"
    await trainer(world, "good").look()
    assert (await row(world, key)).model_id is None


async def test_an_app_that_crashes_finds_its_training_again(studio: Running) -> None:
    """The loop is dropped as a crash would drop it: the process goes on, and another loop takes it up."""
    world = studio.world
    key = await ask(world)
    first = trainer(world, "slow")
    folder = world.settings.data_dir / "trainings" / str(key)
    job = await row(world, key)
    from bot.studio.making import Making

    folder.mkdir(parents=True)
    await first._begin(job, 1)
    crashed = asyncio.create_task(
        Making(world, job, folder, lambda _: None, (sys.executable, SCRIPT, "slow")).run()
    )
    found = await until(_running)
    crashed.cancel()
    await asyncio.gather(crashed, return_exceptions=True)
    assert found[0].is_running()
    await trainer(world, "good").look()  # were it begun again, it would be "good"
    job = await row(world, key)
    assert (job.status, job.attempts) == ("done", 1)
    async with world.session() as session:
        assert (await session.get_one(ModelVersion, job.model_id)).name == "lianxin-slow"


async def _running() -> list[psutil.Process]:
    return _processes()


async def test_an_app_that_stops_gives_its_training_back(studio: Running) -> None:
    world = studio.world
    key = await ask(world)
    working = asyncio.create_task(trainer(world, "slow").look())
    await until(_running)
    working.cancel()
    await asyncio.gather(working, return_exceptions=True)
    assert not _processes()
    job = await row(world, key)
    assert (job.status, job.attempts) == ("queued", 0)
    await trainer(world, "good").look()
    assert (await row(world, key)).status == "done"


async def test_one_at_a_time_and_not_for_ever(studio: Running) -> None:
    world = studio.world
    key = await ask(world)
    one, other = trainer(world, "slow"), trainer(world, "good")
    working = asyncio.create_task(one.look())
    await until(_running)
    await other.look()  # returns: somebody works
    assert (await row(world, key)).status == "running"
    working.cancel()
    await asyncio.gather(working, return_exceptions=True)
    async with world.session.begin() as session:
        await session.execute(
            update(Training).values(attempts=3, node="elsewhere", status="running", heartbeat_at=None)
        )

    async def ended() -> bool:
        await trainer(world, "good").look()
        return (await row(world, key)).status == "failed"

    await until(ended, 10, 0.2)
    assert (await row(world, key)).problem == "interrupted"


async def test_versions_beyond_the_rule_lose_their_files_but_not_their_figures(studio: Running) -> None:
    from bot.store.models import StudioSetting

    world, by = studio.world, await admin(studio.world)
    jobs = [await trained(world, mode) for mode in ("good", "shuffled")]
    async with world.session.begin() as session:
        session.add(StudioSetting(name="retention", value={"keep": 2}))
    jobs.append(await trained(world, "unsafe"))
    async with world.session.begin() as session:
        rows = {v.id: v.retired_at for v in await session.scalars(select(ModelVersion))}
        assert rows[jobs[0].model_id or 0] is not None  # the oldest candidate
        assert rows[jobs[2].model_id or 0] is None
        live = (await models.in_service(session)).live
        assert live and rows[live.id] is None  # older still, but in service
        with pytest.raises(Conflict):
            await publishing.publish(session, by, jobs[0].model_id or 0)
        with pytest.raises(Conflict):
            await retention.delete(session, by, live.id)
    assert (await judgement(world, jobs[0].model_id)).report["figures"]


async def test_two_versions_are_compared_on_demand(studio: Running) -> None:
    world, by = studio.world, await admin(studio.world)
    jobs = [await trained(world, mode) for mode in ("good", "shuffled")]
    async with world.session.begin() as session:
        key = (await trainings.ask_judgement(session, by, jobs[0].model_id or 0, jobs[1].model_id)).id
    await trainer(world, "good").look()
    assert (await row(world, key)).status == "done"
    found = await judgement(world, jobs[0].model_id)
    assert found.against_id == jobs[1].model_id and found.report["better_count"] >= 4


async def test_a_training_is_started_and_followed_on_the_command_line(studio: Running) -> None:
    from bot.errors import SetupError
    from bot.studio import terminal

    world = studio.world
    for mode, ends in (("good", "done"), ("disk", "failed")):
        following = asyncio.create_task(terminal.show(world.settings, True, "从命令行", False))

        while not following.done():
            await trainer(world, mode).look()
            await asyncio.sleep(0.2)
        if ends == "done":
            assert following.result() == 0
        else:
            with pytest.raises(SetupError, match="disk is full"):
                following.result()
    async with world.session() as session:
        rows = await trainings.listed(session)
    assert [terminal.line(row) for row in reversed(rows)] == [
        "#1 train: done · version 2",
        "#2 train: failed · The disk is full: free some space or keep fewer versions, then train again",
    ]
    assert await terminal.show(world.settings, False, "", False) == 0
