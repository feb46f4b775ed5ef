"""Routes around one conversation: what belongs to the same citizen, what is open nearby, and joining it."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import StringConstraints
from sqlalchemy import select

from bot import codec
from bot.console import look, ticket_views
from bot.console.api import Call
from bot.console.shapes import Answer, Nothing, Shape
from bot.console.talk_views import ConversationRow, LineView
from bot.console.ticket_views import TicketRow
from bot.dialogue.types import State
from bot.errors import NotFound
from bot.masking import mask
from bot.seats import alike, handover
from bot.store import transcript
from bot.store.conversations import Conversation, Message
from bot.store.tickets import Ticket
from bot.tickets import joining, life
from bot.words import say
from channels.base import AttachmentId

WORDS = 80  # characters of the request that are compared: the beginning says what it is about


class AlikeView(Answer):
    """`why`: place · service · words."""

    ticket: TicketRow
    score: float
    why: list[str]


class Around(Answer):
    """Of the same citizen: conversations and tickets; of anybody: open tickets that are alike."""

    conversations: list[ConversationRow]
    tickets: list[TicketRow]
    alike: list[AlikeView]


class Earlier(Answer):
    row: ConversationRow
    lines: list[LineView]


class Join(Shape):
    """`text` is what is added to the ticket; `tell` says so to the citizen."""

    number: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9]{4,24}$")]
    text: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=4000)]
    urge: bool = False
    tell: bool = True


class Joined(Answer):
    number: str
    urged: bool


async def around(call: Call[Nothing, Nothing]) -> Around:
    session, world = call.session, call.world
    found = await look.one(session, call.operator, call.id)
    own = await alike.tickets(session, found, world.sealer)
    text, service, area = await _about(call, found)
    others = await alike.open_tickets(session, text, service, area)
    mine = {ticket.id for ticket in own}
    ids = await alike.conversations(session, found, world.sealer, world.channels)
    rows = await look.listed(session, world.catalogue, look.rows().where(Conversation.id.in_(ids)))
    return Around(
        conversations=sorted(rows, key=lambda row: row.last_at, reverse=True),
        tickets=[ticket_views.ticket_row(world.catalogue, ticket) for ticket in own],
        alike=[
            AlikeView(
                ticket=ticket_views.ticket_row(world.catalogue, one.ticket),
                score=one.score,
                why=list(one.why),
            )
            for one in others
            if one.ticket.id not in mine
        ],
    )


async def _about(call: Call[Any, Any], row: Conversation) -> tuple[str, str, str]:
    """(masked words, service, area) of the request that is being talked about."""
    state = codec.load(State, row.state) if row.state else State()
    last = (
        await call.session.scalars(
            select(Message)
            .where(Message.conversation_id == row.id, Message.author == "citizen")
            .order_by(Message.seq.desc())
            .limit(6)
        )
    ).all()
    service = next((line.service for line in last if line.service), "")
    if state.draft is None:
        place = state.memory.get("place", "") or " ".join(line.body for line in last)
        text = " ".join(line.masked for line in reversed(last))
    else:
        service, text = state.draft.service or service, mask(state.draft.text)
        place = state.draft.details.get("place", "") or state.draft.text
    area = "".join(reversed(call.world.city.areas_of(place)[-2:]))
    return text[:WORDS], service, area


async def earlier(call: Call[Nothing, Nothing]) -> Earlier:
    """The end of another conversation of the same citizen, always masked."""
    session, world = call.session, call.world
    found = await look.one(session, call.operator, call.id)
    other = int(call.path("other"))
    if other not in await alike.conversations(session, found, world.sealer, world.channels):
        raise NotFound("没有这个会话，或您无权查看 · no such conversation, or not yours to see")
    rows = await look.listed(session, world.catalogue, look.rows().where(Conversation.id == other))
    return Earlier(
        row=rows[0], lines=await look.lines(session, world.catalogue, other, masked=True, limit=60)
    )


async def join(call: Call[Nothing, Join]) -> Joined:
    body, session = call.body, call.session
    found = await look.one(session, call.operator, call.id)
    conversation = await transcript.lock(session, found.id)
    held = await handover.open_handover(session, conversation.id)
    ticket = await life.locked(session, body.number.upper())
    files = _files(conversation)
    actor = f"operator:{call.operator.id}"
    urged = await joining.join(session, ticket, conversation, body.text, files, actor, body.urge)
    if held is not None:
        held.ticket_id = ticket.id
    if body.tell:
        await _tell(call, conversation, ticket)
    return Joined(number=ticket.number, urged=urged)


def _files(conversation: Conversation) -> tuple[AttachmentId, ...]:
    state = codec.load(State, conversation.state) if conversation.state else State()
    return (*(state.draft.attachments if state.draft else ()), *state.loose)


async def _tell(call: Call[Any, Any], conversation: Conversation, ticket: Ticket) -> None:
    """Without the query code: it belongs to who filed it."""
    language = conversation.language
    words = say(
        language,
        "joined",
        number=ticket.number,
        service=call.world.catalogue.title(ticket.service, language),
        department=ticket.office,
    )
    await transcript.say(
        call.session,
        conversation,
        words,
        author="system",
        operator_id=call.operator.id,
        extra={"notice": "ticket_joined"},
    )
