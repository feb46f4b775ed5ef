"""What the clock does at the seats: who vanished is missed, who does not answer is relieved, who waits is
offered. Every node makes its rounds; row locks and one advisory lock make that harmless."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, func, or_, select

from bot.seats import offers, presence, routing
from bot.store.conversations import Message
from bot.store.handovers import Handover
from bot.store.operators import Operator
from bot.store.session import notify
from bot.store.talking import EmergencyStep, Note, Unsent
from bot.world import World


async def make(world: World, missing: bool = True) -> None:
    """One round. `missing`: nobody is missed while the house itself was away, for then all were silent."""
    if missing:
        await lost(world)
    if world.settings.reply_seconds:
        await unanswered(world)
    await offer(world)


async def offer(world: World) -> None:
    settings = world.settings
    if not settings.offer_seconds:
        return
    async with world.session() as session:
        if not await offers.anything(session):
            return
    async with world.session.begin() as session:
        await offers.assign(session, world.catalogue, settings.offer_seconds, settings.skill_seconds)


async def lost(world: World) -> None:
    """A console that was silent for longer than the grace: its operator is gone, the conversations go on."""
    grace = timedelta(seconds=world.settings.seat_grace_seconds)
    async with world.session() as session:
        gone = list(await session.scalars(select(Operator.id).where(_gone(grace)).limit(100)))
    for key in gone:
        async with world.session.begin() as session:
            operator = await presence.locked(session, key)
            if await session.scalar(select(Operator.id).where(Operator.id == key, _gone(grace))) is None:
                continue
            why = "offline" if operator.presence == "offline" else "lost"
            await offers.withdraw_from(session, operator)
            await routing.release(session, operator, why)
            if operator.presence != "offline":
                operator.presence, operator.present_since = "offline", datetime.now(UTC)
                await notify(session, "seats", kind="presence", operator=key, why=why)


def _gone(grace: timedelta) -> ColumnElement[bool]:
    """Silent for too long; or off duty and yet with a conversation, as somebody who was locked."""
    silent = or_(Operator.seen_at.is_(None), Operator.seen_at < func.clock_timestamp() - grace)
    holds = exists().where(Handover.operator_id == Operator.id, Handover.status == "claimed")
    return or_(
        and_(Operator.presence != "offline", or_(silent, ~Operator.active)),
        and_(Operator.presence == "offline", holds),
    )


def _at_work(since: ColumnElement[Any]) -> ColumnElement[bool]:
    """Who has it is busy with it: writes a reply that is not sent yet, a note, or does what danger asks."""

    def lately(table: Any, at: Any) -> ColumnElement[bool]:
        mine = (table.conversation_id == Handover.conversation_id, table.operator_id == Handover.operator_id)
        return exists().where(*mine, at > since)

    return or_(
        lately(Unsent, Unsent.updated_at),
        lately(Note, Note.created_at),
        lately(EmergencyStep, EmergencyStep.created_at),
    )


async def unanswered(world: World) -> None:
    """Taken, and then not a word and no sign of work: somebody else should have it."""
    late = func.clock_timestamp() - timedelta(seconds=world.settings.reply_seconds)
    spoke = exists().where(
        Message.conversation_id == Handover.conversation_id,
        Message.author == "operator",
        Message.created_at >= Handover.claimed_at,
    )
    query = select(Handover.conversation_id, Handover.operator_id).where(
        Handover.status == "claimed", Handover.claimed_at < late, ~spoke, ~_at_work(late)
    )
    async with world.session() as session:
        silent = (await session.execute(query.limit(100))).all()
    for conversation_id, operator_id in silent:
        if operator_id is None:
            continue
        async with world.session.begin() as session:
            operator = await presence.locked(session, operator_id)
            still = await session.execute(query.where(Handover.conversation_id == conversation_id))
            if still.first() is not None:
                await routing.release_one(session, conversation_id, operator, "no_reply")
