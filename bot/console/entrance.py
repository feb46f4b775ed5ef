"""Who calls: the cookie, the CSRF token, the Origin. The cookie is random; the database has only its hash."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from datetime import UTC, datetime, timedelta
from typing import Literal
from urllib.parse import urlsplit

from aiohttp import web
from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.console.problems import LoggedOut
from bot.errors import NotAllowed
from bot.store.operators import Login, Operator
from bot.world import World

COOKIE = "lianxin_seat"
CSRF_HEADER = "X-CSRF-Token"
IDLE = timedelta(hours=12)
LONGEST = timedelta(days=7)
_TOUCH = timedelta(minutes=5)  # how stale `seen_at` may grow before it costs a write


def hashed(token: str) -> bytes:
    return hashlib.sha256(token.encode(errors="replace")).digest()


async def admit(
    session: AsyncSession, operator: Operator, agent: str, address: str = ""
) -> tuple[Login, str]:
    """Begin a log-in; the second value is the cookie's, never stored."""
    token, now = secrets.token_urlsafe(32), datetime.now(UTC)
    login = Login(
        token_hash=hashed(token),
        operator_id=operator.id,
        csrf=secrets.token_urlsafe(24),
        agent="".join(c for c in agent if c.isprintable())[:200],
        address=address,
        created_at=now,
        seen_at=now,
        expires_at=now + IDLE,
    )
    session.add(login)
    await session.execute(delete(Login).where(Login.expires_at < now))
    return login, token


async def caller(world: World, request: web.Request) -> tuple[Operator, Login]:
    """The operator behind the cookie. Raises LoggedOut. Both come detached: handlers load what they
    change."""
    token = request.cookies.get(COOKIE, "")
    now = datetime.now(UTC)
    async with world.session.begin() as session:
        row = (
            await session.execute(
                select(Operator, Login)
                .join(Login, Login.operator_id == Operator.id)
                .where(Login.token_hash == hashed(token), Login.expires_at > now, Operator.active)
            )
        ).one_or_none()
        if row is None:
            raise LoggedOut("请先登录 · please log in")
        operator, login = row
        touch(login, now)
        return operator, login


def touch(login: Login, now: datetime) -> None:
    """It is in use: it lasts on, though not for ever."""
    if now - login.seen_at > _TOUCH:
        login.seen_at, login.expires_at = now, min(now + IDLE, login.created_at + LONGEST)


def owed(world: World, operator: Operator) -> Literal["", "password", "factor"]:
    """What must be done before anything else: password · factor. Empty: nothing."""
    if operator.password_due:
        return "password"
    needed = operator.factor_at is None and world.settings.needs_factor(operator.role)
    return "factor" if needed else ""


async def end_all(session: AsyncSession, operator_id: int, but: bytes = b"") -> None:
    """Log out everywhere, but for the one that asks."""
    await session.execute(delete(Login).where(Login.operator_id == operator_id, Login.token_hash != but))


def check_csrf(request: web.Request, login: Login) -> None:
    given = request.headers.get(CSRF_HEADER, "")
    if not hmac.compare_digest(given.encode("utf-8", "replace"), login.csrf.encode()):
        raise NotAllowed("页面已过期，请刷新 · the page is stale, please reload")


def check_origin(world: World, request: web.Request, needed: bool = False) -> None:
    """Browsers name the page that calls; another site's page is refused. `needed`: for WebSockets, which
    carry the cookie from anywhere and no CSRF header."""
    origin = request.headers.get("Origin")
    if origin is None and not needed:
        return
    ours = {request.host, urlsplit(world.settings.url).netloc}
    try:
        parts = urlsplit(origin or "")
    except ValueError:
        parts = urlsplit("")
    if parts.scheme not in ("http", "https") or parts.netloc not in ours:
        raise NotAllowed("来源不被允许 · this origin is not allowed")


def address(world: World, request: web.Request) -> str:
    """The caller's address: what the outermost proxy of ours saw, or the peer."""
    proxies = world.settings.trusted_proxies
    hops = [hop.strip() for hop in request.headers.get("X-Forwarded-For", "").split(",") if hop.strip()]
    if proxies and hops:
        return hops[-min(proxies, len(hops))][:64]
    return (request.remote or "?")[:64]


def set_cookie(world: World, request: web.Request, response: web.Response, token: str) -> None:
    secure = world.settings.url.startswith("https:") or request.secure
    response.set_cookie(
        COOKIE, token, path="/api", httponly=True, samesite="Lax", secure=secure, max_age=7 * 24 * 3600
    )


def drop_cookie(response: web.Response) -> None:
    response.del_cookie(COOKIE, path="/api")
