"""A new matter: several at once, one that is clear, one that is not, or only photos."""

from __future__ import annotations

from dataclasses import replace

from bot.dialogue import checks, choosing, collecting, details, knowing, showing, smalltalk, tickets
from bot.dialogue.moment import PERSON, Moment, remembered, say, to_person, understood
from bot.dialogue.types import Decision

_SHORT = 15


def several(moment: Moment) -> Decision | None:
    """Several requests in one message: each is taken up by itself, in order, none forgotten."""
    moment = knowing.dropped(moment)
    parts = moment.meaning.requests
    if len(parts) < 2 or moment.draft is not None or moment.heard.queued:
        return None
    phone = checks.phone(moment.meaning.text)
    state = replace(
        moment.state,
        pending=(*parts[1:], *moment.state.pending),
        memory=remembered(moment.state, **({"phone": phone} if phone else {})),
        loose=(*moment.state.loose, *moment.heard.attachments),
    )
    decision = understood(state, *showing.hello(moment), say("several", count=len(parts)))
    return replace(decision, next=parts[0])


def files(moment: Moment) -> Decision | None:
    """Photos or a position before any words."""
    heard, state = moment.heard, moment.state
    if moment.meaning.text or moment.meaning.payload or not (heard.attachments or heard.location):
        return None
    if heard.attachments and moment.recently_filed():
        return tickets.added(moment)
    if heard.attachments:
        loose = (*state.loose, *heard.attachments)
        return understood(state, *showing.hello(moment), say("photo-first", count=len(loose)), loose=loose)
    latitude, longitude = heard.location or (0.0, 0.0)
    memory = remembered(state, location=f"{latitude},{longitude}", location_label=heard.location_label)
    return understood(state, *showing.hello(moment), say("location-first"), memory=memory)


def request(moment: Moment) -> Decision | None:
    """A matter with a clear service begins; one with likely ones is asked about."""
    meaning = moment.meaning
    if meaning.payload:
        return smalltalk.nothing_open(moment)
    moment = knowing.dropped(moment)
    service = moment.service(meaning.service) if meaning.sure else None
    if service is not None and _belongs_to_last(moment):
        return tickets.added(moment)
    if service is not None:
        return collecting.begin(moment, service)
    if moment.recently_filed() and meaning.text and not meaning.failed and meaning.kind != "question":
        return tickets.added(moment)
    return choosing.which(moment)


def _belongs_to_last(moment: Moment) -> bool:
    """A short word right after filing, of which the model is only half sure: more likely an afterthought."""
    meaning = moment.meaning
    return (
        moment.recently_filed() and len(meaning.text) <= _SHORT and meaning.confidence < moment.policy.switch
    )


def wish(moment: Moment) -> Decision | None:
    """ "我要投诉" and no more: gladly; what is it about? The kind is remembered for what follows."""
    meaning = moment.meaning
    if meaning.by_rule or meaning.payload or not meaning.kind or not details.bare(meaning.text):
        return None
    kind = meaning.kind
    key = "menu-question" if kind == "question" else "menu-report"
    memory = remembered(moment.state, kind=kind)
    return understood(moment.state, *showing.hello(moment), say(key), memory=memory, asked="")


def lost(moment: Moment) -> Decision:
    """Nothing made sense: in other words, please; twice in a row, a person."""
    state = replace(moment.state, misunderstood=moment.state.misunderstood + 1)
    if state.misunderstood >= moment.policy.misunderstood:
        return to_person(moment, "misunderstood")
    return Decision(state, (*showing.hello(moment), say("unclear-again", PERSON)))
