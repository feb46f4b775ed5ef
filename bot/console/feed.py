"""From a piece of news to the frames of the live feed: each changed row is read once, whoever watches."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.console import look, notes, studio_models, ticket_views, views
from bot.roles import may
from bot.store.conversations import Conversation, Message, Outbox
from bot.store.handovers import Handover, Offer
from bot.store.models import Training
from bot.store.operators import Operator
from bot.store.tickets import Ticket
from bot.studio.inbox import GROUPED
from bot.studio.inbox import TOPIC as MISREAD
from bot.world import World

if TYPE_CHECKING:
    from bot.console.live import Hub, Seat


TOPICS = ("seats", "tickets", "models", "trainings", MISREAD, GROUPED, "conversation:*")


async def may_watch(session: AsyncSession, operator: Operator, ids: Iterable[int]) -> set[int]:
    return await look.visible(session, operator, ids)


async def hand_on(hub: Hub, world: World, item: dict[str, Any]) -> None:
    topic = str(item["topic"])
    if topic == "reconnected":
        hub.tell("resync")
    elif topic == "seats":
        await _seats(hub, world, item)
    elif topic == "tickets":
        await _ticket(hub, world, str(item["ticket"]))
    elif topic in ("models", "trainings"):
        await _models(hub, world, item)
    elif topic in (MISREAD, GROUPED):
        hub.tell("misread", to=_studio(hub))
    elif topic.startswith("conversation:"):
        await _conversation(hub, world, int(topic.partition(":")[2]), item)


def _studio(hub: Hub) -> list[Seat]:
    """The consoles of those who may look at what the model learns."""
    return [seat for seat in hub.seats() if may(seat.operator.role, "reviewer")]


async def _models(hub: Hub, world: World, item: dict[str, Any]) -> None:
    """How far a training is, line by line; everything else of the studio's models is read again."""
    to = _studio(hub)
    if not to:
        return
    if "training" not in item:
        hub.tell("models", to=to)
        return
    async with world.session() as session:
        row = await session.get(Training, int(item["training"]))
        view = await studio_models.training_view(session, row) if row else None
    if view is not None:
        hub.tell("training", to=to, training=view.model_dump(mode="json"))


async def _seats(hub: Hub, world: World, item: dict[str, Any]) -> None:
    kind = item["kind"]
    if kind == "typing":
        key = int(item["conversation"])
        hub.tell("typing", to=hub.watchers(key), conversation=key)
        return
    if kind in ("limit", "emergency"):
        conversation_id = int(item["conversation"])
        hub.tell(
            kind, to=None if kind == "limit" else hub.watchers(conversation_id), conversation=conversation_id
        )
        return
    if kind == "note":
        await _note(hub, world, int(item["note"]), int(item["conversation"]))
        return
    if kind in ("offered", "offer_ended"):
        await _offer(hub, world, item)
        return
    if kind == "roster":
        hub.tell("roster")
        return
    async with world.session() as session:
        if kind == "presence":
            operator = await session.get_one(Operator, item["operator"])
            person = views.person(operator).model_dump()
            hub.tell("presence", person=person, why=item.get("why", ""))
            return
        row = await session.get(Handover, item["handover"]) if "handover" in item else None
        if row is None:
            return
        entry = await look.listed(
            session, world.catalogue, look.rows().where(Conversation.id == row.conversation_id)
        )
    conversation = entry[0].model_dump() if entry else None
    if row.status == "queued":
        hub.tell("waiting", row=conversation, before=item.get("before"), why=item.get("why", ""))
    elif row.status == "claimed":
        hub.tell(
            "claimed",
            handover=row.id,
            operator=row.operator_id,
            row=conversation,
            before=item.get("before"),
        )
    else:
        hub.tell("ended", handover=row.id, conversation=row.conversation_id, how=row.ended_how)
    if kind == "alarm" and row.status != "ended":
        hub.tell("alarm", row=conversation)


async def _note(hub: Hub, world: World, note: int, conversation: int) -> None:
    """An internal note, for colleagues who have the conversation open and for those whom it calls."""
    async with world.session() as session:
        for masked in (True, False):
            shown = await notes.one(session, note, masked)
            if shown is None:
                return
            view = shown.model_dump()
            called = {one.id for one in shown.mentions}
            if masked:
                to = [seat for seat in hub.seats() if seat.operator.id in called]
                hub.tell("mention", to=to, note=view)
            group = [
                seat
                for seat in hub.watchers(conversation)
                if await look.masked_for(session, seat.operator, conversation) is masked
            ]
            if group:
                hub.tell("note", to=group, conversation=conversation, note=view)


async def _offer(hub: Hub, world: World, item: dict[str, Any]) -> None:
    """All see before whom it is; the clock runs for that one alone."""
    if item["kind"] == "offer_ended":
        told = {name: item[name] for name in ("conversation", "operator", "outcome")}
        hub.tell("offer_ended", **told)
        return
    async with world.session() as session:
        offer = await session.get(Offer, item["offer"])
        name = await session.scalar(select(Operator.name).where(Operator.id == item["operator"]))
    if offer is not None and not offer.outcome:
        hub.tell(
            "offered",
            conversation=item["conversation"],
            operator=offer.operator_id,
            name=name or "",
            until=offer.expires_at,
            now=datetime.now(UTC),
        )


async def _ticket(hub: Hub, world: World, number: str) -> None:
    async with world.session() as session:
        row = await session.scalar(select(Ticket).where(Ticket.number == number))
    if row is not None:
        hub.tell("ticket", ticket=ticket_views.ticket_row(world.catalogue, row).model_dump())


async def _conversation(hub: Hub, world: World, key: int, item: dict[str, Any]) -> None:
    """A new line or a delivery that changed, for those who have it open; the queue shows last words too."""
    watchers = hub.watchers(key)
    if not watchers and "seq" not in item:
        return
    async with world.session() as session:
        known = await session.execute(
            select(Handover.id, Handover.status, Handover.operator_id).where(
                Handover.conversation_id == key, look.OPEN
            )
        )
        handover, status, speaker = known.one_or_none() or (None, "", None)
        if "seq" in item and status == "queued":
            for row in await look.waiting(session, world.catalogue, handover):
                hub.tell("waiting", row=row.model_dump())
        if not watchers:
            return
        if "outbox" in item:
            out = await session.get(Outbox, item["outbox"])
            message = await session.get(Message, out.message_id) if out and out.message_id else None
            seq = message.seq if message else 0
        else:
            seq = int(item.get("seq", 0))
        if not seq:
            return
        others = [seat for seat in watchers if seat.operator.id != speaker or status != "claimed"]
        covered = [seat for seat in others if await look.masked_for(session, seat.operator, key)]
        for masked in (True, False):
            group = covered if masked else [seat for seat in watchers if seat not in covered]
            if group:
                lines = await look.lines(
                    session, world.catalogue, key, masked=masked, after=seq - 1, before=seq + 1
                )
                hub.tell("line", to=group, conversation=key, lines=[line.model_dump() for line in lines])
