"""The conversation page with several people: notes that call, corrections that teach, drafts, danger."""

from __future__ import annotations

import asyncio
import re
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from playwright.async_api import Browser, Page, Route, expect
from sqlalchemy import select

from bot import codec
from bot.dialogue.types import Guess, Understanding
from bot.store import transcript
from bot.store.conversations import Message
from bot.store.teaching import Misread
from bot.store.tickets import TicketEvent
from tests.browser.desk import enter, grave, says, taken
from tests.conftest import Running
from tests.console.seat import DRAFT, citizen, filed, waits

if TYPE_CHECKING:
    pass

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]

CALM = "我特别理解您的心情，遇到这样的事谁都会着急。您慢慢说，我一字一句给您记下来。"


async def test_a_note_calls_a_colleague_who_answers_with_a_note(site: Running, wang: Page, li: Page) -> None:
    key = await citizen(site.world)
    await taken(site, wang, key)
    await wang.keyboard.press("Alt+n")
    await wang.keyboard.type("请 @李")
    await expect(wang.get_by_role("option", name="李强")).to_be_visible()
    await wang.keyboard.press("Enter")
    await wang.keyboard.type("看看这户是不是老问题")
    await wang.keyboard.press("Enter")
    await expect(wang.locator(".aside .words")).to_contain_text("@李强 看看这户是不是老问题")

    await li.get_by_role("button", name="找我的 1").click()
    await li.get_by_role("dialog").get_by_role("button", name="看看这户是不是老问题").click()
    await expect(li).to_have_url(f"{site.url}/console/c/{key}")
    await expect(li.locator(".aside mark.me")).to_have_text("@李强")
    await expect(li.get_by_role("button", name="找我的", exact=True)).to_be_visible()
    await li.get_by_role("button", name="写内部备注").click()
    await li.get_by_role("textbox", name="内部备注").fill("是，去年也报过")
    await li.keyboard.press("Enter")
    await expect(wang.locator(".aside", has_text="是，去年也报过")).to_be_visible()
    async with site.world.session() as session:
        said = await session.scalars(select(Message.body).where(Message.conversation_id == key))
        assert not [line for line in said if "老问题" in line or "去年" in line]


async def test_what_comes_while_the_page_reads_stays(site: Running, wang: Page) -> None:
    key = await citizen(site.world)
    await taken(site, wang, key)
    read, go_on = asyncio.Event(), asyncio.Event()

    async def hold(route: Route) -> None:
        answer = await route.fetch()
        found = await answer.json()
        if found["lines"][-1]["text"] == "还有一件事":
            read.set()
            await go_on.wait()
            found["row"]["who"] = "读到了"
        await route.fulfill(response=answer, json=found)

    await wang.route(f"**/api/conversations/{key}", hold)
    await says(site.world, key, "还有一件事")  # the page reads again
    await read.wait()
    await wang.keyboard.press("Alt+n")
    await wang.keyboard.type("回头再看这户")
    await wang.keyboard.press("Enter")
    await expect(wang.locator(".aside .words")).to_have_text("回头再看这户")
    async with site.world.session.begin() as session:
        await transcript.append(session, await transcript.lock(session, key), "bot", "这句也在读的时候")
    await expect(wang.locator(".line", has_text="这句也在读的时候")).to_be_visible()
    go_on.set()
    await expect(wang.get_by_role("log", name="读到了")).to_be_visible()
    await expect(wang.locator(".aside .words")).to_have_text("回头再看这户")
    await expect(wang.locator(".line", has_text="这句也在读的时候")).to_be_visible()
    await wang.unroute_all()


async def test_a_conversation_is_passed_on_with_a_note(site: Running, wang: Page, li: Page) -> None:
    key = await citizen(site.world)
    await taken(site, wang, key)
    await wang.keyboard.press("Alt+m")
    dialog = wang.get_by_role("dialog", name="转给同事或小组")
    await dialog.get_by_role("combobox").click()
    await wang.get_by_role("option", name="李强").click()
    await dialog.get_by_role("textbox", name="交代几句").fill("已核实地址，差户号")
    await dialog.get_by_role("button", name="转接").click()
    await expect(wang.get_by_text("已转给李强")).to_be_visible()
    await li.goto(f"{site.url}/console/c/{key}")
    await expect(li.locator(".aside.transfer", has_text="已核实地址，差户号")).to_be_visible()


async def test_a_correction_changes_the_form_and_teaches(site: Running, wang: Page) -> None:
    key = await citizen(site.world)
    await taken(site, wang, key)
    await wang.locator(".line.in").first.get_by_role("button", name="更正").click()
    box = wang.get_by_role("form", name="这句话应该这样理解")
    await box.get_by_role("combobox", name="服务事项").fill("物业")
    await wang.get_by_role("option", name="物业").first.click()
    await box.get_by_role("button", name="更正").click()
    await expect(wang.locator(".line.in .tag.green").first).to_be_visible()
    await expect(wang.locator(".line.in").first.get_by_text("王芳 已更正")).to_be_visible()
    await wang.keyboard.press("Alt+t")
    panel = wang.locator("#side-panel")
    await expect(panel.get_by_text("物业").first).to_be_visible()
    async with site.world.session() as session:
        taught = (await session.scalars(select(Misread))).one()
        assert taught.sources == ["corrected"]

    await panel.get_by_role("button", name="登记工单").click()  # filed, then changed, without leaving
    await expect(panel.get_by_text("本会话的工单")).to_be_visible()
    await panel.get_by_role("button", name="修改 ").first.click()
    await panel.get_by_label("摘要").fill("物业不管暖气")
    await panel.get_by_role("button", name="保存").click()
    await expect(panel.get_by_text("物业不管暖气")).to_be_visible()


async def test_a_draft_is_there_on_another_machine(site: Running, browser: Browser, wang: Page) -> None:
    key = await citizen(site.world)
    await taken(site, wang, key)
    await wang.get_by_role("textbox", name="输入回复").fill("写到一半的话")
    await wang.wait_for_timeout(1200)
    other = await enter(browser, site, "seat1")
    await other.goto(f"{site.url}/console/c/{key}")
    await expect(other.get_by_role("textbox", name="输入回复")).to_have_value("写到一半的话")
    await other.keyboard.press("Enter")
    await expect(other.locator(".line.operator", has_text="写到一半的话")).to_be_visible()
    await other.reload()
    await expect(other.get_by_role("textbox", name="输入回复")).to_have_value("")
    await other.context.close()


async def test_advice_and_calming_words_take_one_key(site: Running, wang: Page) -> None:
    key = await citizen(site.world)
    await taken(site, wang, key)
    box = wang.get_by_role("textbox", name="输入回复")
    await expect(wang.get_by_role("region", name="可以这样回")).to_be_visible()
    await wang.keyboard.press("Alt+1")
    await expect(box).to_have_value(re.compile("我记的是这样"))
    await box.fill("工单 {ticket_number} 已登记")
    await wang.keyboard.press("Enter")
    await expect(wang.get_by_text("还有没填的变量：ticket_number")).to_be_visible()
    await box.fill("")

    async with site.world.session.begin() as session:
        words = "你们都是废物"
        heard = Understanding(words, (Guess("heating", 0.9),), conduct=(Guess("abuse", 0.95),), model="m1")
        row = await transcript.lock(session, key)
        await transcript.append(session, row, "citizen", words, understanding=codec.dump(heard))
    await expect(wang.get_by_text("话里有辱骂")).to_be_visible()
    await wang.keyboard.press("Alt+c")
    await expect(box).to_have_value(CALM)


async def test_a_limit_needs_a_second_person(site: Running, wang: Page, lead: Page) -> None:
    key = await citizen(site.world)
    await taken(site, wang, key)
    await wang.get_by_role("button", name="操作").click()
    await wang.get_by_role("menuitem", name="限制这位市民").click()
    dialog = wang.get_by_role("dialog", name="限制这位市民")
    await dialog.get_by_text("暂停回复").click()
    await dialog.get_by_role("textbox", name="理由").fill("连续辱骂")
    await dialog.get_by_role("button", name="提交申请").click()
    await expect(wang.get_by_text("王芳 申请：暂停回复 2 小时")).to_be_visible()
    await lead.get_by_role("button", name="找我的 1").click()
    await lead.get_by_role("dialog").get_by_role("button", name="批准", exact=True).click()
    await expect(wang.get_by_text("暂停回复中")).to_be_visible()
    await wang.get_by_role("button", name="解除").click()
    await expect(wang.get_by_text("暂停回复中")).to_have_count(0)


async def test_an_emergency_has_numbers_a_checklist_and_a_log(site: Running, wang: Page, lead: Page) -> None:
    key = await citizen(site.world, text="我家着火了")
    await waits(site.world, key, "emergency", reason="emergency", safety=["fire"])
    alert = wang.get_by_role("alert")
    await expect(alert.get_by_text("119")).to_be_visible()
    await expect(alert.get_by_text("红旗社区")).to_be_visible()
    await wang.get_by_role("button", name="立即接起").click()
    panel = wang.locator("#side-panel")
    await expect(panel.get_by_text("火灾")).to_be_visible()
    await lead.goto(f"{site.url}/console/c/{key}")
    await panel.get_by_role("button", name="我已拨打").first.click()
    await expect(panel.get_by_text("王芳 已拨打")).to_be_visible()
    await panel.locator(".steps li", has_text="先离开火场").locator(".el-checkbox").click()
    await expect(lead.locator("#side-panel").get_by_text("1/9")).to_be_visible()
    await panel.locator(".steps li", has_text="有人被困吗").get_by_role("button", name="问市民").click()
    await expect(wang.get_by_role("textbox", name="输入回复")).to_have_value(
        "有人被困吗？几个人、在几楼、哪个窗户？"
    )
    await panel.get_by_role("textbox", name="记一句经过").fill("消防说八分钟到")
    await wang.keyboard.press("Enter")
    await expect(lead.locator(".log", has_text="消防说八分钟到")).to_be_visible()
    await says(site.world, key, "火灭了")
    await expect(wang.locator(".line.in", has_text="火灭了")).to_be_visible()


async def test_the_same_matter_joins_one_ticket(site: Running, wang: Page) -> None:
    number = await filed(
        site.world, replace(DRAFT, text="整栋楼暖气不热", details={"place": "城北区红旗社区2号楼"})
    )
    key = await citizen(site.world)
    await taken(site, wang, key)
    await wang.keyboard.press("Alt+h")
    panel = wang.locator("#side-panel")
    await expect(panel.get_by_text("同一地点")).to_be_visible()
    await panel.get_by_role("button", name="并入这张工单").click()
    await wang.get_by_role("dialog").get_by_text("同时催办").click()
    await wang.get_by_role("dialog").get_by_role("button", name="并入这张工单").click()
    await expect(wang.locator(".note", has_text=number)).to_be_visible()
    async with site.world.session() as session:
        verbs = list(await session.scalars(select(TicketEvent.verb).order_by(TicketEvent.id)))
    assert verbs == ["filed", "joined", "urged"]


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_nothing_of_it_shuts_people_out(site: Running, browser: Browser, axe: str, scheme: str) -> None:
    page = await enter(browser, site, "seat1", color_scheme=scheme, reduced_motion="reduce")
    key = await citizen(site.world, text="我家着火了")
    await waits(site.world, key, "emergency", reason="emergency", safety=["fire"])
    await page.get_by_role("button", name="立即接起").click()
    await expect(page.get_by_role("textbox", name="输入回复")).to_be_visible()
    await page.locator(".line.in").first.get_by_role("button", name="更正").click()
    assert await grave(page, axe) == []
    for keys, what in (("Alt+h", "around"), ("Alt+t", "form"), ("Alt+n", "note"), ("Alt+m", "transfer")):
        await page.keyboard.press(keys)
        assert await grave(page, axe) == [], what
    await page.context.close()
