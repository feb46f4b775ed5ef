"""A person before a page: logged in, at work; and what on the page would shut people out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from playwright.async_api import Browser, Page, expect

from bot.store import transcript
from tests.console.seat import waits

if TYPE_CHECKING:
    from bot.world import World
    from tests.conftest import Running

SETTLED = """() => Promise.all(document.getAnimations()
    .filter(it => it.effect.getComputedTiming().endTime !== Infinity)
    .map(it => it.finished.catch(() => null)))"""


async def opened(browser: Browser, url: str, **options: Any) -> Page:
    """A page in a browser of its own; an error in it fails the test."""
    options = {"viewport": {"width": 1440, "height": 900}, "locale": "zh-CN"} | options
    context = await browser.new_context(**options)
    page = await context.new_page()
    page.set_default_timeout(30_000)
    page.on("pageerror", lambda error: pytest.fail(f"error in the page: {error}"))
    await page.goto(url)
    return page


async def types(page: Page, login: str, password: str = "") -> None:
    """Name and password into the log-in page."""
    await page.locator("input[name=login]").fill(login)
    await page.locator("input[name=password]").fill(password or f"lianxin-{login}")
    await page.keyboard.press("Enter")


async def enter(browser: Browser, site: Running, login: str, **options: Any) -> Page:
    page = await opened(browser, f"{site.url}/console/", **options)
    await types(page, login)
    await expect(page.locator(".rail")).to_be_visible()
    return page


async def taken(site: Running, page: Page, key: int) -> None:
    """This person has the conversation and is about to write."""
    await waits(site.world, key)
    await page.goto(f"{site.url}/console/c/{key}")
    await page.get_by_role("button", name="接起这位市民").click()
    await expect(page.get_by_role("textbox", name="输入回复")).to_be_focused()


async def says(world: World, conversation: int, text: str) -> None:
    """The citizen writes."""
    async with world.session.begin() as session:
        await transcript.append(session, await transcript.lock(session, conversation), "citizen", text)


async def shuts_out(page: Page, axe: str, *rules: str) -> list[tuple[str, str, str]]:
    """What axe finds on the page: how grave, by which rule, where; of these groups of rules only."""
    await page.wait_for_timeout(300)
    await page.evaluate(SETTLED)  # colours on their way are no colours yet
    await page.evaluate(axe)
    found = await page.evaluate("only => axe.run(only.length ? {runOnly: only} : {})", list(rules))
    return [
        (one["impact"], one["id"], node["html"][:200]) for one in found["violations"] for node in one["nodes"]
    ]


async def grave(page: Page, axe: str) -> list[tuple[str, str, str]]:
    return [one for one in await shuts_out(page, axe) if one[0] in ("serious", "critical")]
