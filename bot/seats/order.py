"""The order of the queue: urgency, then who had a person and lost them, then who asked first.

What counts is since when somebody has asked, not since when their operator left: nobody loses their place
by what befell the other side.
"""

from __future__ import annotations

from sqlalchemy import ColumnElement, and_, or_

from bot.store.handovers import Handover

ORDER = (Handover.rank.desc(), Handover.came_back.desc(), Handover.queued_at, Handover.id)


def ahead_of(one: Handover) -> ColumnElement[bool]:
    """The condition that another hand-over is taken before this one."""
    earlier = or_(
        Handover.queued_at < one.queued_at, and_(Handover.queued_at == one.queued_at, Handover.id < one.id)
    )
    same = and_(Handover.came_back.is_(one.came_back), earlier)
    ahead = same if one.came_back else or_(Handover.came_back.is_(True), same)
    return or_(Handover.rank > one.rank, and_(Handover.rank == one.rank, ahead))
