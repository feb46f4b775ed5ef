"""One ticket: looked at (masked, or unmasked and recorded), filed by a person, edited, moved, noted."""

from __future__ import annotations

import uuid
from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints
from sqlalchemy import select

from actions.base import Draft, Kind, ServiceId, Urgency
from bot import codec
from bot.console import audit, look, receipts, ticket_views, views
from bot.console.api import Call
from bot.console.seats import Reason
from bot.console.shapes import Id, Nothing, Shape, Short, Words
from bot.dialogue import checks
from bot.errors import Conflict, Invalid, NotFound
from bot.masking import mask
from bot.seats import duty
from bot.services import DETAILS
from bot.store import transcript
from bot.store.conversations import Attachment, Conversation
from bot.store.handovers import Handover
from bot.store.operators import Operator
from bot.store.sealing import sealer
from bot.store.tickets import Ticket, TicketAttachment, TicketEvent
from bot.tickets import filing, life, states
from channels.base import AttachmentId

Details = Annotated[dict[str, Annotated[str, StringConstraints(max_length=500)]], Field(max_length=40)]


class NewTicket(Shape):
    """Filed by a person, from a conversation or by hand. Details that are not given are taken from what the
    assistant had collected, so a masked form need not send back what it could not show."""

    conversation: Id | None = None
    service: Short
    kind: Kind
    text: Annotated[str, StringConstraints(strip_whitespace=True, min_length=2, max_length=4000)]
    details: Details = Field(default_factory=dict)
    attachments: list[uuid.UUID] = Field(default=[], max_length=20)
    anonymous: bool = False
    urgency: Urgency = "normal"
    tell: bool = True


class TicketChange(Shape):
    """`version` is the one that was read: who edits an older one is told, not obeyed."""

    version: Id
    service: Short | None = None
    kind: Kind | None = None
    urgency: Urgency | None = None
    department: Short | None = None
    summary: Annotated[str, StringConstraints(strip_whitespace=True, min_length=2, max_length=200)] | None = (
        None
    )
    details: Details | None = None


class Move(Shape):
    state: Literal[
        "accepted",
        "dispatched",
        "signed",
        "returned",
        "answered",
        "redo",
        "closed",
        "not_accepted",
        "withdrawn",
    ]
    text: Words = ""


class Addition(Shape):
    text: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=4000)]
    attachments: list[uuid.UUID] = Field(default=[], max_length=9)
    urge: bool = False


async def ticket(call: Call[Nothing, Nothing]) -> ticket_views.TicketView:
    return await shown(call, await found(call))


async def found(call: Call[Any, Any]) -> Ticket:
    row: Ticket | None = await call.session.scalar(
        select(Ticket).where(Ticket.number == call.path("number").upper())
    )
    if row is None:
        raise NotFound("没有这张工单 · no such ticket")
    return row


async def shown(call: Call[Any, Any], row: Ticket, looking: bool = False) -> ticket_views.TicketView:
    """The whole ticket, masked unless this operator unmasked it a moment ago."""
    masked = not looking and not await audit.looking(call.session, call.operator.id, f"ticket:{row.number}")
    names = await _names(call, row)
    events = await call.session.scalars(
        select(TicketEvent).where(TicketEvent.ticket_id == row.id).order_by(TicketEvent.id)
    )
    files = await call.session.scalars(
        select(Attachment)
        .join(TicketAttachment, TicketAttachment.attachment_id == Attachment.id)
        .where(TicketAttachment.ticket_id == row.id)
        .order_by(Attachment.created_at)
    )
    return ticket_views.ticket(
        call.world.catalogue,
        row,
        masked,
        sorted(states.MOVES[row.state]),
        names.get(row.filed_by or 0, ""),
        [ticket_views.event(e, names.get(_operator(e.actor), ""), masked) for e in events],
        [
            views.FileView(id=str(f.id), kind=f.kind, mime=f.mime, name=f.name, size=f.size, status=f.status)
            for f in files
        ],
    )


async def _names(call: Call[Any, Any], row: Ticket) -> dict[int, str]:
    actors = await call.session.scalars(
        select(TicketEvent.actor).where(TicketEvent.ticket_id == row.id).distinct()
    )
    ids = {_operator(actor) for actor in actors} | {row.filed_by or 0}
    found = await call.session.execute(select(Operator.id, Operator.name).where(Operator.id.in_(ids)))
    return {key: name for key, name in found}  # noqa: C416  # rows are no pairs to mypy


def _operator(actor: str) -> int:
    kind, _, key = actor.partition(":")
    return int(key) if kind == "operator" and key.isdigit() else 0


async def unmask(call: Call[Nothing, Reason]) -> ticket_views.TicketView:
    row = await found(call)
    audit.record(
        call.session, call.operator.id, "unmask", f"ticket:{row.number}", reason=mask(call.body.reason)
    )
    return await shown(call, row, looking=True)


async def create(call: Call[Nothing, NewTicket]) -> ticket_views.TicketView:
    body = call.body
    conversation = await _conversation(call)
    held = _collected(conversation)
    await _check_service(call, body.service)
    given = _details(body.details, body.anonymous)
    draft = Draft(
        service=ServiceId(body.service),
        kind=body.kind,
        text=body.text,
        details={**(held.details if held else {}), **given},
        attachments=await _files(call, body.attachments, conversation),
        location=held.location if held else None,
        anonymous=body.anonymous,
        urgency=body.urgency,
        safety=held.safety if held else (),
        language="en" if conversation is not None and conversation.language == "en" else "zh",
        confidence=1.0,
    )
    row = await filing.file(call.session, call.world, draft, conversation, filed_by=call.operator.id)
    if conversation is not None:
        await _filed(call, conversation, row)
    return await shown(call, row)


async def _filed(call: Call[Nothing, NewTicket], conversation: Conversation, row: Ticket) -> None:
    """The draft is used up, the hand-over knows its ticket, and the citizen hears the number."""
    if conversation.state:
        conversation.state = {k: v for k, v in conversation.state.items() if k not in ("draft", "asked")} | {
            "ticket": row.number
        }
    handover = await call.session.scalar(
        select(Handover).where(Handover.conversation_id == conversation.id, look.OPEN)
    )
    if handover is not None:
        handover.ticket_id = row.id
    if call.body.tell:
        await receipts.tell(call.session, call.world, conversation, row)


async def _conversation(call: Call[Nothing, NewTicket]) -> Conversation | None:
    if call.body.conversation is None:
        return None
    await look.one(call.session, call.operator, call.body.conversation)
    return await transcript.lock(call.session, call.body.conversation)


def _collected(conversation: Conversation | None) -> Draft | None:
    kept = (conversation.state or {}).get("draft") if conversation else None
    return codec.load(Draft, kept) if kept else None


async def _files(
    call: Call[Any, Any], wanted: list[uuid.UUID], conversation: Conversation | None
) -> tuple[AttachmentId, ...]:
    """Files of this conversation, or ones that were uploaded without any."""
    if not wanted:
        return ()
    query = select(Attachment.id, Attachment.conversation_id).where(Attachment.id.in_(wanted))
    owners = {key: owner for key, owner in await call.session.execute(query)}  # noqa: C416  # as above
    allowed = {None, conversation.id if conversation else None}
    if set(owners) != set(wanted) or not set(owners.values()) <= allowed:
        raise Invalid({"attachments": "没有这个文件 · no such file"})
    return tuple(AttachmentId(str(key)) for key in wanted)


async def _check_service(call: Call[Any, Any], name: str) -> None:
    if call.world.catalogue.services.get(ServiceId(name)) is None:
        raise Invalid({"service": "没有这个服务事项 · no such service"})


def _details(given: dict[str, str], anonymous: bool = False) -> dict[str, str]:
    """Checked and in the form in which the dialogue keeps them: names known, phone as E.164."""
    values = {name: value.strip() for name, value in given.items()}
    unknown = set(values) - DETAILS - {"location"}
    if unknown:
        raise Invalid({f"details.{name}": "没有这个要素 · no such detail" for name in sorted(unknown)})
    if values.get("phone") and not anonymous:
        number = checks.phone(values["phone"])
        if not number:
            raise Invalid({"details.phone": "号码不正确 · not a phone number"})
        values["phone"] = number
    return values


async def edit(call: Call[Nothing, TicketChange]) -> ticket_views.TicketView:
    row = await life.locked(call.session, call.path("number").upper())
    if row.version != call.body.version:
        raise Conflict("工单已被他人修改，请刷新 · somebody changed it meanwhile, please reload")
    changes = call.body.model_dump(exclude_none=True, exclude={"version"})
    if "details" in changes:
        changes["details"] = {**row.details, **_details(changes["details"])}
        changes["details"] = {name: value for name, value in changes["details"].items() if value}
    if "summary" in changes:
        changes["summary"] = mask(changes["summary"])
    await _derive(call, row, changes)
    await life.edit(call.session, row, changes, f"operator:{call.operator.id}")
    await call.session.flush()
    return await shown(call, row)


async def _derive(call: Call[Nothing, TicketChange], row: Ticket, changes: dict[str, Any]) -> None:
    """What follows from a change: category and department of a service, office and area of a place,
    the deadline of both."""
    city = call.world.city
    if "service" in changes:
        await _check_service(call, changes["service"])
        service = call.world.catalogue.services[ServiceId(changes["service"])]
        changes["category"] = service.category
        changes.setdefault("department", service.department)
    if "department" in changes and changes["department"] not in city.departments:
        raise Invalid({"department": "没有这个单位 · no such department"})
    if "details" in changes:
        place = changes["details"].get("place", "")
        changes["area"] = "".join(reversed(city.areas_of(place)[-2:]))
        number = changes["details"].get("phone")
        row.phone_index = sealer().index(number) if number else None
    if changes.keys() & {"details", "department"}:
        department = changes.get("department", row.department)
        branch = city.branch(department, changes.get("details", row.details).get("place", ""))
        row.office = branch.name if branch else city.departments[department].name
    if changes.keys() & {"service", "urgency"}:
        kept = call.world.catalogue.services.get(ServiceId(changes.get("service", row.service)))
        urgent = changes.get("urgency", row.urgency) == "emergency"
        if kept is not None or urgent:
            limit = "emergency" if urgent or kept is None else kept.deadline
            now = await duty.city_now(call.session, city)
            row.deadline = now.deadline(limit, row.created_at)


async def move(call: Call[Nothing, Move]) -> ticket_views.TicketView:
    row = await life.locked(call.session, call.path("number").upper())
    await life.move(call.session, row, call.body.state, f"operator:{call.operator.id}", call.body.text)
    await call.session.flush()
    return await shown(call, row)


async def note(call: Call[Nothing, Addition]) -> ticket_views.TicketView:
    row = await life.locked(call.session, call.path("number").upper())
    actor = f"operator:{call.operator.id}"
    if call.body.urge:
        if not await life.urge(call.session, row, call.body.text, actor):
            raise Conflict("24 小时内已催办，或工单已办结 · urged within a day, or not open any more")
    else:
        files = await _files(call, call.body.attachments, None)
        if not await life.add(call.session, row, call.body.text, files, actor):
            raise Conflict("工单已撤回或不予受理 · it is withdrawn or was refused")
    await call.session.flush()
    return await shown(call, row)
