"""When a person is needed: asked for, a voice nobody could read, a model that stays away."""

from __future__ import annotations

from dataclasses import replace

from bot.dialogue import answering, collecting, tickets
from bot.dialogue.moment import Moment, say, to_person
from bot.dialogue.types import Decision

_BELIEVED = 0.75
_SHORT = 20


def asked(moment: Moment) -> Decision | None:
    """ "转人工", by button or in words. A real request beside it is kept."""
    meaning = moment.meaning
    if moment.choice[0] != "person" and meaning.act != "ask_person":
        return None
    if moment.choice[0] != "person" and not meaning.by_rule:
        guess = meaning.heard.act
        if guess is None or guess.confidence < _BELIEVED or (meaning.sure and len(meaning.text) > _SHORT):
            return None
    return to_person(_kept(moment), "asked")


def _kept(moment: Moment) -> Moment:
    if moment.draft is not None:
        return moment.with_state(draft=answering.with_words(moment, moment.draft))
    return moment


def voice(moment: Moment) -> Decision | None:
    """A voice message without recognition: a person will hear it."""
    if not moment.heard.voice_unread:
        return None
    if moment.draft is not None:
        moment = moment.with_state(draft=answering.with_words(moment, moment.draft))
    else:
        moment = moment.with_state(loose=(*moment.state.loose, *moment.heard.attachments))
    return to_person(moment, "complex", say("voice-unread"))


def model_away(moment: Moment) -> Decision | None:
    """The model does not answer. What needs no model goes on; the rest waits, then a person takes it."""
    if not moment.meaning.failed or _without_model(moment):
        return None
    if moment.heard.waited_long:
        kept = moment.with_state(told_waiting=False)
        return to_person(_drafted(kept), "model_down")
    if moment.state.told_waiting:
        return Decision(moment.state, wait=True)
    return Decision(replace(moment.state, told_waiting=True), (say("wait-a-moment"),), wait=True)


def _drafted(moment: Moment) -> Moment:
    if moment.draft is not None:
        return moment.with_state(draft=answering.with_words(moment, moment.draft))
    draft = collecting.opened(moment, None, moment.meaning.kind or "other")
    return moment.with_state(draft=draft, asked="service", loose=())


def _without_model(moment: Moment) -> bool:
    """Buttons, short phrases, ticket numbers and answers to a question are understood by rules."""
    meaning, asked = moment.meaning, moment.state.asked
    if meaning.payload or meaning.by_rule or not meaning.text or tickets.lookup_in(meaning.text).number:
        return True
    if meaning.act in tickets.VERBS or asked in ("ticket:add_detail", "alarm"):
        return True
    return moment.draft is not None and asked not in ("", "service", "answered", "alarm", "matter")
