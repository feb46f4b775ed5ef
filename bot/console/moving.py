"""Who has a conversation next: offers, transfer, taking over, reassigning."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field, StringConstraints, model_validator

from bot.console import look, talk_views, views
from bot.console.api import Call
from bot.console.shapes import Answer, Done, Id, Nothing, Shape
from bot.seats import offers, routing
from bot.store.conversations import Conversation
from bot.store.handovers import Handover
from bot.store.operators import Operator

Note = Annotated[str, StringConstraints(strip_whitespace=True, max_length=500)]


class OfferView(Answer):
    """A conversation that waits for my yes until `until`."""

    id: int
    until: datetime
    row: talk_views.ConversationRow


class MyOffer(Answer):
    offer: OfferView | None
    now: datetime


class Transfer(Shape):
    """To one colleague or one group."""

    operator: Id | None = None
    group: Id | None = None
    note: Note = ""

    @model_validator(mode="after")
    def _one(self) -> Transfer:
        if (self.operator is None) == (self.group is None):
            raise ValueError("请选择一位同事或一个组 · choose a colleague or a group")
        return self


class Reassign(Shape):
    """To one colleague at once; without one, back to the front of the queue, for a group if named."""

    conversations: list[Id] = Field(min_length=1, max_length=routing.AT_ONCE)
    operator: Id | None = None
    group: Id | None = None
    note: Note = ""


class Whisper(Shape):
    text: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2000)]


class Moved(Answer):
    conversations: list[int]


class Sent(Shape):
    presence: Literal["online", "busy", "away", "offline"]


async def mine(call: Call[Nothing, Nothing]) -> MyOffer:
    """What is offered to me now."""
    offer = await offers.mine(call.session, call.operator.id)
    now = datetime.now(call.world.city.timezone)
    if offer is None:
        return MyOffer(offer=None, now=now)
    handover = await call.session.get_one(Handover, offer.handover_id)
    rows = await look.listed(
        call.session, call.world.catalogue, look.rows().where(Conversation.id == handover.conversation_id)
    )
    return MyOffer(offer=OfferView(id=offer.id, until=offer.expires_at, row=rows[0]), now=now)


async def decline(call: Call[Nothing, Nothing]) -> Done:
    await offers.decline(call.session, call.id, await _me(call))
    return Done()


async def transfer(call: Call[Nothing, Transfer]) -> Done:
    await look.one(call.session, call.operator, call.id)
    body = call.body
    await routing.transfer(
        call.session, call.id, await _me(call), operator=body.operator, group=body.group, note=body.note
    )
    return Done()


async def take_over(call: Call[Nothing, Nothing]) -> Done:
    await routing.take_over(call.session, call.id, await _me(call))
    return Done()


async def whisper(call: Call[Nothing, Whisper]) -> Done:
    """Heard by whoever speaks in the conversation, and never by the citizen."""
    await routing.whisper(call.session, call.id, await _me(call), call.body.text)
    return Done()


async def reassign(call: Call[Nothing, Reassign]) -> Moved:
    body = call.body
    moved = await routing.reassign(
        call.session, body.conversations, body.operator, await _me(call), group=body.group, note=body.note
    )
    return Moved(conversations=moved)


async def presence(call: Call[Nothing, Sent]) -> views.PersonView:
    """A supervisor sets somebody's presence; offline returns what they hold to the queue."""
    person = await routing.send_away(call.session, call.id, call.body.presence, await _me(call))
    return views.person(person)


async def _me(
    call: Call[Nothing, Nothing]
    | Call[Nothing, Transfer]
    | Call[Nothing, Reassign]
    | Call[Nothing, Sent]
    | Call[Nothing, Whisper],
) -> Operator:
    """The caller as a row of this transaction."""
    return await call.session.get_one(Operator, call.operator.id)
