"""Watching the models on live messages, and the entry in the public register of algorithms."""

from __future__ import annotations

from html import escape
from typing import Any

from aiohttp import web
from pydantic import Field

from bot.console import audit
from bot.console.api import Call
from bot.console.shapes import Answer, Nothing, Shape
from bot.errors import NotFound
from bot.store.models import StudioSetting
from bot.studio import register, watching
from bot.studio.register import Entry, Words
from bot.studio.watching import Watch


class WatchQuery(Shape):
    days: int = Field(7, ge=1, le=90)


class RegisterView(Answer):
    words: Words
    entry: Entry
    address: str


class RegisterWords(Shape):
    words: Words


async def watch(call: Call[WatchQuery, Nothing]) -> Watch:
    return await watching.watch(call.session, call.world.city, call.query.days)


async def draft(call: Call[Nothing, Nothing]) -> RegisterView:
    """The entry as it would be shown, public or not."""
    return RegisterView(
        words=await register.words(call.session),
        entry=await _entry(call),
        address=f"{call.world.settings.url}/api/register",
    )


async def change(call: Call[Nothing, RegisterWords]) -> RegisterView:
    words = call.body.words
    await call.session.merge(StudioSetting(name="register", value=words.model_dump()))
    audit.record(call.session, call.operator.id, "register.change", "register", public=words.public)
    await call.session.flush()
    return await draft(call)  # type: ignore[arg-type]  # it reads neither query nor body


async def public_json(call: Call[Nothing, Nothing]) -> Entry:
    """For everybody, once an admin has switched it on."""
    if not (await register.words(call.session)).public:
        raise NotFound("尚未公开 · not public")
    return await _entry(call)


async def public_page(call: Call[Nothing, Nothing]) -> web.Response:
    """The same as a page without scripts."""
    if not (await register.words(call.session)).public:
        raise NotFound("尚未公开 · not public")
    return web.Response(
        text=_page(await _entry(call)),
        content_type="text/html",
        headers={
            "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'",
            "X-Content-Type-Options": "nosniff",
            "Cache-Control": "public, max-age=300",
        },
    )


async def _entry(call: Call[Any, Any]) -> Entry:
    return await register.entry(call.session, call.world.catalogue, call.world.policy)


def _share(value: float | None) -> str:
    return "—" if value is None else f"{value:.1%}"


def _page(entry: Entry) -> str:
    since = f"{entry.in_service_since:%Y-%m-%d}" if entry.in_service_since else "—"
    facts = [
        ("用途 Purpose", f"{escape(entry.purpose)}<br><span lang=en>{escape(entry.purpose_en)}</span>"),
        ("主管单位 Responsible", escape(entry.owner) or "—"),
        ("联系方式 Contact", escape(entry.contact) or "—"),
        ("依据 Legal basis", escape(entry.basis) or "—"),
        ("版本 Version", f"{entry.version or '—'} <code>{escape(entry.model)}</code>"),
        ("启用时间 In service since", since),
        ("训练例句 Training phrases", f"{entry.phrases:,}"),
        ("统计期间 Data window", f"{entry.window_from} – {entry.window_to}"),
        ("阈值 Thresholds", f"置信度 confidence ≥ {entry.threshold}, 差距 gap ≥ {entry.gap}"),
        ("处理消息 Messages read", f"{entry.messages:,}"),
        ("直接听懂 Understood at once", _share(entry.understood_rate)),
        ("人工改正 Overridden by people", f"{_share(entry.override_rate)} ({entry.tickets:,} 件 tickets)"),
        ("事项准确率 Service accuracy", f"{_share(entry.accuracy)} ({entry.tested_on:,} 条 messages)"),
        ("紧急情况召回 Emergencies found", _share(entry.emergency_recall)),
        ("误报 False alarms", _share(entry.false_alarms)),
    ]
    rows = "".join(f"<tr><th scope=row>{name}</th><td>{value}</td></tr>" for name, value in facts)
    classes = "".join(
        f"<tr><th scope=row>{escape(one.title)} <span lang=en>{escape(one.title_en)}</span></th>"
        f"<td>{one.precision:.0%}</td><td>{one.recall:.0%}</td><td>{one.messages}</td></tr>"
        for one in entry.classes
    )
    return f"""<!doctype html><html lang=zh-CN><meta charset=utf-8>
<meta name=viewport content="width=device-width,initial-scale=1">
<title>{escape(entry.name)} · 算法登记</title>
<style>:root{{color-scheme:light dark}}body{{font:16px/1.6 system-ui,sans-serif;max-width:54rem;
margin:2rem auto;padding:0 1rem}}table{{border-collapse:collapse;
width:100%}}th,td{{text-align:left;vertical-align:top;
padding:.45rem .6rem;border-top:1px solid #8884}}th{{font-weight:500}}h2{{margin-top:2.5rem}}</style>
<main><h1>{escape(entry.name)} · 算法登记 <span lang=en>Algorithm register</span></h1><table>{rows}</table>
<h2>各事项 <span lang=en>By service</span></h2><table><tr><th scope=col>事项 Service</th>
<th scope=col>精确率 Precision</th><th scope=col>召回率 Recall</th><th scope=col>条数 Messages</th></tr>
{classes}</table>
<p><a href="register.json">JSON</a> · {entry.updated_at:%Y-%m-%d %H:%M} UTC</p></main></html>"""
