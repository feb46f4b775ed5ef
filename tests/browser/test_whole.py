"""The whole house as people use it: a citizen on /try, an operator in a second browser, the real model."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from tests.browser.desk import enter, opened
from tests.conftest import Running, start

if TYPE_CHECKING:
    from pathlib import Path

    from bot.config import Settings

pytestmark = [pytest.mark.browser, pytest.mark.rasa, pytest.mark.asyncio(loop_scope="module")]
COMPLAINT = "滨江区人民路128号门口的路灯坏了三天了，晚上老人出门怕摔，我电话13800138000"


@pytest_asyncio.fixture(loop_scope="module")
async def site(settings: Settings, nlu_url: str, pages: Path) -> AsyncIterator[Running]:
    running, runner = await start(settings.model_copy(update={"nlu_url": nlu_url}))
    yield running
    await runner.cleanup()


@pytest_asyncio.fixture(loop_scope="module")
async def citizen(browser: Browser, site: Running) -> AsyncIterator[Page]:
    page = await opened(browser, f"{site.url}/try/")
    yield page
    await page.context.close()


@pytest_asyncio.fixture(loop_scope="module")
async def seat(browser: Browser, site: Running) -> AsyncIterator[Page]:
    page = await enter(browser, site, "seat1")
    await expect(page.get_by_text("排队等待")).to_be_visible()
    yield page
    await page.context.close()


async def write(page: Page, phone: str, text: str) -> None:
    box = page.locator(f"#phone-{phone}").get_by_role("textbox").first
    await box.fill(text)
    await box.press("Enter")


async def test_one_sentence_becomes_a_ticket_on_wechat(citizen: Page) -> None:
    phone = citizen.locator("#phone-wechat")
    await write(citizen, "wechat", COMPLAINT)
    await expect(phone.locator(".said.bot", has_text="我记的是这样")).to_be_visible()
    await write(citizen, "wechat", "1")
    await expect(phone.locator(".said.bot", has_text="登记好了")).to_be_visible()


async def test_one_sentence_becomes_a_ticket_by_sms(citizen: Page) -> None:
    phone = citizen.locator("#phone-sms")
    await phone.get_by_role("radio", name="阿里云").click()
    await write(citizen, "sms", COMPLAINT)
    await expect(phone.locator(".said.bot", has_text="已受理")).to_be_visible()


async def test_one_sentence_becomes_a_ticket_in_the_web_chat(citizen: Page) -> None:
    phone = citizen.locator("#phone-web")
    await phone.get_by_role("button", name="知道了").click()
    await write(citizen, "web", COMPLAINT)
    await expect(phone.locator(".bubble", has_text="我记的是这样")).to_be_visible()
    await phone.get_by_role("button", name="没问题，提交").click()
    await expect(phone.locator(".bubble", has_text="登记好了")).to_be_visible()


async def test_a_question_is_answered(citizen: Page) -> None:
    await write(citizen, "wechat", "身份证丢了怎么补办")
    phone = citizen.locator("#phone-wechat")
    await expect(phone.locator(".said.bot", has_text="派出所")).to_be_visible()


async def test_a_person_is_called_answers_and_hands_back(citizen: Page, seat: Page) -> None:
    await write(citizen, "wechat", "转人工")
    await seat.get_by_role("button", name="接起", exact=True).first.click()
    phone = citizen.locator("#phone-wechat")
    await expect(phone.locator(".said", has_text="来为您服务了")).to_be_visible()
    await seat.get_by_role("textbox").last.fill("您好，我是王芳，请问什么事？")
    await seat.keyboard.press("Enter")
    await expect(phone.locator(".said", has_text="我是王芳，请问什么事")).to_be_visible()
    await write(citizen, "wechat", "我家楼下的路灯坏了")
    await expect(seat.get_by_text("我家楼下的路灯坏了").first).to_be_visible()


async def test_a_suicide_threat_calls_a_person_at_once(citizen: Page, seat: Page) -> None:
    await write(citizen, "sms", "我站在楼顶，不想活了")
    phone = citizen.locator("#phone-sms")
    await expect(phone.locator(".said.bot", has_text="110")).to_be_visible()
    await expect(seat.get_by_text("紧急求助").first).to_be_visible()
