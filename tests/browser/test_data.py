"""The training data's pages as an admin uses them: all by keyboard, nothing shut out, two at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from bot.studio import data
from tests.browser.desk import enter, shuts_out
from tests.conftest import Running

if TYPE_CHECKING:
    pass

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]
TABS = ("", "/acts", "/phrases", "/articles", "/places", "/departments", "/problems", "/history", "/import")
PIZZA = """nlu:
- intent: hello
  examples: |
    - 哈喽呀机器人
- intent: heizung
  examples: |
    - 暖气管道[三号楼](room)漏得厉害
"""


@pytest_asyncio.fixture(loop_scope="module")
async def site(site: Running) -> Running:
    async with site.world.session.begin() as session:
        await data.revision(session)  # seeds the data, which takes its time
    return site


async def open_tab(page: Page, site: Running, tab: str) -> None:
    await page.goto(f"{site.url}/console/studio/data{tab}")
    await expect(page.locator(".page-head .tag").first).to_be_visible()


@pytest.mark.timeout(300)
async def test_a_phrase_is_taught_marked_moved_and_taken_back(site: Running, admin: Page) -> None:
    await open_tab(admin, site, "")
    await admin.keyboard.press("/")
    await admin.keyboard.type("heating")
    await admin.get_by_role("link", name="供暖不热").focus()
    await admin.keyboard.press("Enter")
    await admin.get_by_role("button", name="加一句").press("Enter")
    field = admin.get_by_role("textbox", name="加一句")
    await expect(field).to_be_focused()
    await admin.keyboard.type("我家暖气片漏水了")
    await expect(admin.locator(".found")).to_contain_text("一模一样")
    await field.fill("幸福里阳台的暖气片凉透了")
    await field.evaluate("it => it.setSelectionRange(0, 3)")
    await admin.keyboard.press("Alt+1")
    await admin.keyboard.press("Enter")
    await expect(admin.get_by_text("第 2 版")).to_be_visible()
    await admin.keyboard.press("Escape")
    await admin.get_by_role("textbox", name="在例句里找").fill("凉透了")
    row = admin.locator("li", has_text="凉透了")
    await expect(row).to_have_count(1)
    await expect(row.locator("mark")).to_contain_text("幸福里")

    await row.get_by_role("checkbox").press("Space")
    await admin.get_by_role("toolbar", name="选中 1 句").get_by_role("combobox").first.click()
    await admin.keyboard.type("燃气")
    await admin.get_by_role("option", name="燃气").first.click()
    await expect(admin.get_by_text("没有符合的")).to_be_visible()

    await open_tab(admin, site, "/history")
    await admin.get_by_role("button", name="撤销").first.click()
    await admin.get_by_role("dialog").get_by_role("button", name="撤销").click()
    await expect(admin.get_by_text("已被第 4 版撤销")).to_be_visible()
    await open_tab(admin, site, "/phrases?search=凉透了")
    await expect(admin.get_by_role("link", name="供暖不热")).to_be_visible()


@pytest.mark.timeout(300)
async def test_an_article_changes_and_a_colleague_is_told(
    site: Running, admin: Page, browser: Browser
) -> None:
    await open_tab(admin, site, "/articles")
    other = await enter(browser, site, "admin")
    await open_tab(other, site, "/articles")
    for page in (admin, other):
        await page.get_by_role("button", name="离婚怎么办手续").click()
    await admin.get_by_role("textbox", name="答案", exact=True).fill("到登记处办，三十天后再来一次。")
    await admin.get_by_role("button", name="保存").click()
    await expect(admin.locator("td", has_text="到登记处办，三十天后再来一次。")).to_be_visible()
    await other.get_by_role("textbox", name="来源", exact=True).fill("别处")
    await other.get_by_role("button", name="保存").click()
    await expect(other.get_by_text("刚改过这里")).to_be_visible()
    await other.context.close()


@pytest.mark.timeout(300)
async def test_a_rasa_project_is_looked_at_mapped_and_stored(site: Running, admin: Page) -> None:
    await open_tab(admin, site, "/import")
    await admin.locator("input[type=file]").set_input_files(
        {"name": "pizza.yml", "mimeType": "text/yaml", "buffer": PIZZA.encode()}
    )
    row = admin.locator(".intent", has_text="heizung")
    await row.get_by_role("combobox").click()
    await admin.keyboard.type("供暖")
    await admin.get_by_role("option", name="供暖不热").click()
    await admin.get_by_role("button", name="存进去").click()
    await expect(admin.get_by_role("button", name="导入 · pizza")).to_be_visible()


@pytest.mark.timeout(300)
@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_nobody_is_shut_out(scheme: str, site: Running, browser: Browser, axe: str) -> None:
    page = await enter(browser, site, "admin", color_scheme=scheme, reduced_motion="reduce")
    for tab in (*TABS, "/services/heating", "/acts/greet"):
        await open_tab(page, site, tab)
        await expect(page.locator(".page-body .turn")).to_have_count(0)
        if tab == "/services/heating":
            await page.get_by_role("button", name="加一句").click()
            await page.get_by_role("button", name="修改", exact=True).click()
        assert await shuts_out(page, axe) == [], tab
    await page.context.close()


@pytest.mark.timeout(300)
async def test_who_may_only_look_sees_no_button(site: Running, browser: Browser) -> None:
    page = await enter(browser, site, "lead")
    await open_tab(page, site, "/services/heating")
    await expect(page.get_by_text("只能查看")).to_be_visible()
    await expect(page.locator(".phrases li")).not_to_have_count(0)
    for name in ("加一句", "修改", "导出"):
        await expect(page.get_by_role("button", name=name, exact=True)).to_have_count(0)
    await page.context.close()
