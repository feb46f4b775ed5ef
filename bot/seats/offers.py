"""Offers: a waiting conversation is put before one operator, who takes it, leaves it or lets it pass.

One process at a time decides (an advisory lock), whoever claims meanwhile is seen through row locks: what is
locked is skipped and looked at again with the next piece of news.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from sqlalchemy import ColumnElement, Result, func, or_, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from bot.errors import Conflict
from bot.seats import events, presence
from bot.seats.matching import Free, Waits, match
from bot.seats.order import ORDER
from bot.services import Catalogue
from bot.store.conversations import Conversation
from bot.store.handovers import Handover, Offer
from bot.store.operators import Operator
from bot.store.seating import GroupMember, Skill
from bot.store.session import notify

AT_ONCE = 200  # of the queue's head are looked at
MISSES = 2  # offers in a row without an answer: the seat is empty
REFUSED_FOR = timedelta(seconds=60)  # then who left it is asked again
_LOCK = 12346
_OPEN = Offer.outcome == ""


def before_somebody() -> ColumnElement[bool]:
    """The condition that a hand-over is before an operator now."""
    return select(Offer.id).where(Offer.handover_id == Handover.id, _OPEN).exists()


async def lock(session: AsyncSession, handovers: Sequence[int], operator_id: int | None) -> list[Offer]:
    """The open offers of these hand-overs and the one before this operator, locked in one order, so that two
    who take what is before the other never wait for each other."""
    rows = await session.scalars(
        select(Offer)
        .where(or_(Offer.handover_id.in_(handovers), Offer.operator_id == operator_id), _OPEN)
        .order_by(Offer.id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    return list(rows)


async def settle(session: AsyncSession, handover: Handover, taker: Operator | None) -> None:
    """The hand-over no longer waits: its offer is accepted by who took it, or withdrawn."""
    found = await lock(session, [handover.id], taker.id if taker else None)
    if taker is not None:
        taker.missed = 0
    for offer in found:
        if offer.handover_id == handover.id:
            own = taker is not None and offer.operator_id == taker.id
            await _close(session, offer, "accepted" if own else "withdrawn")


async def trim(session: AsyncSession, operator: Operator) -> None:
    """Hands are full: what is still before this operator goes to somebody else. The operator is locked."""
    offer = await _before(session, operator.id)
    if offer is not None and await presence.held(session, operator.id) >= operator.capacity:
        await _close(session, offer, "withdrawn")


async def decline(session: AsyncSession, conversation_id: int, operator: Operator) -> None:
    """ "Not me": the next one is asked at once. Raises Conflict when there is no such offer any more."""
    operator = await presence.locked(session, operator.id)
    offer = await _before(session, operator.id)
    handover = await session.get(Handover, offer.handover_id) if offer else None
    if offer is None or handover is None or handover.conversation_id != conversation_id:
        raise Conflict("这个会话已不再等您接听 · this is not offered to you any more")
    operator.missed = 0
    await _close(session, offer, "declined")
    events.record(session, handover, "declined", by=operator.id, operator=operator.id)


async def withdraw_from(session: AsyncSession, operator: Operator) -> None:
    """Somebody stops taking new ones. The operator is locked."""
    offer = await _before(session, operator.id)
    if offer is not None:
        await _close(session, offer, "withdrawn")


async def _before(session: AsyncSession, operator_id: int) -> Offer | None:
    found: Offer | None = await session.scalar(
        select(Offer).where(Offer.operator_id == operator_id, _OPEN).with_for_update(key_share=True)
    )
    return found


async def _close(session: AsyncSession, offer: Offer, outcome: str) -> None:
    offer.outcome, offer.ended_at = outcome, datetime.now(UTC)
    await session.flush()
    handover = await session.get_one(Handover, offer.handover_id)
    await events.tell(session, "offer_ended", handover, operator=offer.operator_id, outcome=outcome)


# ---- deciding -----------------------------------------------------------------------------------------


async def anything(session: AsyncSession) -> bool:
    """Whether a look is worth its lock: somebody waits without an offer, or an offer is over."""
    over = select(Offer.id).where(_OPEN, Offer.expires_at < func.clock_timestamp()).limit(1)
    waits = select(Handover.id).where(Handover.status == "queued", ~before_somebody()).limit(1)
    return await session.scalar(over) is not None or await session.scalar(waits) is not None


async def assign(session: AsyncSession, catalogue: Catalogue, seconds: int, patience: float) -> int:
    """One look at the whole: end what is over, then offer what waits. Returns how many were offered."""
    await session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
    await _expire(session)
    seats = await _seats(session)
    if not any(seat.room for seat in seats):
        return 0  # a full house in a flood: nothing to decide, so the queue is not even read
    waiting = await _waiting(session, catalogue)
    made = 0
    for handover_id, operator_id in match(waiting, seats, datetime.now(UTC), patience):
        made += await _offer(session, handover_id, operator_id, seconds)
    return made


async def _expire(session: AsyncSession) -> None:
    """No answer in time. Twice in a row: nobody sits there, and nothing more is offered until they return."""
    late = select(Offer).where(_OPEN, Offer.expires_at < func.clock_timestamp())
    over = await session.scalars(late.order_by(Offer.id))
    for offer in over.all():
        operator = await _skipping(session, offer.operator_id)
        if operator is None:
            continue
        await session.refresh(offer, with_for_update={"key_share": True})
        if offer.outcome:
            continue
        handover = await session.get_one(Handover, offer.handover_id)
        operator.missed += 1
        await _close(session, offer, "missed")
        events.record(session, handover, "missed", operator=operator.id)
        if operator.missed >= MISSES and operator.presence == "online":
            operator.presence, operator.present_since = "away", datetime.now(UTC)
            await notify(session, "seats", kind="presence", operator=operator.id, why="missed")


async def _skipping(session: AsyncSession, operator_id: int) -> Operator | None:
    found: Operator | None = await session.scalar(
        select(Operator)
        .where(Operator.id == operator_id)
        .with_for_update(key_share=True, skip_locked=True)
        .execution_options(populate_existing=True)
    )
    return found


async def _offer(session: AsyncSession, handover_id: int, operator_id: int, seconds: int) -> bool:
    operator = await _skipping(session, operator_id)
    if operator is None or operator.presence != "online":
        return False
    handover: Handover | None = await session.scalar(
        select(Handover)
        .where(Handover.id == handover_id, Handover.status == "queued")
        .with_for_update(key_share=True, skip_locked=True)
    )
    full = await presence.held(session, operator_id) >= operator.capacity
    if handover is None or full or await _before(session, operator_id) is not None:
        return False
    until = datetime.now(UTC) + timedelta(seconds=seconds)
    offer = Offer(handover_id=handover_id, operator_id=operator_id, expires_at=until)
    session.add(offer)
    events.record(session, handover, "offered", operator=operator_id)
    await session.flush()
    await events.tell(session, "offered", handover, operator=operator_id, offer=offer.id)
    return True


async def _waiting(session: AsyncSession, catalogue: Catalogue) -> list[Waits]:
    """The head of the queue, without those that are before somebody already."""
    rows = await session.execute(
        select(Handover, Conversation.channel, Conversation.language)
        .join(Conversation, Conversation.id == Handover.conversation_id)
        .where(Handover.status == "queued", ~before_somebody())
        .order_by(*ORDER)
        .limit(AT_ONCE)
    )
    found = rows.all()
    refused = await _refused(session, [row.Handover.id for row in found])
    return [
        Waits(
            handover=row.id,
            rank=row.rank,
            since=row.waiting_since,
            wants=_wants(catalogue, row.service, channel, language),
            group=row.group_id,
            person=row.wanted_id,
            refused=refused.get(row.id, set()),
        )
        for row, channel, language in found
    ]


def _wants(catalogue: Catalogue, service: str, channel: str, language: str) -> dict[str, str]:
    known = catalogue.get(service) if service else None
    category = known.category if known else ""
    return {
        "service": service,
        "category": category,
        "channel": channel.partition("/")[0],
        "language": language,
    }


async def _refused(session: AsyncSession, handovers: list[int]) -> dict[int, set[int]]:
    rows = await session.execute(
        select(Offer.handover_id, Offer.operator_id).where(
            Offer.handover_id.in_(handovers),
            Offer.outcome.in_(("declined", "missed")),
            Offer.ended_at > func.clock_timestamp() - REFUSED_FOR,
        )
    )
    out: dict[int, set[int]] = {}
    for handover, operator in rows:
        out.setdefault(handover, set()).add(operator)
    return out


async def _seats(session: AsyncSession) -> list[Free]:
    """Everybody who may be offered something, with what they hold."""
    load = select(Handover.operator_id, func.count().label("n"), func.max(Handover.claimed_at).label("last"))
    load = load.where(Handover.status == "claimed").group_by(Handover.operator_id)
    held = load.subquery()
    asked = select(Offer.id).where(Offer.operator_id == Operator.id, _OPEN).exists()
    people: Result[Operator, int, datetime | None, bool] = await session.execute(
        select(Operator, func.coalesce(held.c.n, 0), held.c.last, asked)
        .outerjoin(held, held.c.operator_id == Operator.id)
        .where(
            Operator.presence == "online",
            Operator.offers,
            Operator.capacity > 0,
            presence.there(presence.CONNECTED_FOR),
        )
    )
    skills: dict[int, dict[str, set[str]]] = {}
    for one in await session.scalars(select(Skill)):
        skills.setdefault(one.operator_id, {}).setdefault(one.kind, set()).add(one.value)
    groups: dict[int, set[int]] = {}
    for member in await session.scalars(select(GroupMember)):
        groups.setdefault(member.operator_id, set()).add(member.group_id)
    return [
        Free(
            operator=row.id,
            load=int(number),
            capacity=row.capacity,
            idle_since=last or row.present_since or row.created_at,
            skills=skills.get(row.id, {}),
            groups=groups.get(row.id, set()),
            asked=bool(busy),
        )
        for row, number, last, busy in people
    ]


async def mine(session: AsyncSession, operator_id: int) -> Offer | None:
    """What is before this operator now."""
    found: Offer | None = await session.scalar(
        select(Offer).where(
            Offer.operator_id == operator_id, _OPEN, Offer.expires_at > func.clock_timestamp()
        )
    )
    return found
