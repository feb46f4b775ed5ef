"""Slows guessing down: failed log-ins are counted per login name and per address, and the wait doubles.

An address may stand for a whole office, so it is given more patience than a name.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy import delete, func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from bot.console.problems import SlowDown
from bot.store.operators import LoginFailure

WINDOW = timedelta(minutes=15)
LONGEST = 300.0
PATIENCE = {"login": 4, "ip": 30}


def delay(kind: str, failures: int) -> float:
    """Seconds to wait after that many failures: 0, then 1, 2, 4 … at most LONGEST."""
    over = failures - PATIENCE[kind]
    return 0.0 if over < 0 else min(LONGEST, 2.0 ** min(over, 20))


def keys(login: str, address: str) -> dict[str, str]:
    return {"login": f"login:{login.lower()}", "ip": f"ip:{address}"}


async def check(session: AsyncSession, login: str, address: str) -> None:
    """Raises SlowDown. Holds a lock on the name until the transaction ends, so that a hundred attempts at
    once are counted one after the other."""
    await session.execute(
        text("SELECT pg_advisory_xact_lock(hashtextextended(:key, 12345))"),
        {"key": keys(login, address)["login"]},
    )
    for kind, key in keys(login, address).items():
        query = select(func.count(), func.max(LoginFailure.at)).where(
            LoginFailure.key == key, LoginFailure.at > func.clock_timestamp() - WINDOW
        )
        count, last = (await session.execute(query)).one()
        if last is not None:
            left = delay(kind, count) - (datetime.now(UTC) - last).total_seconds()
            if left > 0:
                raise SlowDown(left)


async def failed(session: AsyncSession, login: str, address: str) -> None:
    for key in keys(login, address).values():
        session.add(LoginFailure(key=key))
    await session.execute(
        delete(LoginFailure).where(LoginFailure.at < func.clock_timestamp() - timedelta(days=1))
    )


async def forgive(session: AsyncSession, login: str) -> None:
    """A right password clears the name; the address keeps its count."""
    await session.execute(delete(LoginFailure).where(LoginFailure.key == keys(login, "")["login"]))
