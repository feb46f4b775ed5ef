"""Log-ins that are open: everybody sees and ends their own, admins end those of others."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import ColumnElement, delete, func, select

from bot.console import audit, entrance
from bot.console.api import Call
from bot.console.shapes import Answer, Done, Nothing
from bot.errors import NotFound
from bot.store.operators import Login, Operator


class SessionView(Answer):
    """`key` names it and opens nothing: it is a piece of a hash of a hash-kept cookie."""

    key: str
    agent: str
    address: str
    created_at: datetime
    seen_at: datetime
    current: bool


class Sessions(Answer):
    rows: list[SessionView]


async def mine(call: Call[Nothing, Nothing]) -> Sessions:
    return await _of(call, call.operator.id)


async def theirs(call: Call[Nothing, Nothing]) -> Sessions:
    await _known(call)
    return await _of(call, call.id)


async def end_one(call: Call[Nothing, Nothing]) -> Done:
    """One of mine. Ending the one that asks is logging out: the page does that by its own route."""
    kept = call.login.token_hash
    ended = await call.session.execute(
        delete(Login)
        .where(
            Login.operator_id == call.operator.id, _key() == call.path("session"), Login.token_hash != kept
        )
        .returning(Login.created_at)
    )
    if ended.first() is None:
        raise NotFound("没有这个登录 · no such log-in")
    audit.record(call.session, call.operator.id, "session.end")
    return Done()


async def end_others(call: Call[Nothing, Nothing]) -> Done:
    await entrance.end_all(call.session, call.operator.id, but=call.login.token_hash)
    audit.record(call.session, call.operator.id, "session.end", "others")
    return Done()


async def end_theirs(call: Call[Nothing, Nothing]) -> Done:
    await _known(call)
    await entrance.end_all(call.session, call.id, but=call.login.token_hash)
    audit.record(call.session, call.operator.id, "session.end", f"user:{call.id}")
    return Done()


async def _of(call: Call[Nothing, Nothing], operator_id: int) -> Sessions:
    rows = await call.session.execute(
        select(Login, _key())
        .where(Login.operator_id == operator_id, Login.expires_at > datetime.now(UTC))
        .order_by(Login.seen_at.desc())
        .limit(50)
    )
    return Sessions(
        rows=[
            SessionView(
                key=key,
                agent=row.agent,
                address=row.address,
                created_at=row.created_at,
                seen_at=row.seen_at,
                current=row.token_hash == call.login.token_hash,
            )
            for row, key in rows
        ]
    )


def _key() -> ColumnElement[str]:
    return func.substr(func.encode(Login.token_hash, "hex"), 1, 16)


async def _known(call: Call[Nothing, Nothing]) -> None:
    if await call.session.get(Operator, call.id) is None:
        raise NotFound("没有这个用户 · no such user")
