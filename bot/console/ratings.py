"""What citizens thought of conversations with a person: for supervisors, newest first."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select

from bot.console import search
from bot.console.api import Call
from bot.console.pages import after_key, page
from bot.console.shapes import Answer, Cursor, Id, Limit, Nothing, Page, Shape
from bot.store.handovers import Rating
from bot.store.operators import Operator


class RatingQuery(Shape):
    """`low`: two stars and fewer."""

    low: bool = False
    operator: Id | None = None
    after: Cursor = ""
    limit: Limit = 30


class RatingRow(Answer):
    handover: int
    conversation: int
    operator: str
    stars: int | None
    words: str
    at: datetime


async def ratings(call: Call[RatingQuery, Nothing]) -> Page[RatingRow]:
    """Newest first; the words are masked."""
    query = call.query
    statement = (
        select(Rating, Operator.name)
        .outerjoin(Operator, Operator.id == Rating.operator_id)
        .where(Rating.rated_at.is_not(None))
        .order_by(Rating.rated_at.desc(), Rating.handover_id.desc())
        .limit(query.limit + 1)
    )
    if query.low:
        statement = statement.where(Rating.stars <= 2)
    if query.operator is not None:
        statement = statement.where(Rating.operator_id == query.operator)
    if query.after:
        moment, key = after_key(query.after)
        statement = statement.where(search.before(Rating.rated_at, moment, Rating.handover_id, key))
    rows = [
        RatingRow(
            handover=row.handover_id,
            conversation=row.conversation_id,
            operator=name or "",
            stars=row.stars,
            words=row.masked,
            at=row.rated_at or row.asked_at,
        )
        for row, name in await call.session.execute(statement)
    ]
    return page(rows, query.limit, lambda row: (row.at, row.handover))
