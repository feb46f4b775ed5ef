"""Switches of the studio that an admin sets in the console, kept in the database for every node."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from bot.store.operators import Operator
from bot.store.teaching import TeachingSetting

TWO_PERSON = "two_person"  # what one person teaches counts when another confirms it


async def is_on(session: AsyncSession, name: str) -> bool:
    row = await session.get(TeachingSetting, name, populate_existing=True)
    return bool(row and row.value.get("on"))


async def switch(session: AsyncSession, by: Operator, name: str, on: bool) -> None:
    values = {"value": {"on": on}, "changed_by": by.id, "changed_at": datetime.now(UTC)}
    statement = insert(TeachingSetting).values(name=name, **values)
    await session.execute(statement.on_conflict_do_update(index_elements=["name"], set_=values))
