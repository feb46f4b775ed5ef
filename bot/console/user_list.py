"""Who may log in, as a list that is searched and paged: a surge has thousands of volunteers in it."""

from __future__ import annotations

import base64
import binascii
from typing import Literal

from sqlalchemy import func, or_, select, tuple_

from bot.console import search
from bot.console.api import Call
from bot.console.shapes import Cursor, Limit, Nothing, Page, Shape, Short
from bot.console.views import PersonView, person
from bot.errors import Invalid
from bot.roles import Role
from bot.store.operators import Operator
from bot.store.seating import Group, GroupMember


class UserQuery(Shape):
    """`q` is found in names and log-in names."""

    q: Short = ""
    role: Role | Literal[""] = ""
    state: Literal["", "active", "locked", "present"] = ""
    group: int | None = None
    after: Cursor = ""
    limit: Limit = 50


class UserRow(PersonView):
    factor: bool
    groups: list[str]


async def users(call: Call[UserQuery, Nothing]) -> Page[UserRow]:
    """Those who may log in before those who are locked, each in the order of log-in names."""
    query = call.query
    locked = (~Operator.active).label("locked")
    statement = select(Operator).order_by(locked, Operator.login).limit(query.limit + 1)
    if query.q:
        statement = statement.where(
            or_(search.like(Operator.name, query.q), search.like(Operator.login, query.q))
        )
    if query.role:
        statement = statement.where(Operator.role == query.role)
    if query.state:
        statement = statement.where(Operator.active if query.state != "locked" else ~Operator.active)
    if query.state == "present":
        statement = statement.where(Operator.presence != "offline", search.present())
    if query.group is not None:
        members = select(GroupMember.operator_id).where(GroupMember.group_id == query.group)
        statement = statement.where(Operator.id.in_(members))
    if query.after:
        place = _place(query.after)
        statement = statement.where(tuple_(locked, Operator.login) > place)
    rows = (await call.session.scalars(statement)).all()
    shown = rows[: query.limit]
    groups = await _groups(call, [row.id for row in shown])
    return Page(
        rows=[user_row(row, groups.get(row.id, [])) for row in shown],
        next=_mark(shown[-1]) if len(rows) > query.limit else None,
    )


def user_row(row: Operator, groups: list[str]) -> UserRow:
    return UserRow(**person(row).model_dump(), factor=row.factor_at is not None, groups=groups)


async def _groups(call: Call[UserQuery, Nothing], ids: list[int]) -> dict[int, list[str]]:
    rows = await call.session.execute(
        select(GroupMember.operator_id, func.array_agg(Group.name))
        .join(Group, Group.id == GroupMember.group_id)
        .where(GroupMember.operator_id.in_(ids))
        .group_by(GroupMember.operator_id)
    )
    return {operator: sorted(names) for operator, names in rows}


def _mark(row: Operator) -> str:
    return base64.urlsafe_b64encode(f"{int(not row.active)}{row.login}".encode()).decode().rstrip("=")


def _place(after: str) -> tuple[bool, str]:
    """Raises Invalid for what we did not hand out."""
    try:
        plain = base64.urlsafe_b64decode(after + "=" * (-len(after) % 4)).decode("ascii")
    except (ValueError, binascii.Error) as error:
        raise Invalid({"after": "无效的翻页标记 · not a page mark"}) from error
    if plain[:1] not in ("0", "1") or not plain[1:].isprintable():
        raise Invalid({"after": "无效的翻页标记 · not a page mark"})
    return plain[0] == "1", plain[1:]
