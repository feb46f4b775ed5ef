"""/try as a newcomer meets it: three phones, and how each message travelled."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from aiohttp import web
from aiohttp.test_utils import unused_port
from playwright.async_api import Browser, Page, expect

from standins.aliyun import SETTING
from tests.browser.desk import grave, opened
from tests.standins.relay import make_app

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]
RECEIPT = SETTING.split(",")[0].removeprefix("receipt=")
LOGINS = [{"login": "seat1", "name": "王芳", "role": "operator", "password": "demo"}]


@pytest_asyncio.fixture(loop_scope="module")
async def url(pages: Path) -> AsyncIterator[str]:
    port = unused_port()
    app, _ = make_app(port, pages)

    async def health(_: web.Request) -> web.Response:
        return web.json_response({"status": "degraded", "database": "ok", "nlu": "down"})

    async def front(_: web.Request) -> web.Response:
        return web.json_response({"demo": LOGINS})

    app.add_routes([web.get("/health/ready", health), web.get("/api/front", front)])
    runner = web.AppRunner(app, shutdown_timeout=0.2)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    yield f"http://127.0.0.1:{port}/try/"
    await runner.cleanup()


@pytest_asyncio.fixture(loop_scope="module")
async def page(browser: Browser, url: str) -> AsyncIterator[Page]:
    desk = await opened(browser, url, viewport={"width": 1440, "height": 900})
    yield desk
    await desk.context.close()


async def test_a_sentence_goes_to_wechat_and_shows_its_journey(page: Page) -> None:
    await page.get_by_role("button", name="一句话投诉").click()
    phone = page.locator("#phone-wechat")
    await expect(phone.locator(".said.bot", has_text="请问在哪条路上？")).to_be_visible()
    await phone.locator(".said.citizen summary").click()
    await expect(phone.locator(".said.citizen dl")).to_contain_text("通过（msg_signature）")
    await phone.locator(".said.bot summary").last.click()
    await expect(phone.locator(".said.bot dl").last).to_contain_text("还剩 4 / 5 条")
    await phone.get_by_role("button", name="人民路").click()
    await expect(phone.locator(".said.citizen")).to_have_count(2)
    await page.reload()
    await expect(phone.locator(".said.citizen")).to_have_count(2)


async def test_sms_changes_with_the_provider(page: Page) -> None:
    phone = page.locator("#phone-sms")
    for provider, words in (("Twilio", "哪条路上"), ("阿里云", "工单号202511220001")):
        await phone.get_by_role("radio", name=provider).click()
        await phone.get_by_role("textbox").fill("暖气不热")
        await page.keyboard.press("Enter")
        await expect(phone.locator(".said.bot", has_text=words)).to_be_visible()
    await phone.locator(".said.bot summary").last.click()
    await expect(phone.locator(".said.bot dl").last).to_contain_text(f"模板{RECEIPT}")


async def test_the_third_phone_is_the_real_widget(page: Page) -> None:
    await page.get_by_role("radio", name="网页").click()
    await page.get_by_role("button", name="找人").click()
    phone = page.locator("#phone-web")
    await expect(phone.locator(".bubble", has_text="收到：转人工")).to_be_visible()
    await phone.locator(".frames summary").click()
    await expect(phone.locator(".frames .in", has_text="accepted")).to_have_count(1)


async def test_health_logins_and_a_new_start(page: Page) -> None:
    await expect(page.locator("#health .down")).to_contain_text("语言模型")
    await expect(page.locator("#logins")).to_contain_text("seat1 / demo")
    await page.get_by_role("button", name="找人").click()
    await expect(page.locator("#phone-wechat .said.citizen")).to_have_count(1)
    await page.get_by_role("button", name="换一位市民重新开始").click()
    await expect(page.locator("#phone-wechat .said")).to_have_count(0)
    await page.get_by_role("button", name="关注公众号").click()
    await expect(page.locator("#phone-wechat .said.citizen")).to_contain_text("关注公众号")


async def test_on_a_phone_there_are_tabs(browser: Browser, url: str) -> None:
    page = await opened(browser, url, viewport={"width": 390, "height": 844}, is_mobile=True)
    await expect(page.locator("#phone-wechat")).to_be_visible()
    await page.get_by_role("tab", name="短信").click()
    await expect(page.locator("#phone-wechat")).to_be_hidden()
    await expect(page.locator("#phone-sms")).to_be_visible()
    assert await page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    await page.context.close()


async def test_nothing_shuts_people_out(page: Page, axe: str) -> None:
    await page.get_by_role("button", name="一句话投诉").click()
    await expect(page.locator("#phone-wechat .said.bot")).to_have_count(2)
    assert await grave(page, axe) == []
