"""The studio's inbox as JSON: groups of misread messages, one with what stood around it, and decisions."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Iterable, Sequence
from typing import Any, cast

from sqlalchemy import select

from bot.console import audit
from bot.console.api import Call
from bot.console.misread_shapes import (
    ActsQuery,
    ActView,
    DeadlineView,
    GroupRow,
    Guess,
    Ids,
    Ignoring,
    InboxQuery,
    LessonIn,
    Line,
    MessageDetail,
    MessageRow,
    MessagesQuery,
    NewService,
    PhraseIn,
    PhraseView,
    Proposal,
    Question,
    Rejection,
    Status,
    Summary,
    Switches,
    Teaching,
)
from bot.console.shapes import BIGGEST, Nothing, Page
from bot.dialogue.types import Detail
from bot.errors import Invalid
from bot.store.conversations import Message
from bot.store.operators import Operator
from bot.store.teaching import Misread, MisreadAct, MisreadActItem
from bot.studio import deciding, hinting, intents, pile, switches
from bot.studio.data import Phrase, ServiceSpec
from bot.studio.deciding import Labels, Lesson

AROUND = 3  # lines shown before and after a message


# ---- reading ------------------------------------------------------------------------------------------


async def summary(call: Call[InboxQuery, Nothing]) -> Summary:
    """Counts by status, and by source within the asked status."""
    session = call.session
    found = await session.scalars(select(Misread.model).where(Misread.model != "").distinct())
    return Summary(
        counts=await pile.counts(session),
        sources=await pile.by_source(session, call.query.status),
        models=sorted(found, reverse=True),
        intents=await intents.known(session, call.world.catalogue),
        deadlines=[
            DeadlineView(id=one.id, zh=one.title, en=one.title_en)
            for one in call.world.city.deadlines.values()
        ],
        two_person=await switches.is_on(session, switches.TWO_PERSON),
    )


async def groups(call: Call[InboxQuery, Nothing]) -> Page[GroupRow]:
    query = call.query
    after = cast(pile.Place, _place(query.after, 4)) if query.after else None
    found = await pile.piles(call.session, query.wanted, after, query.limit + 1)
    shown = found[: query.limit]
    samples = await call.session.scalars(select(Misread).where(Misread.id.in_([one.sample for one in shown])))
    rows = {row.id: row for row in await _rows(call, list(samples))}
    return Page(
        rows=[
            GroupRow(
                id=one.id,
                number=one.number,
                urgency=one.urgency,
                confidence=1 - one.doubt / 1000,
                service=one.service,
                sources=list(one.sources),
                newest=one.newest,
                sample=rows[one.sample],
            )
            for one in shown
        ],
        next=_mark(shown[-1].place) if len(found) > query.limit else None,
    )


async def messages(call: Call[MessagesQuery, Nothing]) -> Page[MessageRow]:
    query = call.query
    after = cast(tuple[int, int], _place(query.after, 2)) if query.after else None
    found = await pile.messages(call.session, query.group, query.wanted, after, query.limit + 1)
    shown = found[: query.limit]
    more = len(found) > query.limit
    return Page(
        rows=await _rows(call, shown), next=_mark((shown[-1].urgency, shown[-1].id)) if more else None
    )


async def message(call: Call[Nothing, Nothing]) -> MessageDetail:
    """One message with the masked lines around it, and what was done with it."""
    row = await deciding.one(call.session, call.id)
    this = await call.session.get_one(Message, row.message_id)
    lines = await call.session.scalars(
        select(Message)
        .where(
            Message.conversation_id == this.conversation_id,
            Message.seq.between(this.seq - AROUND, this.seq + AROUND),
        )
        .order_by(Message.seq)
    )
    acts = await call.session.scalars(
        select(MisreadAct)
        .join(MisreadActItem, MisreadActItem.act_id == MisreadAct.id)
        .where(MisreadActItem.misread_id == row.id)
        .order_by(MisreadAct.id.desc())
        .limit(20)
    )
    return MessageDetail(
        row=(await _rows(call, [row]))[0],
        lines=[
            Line(author=m.author, text=m.masked, at=m.created_at, this=m.id == this.id)
            for m in lines
            if m.masked
        ],
        acts=await _acts(call, acts.all()),
    )


async def acts(call: Call[ActsQuery, Nothing]) -> Page[ActView]:
    """Who did what, newest first."""
    query = select(MisreadAct).order_by(MisreadAct.id.desc()).limit(call.query.limit + 1)
    if call.query.after:
        query = query.where(MisreadAct.id < call.query.after)
    found = (await call.session.scalars(query)).all()
    shown = found[: call.query.limit]
    more = len(found) > call.query.limit
    return Page(rows=await _acts(call, shown), next=str(shown[-1].id) if more else None)


async def hint(call: Call[Nothing, Question]) -> hinting.Hint:
    """The model is asked before the database: nothing is held open over a network."""
    understander = call.world.understander
    heard = await understander.second_opinion(call.body.text, understander.plan.live)
    async with call.world.session.begin() as session:
        return await hinting.hint(session, call.body.text, call.body.intent, heard)


# ---- deciding -----------------------------------------------------------------------------------------


async def teach(call: Call[Nothing, Teaching]) -> ActView:
    body = call.body
    labels = Labels(body.intent, body.kind, body.safety)
    return await _done(
        call, await deciding.teach(call.session, call.operator, _lessons(body.lessons), labels)
    )


async def ignore(call: Call[Nothing, Ignoring]) -> ActView:
    return await _done(call, await deciding.ignore(call.session, call.operator, _lessons(call.body.lessons)))


async def new_service(call: Call[Nothing, NewService]) -> ActView:
    body = call.body
    if body.department not in call.world.city.departments:
        raise Invalid({"department": "没有这个单位 · no such department"})
    spec = ServiceSpec(
        id=body.id,
        title=body.title,
        title_en=body.title_en,
        about=body.about,
        category=body.category,
        department=body.department,
        deadline=body.deadline,
        kind=body.kind,
        details=tuple(Detail(one.name, one.required, one.ask) for one in body.details),
        phrases=tuple(Phrase(body.id, text, kind=body.kind) for text in body.phrases),
    )
    made = await deciding.new_service(call.session, call.operator, spec, _lessons(body.lessons))
    return await _done(call, made)


async def confirm(call: Call[Nothing, Ids]) -> ActView:
    return await _done(call, await deciding.confirm(call.session, call.operator, call.body.ids))


async def reject(call: Call[Nothing, Rejection]) -> ActView:
    made = await deciding.reject(call.session, call.operator, call.body.ids, call.body.note)
    return await _done(call, made)


async def undo(call: Call[Nothing, Nothing]) -> ActView:
    act = await deciding.undo(call.session, call.operator, call.id)
    audit.record(call.session, call.operator.id, "inbox.undone", f"inbox-act:{act.id}", undone=act.verb)
    return (await _acts(call, [act]))[0]


async def switch(call: Call[Nothing, Switches]) -> Switches:
    await switches.switch(call.session, call.operator, switches.TWO_PERSON, call.body.two_person)
    audit.record(call.session, call.operator.id, "studio.switched", "two_person", on=call.body.two_person)
    return call.body


def _lessons(given: Iterable[LessonIn]) -> list[Lesson]:
    return [Lesson(one.id, tuple(map(_phrase, one.phrases)), one.version) for one in given]


def _phrase(one: PhraseIn) -> Phrase:
    return Phrase(one.intent, one.text, tuple(one.entities), one.kind, one.safety, one.conduct)


async def _done(call: Call[Any, Any], act: MisreadAct) -> ActView:
    view = (await _acts(call, [act]))[0]
    audit.record(
        call.session,
        call.operator.id,
        f"inbox.{act.verb}",
        f"inbox-act:{act.id}",
        messages=view.number,
        revisions=act.revisions,
        **({"service": view.service} if view.service else {}),
    )
    return view


# ---- views --------------------------------------------------------------------------------------------


async def _rows(call: Call[Any, Any], found: Sequence[Misread]) -> list[MessageRow]:
    session = call.session
    owners = await session.execute(
        select(Message.id, Message.conversation_id).where(Message.id.in_([row.message_id for row in found]))
    )
    conversation = {key: owner for key, owner in owners}  # noqa: C416  # rows are no pairs to mypy
    proposals = await deciding.proposals(session, [row.id for row in found if row.status == "proposed"])
    names = await _names(
        call, [*(row.brought_by for row in found), *(act.operator_id for act in proposals.values())]
    )
    return [
        MessageRow(
            id=row.id,
            version=row.version,
            status=cast(Status, row.status),
            words=row.words,
            marks=[(start, end, tag) for start, end, tag in row.marks],
            guesses=[Guess(name=name, confidence=share) for name, share in row.guesses],
            service=row.service,
            confidence=row.confidence,
            model=row.model,
            wanted=row.wanted,
            wanted_by=(names.get(row.brought_by or 0) or "citizen") if row.wanted else "",
            kind=row.kind,
            safety=row.safety,
            note=row.note,
            sources=row.sources,
            urgency=row.urgency,
            conversation=conversation[row.message_id],
            at=row.created_at,
            proposal=_proposal(call, row.id, proposals.get(row.id), names),
        )
        for row in found
    ]


def _proposal(
    call: Call[Any, Any], key: int, act: MisreadAct | None, names: dict[int, str]
) -> Proposal | None:
    if act is None:
        return None
    return Proposal(
        by=names.get(act.operator_id or 0, ""),
        mine=act.operator_id == call.operator.id,
        at=act.at,
        phrases=[PhraseView.model_validate(plain) for plain in act.data["phrases"].get(str(key), [])],
    )


async def _acts(call: Call[Any, Any], found: Sequence[MisreadAct]) -> list[ActView]:
    names = await _names(call, [key for act in found for key in (act.operator_id, act.undone_by)])
    return [
        ActView(
            id=act.id,
            verb=act.verb,
            by=names.get(act.operator_id or 0, ""),
            at=act.at,
            number=len(act.data["before"]),
            service=_service(act),
            note=act.data.get("note", ""),
            undone_by=names.get(act.undone_by or 0, ""),
            undone_at=act.undone_at,
        )
        for act in found
    ]


def _service(act: MisreadAct) -> str:
    """The service that was taught, "" where it was none or several."""
    taught = {phrase["intent"] for some in act.data["phrases"].values() for phrase in some}
    return taught.pop() if len(taught) == 1 else ""


async def _names(call: Call[Any, Any], ids: Iterable[int | None]) -> dict[int, str]:
    wanted = {key for key in ids if key}
    if not wanted:
        return {}
    found = await call.session.execute(select(Operator.id, Operator.name).where(Operator.id.in_(wanted)))
    return {key: name for key, name in found}  # noqa: C416  # as above


# ---- pages --------------------------------------------------------------------------------------------


def _mark(place: Sequence[int]) -> str:
    return base64.urlsafe_b64encode(json.dumps(list(place)).encode()).decode().rstrip("=")


def _place(text: str, length: int) -> tuple[int, ...]:
    """Raises Invalid for what we did not hand out."""
    try:
        found = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    except (ValueError, binascii.Error) as error:
        raise Invalid({"after": "无效的翻页标记 · not a page mark"}) from error
    whole = isinstance(found, list) and len(found) == length
    if not whole or not all(type(n) is int and abs(n) <= BIGGEST for n in found):
        raise Invalid({"after": "无效的翻页标记 · not a page mark"})
    return tuple(found)
