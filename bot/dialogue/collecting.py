"""Collecting a request: opening it with all that the message holds, and going on to what comes next."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import cast

from actions.base import AnswerQuestion, Draft, Kind, ServiceId, Step
from bot.dialogue import details, needs, showing
from bot.dialogue.moment import Moment, filed, remembered, say, understood
from bot.dialogue.types import Decision, Service
from bot.words import say as words
from channels.base import Choice

FILE = Choice("@choice-file", "file")
NO_NEED = Choice("@choice-no-need", "cancel")


def begin(moment: Moment, service: Service, draft: Draft | None = None) -> Decision:
    """Open a request about `service`: with the words of now, or with a draft that waited for its service."""
    wished = cast(Kind | None, moment.state.memory.get("kind")) or moment.meaning.kind
    kind: Kind = wished or _usual(service)
    if draft is None:
        draft = opened(moment, service, kind)
    else:
        kind = draft.kind if draft.kind != "other" else kind
        draft = replace(draft, service=service.id, kind=kind, details=details.adapted(draft.details, service))
    draft = replace(draft, details={**_known(moment, draft, service), **draft.details})
    fresh = moment.with_state(tried=(), questions=0, loose=(), misunderstood=0, angry=moment.state.angry)
    if kind == "question":
        return ask_knowledge(fresh, draft)
    lead = say("begin", service=moment.title(service.id), kind=kind)
    return proceed(fresh, draft, *showing.hello(moment), lead)


def opened(moment: Moment, service: Service | None, kind: Kind) -> Draft:
    """A draft with everything that this message holds."""
    heard, state = moment.heard, moment.state
    draft = Draft(
        service=service.id if service else ServiceId(""),
        kind=kind,
        text=moment.meaning.text,
        details=moment.found(service),
        attachments=tuple(dict.fromkeys((*state.loose, *heard.attachments))),
        language=state.language,
        confidence=moment.meaning.confidence,
        anonymous=moment.meaning.act == "stay_anonymous" or "匿名" in moment.meaning.text,
    )
    return located(moment, draft)


def located(moment: Moment, draft: Draft) -> Draft:
    """The draft with a position sent now or before the words."""
    heard, memory = moment.heard, moment.state.memory
    location, label = heard.location, heard.location_label
    if location is None and memory.get("location"):
        latitude, longitude = map(float, memory["location"].split(","))
        location, label = (latitude, longitude), memory.get("location_label", "")
    if location is None:
        return draft
    place = label or words(
        draft.language, "pinned", latitude=f"{location[0]:.5f}", longitude=f"{location[1]:.5f}"
    )
    return replace(draft, location=location, details={"place": place, **draft.details})


def _known(moment: Moment, draft: Draft, service: Service) -> Mapping[str, str]:
    """What we know of this citizen already and the service asks for."""
    if draft.anonymous:
        return {}
    names = {detail.name for detail in service.details}
    memory = moment.state.memory
    phone = memory.get("phone") or moment.heard.known_phone
    known = {"phone": phone, "name": memory.get("name", "")}
    if moment.heard.queued and moment.recently_filed():  # two things in one message are mostly in one place
        known |= dict.fromkeys(("place", "estate"), memory.get("place", ""))
    return {name: value for name, value in known.items() if value and name in names}


def _usual(service: Service) -> Kind:
    return cast(Kind, service.kind)  # the catalogue admits no others


def ask_knowledge(moment: Moment, draft: Draft) -> Decision:
    """A question is answered first; a ticket is offered."""
    department = moment.catalogue.department(draft.service, moment.state.language)
    none = say("answer-none", FILE, NO_NEED, department=department)
    step = AnswerQuestion(draft.text, draft.service, then=none, draft=draft)
    return understood(
        moment.state,
        *showing.hello(moment),
        step,
        draft=draft,
        asked="answered",
        article="",
        memory=remembered(moment.state, location="", location_label="", kind=""),
    )


def proceed(moment: Moment, draft: Draft, *lead: Step) -> Decision:
    """Ask for the next thing that is missing, or show the summary."""
    state = replace(
        moment.state, memory=remembered(moment.state, location="", location_label="", parked="", kind="")
    )
    if moment.heard.brief and needs.fileable(moment, draft):  # a question could not even reach this citizen
        return filed(replace(moment, state=state), draft, False, *lead)
    name = next(needs.missing(moment, draft), "")
    if not name:
        return understood(state, *lead, showing.summary(moment, draft), draft=draft, asked="confirm")
    question = showing.ask(moment, draft, name)
    return understood(
        state,
        *lead,
        question,
        draft=draft,
        asked=name,
        tried=(*state.tried, name),
        questions=state.questions + 1,
    )
