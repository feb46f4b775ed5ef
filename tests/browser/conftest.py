"""Headless Chromium, once per module (the system's own, or Playwright's), the app, and who sits before it."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, async_playwright, expect

from bot.config import Settings
from tests.browser.desk import enter
from tests.conftest import Running, start

expect.set_options(timeout=30_000)  # how long a busy machine may take says nothing about the page
PAGES = Path(__file__).resolve().parents[2] / "web"
ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip


def system_chromium() -> str | None:
    return next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        chromium = await playwright.chromium.launch(executable_path=system_chromium(), args=ARGUMENTS)
        yield chromium
        await chromium.close()


@pytest.fixture(scope="session")
def axe() -> str:
    """The script that looks for what shuts people out."""
    return (PAGES / "node_modules" / "axe-core" / "axe.min.js").read_text()


@pytest.fixture(scope="session")
def pages() -> Path:
    """The folder web/, built: `./lianxin test` does it first, `npm --prefix web run build` by hand."""
    for page in ("widget/dist/widget.js", "try/dist/index.html", "console/dist/index.html"):
        assert (PAGES / page).is_file(), f"web/{page} is not built: npm --prefix web run build"
    return PAGES


@pytest_asyncio.fixture(loop_scope="module")
async def site(settings: Settings, pages: Path) -> AsyncIterator[Running]:
    """The app with its pages, without a model."""
    running, runner = await start(settings)
    yield running
    await runner.cleanup()


@pytest_asyncio.fixture(loop_scope="module")
async def wang(browser: Browser, site: Running) -> AsyncIterator[Page]:
    """One operator's page, and below another's, a supervisor's, an admin's."""
    page = await enter(browser, site, "seat1")
    yield page
    await page.context.close()


@pytest_asyncio.fixture(loop_scope="module")
async def li(browser: Browser, site: Running) -> AsyncIterator[Page]:
    page = await enter(browser, site, "seat2")
    yield page
    await page.context.close()


@pytest_asyncio.fixture(loop_scope="module")
async def lead(browser: Browser, site: Running) -> AsyncIterator[Page]:
    page = await enter(browser, site, "lead")
    yield page
    await page.context.close()


@pytest_asyncio.fixture(loop_scope="module")
async def admin(browser: Browser, site: Running) -> AsyncIterator[Page]:
    page = await enter(browser, site, "admin")
    yield page
    await page.context.close()
