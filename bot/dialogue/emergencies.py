"""Danger now: the number to call, a person, an urgent ticket; at once, whatever else is going on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from actions.base import Draft, RaiseAlarm, ServiceId
from bot.dialogue import answering, collecting, details
from bot.dialogue.meaning import untaught
from bot.dialogue.moment import Moment, remembered, say, to_person, understood
from bot.dialogue.types import Decision, State

EMERGENCY = ServiceId("emergency")


def alarm(moment: Moment) -> Decision | None:
    """The net or the model saw danger in this message."""
    meaning = moment.meaning
    classes = meaning.heard.alarms
    if not classes or meaning.by_rule or details.bare(meaning.text):
        return None  # "我想咨询一下" is harmless, whatever a model sees in it
    state = moment.state
    if standing(moment) and set(classes) & set(state.alarmed):
        return _more(moment, classes)
    draft = _draft(moment, classes)
    known = "place" in draft.details or draft.location is not None
    question = () if known else (say("alarm-where", danger=classes[0]),)
    return understood(
        _kept(moment),
        RaiseAlarm(classes, draft),
        *question,
        asked="alarm",
        alarmed=tuple(dict.fromkeys((*classes, *state.alarmed))),
        loose=(),
        memory=_interrupted(moment),
    )


def _interrupted(moment: Moment) -> Mapping[str, str]:
    """What was being asked when the alarm came: it is asked again afterwards."""
    state, now = moment.state, moment.heard.now.isoformat()
    if state.asked == "alarm":
        return remembered(state, alarm_at=now)
    return remembered(state, interrupted=state.asked, alarm_at=now)


def standing(moment: Moment) -> bool:
    """Whether the last alarm is so recent that new words belong to it."""
    return moment.since("alarm_at") <= moment.policy.recent_seconds


def _kept(moment: Moment) -> State:
    """Words said while a request is open belong to it too: an alarm must not lose them."""
    draft = moment.draft
    return replace(moment.state, draft=answering.with_words(moment, draft)) if draft else moment.state


def _draft(moment: Moment, classes: tuple[str, ...]) -> Draft:
    draft = collecting.opened(moment, moment.service(EMERGENCY), "help")
    phone = draft.details.get("phone") or moment.state.memory.get("phone") or moment.heard.known_phone
    known = dict(draft.details) | ({"phone": phone} if phone else {})
    if moment.draft and "place" in moment.draft.details:
        known.setdefault("place", moment.draft.details["place"])
    return replace(
        draft,
        service=EMERGENCY,
        details=known,
        urgency="emergency",
        safety=classes,
        anonymous=False,
        confidence=1.0,
    )


def _more(moment: Moment, classes: tuple[str, ...]) -> Decision:
    """The alarm stands: what is said now goes to those who already come."""
    draft = _draft(moment, classes)
    seen = draft.details.get("place", "")
    place = details.checked("place", moment.meaning.text, draft.details, moment.now, "").value
    if moment.state.asked == "alarm" and place and seen in place:
        draft = replace(draft, details={**draft.details, "place": place})
    step = RaiseAlarm(classes, draft, already=True)
    return understood(_kept(moment), step, asked="alarm", loose=(), memory=_interrupted(moment))


def follow(moment: Moment) -> Decision | None:
    """What comes after an alarm: a place, a photo, more words; thanks end it, another matter leaves it."""
    state, meaning = moment.state, moment.meaning
    if state.asked != "alarm" or not standing(moment):
        return None
    if meaning.payload or meaning.act in (
        "cancel",
        "affirm",
        "greet",
        "thank",
        "bye",
        "ask_progress",
        "urge",
    ):
        if meaning.payload or not meaning.by_rule:
            return None
        return understood(state, say("alarm-coming"))
    return None if elsewhere(moment) else _more(moment, state.alarmed)


def elsewhere(moment: Moment) -> bool:
    """Whether this is plainly another matter."""
    meaning = moment.meaning
    other = meaning.sure and meaning.confidence >= moment.policy.switch and len(meaning.text) >= 8
    return other and bool(meaning.heard.act is None or meaning.heard.act.name not in ("inform", "add_detail"))


def over(moment: Moment) -> Moment:
    """Back to what the alarm interrupted."""
    if moment.state.asked != "alarm":
        return moment
    interrupted = moment.state.memory.get("interrupted", "")
    state = replace(moment.state, asked=interrupted, memory=remembered(moment.state, interrupted=""))
    return replace(moment, state=state)


def unnamed(moment: Moment) -> Decision | None:
    """A model without a safety head says emergency and no more: a person must look."""
    meaning = moment.meaning
    if not meaning.emergency or meaning.heard.hazards or meaning.by_rule or untaught(meaning.text):
        return None
    return to_person(moment, "emergency", urgency="emergency")
