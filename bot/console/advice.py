"""The route of suggestions: the bot's proposed answer, matching articles, calming words."""

from __future__ import annotations

from sqlalchemy import select

from bot.console import look
from bot.console.api import Call
from bot.console.shapes import Answer, Nothing
from bot.seats import advice
from bot.store.office import CannedReply
from bot.words import say


class ArticleView(Answer):
    id: str
    question: str
    answer: str
    source: str
    links: list[str]
    score: float


class AdviceView(Answer):
    """`seq` is the citizen's line that it answers; `would` names what the bot would do besides speaking."""

    seq: int
    proposed: str
    would: list[str]
    articles: list[ArticleView]
    calm: list[str]


async def suggestions(call: Call[Nothing, Nothing]) -> AdviceView:
    """The rows are read first; the search by meaning holds no transaction."""
    async with call.session.begin():
        found = await look.one(call.session, call.operator, call.id)
        asked = await advice.asked(call.session, found)
        query = select(CannedReply.body).where(CannedReply.purpose == "calm").order_by(CannedReply.id)
        calm = list(await call.session.scalars(query.limit(9)))
    await call.session.close()
    calm = calm or [say(found.language, "calm")]
    if asked is None:
        return AdviceView(seq=0, proposed="", would=[], articles=[], calm=calm)
    given = await advice.give(call.world, asked)
    return AdviceView(
        seq=asked.seq,
        proposed=given.proposed,
        would=list(given.would),
        articles=[
            ArticleView(
                id=one.id,
                question=one.question,
                answer=one.answer,
                source=one.source,
                links=list(one.links),
                score=one.score,
            )
            for one in given.articles
        ],
        calm=calm,
    )
