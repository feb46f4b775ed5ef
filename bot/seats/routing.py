"""Who has the conversation next: transfer, take over, reassign, and back to the front of the queue.

All inside the caller's transaction, with the locks in the order that bot/seats/presence.py names.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.errors import Conflict, Invalid, NotAllowed, NotFound
from bot.roles import at_seat, may
from bot.seats import events, handover, notes, offers, presence
from bot.store import transcript
from bot.store.conversations import Conversation
from bot.store.handovers import Handover
from bot.store.operators import Operator
from bot.store.seating import Group
from bot.words import say

AT_ONCE = 50  # conversations reassigned in one act


async def transfer(
    session: AsyncSession,
    conversation_id: int,
    by: Operator,
    *,
    operator: int | None = None,
    group: int | None = None,
    note: str,
) -> Handover:
    """Pass it on to a colleague or a group, with a note. It waits at the front until they take it; a
    colleague who does not is passed over for the others."""
    await _fit(session, operator, group)
    conversation = await transcript.lock(session, conversation_id)
    row = await handover.held_by(session, conversation, by)
    if operator == row.operator_id:
        raise Invalid({"operator": "会话就在这位同事手上 · they have it already"})
    row.wanted_id, row.group_id = operator, group
    row.note = note or row.note
    await _to_front(session, conversation, row, "person-transferring")
    events.record(
        session, row, "transferred", by=by.id, operator=operator, group=group, reason="asked", note=note
    )
    if note:
        await notes.add(session, conversation, by, note, (operator,) if operator else (), kind="transfer")
    await events.tell(session, "queued", row)
    return row


async def _fit(session: AsyncSession, operator: int | None, group: int | None) -> None:
    if (operator is None) == (group is None):
        raise Invalid({"operator": "请选择一位同事或一个组 · choose a colleague or a group"})
    if group is not None and await session.get(Group, group) is None:
        raise Invalid({"group": "没有这个组 · no such group"})
    if operator is None:
        return
    there = select(Operator.id).where(
        Operator.id == operator, Operator.presence.in_(presence.AT_SEAT), presence.there()
    )
    if await session.scalar(there) is None:
        raise Conflict("这位同事现在不在岗 · this colleague is not there now")


async def take_over(session: AsyncSession, conversation_id: int, by: Operator) -> Conversation:
    """A supervisor speaks from now on, whoever did before: a colleague, the queue, the assistant."""
    if not may(by.role, "supervisor"):
        raise NotAllowed("只有值班长可以接管 · only supervisors take over")
    by = await presence.locked(session, by.id)
    conversation = await transcript.lock(session, conversation_id)
    row = await handover.open_handover(session, conversation_id)
    if row is None:
        row = await handover.queue(session, conversation, "taken_over")
    if row.operator_id == by.id and row.status == "claimed":
        raise Conflict("会话就在您手上 · you have it already")
    before = row.operator_id if row.status == "claimed" else None
    await handover.hold(session, conversation, row, by)
    events.record(session, row, "taken_over", by=by.id, operator=before)
    events.privileged(session, by.id, "seat.take_over", f"conversation:{conversation_id}", operator=before)
    await events.tell(session, "claimed", row, before=before)
    return conversation


async def whisper(session: AsyncSession, conversation_id: int, by: Operator, text: str) -> None:
    """A word to the colleague who speaks; it calls them wherever they are in the console."""
    if not may(by.role, "supervisor"):
        raise NotAllowed("只有值班长可以 · only supervisors may")
    conversation = await transcript.lock(session, conversation_id)
    row = await handover.open_handover(session, conversation_id)
    if row is None or row.status != "claimed" or row.operator_id is None or row.operator_id == by.id:
        raise Conflict("没有同事在这个会话里 · no colleague is speaking in this conversation")
    await notes.add(session, conversation, by, text, (row.operator_id,), whisper=True)


async def reassign(
    session: AsyncSession,
    conversation_ids: Iterable[int],
    to: int | None,
    by: Operator,
    *,
    group: int | None = None,
    note: str = "",
) -> list[int]:
    """Many at once: to one colleague, who has them at once, or (`to` None) back to the front of the queue.
    Returns those that moved; who waits for nobody stays where they are."""
    if not may(by.role, "supervisor"):
        raise NotAllowed("只有值班长可以改派 · only supervisors reassign")
    if group is not None and await session.get(Group, group) is None:
        raise Invalid({"group": "没有这个组 · no such group"})
    wanted = sorted(set(conversation_ids))
    if not 0 < len(wanted) <= AT_ONCE:
        raise Invalid({"conversations": f"一次 1–{AT_ONCE} 个 · 1–{AT_ONCE} at a time"})
    target = await presence.locked(session, to) if to is not None else None
    if target is not None and not _at_seat(target):
        raise Conflict("这位同事现在不在岗 · this colleague is not there now")
    rows = [await _open(session, key) for key in wanted]
    moving = [(c, r) for c, r in rows if r is not None and not (target and r.operator_id == target.id)]
    if target is not None:
        await handover.room(session, target, sum(r.rank < handover.RANK["emergency"] for _, r in moving))
        await offers.lock(session, [row.id for _, row in moving], target.id)
    for conversation, row in moving:
        before = row.operator_id if row.status == "claimed" else None
        if target is not None:
            await handover.hold(session, conversation, row, target)
        else:
            row.group_id, row.wanted_id = group, None
            if before is not None:
                await _to_front(session, conversation, row, "person-transferring")
        events.record(session, row, "reassigned", by=by.id, operator=to, group=group, note=note)
        await events.tell(session, "claimed" if target else "queued", row, before=before)
    moved = [conversation.id for conversation, _ in moving]
    events.privileged(session, by.id, "seat.reassign", f"user:{to}" if to else "queue", conversations=moved)
    return moved


def _at_seat(operator: Operator) -> bool:
    seen = operator.seen_at
    fresh = seen is not None and datetime.now(UTC) - seen < presence.PRESENT_FOR
    return operator.active and operator.presence in presence.AT_SEAT and fresh


async def _open(session: AsyncSession, key: int) -> tuple[Conversation, Handover | None]:
    try:
        conversation = await transcript.lock(session, key)
    except NotFound as error:
        raise Invalid({"conversations": f"没有会话 {key} · no conversation {key}"}) from error
    return conversation, await handover.open_handover(session, key)


async def _to_front(session: AsyncSession, conversation: Conversation, row: Handover, words: str) -> None:
    """The conversation waits again, before all of its urgency; what was said stays with it."""
    row.status, row.operator_id, row.claimed_at = "queued", None, None
    row.waiting_since, row.came_back, row.told_late = datetime.now(UTC), True, False
    conversation.mode = "queued"
    await session.flush()
    await transcript.say(
        session,
        conversation,
        say(conversation.language, words),
        author="system",
        extra={"notice": "person_left"},
    )


async def release(session: AsyncSession, operator: Operator, why: str, by: int | None = None) -> list[int]:
    """Everything that this operator holds goes back to the front of the queue. `why`: lost · offline ·
    no_reply. The operator is locked."""
    keys = await session.scalars(
        select(Handover.conversation_id)
        .where(Handover.operator_id == operator.id, Handover.status == "claimed")
        .order_by(Handover.conversation_id)
    )
    return [key for key in keys.all() if await release_one(session, key, operator, why, by)]


async def release_one(
    session: AsyncSession, conversation_id: int, operator: Operator, why: str, by: int | None = None
) -> bool:
    conversation = await transcript.lock(session, conversation_id)
    row = await handover.open_handover(session, conversation_id)
    if row is None or row.status != "claimed" or row.operator_id != operator.id:
        return False
    row.group_id = row.wanted_id = None
    said = "person-lost" if why == "lost" else "person-transferring"
    await _to_front(session, conversation, row, said)
    events.record(session, row, "released", by=by, operator=operator.id, reason=why)
    kind = "alarm" if row.rank == handover.RANK["emergency"] else "queued"
    await events.tell(session, kind, row, before=operator.id, why=why)
    return True


async def be(session: AsyncSession, operator_id: int, wanted: str) -> Operator:
    """One's own presence. Who leaves gives back what they hold; who does not take new ones is not asked."""
    operator = await presence.locked(session, operator_id)
    if wanted != "online":
        await offers.withdraw_from(session, operator)
    if wanted == "offline":
        await release(session, operator, "offline", by=operator_id)
    await presence.set_presence(session, operator, wanted)
    return operator


async def send_away(session: AsyncSession, operator_id: int, wanted: str, by: Operator) -> Operator:
    """A supervisor sets somebody's presence, as for one who forgot to leave."""
    if not may(by.role, "supervisor"):
        raise NotAllowed("只有值班长可以 · only supervisors may")
    operator = await presence.locked(session, operator_id)
    seen = operator.seen_at
    if wanted in presence.AT_SEAT and (not at_seat(operator.role) or not _connected(operator)):
        raise Conflict("这位同事没有打开坐席页面 · their console is not open")
    await offers.withdraw_from(session, operator)
    moved: Sequence[int] = []
    if wanted == "offline":
        moved = await release(session, operator, "offline", by=by.id)
    await presence.set_presence(session, operator, wanted)
    operator.seen_at = seen  # it was not their console that spoke
    events.privileged(
        session, by.id, "seat.presence", f"user:{operator_id}", presence=wanted, conversations=list(moved)
    )
    return operator


def _connected(operator: Operator) -> bool:
    return (
        operator.active
        and operator.seen_at is not None
        and datetime.now(UTC) - operator.seen_at < presence.PRESENT_FOR
    )
