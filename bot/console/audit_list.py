"""The audit trail for those who check: by what was done, by whom, on what, and when; also as a file."""

from __future__ import annotations

import csv
import io
import json
from datetime import datetime
from typing import Any

from aiohttp import web
from sqlalchemy import Select, or_, select, text

from bot.console import audit, search
from bot.console.api import Call
from bot.console.pages import after_key, page
from bot.console.shapes import Answer, Cursor, Id, Limit, Moment, Nothing, Page, Shape, Short
from bot.console.ticket_list import harmless
from bot.store.office import Audit
from bot.store.operators import Operator

CSV_ROWS = 50_000


class AuditFilters(Shape):
    """`who` is found in names and log-in names; `object` is a thing such as `user:7`, or a kind: `user`."""

    verb: Short = ""
    who: Short = ""
    operator: Id | None = None
    object: Short = ""
    since: Moment | None = None
    until: Moment | None = None


class AuditQuery(AuditFilters):
    after: Cursor = ""
    limit: Limit = 50


class AuditRow(Answer):
    id: int
    verb: str
    object: str
    operator_id: int | None
    operator: str
    data: dict[str, Any]
    at: datetime


class Verbs(Answer):
    rows: list[str]


async def trail(call: Call[AuditQuery, Nothing]) -> Page[AuditRow]:
    query = call.query
    statement = (await _filtered(call, query)).limit(query.limit + 1)
    if query.after:
        moment, key = after_key(query.after)
        statement = statement.where(search.before(Audit.at, moment, Audit.id, key))
    rows = [_row(row, name) for row, name in await call.session.execute(statement)]
    return page(rows, query.limit, lambda row: (row.at, row.id))


async def verbs(call: Call[Nothing, Nothing]) -> Verbs:
    """What there is to choose from, hopping from one verb to the next along the index."""
    found = await call.session.scalars(
        text("""
            WITH RECURSIVE hop AS (
                (SELECT verb FROM audit ORDER BY verb LIMIT 1)
                UNION ALL
                SELECT (SELECT verb FROM audit WHERE verb > hop.verb ORDER BY verb LIMIT 1) FROM hop
                WHERE hop.verb IS NOT NULL
            ) SELECT verb FROM hop WHERE verb IS NOT NULL
        """)
    )
    return Verbs(rows=list(found))


async def export(call: Call[AuditFilters, Nothing]) -> web.Response:
    """What the filters find, newest first; that it was taken is recorded too."""
    found = (await call.session.execute((await _filtered(call, call.query)).limit(CSV_ROWS))).all()
    audit.record(call.session, call.operator.id, "export", "audit", rows=len(found))
    zone = call.world.city.timezone
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(("时间", "人员", "操作", "对象", "详情"))
    for row, name in found:
        data = json.dumps(row.data, ensure_ascii=False) if row.data else ""
        at = row.at.astimezone(zone).strftime("%Y-%m-%d %H:%M:%S")
        writer.writerow(map(harmless, (at, name or "", row.verb, row.object, data)))
    name = f"audit-{datetime.now(zone):%Y%m%d-%H%M}.csv"
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


async def _filtered(call: Call[Any, Nothing], query: AuditFilters) -> Select[Audit, str]:
    statement = (
        select(Audit, Operator.name)
        .outerjoin(Operator, Operator.id == Audit.operator_id)
        .order_by(Audit.at.desc(), Audit.id.desc())
    )
    if query.verb:
        statement = statement.where(Audit.verb == query.verb)
    if query.operator is not None:
        statement = statement.where(Audit.operator_id == query.operator)
    if query.who:
        named = or_(search.like(Operator.name, query.who), search.like(Operator.login, query.who))
        ids = (await call.session.scalars(select(Operator.id).where(named).limit(500))).all()
        statement = statement.where(Audit.operator_id.in_(ids))
    if query.object:
        exact = ":" in query.object
        kind = Audit.object.startswith(f"{query.object}:", autoescape=True)
        same = Audit.object == query.object
        statement = statement.where(same if exact else or_(same, kind))
    if query.since:
        statement = statement.where(Audit.at >= query.since)
    if query.until:
        statement = statement.where(Audit.at < query.until)
    return statement


def _row(row: Audit, name: str | None) -> AuditRow:
    return AuditRow(
        id=row.id,
        verb=row.verb,
        object=row.object,
        operator_id=row.operator_id,
        operator=name or "",
        data=row.data,
        at=row.at,
    )
