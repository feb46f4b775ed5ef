"""What people decide about misread messages: teach, ignore, confirm, reject, and take back.

Each decision is one act for all its messages, in one transaction with the change of the training data. Where
two persons must agree, teaching only proposes, and the data changes when somebody else confirms.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.errors import Conflict, Invalid, NotFound
from bot.store.operators import Operator
from bot.store.session import notify
from bot.store.teaching import Misread, MisreadAct, MisreadActItem
from bot.studio import data, switches
from bot.studio.data import Phrase, ServiceSpec
from bot.studio.inbox import TOPIC

DONE_ALREADY = "其中有消息刚被别人处理过，请刷新 · somebody has dealt with one of these just now: reload"


@dataclass(frozen=True, slots=True)
class Lesson:
    """What one message teaches; without phrases its own words."""

    id: int
    phrases: tuple[Phrase, ...] = ()
    version: int | None = None  # as it was seen; None: whatever it is now


@dataclass(frozen=True, slots=True)
class Labels:
    """For lessons without phrases of their own. No intent: what each was read as, or should have been."""

    intent: str = ""
    kind: str = ""
    safety: str = ""


async def teach(
    session: AsyncSession, by: Operator, lessons: Sequence[Lesson], labels: Labels = Labels()
) -> MisreadAct:
    """Raises Conflict when one was dealt with meanwhile, Invalid for what cannot be taught."""
    rows = await _open(session, lessons)
    phrases = {one.id: one.phrases or _own(rows[one.id], labels) for one in lessons}
    if await switches.is_on(session, switches.TWO_PERSON):
        return await _act(session, by, "proposed", rows.values(), "proposed", phrases)
    return await _act(
        session, by, "taught", rows.values(), "taught", phrases, await _add(session, by, rows, phrases)
    )


async def new_service(
    session: AsyncSession, by: Operator, spec: ServiceSpec, lessons: Sequence[Lesson]
) -> MisreadAct:
    """A service made from messages that none of the others fits: they are its first phrases."""
    rows = await _open(session, lessons)
    labels = Labels(spec.id, spec.kind)
    phrases = {
        one.id: tuple(replace(p, intent=spec.id) for p in one.phrases) or _own(rows[one.id], labels)
        for one in lessons
    }
    revision = await data.create_service(session, by, replace(spec, phrases=(*spec.phrases, *_all(phrases))))
    return await _act(
        session, by, "taught", rows.values(), "taught", phrases, [revision.number], service=spec.id
    )


async def confirm(session: AsyncSession, by: Operator, ids: Sequence[int]) -> MisreadAct:
    """The second person agrees. Raises Conflict for one's own proposal."""
    rows = await _locked(session, ids)
    proposals = await _proposals(session, rows)
    if any(act.operator_id == by.id for act in proposals.values()):
        raise Conflict("自己提出的要由另一个人确认 · somebody else must confirm what you proposed")
    phrases = {key: _phrases(act.data["phrases"][str(key)]) for key, act in proposals.items()}
    return await _act(
        session, by, "confirmed", rows.values(), "taught", phrases, await _add(session, by, rows, phrases)
    )


async def reject(session: AsyncSession, by: Operator, ids: Sequence[int], note: str) -> MisreadAct:
    """The second person disagrees (or the first thinks again): open once more, with a note."""
    rows = await _locked(session, ids)
    await _proposals(session, rows)
    return await _act(session, by, "rejected", rows.values(), "open", {}, note=note)


async def ignore(session: AsyncSession, by: Operator, lessons: Sequence[Lesson]) -> MisreadAct:
    """There is nothing to learn from these."""
    rows = await _open(session, lessons)
    return await _act(session, by, "ignored", rows.values(), "ignored", {})


async def undo(session: AsyncSession, by: Operator, act_id: int) -> MisreadAct:
    """Take an act back, data and all. Raises Conflict when something was done with its messages since."""
    act = await session.get(MisreadAct, act_id, with_for_update=True, populate_existing=True)
    if act is None:
        raise NotFound("没有这条记录 · no such entry")
    if act.undone_at is not None:
        raise Conflict("已经撤销过了 · it was taken back already")
    before: dict[str, str] = act.data["before"]
    rows = await _locked(session, [int(key) for key in before])
    latest = await _latest(session, rows)
    if any(latest.get(key) != act.id for key in rows):
        raise Conflict(
            "这些消息后来又处理过，请先撤销较新的操作 · undo what was done with these since, first"
        )
    for number in reversed(act.revisions):
        await _take_back(session, by, act, number)
    for key, row in rows.items():
        _turn(row, before[str(key)])
    act.undone_at, act.undone_by = datetime.now(UTC), by.id
    await notify(session, TOPIC)
    return act


async def _add(
    session: AsyncSession,
    by: Operator,
    rows: Mapping[int, Misread],
    phrases: Mapping[int, Sequence[Phrase]],
) -> list[int]:
    """The revision that this makes; none where the data holds all of it already."""
    before = (await data.revision(session)).number
    made = await data.add_phrases(session, by, _all(phrases), _why(rows))
    return [made.number] if made.number > before and made.operator_id == by.id else []


async def _take_back(session: AsyncSession, by: Operator, act: MisreadAct, number: int) -> None:
    """The revision; or, where later changes are in its way, the phrases that it brought."""
    try:
        await data.undo(session, by, number)
    except Conflict:
        if act.data.get("service"):
            raise
        phrases = [p for plain in act.data["phrases"].values() for p in _phrases(plain)]
        await data.remove_phrases(session, by, phrases, "撤销 · undone")


async def one(session: AsyncSession, key: int) -> Misread:
    """Raises NotFound."""
    row = await session.get(Misread, key)
    if row is None:
        raise NotFound("没有这条消息 · no such message")
    return row


async def proposals(session: AsyncSession, ids: Sequence[int]) -> dict[int, MisreadAct]:
    """What was last proposed for each."""
    latest = await _latest(session, ids) if ids else {}
    acts = await session.scalars(select(MisreadAct).where(MisreadAct.id.in_(set(latest.values()))))
    by_id = {act.id: act for act in acts}
    return {key: by_id[number] for key, number in latest.items()}


# ---- rows ---------------------------------------------------------------------------------------------


async def _locked(session: AsyncSession, ids: Sequence[int]) -> dict[int, Misread]:
    """Raises NotFound. In the order of their ids, so that two bulk acts cannot wait for each other."""
    query = select(Misread).where(Misread.id.in_(ids)).order_by(Misread.id).with_for_update()
    rows = {row.id: row for row in await session.scalars(query.execution_options(populate_existing=True))}
    if len(rows) < len(set(ids)) or not rows:
        raise NotFound("没有这条消息 · no such message")
    return rows


async def _open(session: AsyncSession, lessons: Sequence[Lesson]) -> dict[int, Misread]:
    rows = await _locked(session, [one.id for one in lessons])
    seen = {one.id: one.version for one in lessons}
    for key, row in rows.items():
        if row.status != "open" or seen[key] not in (None, row.version):
            raise Conflict(DONE_ALREADY)
    return rows


async def _proposals(session: AsyncSession, rows: Mapping[int, Misread]) -> dict[int, MisreadAct]:
    """What was proposed for each. Raises Conflict where nothing waits."""
    if any(row.status != "proposed" for row in rows.values()):
        raise Conflict(DONE_ALREADY)
    return await proposals(session, list(rows))


async def _latest(session: AsyncSession, rows: Iterable[int]) -> dict[int, int]:
    """The last act about each message that still counts."""
    query = (
        select(MisreadActItem.misread_id, MisreadActItem.act_id)
        .join(MisreadAct, MisreadAct.id == MisreadActItem.act_id)
        .where(MisreadActItem.misread_id.in_(list(rows)), MisreadAct.undone_at.is_(None))
        .order_by(MisreadActItem.act_id)
    )
    return {key: act for key, act in await session.execute(query)}  # noqa: C416  # rows are no pairs to mypy


async def _act(
    session: AsyncSession,
    by: Operator,
    verb: str,
    rows: Iterable[Misread],
    status: str,
    phrases: Mapping[int, Sequence[Phrase]],
    revisions: Sequence[int] = (),
    **more: Any,
) -> MisreadAct:
    rows = list(rows)
    plain = {str(key): [_plain(phrase) for phrase in some] for key, some in phrases.items()}
    before = {str(row.id): row.status for row in rows}
    act = MisreadAct(
        verb=verb,
        operator_id=by.id,
        revisions=list(revisions),
        data={"before": before, "phrases": plain, **more},
    )
    session.add(act)
    await session.flush()
    session.add_all(MisreadActItem(act_id=act.id, misread_id=row.id) for row in rows)
    for row in rows:
        _turn(row, status)
    await session.flush()
    await notify(session, TOPIC)
    return act


def _turn(row: Misread, status: str) -> None:
    row.status = status
    row.version += 1
    row.updated_at = datetime.now(UTC)


# ---- phrases ------------------------------------------------------------------------------------------


def _own(row: Misread, labels: Labels) -> tuple[Phrase, ...]:
    """The message as it stands."""
    intent = labels.intent or row.wanted or row.service
    if not intent:
        raise Invalid({"intent": "请先选择事项 · choose a service first"})
    marks = tuple((int(start), int(end), str(tag)) for start, end, tag in row.marks)
    return (Phrase(intent, row.words, marks, labels.kind, labels.safety),)


def _all(phrases: Mapping[int, Sequence[Phrase]]) -> list[Phrase]:
    return [phrase for some in phrases.values() for phrase in some]


def _plain(phrase: Phrase) -> dict[str, Any]:
    told = asdict(phrase)
    del told["carried"]  # what was written by a citizen replaces nothing
    return told


def _phrases(plain: Iterable[Mapping[str, Any]]) -> tuple[Phrase, ...]:
    return tuple(
        Phrase(
            one["intent"],
            one["text"],
            tuple((int(a), int(b), str(tag)) for a, b, tag in one["entities"]),
            one["kind"],
            one["safety"],
            one["conduct"],
        )
        for one in plain
    )


def _why(rows: Mapping[int, Misread]) -> str:
    return f"收件箱：{len(rows)} 条消息" if len(rows) > 1 else f"收件箱 #{next(iter(rows))}"
