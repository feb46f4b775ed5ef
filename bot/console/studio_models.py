"""The studio's models: versions, trainings, comparisons, publishing. Admins act, reviewers look."""

from __future__ import annotations

from typing import Any

from aiohttp import web
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import distinct_on

from bot.console import audit
from bot.console.api import Call
from bot.console.models_shapes import (
    Ask,
    Compare,
    CompareQuery,
    FileQuery,
    JudgementView,
    ModelsView,
    NodeView,
    PublicationView,
    Publish,
    Rules,
    RulesView,
    TrainingList,
    TrainingView,
    VersionDetail,
    VersionView,
)
from bot.console.shapes import Done, Nothing
from bot.errors import NotFound
from bot.store.models import Judgement, ModelNode, ModelVersion, Publication, StudioSetting, Training
from bot.store.operators import Operator
from bot.store.session import notify
from bot.studio import files, gates, judging, models, publishing, retention, shadowing, trainings
from bot.studio.problems import sentence
from bot.studio.registering import TOPIC

LISTED = 60  # versions
_FORMS = {"rasa": "tar.gz", "export": "export.tar.gz", "data": "data.tar.gz"}


async def overview(call: Call[Nothing, Nothing]) -> ModelsView:
    session = call.session
    now = await models.in_service(session)
    rows = (
        await session.execute(
            select(ModelVersion, Operator.name)
            .outerjoin(Operator, Operator.id == ModelVersion.created_by)
            .order_by(ModelVersion.id.desc())
            .limit(LISTED)
        )
    ).all()
    sizes = await files.sizes(session)
    found = await _judgements(call, [version.id for version, _ in rows])
    shown = [_version(v, name, now, sizes.get(v.id, 0), found.get(v.id)) for v, name in rows]
    return ModelsView(
        live=now.live.id if now.live else None,
        before=now.before.id if now.before else None,
        staged=now.staged.id if now.staged else None,
        share=now.publication.share if now.publication else 0,
        shadow=now.shadow.id if now.shadow else None,
        versions=shown,
        nodes=await _nodes(call, now),
        history=await _history(call),
        shadowed=await shadowing.summary(session, now.shadow.id) if now.shadow else None,
    )


async def _judgements(call: Call[Nothing, Nothing], ids: list[int]) -> dict[int, tuple[bool, Any]]:
    """The last one of each version, without its long report."""
    rows: Any = await call.session.execute(
        select(
            Judgement.model_id,
            Judgement.passed,
            Judgement.report["figures"],
            Judgement.report["better_count"],
            Judgement.report["worse_count"],
            Judgement.against_id,
        )
        .where(Judgement.model_id.in_(ids))
        .order_by(Judgement.model_id, Judgement.id.desc())
        .ext(distinct_on(Judgement.model_id))
    )
    return {
        key: (passed, (figures, better if against else None, worse if against else None))
        for key, passed, figures, better, worse, against in rows
    }


def _version(
    row: ModelVersion,
    by: str | None,
    now: models.InService,
    size: int,
    judged: tuple[bool, Any] | None,
) -> VersionView:
    places = (("live", now.live), ("staged", now.staged), ("shadow", now.shadow), ("before", now.before))
    figures, better, worse = judged[1] if judged else ([], None, None)
    service = next((one["new"] for one in figures or () if one["name"] == "service"), None)
    return VersionView(
        id=row.id,
        name=row.name,
        source=row.source,
        note=row.note,
        by=by or "",
        revision=row.revision,
        phrases=row.phrases,
        services=row.services,
        size=size,
        place=next((name for name, one in places if one is not None and one.id == row.id), ""),
        passed=judged[0] if judged else None,
        accuracy=service,
        better=better,
        worse=worse,
        created_at=row.created_at,
        retired_at=row.retired_at,
    )


async def _nodes(call: Call[Nothing, Nothing], now: models.InService) -> list[NodeView]:
    rows = await call.session.scalars(select(ModelNode).where(shadowing.RECENT_NODE).order_by(ModelNode.node))
    wanted = now.publication.id if now.publication else None
    return [
        NodeView(
            node=row.node,
            follows=row.publication_id == wanted and not row.problem,
            problem=row.problem,
            seen_at=row.seen_at,
        )
        for row in rows
    ]


async def _history(call: Call[Nothing, Nothing]) -> list[PublicationView]:
    rows = await call.session.execute(
        select(Publication, Operator.name)
        .outerjoin(Operator, Operator.id == Publication.operator_id)
        .order_by(Publication.id.desc())
        .limit(50)
    )
    return [
        PublicationView(
            id=row.id,
            verb=row.verb,
            live=row.live_id,
            staged=row.staged_id,
            share=row.share,
            shadow=row.shadow_id,
            reason=row.reason,
            by=name or "",
            created_at=row.created_at,
        )
        for row, name in rows
    ]


async def version(call: Call[CompareQuery, Nothing]) -> VersionDetail:
    """With what was measured: beside `against`, or the last time."""
    session = call.session
    row = await session.get(ModelVersion, call.id)
    if row is None:
        raise NotFound("没有这个版本 · no such version")
    by = await session.scalar(select(Operator.name).where(Operator.id == row.created_by))
    size = (await files.sizes(session)).get(row.id, 0)
    found = await judging.latest(session, row.id, call.query.against)
    figures = found.report.get("figures", []) if found else []
    counts = (found.report.get("better_count"), found.report.get("worse_count")) if found else (None, None)
    judged = (found.passed, (figures, *counts)) if found else None
    beside = await session.scalars(
        select(Judgement.against_id)
        .where(Judgement.model_id == row.id, Judgement.against_id.is_not(None))
        .distinct()
    )
    return VersionDetail(
        version=_version(row, by, await models.in_service(session), size, judged),
        judgement=_judgement(found) if found else None,
        judged_beside=sorted(key for key in beside if key),
    )


def _judgement(row: Judgement) -> JudgementView:
    return JudgementView(
        id=row.id,
        against=row.against_id,
        test_set=row.test_set[:12],
        created_at=row.created_at,
        passed=row.passed,
        gates=row.gates.get("gates", []),
        report={name: value for name, value in row.report.items() if name != "labels"},
    )


async def download(call: Call[FileQuery, Nothing]) -> web.Response:
    """The Rasa archive, our export, or the data it was trained on."""
    form = call.query.form
    data = await files.load(call.session, call.id, form)
    row = await call.session.get(ModelVersion, call.id)
    if data is None or row is None:
        raise NotFound("没有这个文件 · no such file")
    audit.record(call.session, call.operator.id, "model.download", f"model:{row.id}", form=form)
    disposition = f'attachment; filename="{row.name}.{_FORMS[form]}"'
    return web.Response(
        body=data,
        content_type="application/gzip",
        headers={
            "Content-Disposition": disposition,
            "X-Content-Type-Options": "nosniff",
        },
    )


# ---- changing what is in service ----------------------------------------------------------------------


async def publish(call: Call[Nothing, Publish]) -> Done:
    body = call.body
    if body.how == "now":
        await publishing.publish(call.session, call.operator, call.id, body.reason)
    elif body.how == "share":
        await publishing.stage(call.session, call.operator, call.id, body.share, body.reason)
    else:
        await publishing.shadow(call.session, call.operator, call.id)
    return Done()


async def stop(call: Call[Nothing, Nothing]) -> Done:
    await publishing.stop(call.session, call.operator)
    return Done()


async def rollback(call: Call[Nothing, Nothing]) -> Done:
    await publishing.rollback(call.session, call.operator)
    return Done()


async def delete(call: Call[Nothing, Nothing]) -> Done:
    await retention.delete(call.session, call.operator, call.id)
    return Done()


# ---- trainings ----------------------------------------------------------------------------------------


async def training_list(call: Call[Nothing, Nothing]) -> TrainingList:
    rows = await trainings.listed(call.session)
    return TrainingList(rows=[await training_view(call.session, row) for row in rows])


async def training_view(session: Any, row: Training) -> TrainingView:
    by = await session.scalar(select(Operator.name).where(Operator.id == row.asked_by))
    return TrainingView(
        id=row.id,
        kind=row.kind,
        status=row.status,
        stage=row.stage,
        progress=row.progress,
        problem=sentence(row.problem, row.detail),
        code=row.problem,
        note=row.note,
        revision=row.revision,
        model=row.model_id,
        against=row.against_id,
        by=by or "",
        created_at=row.created_at,
        started_at=row.started_at,
        ended_at=row.ended_at,
    )


async def train(call: Call[Nothing, Ask]) -> TrainingView:
    return await training_view(call.session, await trainings.ask(call.session, call.operator, call.body.note))


async def cancel(call: Call[Nothing, Nothing]) -> TrainingView:
    return await training_view(call.session, await trainings.cancel(call.session, call.operator, call.id))


async def compare(call: Call[Nothing, Compare]) -> TrainingView:
    row = await trainings.ask_judgement(call.session, call.operator, call.id, call.body.against)
    return await training_view(call.session, row)


# ---- rules --------------------------------------------------------------------------------------------


async def rules(call: Call[Nothing, Nothing]) -> RulesView:
    return RulesView(gates=await gates.setting(call.session), retention=await gates.retention(call.session))


async def set_rules(call: Call[Nothing, Rules]) -> RulesView:
    """They count from the next judgement on; what was judged stays as it was."""
    before = await gates.setting(call.session)
    for name, value in (("gates", call.body.gates), ("retention", call.body.retention)):
        await call.session.merge(StudioSetting(name=name, value=value.model_dump()))
    old, new = before.model_dump(), call.body.gates.model_dump()
    changed = {key: [old[key], new[key]] for key in new if old[key] != new[key]}
    audit.record(call.session, call.operator.id, "model.rules", "gates", **changed)
    await notify(call.session, TOPIC, kind="rules")
    return RulesView(gates=call.body.gates, retention=call.body.retention)
