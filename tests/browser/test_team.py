"""Several people at once: two operators and a supervisor, offers that go round, a network that is pulled."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import pytest_asyncio
from playwright.async_api import Page, expect
from sqlalchemy import update

from bot.console.live import HUB
from bot.seats import rounds
from bot.store.operators import Operator
from tests.browser.desk import says
from tests.conftest import Running
from tests.console.seat import citizen, waits

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]


@pytest_asyncio.fixture(loop_scope="module")
async def lead(lead: Page, site: Running) -> Page:
    """The supervisor, before the team."""
    await lead.goto(f"{site.url}/console/team")
    return lead


async def pull(site: Running, page: Page, login: str, seconds: int) -> None:
    """The network of this seat is gone for so long: the socket dies, the clock goes on."""
    await page.context.set_offline(True)
    for seat in list(site.app[HUB]._seats):
        if seat.operator.login == login:
            await seat.socket.close()
    async with site.world.session.begin() as session:
        silent = datetime.now(UTC) - timedelta(seconds=seconds)
        await session.execute(update(Operator).where(Operator.login == login).values(seen_at=silent))
    await rounds.make(site.world)


async def test_an_offer_goes_round_and_is_taken_by_a_key(site: Running, wang: Page, li: Page) -> None:
    key = await citizen(site.world)
    await waits(site.world, key)
    first, second = (wang, li) if await _asked(wang, li) else (li, wang)
    await expect(first.get_by_role("timer")).to_be_visible()
    await expect(second.get_by_text("正在请")).to_be_visible()
    await first.keyboard.press("x")
    await expect(first.locator(".card.asked")).to_have_count(0)
    await expect(second.locator(".card.asked")).to_have_count(1)
    await second.keyboard.press("a")
    await expect(second).to_have_url(f"{site.url}/console/c/{key}")
    await expect(second.get_by_role("textbox", name="输入回复")).to_be_visible()
    await expect(first.locator(".queue .card")).to_have_count(0)


async def _asked(one: Page, other: Page) -> bool:
    """Which of the two was asked first."""
    for _ in range(100):
        if await one.locator(".card.asked").count():
            return True
        if await other.locator(".card.asked").count():
            return False
        await one.wait_for_timeout(50)
    raise AssertionError("nobody was asked")


async def test_on_another_page_the_offer_still_asks(site: Running, wang: Page) -> None:
    await wang.goto(f"{site.url}/console/tickets")
    key = await citizen(site.world)
    await waits(site.world, key)
    box = wang.get_by_role("alertdialog", name="请您接起")
    await expect(box.get_by_text("要求人工")).to_be_visible()
    await box.get_by_role("button", name="接起").click()
    await expect(wang).to_have_url(f"{site.url}/console/c/{key}")


async def test_a_supervisor_watches_whispers_takes_over_and_gives_to_another(
    site: Running, wang: Page, li: Page, lead: Page
) -> None:
    await _busy(li)
    key = await citizen(site.world)
    await waits(site.world, key)
    await expect(wang.locator(".card.asked")).to_have_count(1)
    await wang.keyboard.press("a")
    row = lead.locator("tr", has_text="王芳")
    await expect(row.get_by_text("1/5")).to_be_visible()
    await row.get_by_role("button", name="展开会话").click()
    await lead.get_by_role("link", name="旁观").click()
    await expect(lead.get_by_text("王芳 正在接待，您在旁观。")).to_be_visible()
    await says(site.world, key, "还是不热")
    await expect(lead.locator(".line.in", has_text="还是不热")).to_be_visible()

    await lead.get_by_role("textbox", name="悄悄话").fill("先安抚，再登记")
    await lead.keyboard.press("Enter")
    await expect(lead.get_by_text("已悄悄告诉同事")).to_be_visible()

    await lead.get_by_role("button", name="接管", exact=True).click()
    await lead.get_by_role("dialog").get_by_role("button", name="接管").click()
    await expect(lead.get_by_role("textbox", name="输入回复")).to_be_visible()
    await expect(wang.locator(".mine .card, section[aria-label=我的会话] .card")).to_have_count(0)

    await lead.goto(f"{site.url}/console/team")
    await lead.get_by_label("选择 陈静 的全部会话").locator("..").click()
    await lead.locator(".act .el-select").click()
    await lead.get_by_role("option", name="李强").click()
    await lead.get_by_role("button", name="改派", exact=True).click()
    await expect(lead.get_by_text("已改派 1 个会话")).to_be_visible()
    await expect(li.locator("section[aria-label=我的会话] .card")).to_have_count(1)


async def _busy(page: Page) -> None:
    await page.locator(".me").click()
    await page.get_by_role("menuitem", name="忙碌").click()
    await expect(page.get_by_text("您已设为忙碌")).to_be_visible()


async def test_a_minute_without_network_comes_back_to_the_exact_state(
    site: Running, wang: Page, lead: Page
) -> None:
    key = await citizen(site.world)
    await waits(site.world, key)
    await expect(wang.locator(".card.asked")).to_have_count(1)
    await wang.keyboard.press("a")
    await wang.get_by_role("textbox", name="输入回复").fill("正在写的话")
    await pull(site, wang, "seat1", 60)
    await says(site.world, key, "断网时市民说的话")
    await expect(wang.get_by_text("连接中断")).to_be_visible()
    await expect(lead.locator("tr", has_text="王芳").get_by_text("断线")).to_be_visible(timeout=20_000)
    await wang.context.set_offline(False)
    await expect(wang.locator(".line.in", has_text="断网时市民说的话")).to_be_visible(timeout=40_000)
    await expect(wang.get_by_role("textbox", name="输入回复")).to_have_value("正在写的话")
    await expect(wang.locator("section[aria-label=我的会话] .card")).to_have_count(1)


async def test_who_stays_away_is_relieved_and_told(site: Running, wang: Page, li: Page) -> None:
    await _busy(li)
    key = await citizen(site.world)
    await waits(site.world, key)
    await expect(wang.locator(".card.asked")).to_have_count(1)
    await wang.keyboard.press("a")
    await expect(wang.get_by_role("textbox", name="输入回复")).to_be_visible()
    await pull(site, wang, "seat1", 95)
    card = li.locator(".queue .card")
    await expect(card.get_by_text("转回")).to_be_visible()
    await card.get_by_role("button", name="接起").click()
    await expect(li.get_by_role("textbox", name="输入回复")).to_be_visible()
    await expect(li.get_by_text("同事那边断线了").first).to_be_visible()
    await wang.context.set_offline(False)
    await expect(wang.get_by_text("1 个会话已不在您手上")).to_be_visible(timeout=40_000)
    await expect(wang.get_by_text("您现在离岗")).to_be_visible()


async def test_groups_and_shifts_are_kept(site: Running, lead: Page) -> None:
    await lead.goto(f"{site.url}/console/roster/groups")
    await lead.get_by_role("button", name="新建小组").click()
    dialog = lead.get_by_role("dialog", name="新建小组")
    await dialog.get_by_role("textbox", name="名称").fill("夜班组")
    await lead.keyboard.press("Enter")
    await expect(dialog).to_have_count(0)
    await lead.get_by_role("button", name="修改 夜班组").click()
    await lead.get_by_role("dialog").get_by_role("textbox", name="名称").fill("晚班组")
    await lead.keyboard.press("Enter")
    await expect(lead.get_by_role("row", name="晚班组")).to_be_visible()

    await lead.goto(f"{site.url}/console/roster/shifts")
    await lead.get_by_role("button", name="新建班次").click()
    await lead.get_by_role("dialog").get_by_role("textbox", name="名称").fill("早班")
    await lead.keyboard.press("Enter")
    row = lead.get_by_role("row", name="早班")
    await expect(row).to_contain_text("08:30–17:30")
    await row.get_by_role("button", name="删除").click()
    await lead.get_by_role("dialog", name="删除").get_by_role("button", name="删除").click()
    await expect(row).to_have_count(0)

    await lead.goto(f"{site.url}/console/roster/groups")
    await lead.get_by_role("row", name="晚班组").get_by_role("button", name="删除").click()
    await lead.get_by_role("dialog", name="删除").get_by_role("button", name="删除").click()
    await expect(lead.get_by_role("row", name="晚班组")).to_have_count(0)
