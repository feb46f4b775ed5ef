"""Answer from the knowledge base; what nobody has an answer for is logged and offered as a ticket."""

from __future__ import annotations

from actions.base import AnswerQuestion, Desk, Say
from channels.base import Choice


async def run(desk: Desk, step: AnswerQuestion) -> list[Say]:
    articles = await desk.search(step.question, step.service)
    if not articles:
        await desk.missed(step.question, step.service)
        return [step.then] if step.then else []
    best = articles[0]
    values = {
        "answer": best.answer,
        "source": best.source,
        "sourced": bool(best.source),
        "links": "\n".join(best.links),
        "linked": bool(best.links),
        "article": best.id,
    }
    choices = [
        Choice("@choice-helped", f"helped:yes:{best.id}"),
        Choice("@choice-not-helped", f"helped:no:{best.id}"),
    ]
    if step.draft is not None:
        choices.append(Choice("@choice-file", "file"))
    return [Say("answer", values, tuple(choices))]
