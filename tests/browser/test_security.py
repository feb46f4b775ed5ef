"""The log-in's second half as people meet it: set up, asked for, codes on paper; nothing that shuts out."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import TYPE_CHECKING

import pyotp
import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect
from sqlalchemy import update

from bot.store.operators import Operator, SecondFactor
from tests.browser.desk import grave, opened, types
from tests.conftest import Running, start

if TYPE_CHECKING:
    from pathlib import Path

    from bot.config import Settings

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]


@pytest_asyncio.fixture(loop_scope="module")
async def strict(settings: Settings, pages: Path) -> AsyncIterator[Running]:
    """Supervisors must have a second factor."""
    running, runner = await start(settings.model_copy(update={"two_factor_roles": "supervisor"}))
    yield running
    await runner.cleanup()


async def front(browser: Browser, site: Running, scheme: str = "light") -> Page:
    return await opened(browser, f"{site.url}/console/login", color_scheme=scheme)


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_a_supervisor_sets_up_the_second_factor_and_comes_back_with_it(
    strict: Running, browser: Browser, axe: str, scheme: str
) -> None:
    page = await front(browser, strict, scheme=scheme)
    await types(page, "lead", "lianxin-lead")
    await expect(page).to_have_url(f"{strict.url}/console/secure")
    assert not await grave(page, axe)
    await page.goto(f"{strict.url}/console/tickets")
    await expect(page).to_have_url(f"{strict.url}/console/secure")  # nothing else before

    await page.locator("input[name=factor-password]").fill("lianxin-lead")
    await page.keyboard.press("Enter")
    await expect(page.get_by_alt_text("给验证器扫的二维码")).to_be_visible()
    assert not await grave(page, axe)
    app = pyotp.TOTP((await page.locator("code.secret").inner_text()).replace(" ", ""))
    await page.locator("input[name=factor-code]").fill("000000")
    await page.keyboard.press("Enter")
    await expect(page.get_by_text("验证码不对或已用过")).to_be_visible()
    await page.locator("input[name=factor-code]").fill(app.now())
    await page.keyboard.press("Enter")
    codes = page.locator("ol.codes li")
    await expect(codes).to_have_count(10)
    paper = (await codes.nth(2).inner_text()).strip()
    assert not await grave(page, axe)
    await page.get_by_role("button", name="我保存好了").click()
    await expect(page.locator(".rail")).to_be_visible()

    async with strict.world.session.begin() as session:
        await session.execute(update(SecondFactor).values(last_step=0))
    for given in ("app", "paper"):
        await page.context.clear_cookies()
        await page.goto(f"{strict.url}/console/login")
        await types(page, "lead", "lianxin-lead")
        field = page.locator("input[name=code]")
        await expect(field).to_be_focused()
        assert not await grave(page, axe)
        if given == "paper":
            await page.get_by_role("button", name="手机不在身边").click()
            await field.fill(paper)
            await page.keyboard.press("Enter")
        else:
            await field.fill(app.now())  # six digits are whole: no Enter
        await expect(page.locator(".rail")).to_be_visible()

    await page.goto(f"{strict.url}/console/settings")
    await expect(page.get_by_text("备用码还剩 9 个")).to_be_visible()
    await expect(page.get_by_role("button", name="关闭", exact=True)).to_have_count(
        0
    )  # the role must have it
    assert not await grave(page, axe)
    await page.context.close()


async def test_somebody_elses_password_is_changed_first(strict: Running, browser: Browser, axe: str) -> None:
    async with strict.world.session.begin() as session:
        values = {"password_due": True, "language": "en"}
        await session.execute(update(Operator).where(Operator.login == "seat2").values(values))
    page = await front(browser, strict)
    await types(page, "seat2", "lianxin-seat2")
    await expect(page.get_by_role("heading", name="Choose a password of your own")).to_be_visible()
    assert not await grave(page, axe)
    for new, says in (("Password2026", "too common"), ("rice and tea 4 me", "")):
        for name, value in (("old", "lianxin-seat2"), ("new", new), ("again", new)):
            await page.locator(f"input[name={name}]").fill(value)
        await page.keyboard.press("Enter")
        if says:
            await expect(page.get_by_text(says)).to_be_visible()
    await expect(page.locator(".rail")).to_be_visible()
    await page.context.close()


async def test_another_browser_is_seen_and_ended(strict: Running, browser: Browser) -> None:
    mine, other = await front(browser, strict), await front(browser, strict)
    for page in (mine, other):
        await types(page, "seat1", "lianxin-seat1")
        await expect(page.locator(".rail")).to_be_visible()
    await mine.goto(f"{strict.url}/console/settings")
    await expect(mine.get_by_text("Chrome").first).to_be_visible()
    await mine.get_by_role("button", name="结束", exact=True).click()
    await expect(mine.get_by_role("button", name="结束", exact=True)).to_have_count(0)
    await other.goto(f"{strict.url}/console/tickets")
    await expect(other.locator("input[name=login]")).to_be_visible()
    for page in (mine, other):
        await page.context.close()
