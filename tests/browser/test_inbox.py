"""The studio's inbox as an admin and a reviewer use it: by keyboard alone, nothing shut out, nothing lost."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect
from sqlalchemy import select

from bot.console.users import add_user
from bot.store.teaching import Misread, PhraseRow
from bot.studio import data
from tests.browser.desk import enter, shuts_out
from tests.conftest import Running, start, until
from tests.studio.test_inbox import DIM, lay

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from bot.config import Settings

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]
PET = "宠物店卖的小狗三天就死了"


@pytest_asyncio.fixture(loop_scope="module")
async def site(settings: Settings, pages: Path) -> AsyncIterator[Running]:
    running, runner = await start(settings)
    async with running.world.session.begin() as session:
        await data.revision(session)  # seeds the data, which takes its time
        await add_user(session, "reviewer", "赵敏", "reviewer", "lianxin-reviewer")
    for number, text in enumerate(DIM):
        await lay(running.world, text, number)
    await lay(running.world, PET, 9, "corrected", service="consumer")

    async def grouped() -> bool:
        async with running.world.session() as session:
            return await session.scalar(select(Misread.id).where(Misread.group_id.is_(None)).limit(1)) is None

    await until(grouped)
    yield running
    await runner.cleanup()


async def inbox(browser: Browser, site: Running, login: str, **options: str) -> Page:
    page = await enter(browser, site, login, **options)
    await page.goto(f"{site.url}/console/studio/inbox")
    await expect(page.locator(".groups .group").first).to_be_visible()
    await expect(page.get_by_role("textbox", name="要教的例句")).not_to_have_value(
        ""
    )  # then keys mean something
    return page


async def taught(site: Running, text: str, *intents: str) -> None:
    """The data holds it under exactly these, now or soon."""

    async def holds() -> bool:
        async with site.world.session() as session:
            found = await session.scalars(select(PhraseRow.intent).where(PhraseRow.text == text))
            return list(found) == list(intents)

    await until(holds)


async def test_the_loop_by_keyboard(browser: Browser, site: Running) -> None:
    page = await inbox(browser, site, "admin")
    groups = page.locator(".groups .group")
    await expect(groups).to_have_count(2)

    # what a colleague corrected comes first, and one key teaches it
    await expect(page.get_by_role("button", name="教成“消费纠纷”")).to_be_enabled()
    await page.keyboard.press("Enter")
    await taught(site, PET, "consumer")
    await expect(groups).to_have_count(1)

    # three alike: another service, then all at once
    await expect(page.get_by_role("heading", name="3 条相似")).to_be_visible()
    await page.keyboard.press("s")
    await page.keyboard.type("路灯")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("button", name="3 条都教成“路灯”")).to_be_enabled()
    await page.keyboard.press("Shift+Enter")
    for text in DIM:
        await taught(site, text, "street_lights")
    await expect(page.get_by_text("都处理完了")).to_be_visible()

    # taken back, data and all, even while it is being saved
    await page.keyboard.press("z")
    for text in DIM:
        await taught(site, text)
    await expect(page.get_by_role("heading", name="3 条相似")).to_be_visible()

    # marked by keyboard, split, and taught with its mark
    field = page.get_by_role("textbox", name="要教的例句")
    await expect(field).not_to_have_value("")
    words = await field.input_value()
    await page.keyboard.press("e")
    await expect(field).to_be_focused()
    await page.keyboard.press("Home")
    for _ in range(2):
        await page.keyboard.press("Shift+ArrowRight")
    await page.keyboard.press("Alt+1")
    await expect(page.locator(".mark")).to_have_text(words[:2])
    await page.keyboard.press("Home")
    for _ in range(5):
        await page.keyboard.press("ArrowRight")
    await page.keyboard.press("Alt+Enter")
    await expect(page.get_by_role("textbox", name="第 2 句")).to_have_value(words[5:])
    await page.keyboard.press("Escape")
    await page.keyboard.press("Enter")
    await taught(site, words[5:], "heating")
    async with site.world.session() as session:
        row = (await session.scalars(select(PhraseRow).where(PhraseRow.text == words[:5]))).one()
    assert row.marked == f"[{words[:2]}](estate){words[2:5]}"

    # nothing to learn from the rest
    await expect(page.get_by_role("heading", name="2 条相似")).to_be_visible()
    await page.keyboard.press("Shift+I")
    await expect(page.get_by_text("都处理完了")).to_be_visible()
    await page.keyboard.press("h")
    await expect(page.get_by_role("dialog").get_by_text("忽略了 2 条")).to_be_visible()
    await page.context.close()


async def test_a_second_person_agrees(browser: Browser, site: Running) -> None:
    page = await inbox(browser, site, "admin")
    await page.get_by_role("switch", name="两人复核").focus()
    await page.keyboard.press("Space")
    await expect(page.get_by_role("button", name="提交复核")).to_be_visible()
    await page.get_by_role("heading", name="学习收件箱").click()
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("button", name="待复核 1")).to_be_visible()
    other = await inbox(browser, site, "reviewer")
    await other.get_by_role("button", name="待复核 1").click()
    await expect(other.get_by_text("赵明提交", exact=True)).to_be_visible()
    await taught(site, PET)
    await other.keyboard.press("Enter")
    await taught(site, PET, "consumer")
    for one in (page, other):
        await one.context.close()


async def test_a_new_service_of_a_message(browser: Browser, site: Running) -> None:
    page = await inbox(browser, site, "admin")
    await page.keyboard.press("n")
    form = page.get_by_role("dialog", name="新建服务事项")
    await form.get_by_placeholder("如：宠物店纠纷").fill("宠物店纠纷")
    await form.get_by_placeholder("如 Pet shops").fill("Pet shops")
    await expect(form.get_by_label("代号")).to_have_value("pet_shops")
    await form.get_by_placeholder("宠物店卖").fill("病宠、退款")
    for name, wanted in (("一级分类", "商贸旅游"), ("承办单位", "市场监督")):
        await form.get_by_role("combobox", name=name).click()
        await page.keyboard.type(wanted)
        await page.keyboard.press("Enter")
    await form.get_by_role("button", name="新建").click()
    await taught(site, PET, "pet_shops")
    await page.context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_nobody_is_shut_out(browser: Browser, site: Running, axe: str, scheme: str) -> None:
    page = await inbox(browser, site, "admin", color_scheme=scheme)
    for _ in range(2):
        await expect(page.get_by_role("textbox", name="要教的例句")).to_be_visible()
        assert await shuts_out(page, axe, "wcag2a", "wcag2aa", "wcag21aa") == []
        await page.keyboard.press("j")
    await page.context.close()
