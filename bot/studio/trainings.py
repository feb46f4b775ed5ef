"""Trainings as rows: asked for, cancelled, listed. The work itself is `bot.studio.trainer`'s."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.console import audit
from bot.errors import Conflict, NotFound
from bot.store.models import ModelFile, ModelVersion, Training
from bot.store.operators import Operator
from bot.store.session import notify

TOPIC = "trainings"  # of the news how far one is
OPEN = ("queued", "running")
MOST_WAITING = 20


async def ask(session: AsyncSession, by: Operator | None, note: str = "") -> Training:
    """One more training of the present data, after those that wait already. One that waits is enough: it
    takes the data as it is when its turn comes."""
    waiting = await session.scalar(
        select(Training).where(Training.kind == "train", Training.status == "queued").limit(1)
    )
    if waiting is not None:
        raise Conflict(
            "已有一次训练在排队，它会用到最新数据 · one is waiting already and will use the newest data"
        )
    return await _add(session, by, Training(kind="train", note=note), "model.train")


async def ask_judgement(
    session: AsyncSession, by: Operator | None, model_id: int, against_id: int | None
) -> Training:
    """Measure a version anew, beside another one or beside what is in service."""
    for key in filter(None, (model_id, against_id)):
        await _comparable(session, key)
    if model_id == against_id:
        raise Conflict("请选择两个不同的版本 · choose two different versions")
    waiting = await session.scalar(select(func.count()).where(Training.status == "queued"))
    if (waiting or 0) >= MOST_WAITING:
        raise Conflict("排队的任务太多 · too many jobs are waiting")
    row = Training(kind="judge", model_id=model_id, against_id=against_id)
    return await _add(session, by, row, "model.judge")


async def _comparable(session: AsyncSession, key: int) -> None:
    if await session.get(ModelVersion, key) is None:
        raise NotFound("没有这个版本 · no such version")
    query = select(ModelFile.size).where(ModelFile.model_id == key, ModelFile.form == "export")
    if await session.scalar(query) is None:
        raise Conflict("这个版本的文件已删除 · the files of this version were deleted")


async def _add(session: AsyncSession, by: Operator | None, row: Training, verb: str) -> Training:
    row.asked_by = by.id if by else None
    session.add(row)
    await session.flush()
    await session.refresh(row)
    audit.record(session, row.asked_by, verb, f"training:{row.id}")
    await tell(session, row)
    return row


async def cancel(session: AsyncSession, by: Operator, key: int) -> Training:
    """One that waits ends at once; one that runs is told, and ends within seconds."""
    row = await session.get(Training, key, with_for_update=True)
    if row is None:
        raise NotFound("没有这次训练 · no such training")
    if row.status not in OPEN:
        raise Conflict("它已经结束 · it has ended already")
    row.cancel = True
    if row.status == "queued":
        row.status, row.ended_at = "cancelled", datetime.now(UTC)
    audit.record(session, by.id, "model.cancel", f"training:{row.id}")
    await tell(session, row)
    return row


async def listed(session: AsyncSession, limit: int = 20) -> Sequence[Training]:
    """Newest first."""
    rows = await session.scalars(select(Training).order_by(Training.id.desc()).limit(limit))
    return rows.all()


async def tell(session: AsyncSession, row: Training) -> None:
    """Open pages and other nodes hear of it."""
    await notify(session, TOPIC, training=row.id)
