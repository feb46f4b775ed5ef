"""The console as operators use it: two at once, a citizen who writes, no reload anywhere, all by keyboard."""

from __future__ import annotations

import asyncio
import re
from typing import TYPE_CHECKING

import pytest
from playwright.async_api import Browser, Page, Route, expect

from tests.browser.desk import enter, grave, says
from tests.conftest import Running
from tests.console.seat import citizen, filed, waits
from tests.console.test_files import PNG

if TYPE_CHECKING:
    pass

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]
PAGES = ("", "tickets", "conversations", "deliveries", "canned", "users", "audit", "settings")
OFFICE = ("questions", "questions?tab=ratings", "wall")
SEATS = ("team", "roster", "roster/groups", "roster/shifts", "roster/days")


async def test_a_day_at_the_desk_without_a_reload(site: Running, wang: Page, li: Page) -> None:
    await expect(wang.get_by_text("没有人在排队")).to_be_visible()
    key = await citizen(site.world)
    await waits(site.world, key)
    for page in (wang, li):
        await expect(page.locator(".queue .card")).to_have_count(1)
    await wang.keyboard.press("n")  # the next in the queue
    await expect(wang).to_have_url(f"{site.url}/console/c/{key}")
    await expect(li.locator(".queue .card")).to_have_count(0)

    reply = wang.get_by_role("textbox", name="输入回复")
    await expect(reply).to_be_focused()
    await reply.fill("/calm")
    await wang.keyboard.press("Enter")
    await expect(reply).to_have_value(
        "我特别理解您的心情，遇到这样的事谁都会着急。您慢慢说，我一字一句给您记下来。"
    )
    await wang.keyboard.press("Enter")
    await expect(wang.locator(".line.operator", has_text="我特别理解您的心情")).to_be_visible()
    await expect(wang.locator(".pending")).to_have_count(0)

    await says(site.world, key, "谢谢，三号楼二单元")
    await expect(wang.locator(".line.in", has_text="三号楼二单元")).to_be_visible()

    await wang.keyboard.press("Alt+t")
    panel = wang.locator("#side-panel")
    await expect(panel.get_by_label("地点")).to_have_value("城北区红旗社区8号楼")
    await expect(panel.get_by_label("联系电话")).to_have_value("13812345678")
    await panel.get_by_role("button", name="登记工单").click()
    await expect(wang.locator(".note", has_text="工单已登记")).to_be_visible()

    await wang.keyboard.press("Alt+b")
    await wang.get_by_placeholder("备注").fill("已登记供暖工单")
    await wang.keyboard.press("Enter")
    await expect(wang.get_by_text("智能助手正在接待，您在旁观。")).to_be_visible()
    await expect(wang.get_by_text("个人信息已隐藏")).to_be_visible()


async def test_an_emergency_opens_on_top_of_every_page(site: Running, wang: Page, li: Page) -> None:
    await li.goto(f"{site.url}/console/settings")
    key = await citizen(site.world, text="我家着火了")
    await waits(site.world, key, "emergency", reason="emergency", safety=["fire"])
    for page in (wang, li):
        await expect(page.get_by_role("alert").get_by_text("紧急求助")).to_be_visible()
        await expect(page.get_by_role("alert").get_by_text("119")).to_be_visible()
    await li.get_by_role("button", name="立即接起").click()
    await expect(li).to_have_url(f"{site.url}/console/c/{key}")
    await expect(wang.get_by_role("alert").get_by_text("李强 已接起")).to_be_visible()


async def test_a_picture_is_pasted_and_a_draft_survives_a_reload(site: Running, wang: Page) -> None:
    key = await citizen(site.world)
    await waits(site.world, key)
    await wang.get_by_role("button", name="接起", exact=True).click()
    await wang.locator("input[type=file]").first.set_input_files(
        {"name": "照片.png", "mimeType": "image/png", "buffer": PNG}
    )
    await expect(wang.locator(".line.operator .picture")).to_be_visible()
    await wang.get_by_role("textbox", name="输入回复").fill("还没写完的话")
    await wang.reload()
    await expect(wang.get_by_role("textbox", name="输入回复")).to_have_value("还没写完的话")


async def test_who_begins_to_wait_while_the_queue_is_read_stays(site: Running, wang: Page) -> None:
    await expect(wang.get_by_text("没有人在排队")).to_be_visible()
    read, go_on = asyncio.Event(), asyncio.Event()

    async def hold(route: Route) -> None:
        answer = await route.fetch()
        read.set()
        await go_on.wait()
        await route.fulfill(response=answer)

    await wang.route("**/api/queue", hold)
    await wang.context.set_offline(True)
    await wang.context.set_offline(False)  # back again, so the lists are read
    await read.wait()
    await waits(site.world, await citizen(site.world))
    await expect(wang.locator(".queue .card")).to_have_count(1)
    async with wang.expect_event("requestfinished", lambda it: it.url.endswith("/api/queue")):
        go_on.set()
    await wang.wait_for_timeout(500)
    await expect(wang.locator(".queue .card")).to_have_count(1)
    await wang.unroute_all()


async def test_a_lost_network_loses_no_words(site: Running, wang: Page) -> None:
    key = await citizen(site.world)
    await waits(site.world, key)
    await expect(wang.locator(".queue .card")).to_have_count(1)
    await wang.keyboard.press("n")
    await expect(wang.get_by_role("textbox", name="输入回复")).to_be_visible()

    async def cut(route: Route) -> None:
        await route.abort()

    await wang.route("**/api/**", cut)
    await wang.get_by_role("textbox", name="输入回复").fill("断网时写的话")
    await wang.keyboard.press("Enter")
    await expect(wang.get_by_text("没有发出去")).to_be_visible()
    await says(site.world, key, "断网时市民说的话")
    await wang.unroute("**/api/**")
    await wang.get_by_role("button", name="重试").click()
    await expect(wang.locator(".line.operator", has_text="断网时写的话")).to_have_count(1)
    await expect(wang.locator(".line.in", has_text="断网时市民说的话")).to_be_visible()


async def test_what_was_said_without_a_network_goes_out_when_it_is_back(site: Running, wang: Page) -> None:
    """It waits with its conversation, whichever is looked at meanwhile."""
    keys = [await citizen(site.world, address=f"o{n}") for n in range(2)]
    for key in keys:
        await waits(site.world, key)
        await wang.locator(".queue .card").first.get_by_role("button", name="接起", exact=True).click()
        await expect(wang.get_by_role("textbox", name="输入回复")).to_be_visible()
        await expect(wang).to_have_url(re.compile(rf"/{key}$"))
    await wang.context.set_offline(True)
    await expect(wang.get_by_text("连接中断")).to_be_visible()
    await wang.get_by_role("textbox", name="输入回复").fill("断网时写的话")
    await wang.keyboard.press("Enter")
    await expect(wang.get_by_text("没有发出去")).to_be_visible()
    await says(site.world, keys[1], "断网时市民说的话")
    await wang.context.set_offline(False)
    await expect(wang.locator(".line.operator", has_text="断网时写的话")).to_have_count(1)
    await expect(wang.locator(".line.in", has_text="断网时市民说的话")).to_be_visible()
    await expect(wang.get_by_text("没有发出去")).to_have_count(0)
    await expect(wang.get_by_text("连接中断")).to_have_count(0)


async def test_tickets_are_searched_by_the_address_and_unmasked_with_a_reason(
    site: Running, wang: Page
) -> None:
    number = await filed(site.world)
    await wang.goto(f"{site.url}/console/tickets")
    await wang.get_by_role("textbox", name="搜内容").fill("暖气")
    await wang.keyboard.press("Enter")
    await expect(wang).to_have_url(f"{site.url}/console/tickets?q=%E6%9A%96%E6%B0%94")
    await wang.reload()
    await wang.locator("tr.go", has_text=number).click()
    drawer = wang.locator(".el-drawer")
    await expect(drawer.get_by_text("138****5678").first).to_be_visible()
    await drawer.get_by_role("button", name="查看个人信息").click()
    await wang.get_by_role("textbox", name="理由").fill("核对电话")
    await wang.get_by_role("button", name="查看完整内容").click()
    await expect(drawer.get_by_text("13812345678").first).to_be_visible()
    await drawer.get_by_role("button", name="流转到").click()
    await wang.get_by_role("menuitem", name="已派单").click()
    await wang.get_by_role("button", name="确定").click()
    await expect(drawer.get_by_text("流转 → 已派单")).to_be_visible()
    await wang.keyboard.press("Escape")
    await expect(wang.locator("tr.go", has_text=number).get_by_text("已派单")).to_be_visible()


async def test_logging_out_elsewhere_shows_the_log_in(site: Running, browser: Browser, wang: Page) -> None:
    other = await enter(browser, site, "seat1")
    await other.goto(f"{site.url}/console/settings")
    await other.get_by_role("button", name="退出所有设备").click()
    await other.get_by_role("button", name="确定").click()
    await expect(other.locator("input[name=login]")).to_be_visible()
    await wang.locator(".rail").get_by_text("工单").click()
    await expect(wang.get_by_text("登录已过期，请重新登录。")).to_be_visible()
    await other.context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_nothing_on_the_pages_shuts_people_out(
    site: Running, browser: Browser, axe: str, scheme: str
) -> None:
    key = await citizen(site.world)
    await waits(site.world, key)
    number = await filed(site.world)
    page = await enter(browser, site, "admin", color_scheme=scheme, reduced_motion="reduce")
    for path in (*PAGES, *OFFICE, *SEATS, f"c/{key}", f"tickets/{number}"):
        await page.goto(f"{site.url}/console/{path}")
        await expect(page.get_by_text("正在加载")).to_have_count(0)
        assert await grave(page, axe) == [], path
    await page.context.close()


async def test_english_and_a_phone(site: Running, browser: Browser) -> None:
    key = await citizen(site.world)
    await waits(site.world, key)
    page = await enter(browser, site, "lead", viewport={"width": 390, "height": 800}, has_touch=True)
    await page.goto(f"{site.url}/console/settings")
    await page.get_by_text("English").click()
    await page.goto(f"{site.url}/console/")
    await expect(page.get_by_text("Waiting", exact=True)).to_be_visible()
    await page.locator(".queue .card .who").click()
    await expect(page.get_by_role("button", name="Take this conversation")).to_be_visible()
    width = await page.evaluate("document.documentElement.scrollWidth")
    assert width <= 390
    await page.context.close()
