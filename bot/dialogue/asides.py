"""In between: while a request is open, something else is asked or told. Dealt with, then back to it."""

from __future__ import annotations

import re
from dataclasses import replace

from actions.base import AnswerQuestion, Feedback
from bot.dialogue import answering, collecting, phrases, showing, smalltalk, tickets
from bot.dialogue.moment import Moment, say, understood
from bot.dialogue.types import Decision

_WHY_DETAIL = re.compile(r"电话|手机|号码|地址|哪里|姓名|名字|这个|信息|phone|address|name", re.I)
_SHORT = 30


def aside(moment: Moment) -> Decision | None:
    """None when the message is about the open request after all."""
    draft = moment.draft
    if draft is None or moment.state.asked in ("answered", "alarm"):
        return None
    if moment.choice[0] == "helped":
        return _helped(moment)
    if moment.meaning.payload or not moment.meaning.text:
        return None
    parts = _PARTS if moment.state.asked not in ("service", "") else (_ticket, _small_talk)
    for part in parts:
        decision = part(moment)
        if decision is not None:
            return decision
    return None


def _answers(moment: Moment) -> bool:
    """Whether the message holds a detail, so that it is an answer before anything else."""
    draft = moment.draft
    service = moment.service(draft.service) if draft else None
    new = moment.found(service)
    asked = moment.state.asked
    return asked in new or (bool(new) and asked not in ("confirm",) and len(moment.meaning.text) <= _SHORT)


def _back(moment: Moment, decision: Decision) -> Decision:
    """After what was done in between, the open question again."""
    state = replace(decision.state, draft=moment.draft, asked=moment.state.asked)
    return replace(decision, state=state, steps=(*decision.steps, *showing.repeat(moment)))


def _helped(moment: Moment) -> Decision:
    helped, _, article = moment.choice[1].partition(":")
    return _back(moment, understood(moment.state, Feedback(article, helped == "yes")))


def _why(moment: Moment) -> Decision | None:
    text, asked = moment.meaning.text, moment.state.asked
    if len(text) > _SHORT or not phrases.WHY.search(text) or asked in ("matter", "confirm", "change", "wish"):
        return None
    if asked == "phone" or _WHY_DETAIL.search(text):
        about = "phone" if re.search(r"电话|手机|号码|phone", text, re.I) else asked
        key = f"why-{about}" if about in ("phone", "place") else "why-other"
        return _back(moment, understood(moment.state, say(key)))
    return None


def _ticket(moment: Moment) -> Decision | None:
    """ "我上次那个工单怎么样了？" in the middle of another request."""
    text, act = moment.meaning.text, moment.meaning.act
    numbered = bool(tickets.lookup_in(text).number)
    if not numbered and (act not in ("ask_progress", "urge") or len(text) > _SHORT or _answers(moment)):
        return None
    decision = tickets.handle(moment)
    return _back(moment, decision) if decision else None


def _another(moment: Moment) -> Decision | None:
    """A further request: kept word for word, taken up when this one is done."""
    meaning, draft, state = moment.meaning, moment.draft, moment.state
    if draft is None or state.asked in ("matter", "change"):
        return None
    if len(meaning.requests) > 1:
        return _rest_queued(moment)
    if not meaning.sure or meaning.confidence < moment.policy.switch or meaning.service == draft.service:
        return None
    told_apart = bool(phrases.ANOTHER.search(meaning.text))
    if len(meaning.text) < 6 or (_answers(moment) and not told_apart) or meaning.act == "correct":
        return None
    if phrases.CORRECTION.search(phrases.plain(meaning.text)):
        return None
    if state.memory.get("parked"):
        return _unparked(moment)
    line = say("queued-request", service=moment.title(meaning.service))
    return _back(moment, understood(replace(state, pending=(*state.pending, meaning.text)), line))


def _rest_queued(moment: Moment) -> Decision:
    """Several requests at once while one is open: they wait, what they say of this one is taken."""
    rest = moment.meaning.requests
    first_is_ours = _answers(moment)
    queued = rest[1:] if first_is_ours else rest
    ahead = replace(moment, state=replace(moment.state, pending=(*moment.state.pending, *queued)))
    decision = answering.answer(ahead) if first_is_ours else None
    line = say("queued-several", count=len(queued))
    if decision is None:
        return _back(moment, understood(ahead.state, line))
    return replace(decision, steps=(line, *decision.steps))


def _unparked(moment: Moment) -> Decision | None:
    """The open request fell silent long ago: the new one goes first, the old one is not forgotten."""
    draft, service = moment.draft, moment.service(moment.meaning.service)
    if draft is None or service is None:
        return None
    pending = (*moment.state.pending, draft.text)
    return collecting.begin(moment.with_state(draft=None, pending=pending), service)


def _small_talk(moment: Moment) -> Decision | None:
    meaning, asked = moment.meaning, moment.state.asked
    if asked in ("confirm", "change") and meaning.act in ("thank", "bye"):
        return None
    free = asked in ("matter", "wish", "party", "name", "source", "extent", "proof")
    if _answers(moment) or (free and not meaning.by_rule):
        return None
    return smalltalk.beside(moment)


def _question(moment: Moment) -> Decision | None:
    meaning, asked, draft = moment.meaning, moment.state.asked, moment.draft
    if draft is None or asked in ("matter", "wish", "change"):
        return None
    if meaning.kind != "question" or meaning.by_rule:
        return None
    if not phrases.QUESTION.search(meaning.text) or _answers(moment):
        return None
    service = moment.service(meaning.service) if meaning.sure else None
    step = AnswerQuestion(meaning.text, service.id if service else None, then=say("answer-later"))
    draft = answering.with_words(moment, draft)
    return _back(moment.with_state(draft=draft), understood(moment.state, step))


_PARTS = (_why, _ticket, _question, _another, _small_talk)
