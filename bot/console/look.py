"""Reads of conversations that pages and the live feed share: rows of lists, lines, who may see what."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Select, and_, func, or_, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from bot import codec
from bot.console import audit, talk_views
from bot.dialogue.types import State
from bot.errors import NotFound
from bot.roles import may
from bot.seats import corrections
from bot.seats.handover import ORDER
from bot.services import Catalogue
from bot.store.conversations import Conversation, Message, Outbox
from bot.store.handovers import Handover, Offer
from bot.store.operators import Operator
from bot.store.talking import Mention

OPEN = Handover.status != "ended"


def rows() -> Select[Conversation, Message, Handover, str]:
    """Conversations with their last line, their open hand-over and who holds it."""
    return (
        select(Conversation, Message, Handover, Operator.name)
        .outerjoin(Message, and_(Message.conversation_id == Conversation.id, Message.seq == Conversation.seq))
        .outerjoin(Handover, and_(Handover.conversation_id == Conversation.id, OPEN))
        .outerjoin(Operator, Operator.id == Handover.operator_id)
    )


async def listed(
    session: AsyncSession, catalogue: Catalogue, statement: Select[Conversation, Message, Handover, str]
) -> list[talk_views.ConversationRow]:
    found = (await session.execute(statement)).all()
    services = await _services(session, [row[0] for row in found])
    said = await _said(session, [row[0].id for row in found if row[1] and row[1].author != "citizen"])
    offered = await _offered(session, [row[2].id for row in found if row[2] and row[2].status == "queued"])
    return [
        talk_views.conversation_row(
            catalogue,
            conversation,
            last,
            talk_views.handover(handover, name or "").model_copy(update=offered.get(handover.id, {}))
            if handover
            else None,
            services.get(conversation.id),
            said.get(conversation.id),
        )
        for conversation, last, handover, name in found
    ]


async def _offered(session: AsyncSession, handovers: Sequence[int]) -> dict[int, dict[str, Any]]:
    """Before whom a waiting conversation is, and until when."""
    if not handovers:
        return {}
    rows = await session.execute(
        select(Offer, Operator.name)
        .join(Operator, Operator.id == Offer.operator_id)
        .where(Offer.handover_id.in_(handovers), Offer.outcome == "")
    )
    return {
        offer.handover_id: {
            "offered_id": offer.operator_id,
            "offered": name,
            "offered_until": offer.expires_at,
        }
        for offer, name in rows
    }


async def _services(session: AsyncSession, rows: Sequence[Conversation]) -> dict[int, str]:
    """What each conversation is about: the request that is being collected, else what was understood last. (A
    place alone, given as an answer, is easily taken for a matter of its own.)
    """
    states = {row.id: codec.load(State, row.state) for row in rows if row.state}
    found = {
        key: str(state.draft.service) for key, state in states.items() if state.draft and state.draft.service
    }
    if ids := [row.id for row in rows if row.id not in found]:
        query = (
            select(Message.conversation_id, Message.service)
            .where(Message.conversation_id.in_(ids), Message.service.is_not(None))
            .ext(distinct_on(Message.conversation_id))
            .order_by(Message.conversation_id, Message.seq.desc())
        )
        found |= {row.conversation_id: row.service for row in await session.execute(query)}
    return found


async def _said(session: AsyncSession, ids: Sequence[int]) -> dict[int, Message]:
    """The citizen's last line, per conversation: what a list shows of it."""
    if not ids:
        return {}
    query = (
        select(Message)
        .where(Message.conversation_id.in_(ids), Message.author == "citizen")
        .ext(distinct_on(Message.conversation_id))
        .order_by(Message.conversation_id, Message.seq.desc())
    )
    return {row.conversation_id: row for row in await session.scalars(query)}


async def waiting(
    session: AsyncSession, catalogue: Catalogue, handover_id: int | None = None, limit: int = 300
) -> list[talk_views.ConversationRow]:
    """The queue: gravest first, then who waits longest. One entry of it when `handover_id` is given."""
    statement = rows().where(Handover.status == "queued").order_by(*ORDER).limit(limit)
    if handover_id is not None:
        statement = statement.where(Handover.id == handover_id)
    return await listed(session, catalogue, statement)


async def held(
    session: AsyncSession, catalogue: Catalogue, operator_id: int
) -> list[talk_views.ConversationRow]:
    """Conversations that this operator is speaking in."""
    statement = rows().where(Handover.operator_id == operator_id, Handover.status == "claimed")
    return await listed(session, catalogue, statement.order_by(Handover.claimed_at))


def visible_to(operator: Operator) -> Any:
    """The condition on conversations that an operator may open: those that wait, those they held, and
    those to which a colleague's note called them."""
    if may(operator.role, "supervisor"):
        return True
    mine = aliased(Handover)
    held = select(mine.id).where(
        mine.conversation_id == Conversation.id,
        or_(mine.status == "queued", mine.operator_id == operator.id),
    )
    called = select(Mention.note_id).where(
        Mention.conversation_id == Conversation.id, Mention.operator_id == operator.id
    )
    return or_(held.exists(), called.exists())


async def one(session: AsyncSession, operator: Operator, conversation_id: int) -> Conversation:
    """Raises NotFound, also for what is not theirs to see."""
    found: Conversation | None = await session.scalar(
        select(Conversation).where(Conversation.id == conversation_id, visible_to(operator))
    )
    if found is None:
        raise NotFound("没有这个会话，或您无权查看 · no such conversation, or not yours to see")
    return found


async def visible(session: AsyncSession, operator: Operator, ids: Iterable[int]) -> set[int]:
    query = select(Conversation.id).where(Conversation.id.in_(list(ids)), visible_to(operator))
    return set(await session.scalars(query))


async def masked_for(session: AsyncSession, operator: Operator, conversation_id: int) -> bool:
    """Who speaks with the citizen reads what they write; everybody else asks first, and that is recorded."""
    speaking = await session.scalar(
        select(Handover.id).where(
            Handover.conversation_id == conversation_id,
            Handover.status == "claimed",
            Handover.operator_id == operator.id,
        )
    )
    return speaking is None and not await audit.looking(
        session, operator.id, f"conversation:{conversation_id}"
    )


async def lines(
    session: AsyncSession,
    catalogue: Catalogue,
    conversation_id: int,
    *,
    masked: bool,
    after: int = 0,
    before: int | None = None,
    limit: int = 50,
) -> list[talk_views.LineView]:
    """The newest lines between `after` and `before`, oldest first."""
    query = (
        select(Message, Operator.name)
        .outerjoin(Operator, Operator.id == Message.operator_id)
        .where(Message.conversation_id == conversation_id, Message.seq > after)
        .order_by(Message.seq.desc())
        .limit(limit)
    )
    if before is not None:
        query = query.where(Message.seq < before)
    found = list(reversed((await session.execute(query)).all()))
    outs = await _deliveries(session, conversation_id, [row.id for row, _ in found])
    read = await corrections.newest(session, [row.id for row, _ in found if row.author == "citizen"])
    return [
        talk_views.line(
            catalogue,
            row,
            masked,
            name or "",
            outs.get(row.id),
            talk_views.corrected(catalogue, *read[row.id], masked) if row.id in read else None,
        )
        for row, name in found
    ]


async def _deliveries(
    session: AsyncSession, conversation_id: int, messages: Sequence[int]
) -> dict[int, Outbox]:
    """The worst of a line's pieces; a line that left as part of another shares its fate."""
    query = select(Outbox).where(Outbox.conversation_id == conversation_id, Outbox.message_id.in_(messages))
    found = (await session.scalars(query.order_by(Outbox.id))).all()
    into = {row.merged_into for row in found if row.merged_into} - {row.id for row in found}
    others = await session.scalars(select(Outbox).where(Outbox.id.in_(into))) if into else ()
    by_id = {row.id: row for row in (*found, *others)}
    out: dict[int, Outbox] = {}
    for row in found:
        final = by_id.get(row.merged_into or row.id, row)
        if row.message_id and (row.message_id not in out or _worse(final, out[row.message_id])):
            out[row.message_id] = final
    return out


_ORDER = ("delivered", "sent", "merged", "cancelled", "queued", "held", "given_up")


def _worse(one: Outbox, other: Outbox) -> bool:
    return _ORDER.index(one.status) > _ORDER.index(other.status)


async def count_waiting(session: AsyncSession) -> int:
    return await session.scalar(select(func.count()).where(Handover.status == "queued")) or 0
