"""The pages of models and of watching: by keyboard, both languages, nothing that shuts people out."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Any

import pytest
import pytest_asyncio
from playwright.async_api import Page, expect

from bot.store.models import HeldOut, Judgement, ModelFile, ModelVersion, Publication, Training
from tests.browser.desk import shuts_out
from tests.conftest import Running, start
from tests.console.seat import citizen

if TYPE_CHECKING:
    from pathlib import Path

    from bot.config import Settings
    from bot.world import World

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]
CLASS = {"label": "heating", "count": 20, "new": [0.9, 0.8, 0.85], "old": [0.9, 0.9, 0.9]}
CHANGE = {"text": "暖气片是凉的", "set": "services", "expected": "heating", "new": "bus", "old": "heating"}
REPORT: dict[str, Any] = {
    "counts": {"services": 20},
    "figures": [{"name": "service", "new": 0.81, "old": 0.79, "count": 20}],
    "services": [CLASS],
    "traffic": [],
    "acts": [],
    "safety": [{"label": "fire", "count": 9, "new": [0.5, 0.5, 1.0], "old": [0.5, 0.5, 1.0]}],
    "confusions": {"new": [["heating", "heating", 16], ["heating", "bus", 4]], "old": []},
    "calibration": {"new": [[0.5, 0.4, 3], [0.9, 0.95, 17]], "old": []},
    "histogram": {"new": {"right": [0, 1, 15], "wrong": [3, 1, 0]}, "old": None},
    "better": [],
    "worse": [CHANGE | {"confidence": 0.6}],
    "wrong": [],
    "better_count": 0,
    "worse_count": 1,
    "wrong_count": 0,
    "taught": {"held_out": 2, "traffic": 0},
    "transcripts": {"count": 3, "new": 2, "old": 3, "changes": [{"name": "a", "new": ["x"], "old": []}]},
}
GATES = [
    {"name": "export", "open": True, "seen": None, "limit": None, "worst": []},
    {"name": "services", "open": False, "seen": 0.2, "limit": 0.15, "worst": ["heating"]},
    {"name": "traffic", "open": None, "seen": None, "limit": 0.02, "worst": []},
]


@pytest_asyncio.fixture(loop_scope="module")
async def site(settings: Settings, pages: Path) -> AsyncIterator[Running]:
    running, runner = await start(settings.model_copy(update={"trains": False}))
    yield running
    await runner.cleanup()


async def versions(world: World) -> list[int]:
    """One in service, and a candidate that failed a gate."""
    async with world.session.begin() as session:
        made = [ModelVersion(name=f"lianxin-{n}", note=f"第{n}次", exact=True) for n in (1, 2)]
        session.add_all([*made, HeldOut(sha256="x", data=b"")])
        await session.flush()
        for one in made:
            session.add(ModelFile(model_id=one.id, form="export", size=3, sha256="x", data=b"abc"))
        session.add(Publication(verb="installed", live_id=made[0].id))
        judged = {"report": REPORT, "gates": {"gates": GATES}, "passed": False, "test_set": "x"}
        session.add(Judgement(model_id=made[1].id, against_id=made[0].id, **judged))
        progress = {
            "epoch": 3,
            "epochs": 9,
            "loss": 0.5,
            "eta_s": 20,
            "curve": [["s", 1, 0.5], ["s", 0.5, 0.6]],
        }
        session.add(Training(status="running", stage="train", node="elsewhere", progress=progress))
        session.add(Training(status="failed", problem="disk"))
        return [one.id for one in made]


async def test_a_candidate_is_judged_and_published_with_a_reason(
    site: Running, admin: Page, axe: str
) -> None:
    first, second = await versions(site.world)
    await admin.goto(f"{site.url}/console/studio/models")
    await expect(admin.get_by_role("heading", name=f"第 {second} 版")).to_be_visible()
    await expect(admin.get_by_role("progressbar")).to_be_visible()
    await expect(admin.get_by_text("磁盘已满")).to_be_visible()
    await expect(admin.locator(".gates .shut")).to_contain_text("没有事项明显变差")
    assert await shuts_out(admin, axe, "wcag2a", "wcag2aa") == []
    for tab, seen in (
        ("逐条变化", "暖气片是凉的"),
        ("各事项", "80.0%"),
        ("紧急情况", "加规则后"),
        ("图表", "混淆矩阵"),
    ):
        await admin.locator(".panel").get_by_text(tab, exact=True).click()
        await expect(admin.locator(".panel").get_by_text(seen).first).to_be_visible()
        assert await shuts_out(admin, axe, "wcag2a", "wcag2aa") == []
    await admin.get_by_role("button", name="上线…").press("Enter")
    dialog = admin.get_by_role("dialog")
    go = dialog.get_by_role("button", name="确定上线")
    await expect(go).to_be_disabled()
    await dialog.get_by_role("textbox").fill("新事项今天必须上线")
    await go.press("Enter")
    await expect(admin.locator(".live h2")).to_have_text(f"第 {second} 版")
    await admin.get_by_role("button", name=f"退回第 {first} 版").press("Enter")
    await admin.keyboard.press("Enter")
    await expect(admin.locator(".live h2")).to_have_text(f"第 {first} 版")


async def test_a_training_asked_for_elsewhere_appears_without_a_reload(site: Running, admin: Page) -> None:
    from bot.studio import trainings

    await admin.goto(f"{site.url}/console/studio/models")
    await expect(admin.get_by_text("还没有训练过")).to_be_visible()
    async with site.world.session.begin() as session:
        await trainings.ask(session, None, "别处开始的")
    await expect(admin.get_by_text("别处开始的")).to_be_visible()


async def test_watching_begins_empty_and_fills(site: Running, admin: Page, axe: str) -> None:
    from sqlalchemy import update

    from bot.store.conversations import Message

    await admin.goto(f"{site.url}/console/studio/watch")
    await expect(admin.get_by_text("有市民来信后").first).to_be_visible()
    assert await shuts_out(admin, axe, "wcag2a", "wcag2aa") == []
    await citizen(site.world)
    async with site.world.session.begin() as session:
        await session.execute(update(Message).values(model="m1", understood=True))
    await admin.reload()
    await expect(admin.locator(".figures")).to_contain_text("100%")
    await admin.get_by_role("button", name="编辑").click()
    await admin.get_by_role("dialog").locator(".el-switch").click()
    await admin.get_by_role("dialog").get_by_role("button", name="保存").click()
    await expect(admin.get_by_role("link", name="查看页面")).to_be_visible()
    await expect(admin.get_by_role("dialog")).to_be_hidden()
    assert await shuts_out(admin, axe, "wcag2a", "wcag2aa") == []
