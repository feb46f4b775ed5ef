"""Putting a version into service, all at once or by and by, and going back.

A version whose gates did not all open needs a reason, which is kept with the publication and in the audit.
Each function works in the caller's transaction.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.console import audit
from bot.errors import Conflict, Invalid, NotFound
from bot.store.models import Judgement, ModelFile, ModelVersion, Publication
from bot.store.operators import Operator
from bot.store.session import notify
from bot.studio import models
from bot.studio.registering import TOPIC, locked

Verb = Literal["publish", "stage", "shadow", "stop", "rollback"]
LEAST_REASON = 4  # characters


@dataclass(frozen=True, slots=True)
class Change:
    """What shall be: None leaves a place empty."""

    verb: Verb
    live: int
    staged: int | None = None
    share: int = 0
    shadow: int | None = None
    reason: str = ""
    before: int | None = field(default=None)


async def publish(session: AsyncSession, by: Operator, version_id: int, reason: str = "") -> Publication:
    """For everybody, at once."""
    now = await _now(session)
    version = await _ready(session, version_id, reason)
    if now.live is not None and now.live.id == version.id and now.staged is None:
        raise Conflict("这个版本已在服务中 · this version is in service already")
    before = (
        now.live.id if now.live and now.live.id != version.id else (now.before.id if now.before else None)
    )
    return await _write(session, by, Change("publish", version.id, reason=reason, before=before))


async def stage(
    session: AsyncSession, by: Operator, version_id: int, share: int, reason: str = ""
) -> Publication:
    """For a share of the conversations, always the same ones."""
    if not 1 <= share <= 99:
        raise Invalid({"share": "请填 1 到 99 · from 1 to 99"})
    now = await _now(session)
    version = await _ready(session, version_id, reason)
    live = _live(now, version)
    change = Change("stage", live, version.id, share, None, reason, now.before.id if now.before else None)
    return await _write(session, by, change)


async def shadow(session: AsyncSession, by: Operator, version_id: int) -> Publication:
    """It reads along and answers nobody; so it needs no reason, whatever the gates say."""
    now = await _now(session)
    version = await _kept(session, version_id)
    live = _live(now, version)
    before = now.before.id if now.before else None
    staged = now.staged.id if now.staged and now.staged.id != version.id else None
    share = now.publication.share if now.publication and staged else 0
    return await _write(session, by, Change("shadow", live, staged, share, version.id, "", before))


async def stop(session: AsyncSession, by: Operator) -> Publication:
    """Neither a stage nor a shadow: the live version reads everybody."""
    now = await _now(session)
    if now.live is None or (now.staged is None and now.shadow is None):
        raise Conflict("没有正在试用的版本 · nothing is being tried")
    change = Change("stop", now.live.id, before=now.before.id if now.before else None)
    return await _write(session, by, change)


async def rollback(session: AsyncSession, by: Operator) -> Publication:
    """Back to the version before. Needs no reason and no gate: it was in service, and haste is the point."""
    now = await _now(session)
    if now.live is None or now.before is None:
        raise Conflict("没有可以退回的版本 · there is no earlier version")
    await _kept(session, now.before.id)
    return await _write(session, by, Change("rollback", now.before.id, before=now.live.id))


async def _now(session: AsyncSession) -> models.InService:
    await locked(session)
    return await models.in_service(session)


def _live(now: models.InService, version: ModelVersion) -> int:
    if now.live is None:
        raise Conflict("还没有服务中的版本，请直接发布 · nothing is in service yet: publish it")
    if now.live.id == version.id:
        raise Conflict("这个版本已在服务中 · this version is in service already")
    return now.live.id


async def _kept(session: AsyncSession, version_id: int) -> ModelVersion:
    version = await session.get(ModelVersion, version_id)
    if version is None:
        raise NotFound("没有这个版本 · no such version")
    query = select(ModelFile.size).where(ModelFile.model_id == version_id, ModelFile.form == "export")
    if await session.scalar(query) is None:
        raise Conflict("这个版本的文件已删除 · the files of this version were deleted")
    return version


async def _ready(session: AsyncSession, version_id: int, reason: str) -> ModelVersion:
    version = await _kept(session, version_id)
    if await passed(session, version) or len(reason.strip()) >= LEAST_REASON:
        return version
    raise Invalid(
        {"reason": "没有通过检查，发布须写明理由 · a check failed: say why it is published all the same"}
    )


async def passed(session: AsyncSession, version: ModelVersion) -> bool:
    """Whether every gate opened when it was measured last, or it has been in service before."""
    served = select(Publication.id).where(Publication.live_id == version.id).limit(1)
    if await session.scalar(served) is not None:
        return True
    query = select(Judgement.passed).where(Judgement.model_id == version.id)
    return bool(await session.scalar(query.order_by(Judgement.id.desc()).limit(1)))


async def _write(session: AsyncSession, by: Operator, change: Change) -> Publication:
    row = Publication(
        verb=change.verb,
        live_id=change.live,
        before_id=change.before,
        staged_id=change.staged,
        share=change.share,
        shadow_id=change.shadow,
        reason=change.reason.strip(),
        operator_id=by.id,
    )
    session.add(row)
    await session.flush()
    facts = {"staged": change.staged, "share": change.share or None, "shadow": change.shadow}
    audit.record(
        session,
        by.id,
        f"model.{change.verb}",
        f"model:{change.live}",
        **{name: value for name, value in facts.items() if value},
        **({"reason": row.reason} if row.reason else {}),
    )
    await notify(session, TOPIC, kind="publication", publication=row.id)
    return row
