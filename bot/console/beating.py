"""The heartbeat of open consoles: whose log-in still counts, and that their operators are there.

All consoles of a process in one transaction: two hundred by themselves would be a load of their own.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime

from sqlalchemy import select, update

from bot.console.entrance import touch
from bot.store.operators import Login, Operator
from bot.world import World


async def beat(world: World, logins: Collection[bytes]) -> dict[bytes, Operator]:
    """Who is behind each of these log-ins; one that ended is left out."""
    now = datetime.now(UTC)
    async with world.session.begin() as session:
        rows = await session.execute(
            select(Login, Operator)
            .join(Operator, Operator.id == Login.operator_id)
            .where(Login.token_hash.in_(logins), Login.expires_at > now, Operator.active)
        )
        found = {login.token_hash: (login, operator) for login, operator in rows}
        for login, _ in found.values():
            touch(login, now)
        there = {operator.id for _, operator in found.values() if operator.presence != "offline"}
        # Who is being given something this moment is passed over: the next beat is soon enough.
        free = select(Operator.id).where(Operator.id.in_(there)).order_by(Operator.id)
        await session.execute(
            update(Operator)
            .where(Operator.id.in_(free.with_for_update(key_share=True, skip_locked=True)))
            .values(seen_at=now)
            .execution_options(synchronize_session=False)
        )
    return {key: operator for key, (_, operator) in found.items()}
