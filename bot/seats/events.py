"""What happened at the seats, one row each: the history of a hand-over, and what figures are made of."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncSession

from bot.store.handovers import Handover, SeatEvent
from bot.store.office import Audit
from bot.store.session import notify


async def tell(session: AsyncSession, kind: str, handover: Handover, **more: object) -> None:
    """Every console hears of it when this transaction commits."""
    await notify(
        session, "seats", kind=kind, handover=handover.id, conversation=handover.conversation_id, **more
    )


def record(
    session: AsyncSession,
    handover: Handover,
    verb: str,
    *,
    by: int | None = None,
    operator: int | None = None,
    group: int | None = None,
    reason: str = "",
    note: str = "",
) -> None:
    session.add(
        SeatEvent(
            handover_id=handover.id,
            conversation_id=handover.conversation_id,
            verb=verb,
            operator_id=operator,
            by_id=by,
            group_id=group,
            reason=reason,
            note=note,
        )
    )


def privileged(session: AsyncSession, by: int, verb: str, thing: str, **data: object) -> None:
    """A right that not everybody has was used: it stands in the audit. `data` holds ids only."""
    session.add(Audit(operator_id=by, verb=verb, object=thing, data=data))
