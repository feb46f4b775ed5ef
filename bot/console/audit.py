"""Who looked at personal data or used a privilege: one row each, in the transaction of the act."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.store.office import Audit

LOOK = timedelta(minutes=15)  # how long one unmasking lasts


def record(session: AsyncSession, operator_id: int | None, verb: str, thing: str = "", **data: Any) -> None:
    """`data` holds ids and names of fields, never personal data itself."""
    session.add(Audit(operator_id=operator_id, verb=verb, object=thing, data=data))


async def looking(session: AsyncSession, operator_id: int, thing: str) -> bool:
    """Whether this operator unmasked this thing a moment ago, so that a reload does not ask again."""
    query = select(Audit.id).where(
        Audit.at > datetime.now(UTC) - LOOK,
        Audit.operator_id == operator_id,
        Audit.verb == "unmask",
        Audit.object == thing,
    )
    return await session.scalar(query.limit(1)) is not None
