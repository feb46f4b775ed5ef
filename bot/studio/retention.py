"""Old versions: their files are deleted when there are more than the rule keeps; figures and history stay."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.console import audit
from bot.errors import Conflict, NotFound
from bot.store.models import ModelFile, ModelVersion, Training
from bot.store.operators import Operator
from bot.store.session import notify
from bot.studio import files, gates, models
from bot.studio.registering import TOPIC, locked
from bot.world import World


async def apply(world: World) -> None:
    """Delete what the rule does not keep."""
    async with world.session.begin() as session:
        await locked(session)
        keep = (await gates.retention(session)).keep
        for version in (await _kept(session))[keep:]:
            if version.id not in await _needed(session):
                await files.retire(session, version)
                audit.record(session, None, "model.retire", f"model:{version.id}")
                await notify(session, TOPIC, kind="models")


async def delete(session: AsyncSession, by: Operator, key: int) -> ModelVersion:
    """By hand."""
    await locked(session)
    version = await session.get(ModelVersion, key)
    if version is None:
        raise NotFound("没有这个版本 · no such version")
    if version.id in await _needed(session):
        raise Conflict("这个版本正在使用或可退回 · this version is in use, or a roll-back leads to it")
    if version.retired_at is not None:
        raise Conflict("这个版本的文件已删除 · the files of this version were deleted")
    await files.retire(session, version)
    audit.record(session, by.id, "model.retire", f"model:{version.id}")
    await notify(session, TOPIC, kind="models")
    return version


async def _kept(session: AsyncSession) -> list[ModelVersion]:
    """Versions with files, newest first."""
    has = select(ModelFile.model_id).where(ModelFile.form == "export")
    rows = await session.scalars(
        select(ModelVersion).where(ModelVersion.id.in_(has)).order_by(ModelVersion.id.desc())
    )
    return list(rows)


async def _needed(session: AsyncSession) -> set[int]:
    """In service, or about to be compared."""
    waiting = select(Training.model_id, Training.against_id).where(Training.status.in_(("queued", "running")))
    jobs = {key for row in await session.execute(waiting) for key in row if key}
    return set((await models.in_service(session)).ids) | jobs
