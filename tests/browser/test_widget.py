"""The widget as citizens meet it, in a real browser over real sockets."""

from __future__ import annotations

import asyncio
import gzip
import struct
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from aiohttp.test_utils import unused_port
from playwright.async_api import Browser, BrowserContext, Page, expect

from channels.base import ChannelName, Presence
from channels.web.buckets import Rate
from tests.browser.widget_site import GREETING, Site

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]

WEB = ChannelName("web")
PHONE: dict[str, Any] = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
Visit = Callable[..., Awaitable[Page]]


def png(side: int) -> bytes:
    """A picture that does not compress, so that it is worth making smaller."""
    rows = b"".join(b"\0" + bytes((x * y * 7 + x * x) % 251 for x in range(side * 3)) for y in range(side))

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    packed = zlib.compress(rows, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", packed) + chunk(b"IEND", b"")


@pytest_asyncio.fixture(loop_scope="module")
async def site(pages: Path) -> AsyncIterator[Site]:
    running = Site(pages)
    running.port = unused_port()
    await running.start()
    yield running
    await running.stop()


@pytest_asyncio.fixture(loop_scope="module")
async def visit(browser: Browser, site: Site) -> AsyncIterator[Visit]:
    """Opens a page; whatever the browser complains about fails the test."""
    contexts: list[BrowserContext] = []
    complaints: list[str] = []

    async def go(path: str = "/chat", context: BrowserContext | None = None, **options: Any) -> Page:
        if context is None:
            context = await browser.new_context(**options)
            contexts.append(context)
        page = await context.new_page()
        page.set_default_timeout(30_000)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on(
            "console",
            lambda said: complaints.append(said.text) if "Content Security Policy" in said.text else None,
        )
        await page.goto(site.url + path)
        return page

    yield go
    for context in contexts:
        await context.close()
    assert complaints == []


async def say(page: Page, text: str) -> None:
    await page.fill("textarea", text)
    await page.keyboard.press("Enter")


def bubble(page: Page, text: str) -> Any:
    return page.locator(".bubble", has_text=text)


async def test_it_is_small_enough_for_anybodys_page(pages: Path) -> None:
    script = (pages / "widget" / "dist" / "widget.js").read_bytes()
    assert len(gzip.compress(script)) <= 40 * 1024


async def test_a_citizen_asks_and_is_answered(visit: Visit, site: Site) -> None:
    page = await visit(**PHONE)
    await expect(bubble(page, GREETING)).to_be_visible()
    await say(page, "路灯坏了")
    await expect(bubble(page, "收到：路灯坏了")).to_be_visible()
    await expect(page.locator(".citizen .status")).to_have_text("已送达")
    await expect(page.locator(".row.citizen")).to_have_count(1)
    await expect(page.locator("textarea")).to_have_value("")


async def test_words_stay_words_and_links_are_safe(visit: Visit, site: Site) -> None:
    page = await visit()
    await say(page, "<img src=x onerror=alert(1)>")
    await expect(bubble(page, "收到：<img src=x onerror=alert(1)> <b>x</b>")).to_be_visible()
    link = page.locator(".bubble a[target=_blank]")
    assert await link.get_attribute("href") == "https://example.cn/a?b=1&c="
    assert await link.get_attribute("rel") == "noopener noreferrer nofollow"
    await expect(page.locator(".bubble a[href='tel:110']")).to_have_count(1)  # in the greeting
    await expect(page.locator(".bubble a[href='tel:120']")).to_have_count(0)  # 120元 is money
    assert await page.locator(".bubble img, .bubble b").count() == 0


async def test_quick_replies_are_buttons_and_go_when_used(visit: Visit, site: Site) -> None:
    page = await visit()
    await page.get_by_role("button", name="查进度").click()
    await expect(bubble(page, "您选了 progress")).to_be_visible()
    await expect(page.locator(".choice")).to_have_count(0)
    await expect(page.locator(".citizen .bubble")).to_have_text("查进度")


async def test_what_is_written_offline_is_sent_when_the_line_is_back(visit: Visit, site: Site) -> None:
    page = await visit()
    await expect(bubble(page, GREETING)).to_be_visible()
    await site.stop()
    await expect(page.locator(".bar-line.offline")).to_be_visible()
    await say(page, "第一句")
    await say(page, "第二句")
    await expect(page.locator(".citizen .status").first).to_have_text("待发送")
    await page.close()  # the phone is put away; the words wait on it
    await site.start()
    again = await visit(context=page.context)
    await expect(bubble(again, "收到：第二句")).to_be_visible()
    lines = site.house.talk(WEB, site.house.newest).lines
    assert [line.text for line in lines if line.author == "citizen"] == ["第一句", "第二句"]
    await expect(again.locator(".status", has_text="待发送")).to_have_count(0)


async def test_reconnects_by_itself_and_misses_nothing(visit: Visit, site: Site) -> None:
    page = await visit()
    await say(page, "在吗")
    await expect(bubble(page, "收到：在吗")).to_be_visible()
    await site.stop()
    await expect(page.locator(".bar-line.offline")).to_be_visible()
    site.house.say(site.house.newest, "您离开时说的话", author="operator", name="小李")
    await site.start()
    await expect(bubble(page, "您离开时说的话")).to_be_visible(timeout=12_000)
    await expect(bubble(page, "收到：在吗")).to_have_count(1)
    await expect(page.locator(".bar-line")).to_have_text("")


async def test_history_on_return_and_forgetting(visit: Visit, site: Site) -> None:
    page = await visit()
    await say(page, "记得我")
    await expect(bubble(page, "收到：记得我")).to_be_visible()
    stored = await page.evaluate("JSON.stringify(localStorage)")
    assert "记得我" not in stored  # shared phones: the conversation itself is never kept on the device
    await page.reload()
    await expect(bubble(page, "收到：记得我")).to_be_visible()
    await page.get_by_role("button", name="更多").click()
    await page.get_by_role("menuitem", name="结束并清除").click()
    await page.get_by_role("alertdialog").get_by_role("button", name="结束并清除").click()
    await expect(bubble(page, "收到：记得我")).to_have_count(0)
    await expect(bubble(page, GREETING)).to_be_visible()
    assert len(site.house.talks) == 2


async def test_a_link_from_an_sms_continues_its_conversation(visit: Visit, site: Site) -> None:
    sms, number = ChannelName("sms/twilio"), "+8613800138000"
    site.house.say(number, "短信里说到这里", channel=sms)  # type: ignore[arg-type]  # an address
    page = await visit(f"/chat?c={site.house.token(sms, number)}")  # type: ignore[arg-type]
    await expect(bubble(page, "短信里说到这里")).to_be_visible()
    assert page.url == f"{site.url}/chat"  # the token does not stay where it can be read or shared


async def test_a_photo_is_made_smaller_shown_and_sent(visit: Visit, site: Site, tmp_path: Path) -> None:
    page = await visit(**PHONE)
    await expect(bubble(page, GREETING)).to_be_visible()
    photo = png(2400)
    (tmp_path / "big.png").write_bytes(photo)
    await page.set_input_files("input[type=file]", tmp_path / "big.png")
    await expect(page.locator(".thumb.done img")).to_be_visible(timeout=20_000)
    kept = next(iter(site.house.files.values()))
    assert kept.mime == "image/jpeg"
    assert kept.size < len(photo) / 2
    await say(page, "请看照片")
    await expect(page.locator(".citizen .photo img")).to_be_visible()
    await page.reload()  # now it comes from the server, with the token
    await expect(page.locator(".citizen .photo img")).to_be_visible()
    await page.locator(".citizen .photo").click()
    await expect(page.locator(".large-photo img")).to_be_visible()
    await page.keyboard.press("Escape")
    await expect(page.locator(".large-photo")).to_have_count(0)


async def test_wrong_files_are_refused_calmly(visit: Visit, site: Site, tmp_path: Path) -> None:
    page = await visit()
    await expect(bubble(page, GREETING)).to_be_visible()
    (tmp_path / "fake.png").write_bytes(b"<script>")
    await page.set_input_files("input[type=file]", tmp_path / "fake.png")
    await expect(page.locator(".toast")).to_contain_text("这种文件不能发送")
    await page.get_by_role("button", name="移除照片").click()
    await expect(page.locator(".thumb")).to_have_count(0)


async def test_a_place_is_sent_only_after_consent(visit: Visit, browser: Browser, site: Site) -> None:
    where = {"latitude": 30.57, "longitude": 104.06}
    page = await visit(geolocation=where, permissions=["geolocation"])
    await page.get_by_role("button", name="位置").click()
    await page.get_by_role("button", name="不用了").click()
    assert len(site.house.accepted) == 1  # only "open"
    await page.get_by_role("button", name="位置").click()
    await page.get_by_role("button", name="发送位置").click()
    await expect(bubble(page, "收到位置 30.57")).to_be_visible()
    await expect(page.locator(".citizen .pin")).to_be_visible()


async def test_a_person_takes_over(visit: Visit, site: Site) -> None:
    page = await visit()
    await expect(bubble(page, GREETING)).to_be_visible()
    site.house.show(site.house.newest, Presence(queue=3))
    await expect(page.locator(".bar-line")).to_have_text("正在为您转接人工，前面还有 2 位")
    await say(page, "转人工")
    site.house.show(site.house.newest, Presence(person="小李", typing=True))
    await expect(page.locator(".bar-line")).to_have_text("工作人员 小李 正在为您服务")
    await expect(page.locator(".dots")).to_be_visible()
    await expect(page.locator(".who", has_text="工作人员 小李")).to_be_visible()
    await expect(page.locator(".notice.person_joined")).to_be_visible()
    async with asyncio.timeout(5):
        while {report.ref.rpartition(":")[2] for report in site.house.reports} != {"1", "3", "4"}:  # noqa: ASYNC110
            await asyncio.sleep(0.05)


async def test_where_sockets_are_blocked_it_polls(visit: Visit, site: Site) -> None:
    site.blocked = True
    page = await visit()
    await expect(bubble(page, GREETING)).to_be_visible(timeout=20_000)
    await say(page, "走轮询")
    await expect(bubble(page, "收到：走轮询")).to_be_visible()
    site.house.show(site.house.newest, Presence(person="小李"))
    await expect(page.locator(".bar-line.person")).to_be_visible()


async def test_too_fast_is_slowed_down_and_nothing_is_lost(visit: Visit, site: Site) -> None:
    await site.stop()
    site.options = {"messages": Rate(2, 2)}
    await site.start()
    page = await visit()
    await expect(bubble(page, GREETING)).to_be_visible()
    for number in range(5):
        await say(page, f"第{number}条")
    await expect(bubble(page, "收到：第4条")).to_be_visible(timeout=10_000)
    lines = site.house.talk(WEB, site.house.newest).lines
    assert sorted(line.text for line in lines if line.author == "citizen") == [f"第{n}条" for n in range(5)]


async def test_a_rejected_message_says_so_and_can_be_deleted(visit: Visit, site: Site) -> None:
    page = await visit()
    await expect(bubble(page, GREETING)).to_be_visible()
    await page.evaluate("""() => {
        const chat = document.querySelector('lianxin-chat');
        const key = Object.keys(localStorage).find((name) => name.startsWith('lianxin:'));
        const kept = JSON.parse(localStorage[key]);
        const message = { type: 'message', id: crypto.randomUUID(), text: '坏', attachments: ['forged'] };
        kept.outbox = [{ message, at: Date.now(), files: [] }];
        localStorage[key] = JSON.stringify(kept);
        chat.remove();
    }""")
    await page.reload()
    await expect(page.locator(".status.failed")).to_contain_text("照片已失效")
    await page.get_by_role("button", name="删除").click()
    await expect(page.locator(".row.citizen")).to_have_count(0)


async def test_by_keyboard_alone(visit: Visit, site: Site) -> None:
    page = await visit("/")
    await page.keyboard.press("Tab")
    await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")  # the floating button
    await expect(bubble(page, GREETING)).to_be_visible()
    await page.keyboard.type("用键盘")
    await page.keyboard.press("Shift+Enter")
    await page.keyboard.type("两行")
    await page.keyboard.press("Enter")
    await expect(bubble(page, "收到：用键盘")).to_be_visible()
    inside = "document.activeElement.tagName"
    for _ in range(25):  # Tab stays in the panel
        await page.keyboard.press("Tab")
        assert await page.evaluate(inside) == "LIANXIN-CHAT"
    await page.keyboard.press("Escape")
    await expect(page.locator(".panel")).to_be_hidden()
    focused = "document.activeElement.shadowRoot.activeElement.className"
    assert "launcher" in await page.evaluate(focused)


async def test_news_while_closed_shows_on_the_button(visit: Visit, site: Site) -> None:
    page = await visit("/")
    await page.locator(".launcher").click()
    await expect(bubble(page, GREETING)).to_be_visible()
    await page.get_by_role("button", name="关闭").click()
    site.house.say(site.house.newest, "新的答复")
    await expect(page.locator(".badge")).to_have_text("1")
    await page.locator(".launcher").click()
    await expect(page.locator(".badge")).to_be_hidden()


async def test_large_type_and_language_are_remembered(visit: Visit, site: Site) -> None:
    page = await visit(**PHONE)
    await page.get_by_role("button", name="大字").click()
    await page.get_by_role("button", name="Switch to English").click()
    await page.reload()
    await expect(page.locator(".root.large")).to_be_visible()
    await expect(page.locator("textarea")).to_have_attribute("placeholder", "What is the problem?")
    size = await page.locator(".bubble").first.evaluate("element => getComputedStyle(element).fontSize")
    assert float(size.removesuffix("px")) >= 20
    heights = "buttons => buttons.map((button) => button.offsetHeight)"
    assert min(await page.locator(".choice, .send, .tool").evaluate_all(heights)) >= 44


async def test_it_never_scrolls_sideways(visit: Visit, site: Site) -> None:
    page = await visit(viewport={"width": 320, "height": 640})
    await page.get_by_role("button", name="大字").click()
    await say(page, "很长的网址 https://example.cn/" + "a" * 200)
    await expect(page.locator(".row.citizen")).to_be_visible()
    wide = "log => log.scrollWidth - log.clientWidth"
    assert await page.locator(".log").evaluate(wide) == 0
    assert await page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("large", [False, True])
async def test_nothing_shuts_people_out(visit: Visit, site: Site, axe: str, scheme: str, large: bool) -> None:
    page = await visit("/", **PHONE, color_scheme=scheme, reduced_motion="reduce", bypass_csp=True)
    await page.locator(".launcher").click()
    if large:
        await page.get_by_role("button", name="大字").click()
    await say(page, "转人工")
    site.house.show(site.house.newest, Presence(person="小李"))
    await expect(page.locator(".bar-line.person")).to_be_visible()
    site.house.say(site.house.newest, "请选择", choices=[("是", "y"), ("否", "n")])
    await expect(page.locator(".choice")).to_have_count(2)
    await page.evaluate(axe)
    found = await page.evaluate("axe.run()")
    serious = [
        (problem["id"], [node["html"] for node in problem["nodes"]])
        for problem in found["violations"]
        if problem["impact"] in ("serious", "critical")
    ]
    assert serious == []


async def test_it_speaks_to_screen_readers(visit: Visit, site: Site) -> None:
    page = await visit()
    log = page.get_by_role("log", name="对话记录")
    await expect(log).to_have_attribute("aria-live", "polite")  # once the history has arrived
    await expect(page.get_by_role("textbox", name="输入消息")).to_be_visible()
    await expect(page.get_by_role("status").first).to_be_attached()
    await expect(page.get_by_role("group", name="可选回答")).to_be_visible()
