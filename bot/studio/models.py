"""What is in service, and changing it: every change is a new row of `publications`, told to all nodes.

Files travel before the switch (`bot.studio.keeper`); here only rows are written, inside the caller's
transaction.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.store.models import ModelVersion, Publication


@dataclass(frozen=True, slots=True)
class InService:
    """The last publication with its models; None where a place is empty."""

    publication: Publication | None = None
    live: ModelVersion | None = None
    before: ModelVersion | None = None
    staged: ModelVersion | None = None
    shadow: ModelVersion | None = None

    @property
    def ids(self) -> frozenset[int]:
        """Versions whose files must stay."""
        every = (self.live, self.before, self.staged, self.shadow)
        return frozenset(one.id for one in every if one)


async def in_service(session: AsyncSession) -> InService:
    """Names of the live, shadow and staged models, and where a roll-back would lead."""
    row = await session.scalar(select(Publication).order_by(Publication.id.desc()).limit(1))
    if row is None:
        return InService()

    async def version(key: int | None) -> ModelVersion | None:
        return await session.get(ModelVersion, key) if key else None

    return InService(
        row,
        await version(row.live_id),
        await version(row.before_id),
        await version(row.staged_id),
        await version(row.shadow_id),
    )
