"""The queue and the conversation: what an operator does all day."""

from __future__ import annotations

import uuid
from typing import Annotated, Literal

from pydantic import Field, StringConstraints, model_validator
from sqlalchemy import select

from actions.base import Draft
from bot import codec
from bot.console import audit, limits, look, notes, search, sending, talk_views, ticket_views, views
from bot.console.api import Call
from bot.console.limits import LimitView
from bot.console.notes import NoteView, UnsentView
from bot.console.pages import after_key, page
from bot.console.sending import SendingView
from bot.console.shapes import BIGGEST, Answer, Cursor, Done, Limit, Nothing, Page, Shape, Short, Words
from bot.dialogue.types import State
from bot.errors import Conflict, Invalid, NotAllowed
from bot.masking import mask
from bot.seats import emergencies, handover, rating, unsent
from bot.services import Catalogue
from bot.store.conversations import Attachment, Conversation
from bot.store.handovers import Handover
from bot.store.operators import Operator
from bot.store.session import notify
from bot.store.tickets import Ticket
from channels.base import Address, AttachmentId, ShowsTyping

Seq = Annotated[int, Field(ge=0, le=2**31 - 1)]


class Waiting(Answer):
    """The queue in the order in which it is to be taken, and how many wait beyond the list."""

    rows: list[talk_views.ConversationRow]
    total: int


class ConversationQuery(Shape):
    scope: Literal["mine", "past", "all"] = "mine"
    q: Short = ""
    channel: Short = ""
    mode: Literal["", "bot", "queued", "seated"] = ""
    after: Cursor = ""
    limit: Limit = 30


class LinesQuery(Shape):
    after: Seq = 0
    before: Seq | None = None
    limit: Limit = 50


class DraftView(Answer):
    """What the assistant has collected so far: the form of a ticket begins with it."""

    service: views.Titled
    kind: str
    text: str
    details: list[views.DetailView]
    attachments: list[str]
    anonymous: bool
    urgency: str
    safety: list[str]
    missing: list[str]


class DoingView(Answer):
    """Where the assistant stands: what it asked last, and what else it keeps in mind."""

    asked: str
    questions: int
    pending: int
    ticket: str
    angry: int
    alarmed: list[str]


class ConversationView(Answer):
    row: talk_views.ConversationRow
    masked: bool
    mine: bool
    sending: SendingView
    doing: DoingView
    notes: list[NoteView]
    unsent: UnsentView | None
    limit: LimitView | None
    emergency: bool
    lines: list[talk_views.LineView]
    draft: DraftView | None
    known: list[views.DetailView]
    tickets: list[ticket_views.TicketRow]
    handovers: list[talk_views.HandoverView]


class Lines(Answer):
    rows: list[talk_views.LineView]
    masked: bool


class Reply(Shape):
    """`client_id` makes a repeat after a lost answer harmless."""

    text: Words = ""
    attachments: list[uuid.UUID] = Field(default=[], max_length=9)
    client_id: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9-]{8,64}$")]

    @model_validator(mode="after")
    def _something(self) -> Reply:
        if not self.text and not self.attachments:
            raise ValueError("回复不能为空 · nothing to send")
        return self


class Note(Shape):
    note: Short = ""


class Reason(Shape):
    reason: Annotated[str, StringConstraints(strip_whitespace=True, min_length=2, max_length=200)]


async def queue(call: Call[Nothing, Nothing]) -> Waiting:
    rows = await look.waiting(call.session, call.world.catalogue)
    return Waiting(rows=rows, total=await look.count_waiting(call.session))


async def conversations(call: Call[ConversationQuery, Nothing]) -> Page[talk_views.ConversationRow]:
    query = call.query
    if query.scope == "mine" and not query.q:
        return Page(rows=await look.held(call.session, call.world.catalogue, call.operator.id))
    if query.scope == "all" and not call.may("supervisor"):
        raise NotAllowed("只有值班长可以查看全部会话 · supervisors see all conversations")
    statement = look.rows().where(look.visible_to(call.operator))
    if query.scope in ("mine", "past"):
        took_part = select(Handover.conversation_id).where(Handover.operator_id == call.operator.id)
        statement = statement.where(Conversation.id.in_(took_part))
    if query.channel:
        statement = statement.where(Conversation.channel == query.channel)
    if query.mode:
        statement = statement.where(Conversation.mode == query.mode)
    if query.q:
        found = await search.conversations(call.session, call.world.sealer, call.world.channels, query.q)
        statement = statement.where(found)
    moment, key = after_key(query.after) if query.after else (None, BIGGEST)
    if moment is not None:
        statement = statement.where(search.before(search.active_at(), moment, Conversation.id, key))
    statement = statement.order_by(search.active_at().desc(), Conversation.id.desc()).limit(query.limit + 1)
    rows = await look.listed(call.session, call.world.catalogue, statement)
    moments = await call.session.execute(
        select(Conversation.id, search.active_at()).where(Conversation.id.in_([r.id for r in rows]))
    )
    active = {key: at for key, at in moments}  # noqa: C416  # rows are no pairs to mypy
    return page(rows, query.limit, lambda row: (active[row.id], row.id))


async def conversation(call: Call[LinesQuery, Nothing]) -> ConversationView:
    session, catalogue = call.session, call.world.catalogue
    found = await look.one(session, call.operator, call.id)
    masked = await look.masked_for(session, call.operator, found.id)
    row = (await look.listed(session, catalogue, look.rows().where(Conversation.id == found.id)))[0]
    return ConversationView(
        row=row,
        masked=masked,
        mine=row.handover is not None and row.handover.operator_id == call.operator.id,
        sending=await sending.state(session, call.world, found),
        doing=_doing(found),
        notes=await notes.shown(session, found.id, masked),
        unsent=await notes.draft(session, found.id, call.operator.id),
        limit=await limits.shown(session, found),
        emergency=await emergencies.last(session, found.id) is not None,
        lines=await look.lines(
            session, catalogue, found.id, masked=masked, before=call.query.before, limit=call.query.limit
        ),
        draft=draft(call.world.catalogue, found, masked),
        known=views.details(dict((found.state or {}).get("memory") or {}), masked),
        tickets=await _tickets(call, found),
        handovers=await _handovers(call, found.id),
    )


def _doing(row: Conversation) -> DoingView:
    state = codec.load(State, row.state) if row.state else State()
    return DoingView(
        asked=state.asked,
        questions=state.questions,
        pending=len(state.pending),
        ticket=state.ticket,
        angry=state.angry,
        alarmed=list(state.alarmed),
    )


def draft(catalogue: Catalogue, row: Conversation, masked: bool) -> DraftView | None:
    kept = (row.state or {}).get("draft")
    if not kept:
        return None
    held = codec.load(Draft, kept)
    service = catalogue.service(held.service)
    return DraftView(
        service=views.titled_service(catalogue, held.service),
        kind=held.kind,
        text=mask(held.text) if masked else held.text,
        details=views.details(dict(held.details), masked),
        attachments=[str(a) for a in held.attachments],
        anonymous=held.anonymous,
        urgency=held.urgency,
        safety=list(held.safety),
        missing=[d.name for d in service.details if d.required and not held.details.get(d.name)]
        if service
        else [],
    )


async def _tickets(call: Call[LinesQuery, Nothing], row: Conversation) -> list[ticket_views.TicketRow]:
    """Earlier tickets of this citizen: filed here, or under the same phone."""
    query = select(Ticket.phone_index).where(
        Ticket.conversation_id == row.id, Ticket.phone_index.is_not(None)
    )
    same = Ticket.conversation_id == row.id
    phones = [p for p in await call.session.scalars(query.distinct().limit(5)) if p]
    if phones:
        same = same | Ticket.phone_index.in_(phones)
    rows = await call.session.scalars(select(Ticket).where(same).order_by(Ticket.id.desc()).limit(20))
    return [ticket_views.ticket_row(call.world.catalogue, ticket) for ticket in rows]


async def _handovers(call: Call[LinesQuery, Nothing], conversation_id: int) -> list[talk_views.HandoverView]:
    rows = await call.session.execute(
        select(Handover, Operator.name)
        .outerjoin(Operator, Operator.id == Handover.operator_id)
        .where(Handover.conversation_id == conversation_id)
        .order_by(Handover.id.desc())
        .limit(10)
    )
    return [talk_views.handover(row, name or "") for row, name in rows]


async def lines(call: Call[LinesQuery, Nothing]) -> Lines:
    found = await look.one(call.session, call.operator, call.id)
    masked = await look.masked_for(call.session, call.operator, found.id)
    rows = await look.lines(
        call.session,
        call.world.catalogue,
        found.id,
        masked=masked,
        after=call.query.after,
        before=call.query.before,
        limit=call.query.limit,
    )
    return Lines(rows=rows, masked=masked)


async def unmask(call: Call[Nothing, Reason]) -> Done:
    """Recorded with its reason; the lines are then shown in full for a while."""
    found = await look.one(call.session, call.operator, call.id)
    audit.record(
        call.session, call.operator.id, "unmask", f"conversation:{found.id}", reason=mask(call.body.reason)
    )
    return Done()


async def claim(call: Call[Nothing, Nothing]) -> Done:
    await look.one(call.session, call.operator, call.id)
    waiting = await call.session.scalar(
        select(Handover.id).where(Handover.conversation_id == call.id, look.OPEN)
    )
    if waiting is None:
        raise Conflict("会话没有在排队 · nobody waits in this conversation")
    operator = await _me(call)
    await handover.claim(call.session, waiting, operator)
    return Done()


async def reply(call: Call[Nothing, Reply]) -> talk_views.LineView:
    found = await look.one(call.session, call.operator, call.id)
    await _own_files(call, found)
    operator = await _me(call)
    files = [AttachmentId(str(a)) for a in call.body.attachments]
    row = await handover.reply(call.session, found.id, operator, call.body.text, files, call.body.client_id)
    if call.body.text:
        await unsent.forget(call.session, found.id, operator.id)
    return talk_views.line(call.world.catalogue, row, masked=False, name=operator.name)


async def _own_files(call: Call[Nothing, Reply], found: Conversation) -> None:
    """Only files that were put into this very conversation may be sent in it."""
    wanted = set(call.body.attachments)
    if not wanted:
        return
    query = select(Attachment.id).where(Attachment.id.in_(wanted), Attachment.conversation_id == found.id)
    if set(await call.session.scalars(query)) != wanted:
        raise Invalid({"attachments": "没有这个文件 · no such file in this conversation"})


async def give_back(call: Call[Nothing, Note]) -> Done:
    await look.one(call.session, call.operator, call.id)
    await handover.give_back(call.session, call.id, await _me(call), call.body.note)
    await _ask_stars(call)
    return Done()


async def close(call: Call[Nothing, Nothing]) -> Done:
    await look.one(call.session, call.operator, call.id)
    await handover.close(call.session, call.id, await _me(call))
    await _ask_stars(call)
    return Done()


async def _ask_stars(call: Call[Nothing, Nothing] | Call[Nothing, Note]) -> None:
    found = await call.session.get_one(Conversation, call.id)
    channel = call.world.channels.get(found.channel)
    await rating.ask(call.session, found.id, channel is None or channel.limits.free_text)


async def typing(call: Call[Nothing, Nothing]) -> Done:
    """Tells the citizen's side that a person is writing; nothing is stored."""
    found = await look.one(call.session, call.operator, call.id)
    held_by_me = await call.session.scalar(
        select(Handover.id).where(
            Handover.conversation_id == found.id,
            Handover.operator_id == call.operator.id,
            Handover.status == "claimed",
        )
    )
    if held_by_me is not None:
        key = call.world.sealer.index(f"{found.channel}:{found.address}").hex()[:24]
        await notify(call.session, f"typing:{key}", person=call.operator.name)
        channel = call.world.channels.get(found.channel)
        if isinstance(channel, ShowsTyping) and not found.opted_out:
            channel.show_typing(Address(found.address))
    return Done()


async def _me(call: Call[Nothing, Nothing] | Call[Nothing, Reply] | Call[Nothing, Note]) -> Operator:
    """The caller as a row of this transaction."""
    return await call.session.get_one(Operator, call.operator.id)
