"""Correcting in place what the bot understood of a line; the studio hears of it in the same transaction."""

from __future__ import annotations

from typing import Annotated

from pydantic import StringConstraints, model_validator

from actions.base import Kind
from bot.console import audit, look, talk_views
from bot.console.api import Call
from bot.console.shapes import Nothing, Shape, Short
from bot.errors import Invalid
from bot.seats import corrections
from bot.store import transcript
from bot.store.operators import Operator
from bot.studio import inbox


class Reading(Shape):
    """How it should have been read; what is left out was right. `note` is for the studio."""

    service: Short = ""
    kind: Kind | None = None
    place: Annotated[str, StringConstraints(strip_whitespace=True, max_length=200)] = ""
    note: Annotated[str, StringConstraints(strip_whitespace=True, max_length=500)] = ""

    @model_validator(mode="after")
    def _something(self) -> Reading:
        if not (self.service or self.kind or self.place):
            raise ValueError("没有更正 · nothing is corrected")
        return self


async def correct(call: Call[Nothing, Reading]) -> talk_views.LineView:
    body, catalogue, session = call.body, call.world.catalogue, call.session
    if body.service and catalogue.get(body.service) is None:
        raise Invalid({"service": "没有这个服务事项 · no such service"})
    found = await look.one(session, call.operator, call.id)
    conversation = await transcript.lock(session, found.id)
    me = await session.get_one(Operator, call.operator.id)
    reading = corrections.Reading(body.service, body.kind or "", body.place)
    seq = int(call.path("seq"))
    message = await corrections.correct(session, catalogue, conversation, seq, me, reading)
    await inbox.put(
        session,
        message,
        "corrected",
        service=body.service or None,
        kind=body.kind or "",
        note=body.note,
        operator=me,
    )
    audit.record(session, me.id, "correct", f"conversation:{conversation.id}", seq=seq, service=body.service)
    masked = await look.masked_for(session, me, conversation.id)
    return (
        await look.lines(session, catalogue, conversation.id, masked=masked, after=seq - 1, before=seq + 1)
    )[0]
