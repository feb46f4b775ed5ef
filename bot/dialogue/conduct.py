"""How people behave: anger is calmed and goes to a person, pranks get one line; no request is dropped."""

from __future__ import annotations

from dataclasses import replace

from bot.dialogue import answering, collecting, phrases
from bot.dialogue.moment import Moment, say, to_person, understood
from bot.dialogue.types import Decision

_IDLE = ("", "request", "chitchat", "out_of_scope")


def conduct_of(moment: Moment) -> dict[str, float]:
    return {guess.name: guess.confidence for guess in moment.meaning.heard.conduct}


def _abuse(moment: Moment) -> float:
    """None in a button or a set phrase, nor in what is taken up again: that was judged when it came."""
    judged = moment.meaning.payload or moment.meaning.by_rule or moment.heard.queued
    return 0.0 if judged else conduct_of(moment).get("abuse", 0.0)


def temper(moment: Moment) -> Decision | None:
    """Abuse twice, or once so strong that the words leave no doubt: a person, with calming words."""
    abuse = _abuse(moment)
    if abuse < moment.policy.conduct:
        return None
    angry = moment.state.angry + 1
    strong = abuse >= moment.policy.strong and bool(phrases.STRONG.search(moment.meaning.text))
    if angry < 2 and not strong:
        return None if _has_request(moment) else understood(moment.state, say("calm"), angry=angry)
    return to_person(_with_request(moment), "anger")


def counted(moment: Moment) -> Moment:
    """Anger beside a request is counted, the request goes on."""
    if _abuse(moment) < moment.policy.conduct:
        return moment
    return replace(moment, state=replace(moment.state, angry=moment.state.angry + 1))


def _has_request(moment: Moment) -> bool:
    return moment.meaning.sure or moment.draft is not None


def _with_request(moment: Moment) -> Moment:
    """The real request inside the insult stays as a draft."""
    if moment.draft is not None:
        return moment.with_state(draft=answering.with_words(moment, moment.draft))
    service = moment.service(moment.meaning.service) if moment.meaning.sure else None
    if service is None:
        return moment
    draft = collecting.opened(moment, service, moment.meaning.kind or "complaint")
    return moment.with_state(draft=draft, asked="", loose=())


def idle(moment: Moment) -> Decision | None:
    """Pranks and advertising without a request: one polite line."""
    meaning = moment.meaning
    if meaning.sure or moment.draft is not None or meaning.payload or meaning.act not in _IDLE:
        return None
    if moment.state.refused:  # it was taken for a request, and is one
        return None
    conduct = conduct_of(moment)
    for name in ("prank", "advertising"):
        if conduct.get(name, 0.0) >= moment.policy.conduct:
            return understood(moment.state, say(name))
    return None
