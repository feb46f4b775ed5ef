"""The wall as it hangs: moves by itself when something happens, in the dark, with nothing that shuts out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.async_api import Browser, expect
from sqlalchemy import update

from bot.console.users import add_user
from bot.store.operators import Operator
from tests.browser.desk import enter, grave, types
from tests.browser.test_security import front
from tests.conftest import Running
from tests.console.seat import citizen, waits

if TYPE_CHECKING:
    pass

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]


async def test_it_moves_by_itself(site: Running, browser: Browser, axe: str) -> None:
    async with site.world.session.begin() as session:
        await session.execute(update(Operator).values(offers=False))
    page = await enter(browser, site, "lead", viewport={"width": 1920, "height": 1080})
    await page.goto(f"{site.url}/console/wall")
    waiting = page.locator(".now div", has_text="排队").locator("b")
    await expect(waiting).to_have_text("0")
    await expect(page.get_by_text("没有人在排队")).to_be_visible()
    assert "dark" in (await page.locator("html").get_attribute("class") or "")

    key = await citizen(site.world)
    await waits(site.world, key, "emergency", safety=["gas_leak"])
    await expect(waiting).to_have_text("1")
    await expect(page.get_by_role("alert")).to_contain_text("等待接起")
    assert not await grave(page, axe)
    assert await page.evaluate("document.documentElement.scrollHeight") <= 1080
    for picture in ("来信量", "近一小时排队人数"):
        box = await page.get_by_role("img", name=picture).locator("canvas").bounding_box()
        assert box is not None and box["height"] > 100 and box["width"] > 400

    wang = await enter(browser, site, "seat1")
    await expect(wang.locator(".queue .card")).to_have_count(1)
    await wang.keyboard.press("n")
    await expect(wang).to_have_url(f"{site.url}/console/c/{key}")
    await expect(waiting).to_have_text("0")
    await expect(page.get_by_role("alert")).to_contain_text("王芳")
    await expect(page.locator(".load li", has_text="王芳").locator("b")).to_contain_text("1")
    for one in (page, wang):
        await one.context.close()


async def test_the_press_begins_at_the_wall_and_sees_no_names(
    site: Running, browser: Browser, axe: str
) -> None:
    async with site.world.session.begin() as session:
        await add_user(session, "paper", "记者", "press", "spring rain 2026")
    wang = await enter(browser, site, "seat1")
    page = await front(browser, site)
    await types(page, "paper", "spring rain 2026")
    await expect(page).to_have_url(f"{site.url}/console/wall")
    await expect(page.get_by_text("此处不显示姓名")).to_be_visible()
    assert not await grave(page, axe)
    await page.goto(f"{site.url}/console/tickets")
    await expect(page).to_have_url(f"{site.url}/console/wall")
    await page.goto(f"{site.url}/console/settings")
    await expect(page.locator(".rail .entry", has_text="工单")).to_have_count(0)
    for one in (page, wang):
        await one.context.close()
