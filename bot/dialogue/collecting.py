"""Collecting a request: what is still missing, the question for it, the summary."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from actions.base import AnswerQuestion, Draft, Kind, Say, ServiceId, Step
from bot.dialogue import checks, details, places
from bot.dialogue.moment import ANONYMOUS, CANCEL, SKIP, Moment, remembered, say, understood
from bot.dialogue.types import Decision, Service
from bot.words import say as words
from channels.base import Choice

CONFIRM = Choice("@choice-confirm", "confirm")
CHANGE = Choice("@choice-change", "change")
FILE = Choice("@choice-file", "file")
NO_NEED = Choice("@choice-no-need", "cancel")
_MATTER = 80  # characters of the citizen's own words in the summary
_SHORT_KINDS = ("question", "suggestion", "praise")  # for these the words are enough


def begin(moment: Moment, service: Service, draft: Draft | None = None) -> Decision:
    """Open a request about `service`: with the words of now, or with a draft that waited for its service."""
    kind: Kind = moment.meaning.kind or (draft.kind if draft else _usual(service))
    if draft is None:
        draft = opened(moment, service, kind)
    else:
        kind = draft.kind if draft.kind != "other" else _usual(service)
        draft = replace(draft, service=service.id, kind=kind, details=details.adapted(draft.details, service))
    draft = replace(draft, details={**_known(moment, draft, service), **draft.details})
    fresh = moment.with_state(tried=(), questions=0, loose=(), misunderstood=0, angry=moment.state.angry)
    if kind == "question":
        return ask_knowledge(fresh, draft)
    lead = say("begin", service=moment.title(service.id), kind=kind)
    return proceed(fresh, draft, *hello(moment), lead)


def hello(moment: Moment) -> tuple[Step, ...]:
    """Who we are, once, to somebody who writes for the first time."""
    city = moment.catalogue.city
    name = city.name_en if moment.state.language == "en" else city.name
    return (say("hello", city=name),) if moment.heard.first and not moment.heard.queued else ()


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
    return {name: value for name, value in known.items() if value and name in names}


def _usual(service: Service) -> Kind:
    return service.kind  # type: ignore[return-value]  # the catalogue admits only kinds


def ask_knowledge(moment: Moment, draft: Draft) -> Decision:
    """A question is answered first; a ticket is offered."""
    department = moment.catalogue.department(draft.service, moment.state.language)
    none = say("answer-none", FILE, NO_NEED, department=department)
    step = AnswerQuestion(draft.text, draft.service, then=none, draft=draft)
    return understood(
        moment.state,
        *hello(moment),
        step,
        draft=draft,
        asked="answered",
        article="",
        memory=remembered(moment.state, location="", location_label=""),
    )


def proceed(moment: Moment, draft: Draft, *lead: Step) -> Decision:
    """Ask for the next thing that is missing, or show the summary."""
    state = replace(moment.state, memory=remembered(moment.state, location="", location_label="", parked=""))
    name = next(missing(moment, draft), "")
    if not name:
        return understood(state, *lead, summary(moment, draft), draft=draft, asked="confirm")
    question = ask(moment, draft, name)
    return understood(
        state,
        *lead,
        question,
        draft=draft,
        asked=name,
        tried=(*state.tried, name),
        questions=state.questions + 1,
    )


def missing(moment: Moment, draft: Draft) -> Iterator[str]:
    """Names of details to ask for now, most important first; nothing when we asked enough."""
    state, policy = moment.state, moment.policy
    service = moment.service(draft.service)
    if service is None or state.questions >= policy.questions:
        return
    if "matter" not in state.tried and not details.substantive(draft.text, service):
        yield "matter"
    if draft.kind in _SHORT_KINDS:
        return
    optional = [name for name, required in wanted(draft, service) if not required]
    for name, required in wanted(draft, service):
        asked_for_fun = sum(name in optional for name in state.tried)
        if name in state.tried or known(moment, draft, name, service):
            continue
        if required or asked_for_fun < policy.optional:
            yield name


def wanted(draft: Draft, service: Service) -> list[tuple[str, bool]]:
    """(name, required) of what the service asks for, required ones first."""
    out = []
    for detail in service.details:
        if not detail.ask or detail.name == "matter":
            continue
        if detail.name in details.CONTACT and draft.anonymous:
            continue
        required = detail.required and not (draft.kind == "tip" and detail.name in details.CONTACT)
        out.append((detail.name, required))
    return sorted(out, key=lambda one: not one[1])


def known(moment: Moment, draft: Draft, name: str, service: Service) -> bool:
    """Whether a detail, or another that says the same, is there."""
    have = draft.details
    if name == "place":
        required = any(d.name == "place" and d.required for d in service.details)
        coarse = required and places.coarse(have.get("place", ""), area_names(moment))
        return bool(draft.location) or ("place" in have and not coarse)
    if name in ("estate", "building", "district"):
        return name in have or ("place" in have and not places.coarse(have["place"], ()))
    if name in ("since", "time", "period"):
        return any(other in have for other in ("since", "time", "period"))
    if name in ("party", "shop", "employer"):
        return any(other in have for other in ("party", "shop", "employer"))
    return name in have


def area_names(moment: Moment) -> tuple[str, ...]:
    """Districts, towns and the city itself: too large to go to."""
    city = moment.catalogue.city
    tops = [name for name, parent in city.parents.items() if not parent]
    towns = [name for name, parent in city.parents.items() if parent in tops]
    return (
        city.name,
        city.short,
        *tops,
        *towns,
        *(a for a, n in city.aliases.items() if n in (*tops, *towns)),
    )


def ask(moment: Moment, draft: Draft, name: str) -> Say:
    """The question for a detail, with what can be chosen instead of typing."""
    choices: list[Choice] = []
    service = moment.service(draft.service)
    required = bool(service) and dict(wanted(draft, service)).get(name, name == "matter") if service else True
    if name == "place" and (earlier := moment.state.memory.get("place")):
        choices.append(Choice(earlier, f"use:{earlier}"))
    if name == "phone" and draft.kind == "tip":
        choices.append(ANONYMOUS)
    if not required:
        choices.append(SKIP)
    title = moment.title(draft.service)
    return say(f"ask-{name}", *choices, kind=draft.kind, service=title)


def summary(moment: Moment, draft: Draft) -> Say:
    """What will be filed, for the citizen to confirm."""
    return say(
        "summary",
        CONFIRM,
        CHANGE,
        CANCEL,
        service=moment.title(draft.service),
        kind=draft.kind,
        lines="\n".join(_lines(moment, draft)),
    )


def _lines(moment: Moment, draft: Draft) -> Iterator[str]:
    language = moment.state.language
    matter = details.told(draft.text, tuple(draft.details.values()), moment.service(draft.service))
    shown = matter if len(matter) <= _MATTER else matter[:_MATTER] + "…"
    rows = {"matter": shown, **draft.details}
    for name, value in rows.items():
        if name in details.CONTACT and draft.anonymous:
            continue
        value = checks.national(value) if name == "phone" else value
        yield words(language, "summary-line", label=words(language, f"label-{name}"), value=value)
    if draft.anonymous:
        yield words(language, "summary-anonymous")
    if draft.attachments:
        yield words(language, "summary-photos", count=len(draft.attachments))


def fileable(moment: Moment, draft: Draft) -> bool:
    """Whether a department could work with it: the matter is told, and the place where one is needed."""
    service = moment.service(draft.service)
    if service is None or not details.substantive(draft.text, service):
        return False
    needs_place = draft.kind not in _SHORT_KINDS and ("place", True) in wanted(draft, service)
    return not needs_place or bool(draft.location) or "place" in draft.details


def repeat(moment: Moment) -> tuple[Step, ...]:
    """The open question once more, as after something in between."""
    draft, asked = moment.draft, moment.state.asked
    if draft is None:
        return ()
    if asked == "confirm":
        return (summary(moment, draft),)
    if asked == "change":
        return (say("ask-change"),)
    if asked == "service":
        return (say("which-again"),)
    return (ask(moment, draft, asked),) if asked and asked not in ("answered", "alarm") else ()
