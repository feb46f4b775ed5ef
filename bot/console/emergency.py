"""Routes of an emergency: numbers to call, the place found, the checklist and its log."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import StringConstraints, model_validator
from sqlalchemy import select

from bot import codec
from bot.console import look, views
from bot.console.api import Call
from bot.console.shapes import Answer, Nothing, Shape
from bot.console.views import Titled
from bot.dialogue import places
from bot.dialogue.types import State, Understanding
from bot.errors import Invalid, NotFound
from bot.masking import mask
from bot.seats import emergencies
from bot.store import transcript
from bot.store.conversations import Conversation, Message
from bot.store.handovers import Handover
from bot.store.operators import Operator
from bot.store.tickets import Ticket


class StepView(Answer):
    """`ask`: the text is a question to the citizen. `by` and `at` say who ticked it off when."""

    id: str
    zh: str
    en: str
    ask: bool
    done: bool
    by: str
    at: datetime | None


class CallView(Answer):
    """A number to ring; `called` says by whom and when it was."""

    number: str
    zh: str
    en: str
    by: str
    at: datetime | None


class PlaceView(Answer):
    text: str
    area: str
    latitude: float | None
    longitude: float | None


class LogView(Answer):
    at: datetime
    verb: str
    who: str
    step: str
    text: str


class EmergencyView(Answer):
    handover: int
    open: bool
    since: datetime
    classes: list[Titled]
    advice: list[Titled]
    numbers: list[CallView]
    place: PlaceView | None
    steps: list[StepView]
    log: list[LogView]


class Did(Shape):
    """`done` and `undone` name a step of the checklist, `called` a number, `wrote` has words."""

    verb: Literal["done", "undone", "called", "wrote"]
    step: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{0,40}$")] = ""
    text: Annotated[str, StringConstraints(strip_whitespace=True, max_length=500)] = ""

    @model_validator(mode="after")
    def _something(self) -> Did:
        if not (self.text if self.verb == "wrote" else self.step):
            raise ValueError("没有内容 · nothing to note")
        return self


async def emergency(call: Call[Nothing, Nothing]) -> EmergencyView:
    found = await look.one(call.session, call.operator, call.id)
    return await _view(call, found, await _last(call, found))


async def did(call: Call[Nothing, Did]) -> EmergencyView:
    found = await look.one(call.session, call.operator, call.id)
    conversation = await transcript.lock(call.session, found.id)
    handover = await _last(call, conversation)
    _check(call, handover)
    me = await call.session.get_one(Operator, call.operator.id)
    body = call.body
    await emergencies.note(call.session, conversation, me, body.verb, body.step, body.text)
    return await _view(call, conversation, handover)


async def _last(call: Call[Any, Any], conversation: Conversation) -> Handover:
    handover = await emergencies.last(call.session, conversation.id)
    if handover is None:
        raise NotFound("这个会话没有紧急情况 · no emergency in this conversation")
    return handover


def _check(call: Call[Nothing, Did], handover: Handover) -> None:
    catalogue, body = call.world.catalogue, call.body
    if body.verb in ("done", "undone"):
        known = {step.id for step in catalogue.checklists.steps(tuple(handover.safety))}
        if body.step not in known:
            raise Invalid({"step": "没有这一步 · no such step"})
    if body.verb == "called" and body.step not in _numbers(call, handover):
        raise Invalid({"step": "没有这个号码 · no such number"})


def _numbers(call: Call[Any, Any], handover: Handover) -> dict[str, Titled]:
    """Number → whose it is: those of the checklist, and what the safety net says where there is none."""
    city, classes = call.world.city, tuple(handover.safety)
    out = {
        city.numbers[key].number: Titled(id=key, zh=city.numbers[key].title, en=city.numbers[key].title_en)
        for key in call.world.catalogue.checklists.numbers(classes)
    }
    for name in classes:
        danger = call.world.net.emergency(name)
        if danger.call and danger.call not in out:
            out[danger.call] = Titled(id=name, zh=danger.title, en=call.world.net.emergency(name, "en").title)
    return out


async def _view(call: Call[Any, Any], conversation: Conversation, handover: Handover) -> EmergencyView:
    world, session, classes = call.world, call.session, tuple(handover.safety)
    done = await emergencies.steps(session, conversation.id, handover.queued_at)
    masked = await look.masked_for(session, call.operator, conversation.id)
    state = {row.step: (row, name) for row, name in done if row.verb in ("done", "undone")}
    rung = {row.step: (row, name) for row, name in done if row.verb == "called"}
    net = {name: (world.net.emergency(name), world.net.emergency(name, "en")) for name in classes}
    return EmergencyView(
        handover=handover.id,
        open=handover.status != "ended",
        since=handover.queued_at,
        classes=[Titled(id=name, zh=zh.title, en=en.title) for name, (zh, en) in net.items()],
        advice=[Titled(id=name, zh=zh.advice, en=en.advice) for name, (zh, en) in net.items()],
        numbers=[
            CallView(
                number=number,
                zh=title.zh,
                en=title.en,
                by=rung[number][1] if number in rung else "",
                at=rung[number][0].created_at if number in rung else None,
            )
            for number, title in _numbers(call, handover).items()
        ],
        place=await _place(call, conversation, masked),
        steps=[
            _step(step.id, step.text, step.text_en, step.ask, state.get(step.id))
            for step in world.catalogue.checklists.steps(classes)
        ],
        log=[
            LogView(at=e.at, verb=e.verb, who=e.who, step=e.step, text=mask(e.text) if masked else e.text)
            for e in await emergencies.log(session, handover, done)
        ],
    )


def _step(name: str, zh: str, en: str, ask: bool, kept: Any) -> StepView:
    done = kept is not None and kept[0].verb == "done"
    return StepView(
        id=name,
        zh=zh,
        en=en,
        ask=ask,
        done=done,
        by=kept[1] if done else "",
        at=kept[0].created_at if done else None,
    )


async def _place(call: Call[Any, Any], conversation: Conversation, masked: bool) -> PlaceView | None:
    """The newest place that is known: a pin, what was said, what the urgent ticket holds."""
    rows = await call.session.scalars(
        select(Message)
        .where(Message.conversation_id == conversation.id, Message.author == "citizen")
        .order_by(Message.seq.desc())
        .limit(12)
    )
    lines = rows.all()
    pins = [line.extra["location"] for line in lines if line.extra and line.extra.get("location")]
    text = next(filter(None, map(_said, lines)), "") or await _kept(call, conversation)
    if not pins and not text:
        return None
    pin = pins[0] if pins and not masked else {}
    label = str(pins[0].get("label") or "") if pins else ""
    return PlaceView(
        text=views.shown("place", text or label, masked),
        area="".join(reversed(call.world.city.areas_of(text or label)[-2:])),
        latitude=pin.get("latitude"),
        longitude=pin.get("longitude"),
    )


def _said(line: Message) -> str:
    if not line.understanding:
        return ""
    heard = codec.load(Understanding, line.understanding)
    place = places.joined(heard.text, heard.entities)
    return "" if not place or places.vague(place) else place


async def _kept(call: Call[Any, Any], conversation: Conversation) -> str:
    state = codec.load(State, conversation.state) if conversation.state else State()
    known = (state.draft.details.get("place") if state.draft else "") or state.memory.get("place", "")
    if known:
        return known
    ticket: Ticket | None = await call.session.scalar(
        select(Ticket)
        .where(Ticket.conversation_id == conversation.id, Ticket.urgency == "emergency")
        .order_by(Ticket.id.desc())
        .limit(1)
    )
    return str(ticket.details.get("place", "")) if ticket else ""
