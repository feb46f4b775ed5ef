"""What citizens asked and the knowledge base could not answer, and whether its answers helped: a work list
for those who keep the articles."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Annotated, Literal

from pydantic import Field, StringConstraints
from sqlalchemy import func, select, update

from bot.console import audit, search, views
from bot.console.api import Call
from bot.console.shapes import Answer, Done, Nothing, Shape, Short
from bot.errors import NotFound
from bot.store.office import Question

MOST = 100
Days = Annotated[int, Field(ge=1, le=3650)]


class QuestionQuery(Shape):
    """The last `days`; `service` and `q` narrow it."""

    days: Days = 30
    q: Short = ""
    service: Short = ""
    state: Literal["open", "done"] = "open"


class AskedRow(Answer):
    """One question in its own words (masked), however often it was asked."""

    text: str
    service: views.Titled | None
    count: int
    last_at: datetime
    done: bool


class Asked(Answer):
    """The most asked first; `total` counts all, also those beyond the list."""

    rows: list[AskedRow]
    total: int


class ArticleRow(Answer):
    article: str
    title: str
    yes: int
    no: int
    last_at: datetime


class Articles(Answer):
    """Least helpful first."""

    rows: list[ArticleRow]


class Handled(Shape):
    """An article was written, or none is needed; `undo` puts it back."""

    text: Annotated[str, StringConstraints(min_length=1, max_length=500)]
    undo: bool = False


async def asked(call: Call[QuestionQuery, Nothing]) -> Asked:
    query = call.query
    number, last = func.count().label("number"), func.max(Question.created_at).label("last")
    done = func.bool_and(Question.done_at.is_not(None)).label("done")
    since = datetime.now(UTC) - timedelta(days=query.days)
    conditions = [Question.helped.is_(None), Question.created_at >= since]
    conditions.append(Question.done_at.is_not(None) if query.state == "done" else Question.done_at.is_(None))
    if query.q:
        conditions.append(search.like(Question.masked, query.q))
    if query.service:
        conditions.append(Question.service == query.service)
    rows = await call.session.execute(
        select(Question.masked, func.max(Question.service), number, last, done)
        .where(*conditions)
        .group_by(Question.masked)
        .order_by(number.desc(), last.desc())
        .limit(MOST)
    )
    return Asked(
        rows=[
            AskedRow(
                text=text,
                service=views.titled_service(call.world.catalogue, str(service)) if service else None,
                count=count,
                last_at=at,
                done=is_done,
            )
            for text, service, count, at, is_done in rows
        ],
        total=await call.session.scalar(select(func.count()).where(*conditions)) or 0,
    )


async def articles(call: Call[QuestionQuery, Nothing]) -> Articles:
    """Did this help: the answers that citizens voted on."""
    since = datetime.now(UTC) - timedelta(days=call.query.days)
    yes = func.count().filter(Question.helped.is_(True)).label("yes")
    no = func.count().filter(Question.helped.is_(False)).label("no")
    rows = await call.session.execute(
        select(Question.article, yes, no, func.max(Question.created_at))
        .where(Question.helped.is_not(None), Question.article.is_not(None), Question.created_at >= since)
        .group_by(Question.article)
        .order_by(no.desc(), yes)
        .limit(MOST)
    )
    titles = {entry.id: entry for entry in call.world.knowledge.entries}
    return Articles(
        rows=[
            ArticleRow(
                article=article,
                title=titles[article].questions[0] if article in titles else article,
                yes=helped,
                no=not_helped,
                last_at=at,
            )
            for article, helped, not_helped, at in rows
        ]
    )


async def handled(call: Call[Nothing, Handled]) -> Done:
    now = None if call.body.undo else datetime.now(UTC)
    changed = await call.session.scalars(
        update(Question)
        .where(Question.masked == call.body.text, Question.helped.is_(None))
        .values(done_at=now, done_by=None if call.body.undo else call.operator.id)
        .returning(Question.id)
    )
    ids = changed.all()
    if not ids:
        raise NotFound("没有这个问题 · no such question")
    audit.record(call.session, call.operator.id, "question.undo" if call.body.undo else "question.done",
                 f"question:{ids[0]}", rows=len(ids))  # fmt: skip
    return Done()
