"""What an operator has written and not sent: it is there again after a reload, on any machine."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import delete
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from bot.store.talking import Unsent


async def keep(
    session: AsyncSession, conversation_id: int, operator_id: int, text: str, internal: bool = False
) -> None:
    """Nothing written is nothing kept."""
    if not text:
        await forget(session, conversation_id, operator_id)
        return
    values = {"body": text, "internal": internal, "updated_at": datetime.now(UTC)}
    statement = insert(Unsent).values(conversation_id=conversation_id, operator_id=operator_id, **values)
    await session.execute(
        statement.on_conflict_do_update(index_elements=["conversation_id", "operator_id"], set_=values)
    )


async def forget(session: AsyncSession, conversation_id: int, operator_id: int) -> None:
    await session.execute(
        delete(Unsent).where(Unsent.conversation_id == conversation_id, Unsent.operator_id == operator_id)
    )


async def kept(session: AsyncSession, conversation_id: int, operator_id: int) -> Unsent | None:
    return await session.get(Unsent, (conversation_id, operator_id))
