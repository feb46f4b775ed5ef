"""The list of tickets: search, filters, pages by key, and the same as a CSV file for supervisors."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from datetime import datetime
from typing import Any, Literal

from aiohttp import web
from pydantic import Field
from sqlalchemy import ColumnElement, Select, select

from bot.console import audit, search, ticket_views
from bot.console.api import Call
from bot.console.pages import after_key, page
from bot.console.shapes import Answer, Cursor, Limit, Moment, Nothing, Page, Shape, Short
from bot.store.tickets import Ticket
from bot.tickets import states

CSV_ROWS = 20_000
_COLUMNS = ("编号", "状态", "类型", "服务事项", "类别", "承办单位", "紧急程度", "来源", "区域", "内容摘要")
_TIMES = ("受理时间", "办理期限", "更新时间")


class Filters(Shape):
    q: Short = ""
    state: list[Short] = Field(default_factory=list, max_length=20)
    service: Short = ""
    department: Short = ""
    urgency: Literal["", "normal", "high", "emergency"] = ""
    kind: Short = ""
    source: Short = ""
    since: Moment | None = None
    until: Moment | None = None
    overdue: bool = False


class TicketQuery(Filters):
    after: Cursor = ""
    limit: Limit = 30


class StateView(Answer):
    id: str
    zh: str
    en: str
    moves: list[str]
    open: bool


class States(Answer):
    rows: list[StateView]


async def tickets(call: Call[TicketQuery, Nothing]) -> Page[ticket_views.TicketRow]:
    query = call.query
    statement = (await filtered(call, query)).limit(query.limit + 1)
    if query.after:
        moment, key = after_key(query.after)
        statement = statement.where(search.before(Ticket.created_at, moment, Ticket.id, key))
    found = (await call.session.scalars(statement)).all()
    rows = [ticket_views.ticket_row(call.world.catalogue, row) for row in found]
    return page(rows, query.limit, lambda row: (row.created_at, row.id))


async def filtered(call: Call[Any, Nothing], query: Filters) -> Select[Ticket]:
    """Newest first. An unknown value of a filter finds nothing; it is no mistake."""
    conditions: list[ColumnElement[bool]] = []
    if query.q:
        conditions.append(await search.tickets(call.session, call.world.sealer, query.q))
    if query.state:
        conditions.append(Ticket.state.in_(query.state))
    for name in ("service", "department", "urgency", "kind", "source"):
        if value := getattr(query, name):
            conditions.append(getattr(Ticket, name) == value)
    if query.since:
        conditions.append(Ticket.created_at >= query.since)
    if query.until:
        conditions.append(Ticket.created_at < query.until)
    if query.overdue:
        conditions.append(Ticket.deadline < search.now())
        conditions.append(Ticket.state.in_(states.OPEN))
    return select(Ticket).where(*conditions).order_by(Ticket.created_at.desc(), Ticket.id.desc())


async def export(call: Call[Filters, Nothing]) -> web.Response:
    """What the filters find, masked as on the page, with a byte order mark because Excel needs it."""
    found = (await call.session.scalars((await filtered(call, call.query)).limit(CSV_ROWS))).all()
    audit.record(call.session, call.operator.id, "export", "tickets", rows=len(found))
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow([*_COLUMNS, *_TIMES])
    for row in found:
        writer.writerow(map(harmless, _cells(call, row)))
    name = f"tickets-{datetime.now(call.world.city.timezone):%Y%m%d-%H%M}.csv"
    return web.Response(
        body=b"\xef\xbb\xbf" + out.getvalue().encode(),
        content_type="text/csv",
        charset="utf-8",
        headers={
            "Content-Disposition": f'attachment; filename="{name}"',
            "Cache-Control": "no-store",
            "X-Content-Type-Options": "nosniff",
        },
    )


def _cells(call: Call[Filters, Nothing], row: Ticket) -> Iterable[str]:
    view = ticket_views.ticket_row(call.world.catalogue, row)
    yield from (row.number, states.STATES[row.state][0], row.kind, view.service.zh, row.category)
    yield from (view.department.zh, row.urgency, row.source, row.area, row.summary)
    for moment in (row.created_at, row.deadline, row.updated_at):
        yield moment.astimezone(call.world.city.timezone).strftime("%Y-%m-%d %H:%M")


def harmless(cell: str) -> str:
    """A cell that a spreadsheet would run as a formula is made text."""
    return f"'{cell}" if cell[:1] in ("=", "+", "-", "@", "\t", "\r") else cell


async def all_states(call: Call[Nothing, Nothing]) -> States:
    return States(
        rows=[
            StateView(id=name, zh=zh, en=en, moves=sorted(states.MOVES[name]), open=name in states.OPEN)
            for name, (zh, en) in states.STATES.items()
        ]
    )
