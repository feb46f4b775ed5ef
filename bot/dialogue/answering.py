"""The citizen answers while a request is open: a value, a correction, a skip, a yes, or the end of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from actions.base import Draft, Step
from bot.dialogue import checks, collecting, correcting, details, needs, phrases, places, refusing, showing
from bot.dialogue.moment import ANONYMOUS, Moment, closed, filed, say, understood, with_next
from bot.dialogue.types import Decision, Service

_SHORT = 10
_OPEN = ("answered", "alarm", "service")


def answer(moment: Moment) -> Decision | None:
    """What to do with a message while a request with a known service is open; None if none is."""
    draft = moment.draft
    service = moment.service(draft.service) if draft else None
    if draft is None or service is None or moment.state.asked in _OPEN:
        return None
    draft = with_words(moment, draft)
    for part in (_stopped, _anonymous, _files, _confirmed, refusing.refused, correcting.corrected, _skipped):
        decision = part(moment, draft, service)
        if decision is not None:
            return decision
    return _taken(moment, draft, service)


def with_words(moment: Moment, draft: Draft) -> Draft:
    """The draft with all that was just said or sent; answers by button or by "好的" are no words."""
    meaning = moment.meaning
    text = "" if meaning.payload or (meaning.by_rule and meaning.act != "stay_anonymous") else meaning.text
    draft = replace(
        draft,
        text="\n".join(part for part in (draft.text, text) if part),
        attachments=tuple(dict.fromkeys((*draft.attachments, *moment.heard.attachments))),
    )
    return collecting.located(moment, draft) if moment.heard.location else draft


def _stopped(moment: Moment, draft: Draft, service: Service) -> Decision | None:
    meaning = moment.meaning
    taken_back = meaning.act == "withdraw" and len(meaning.text) <= _SHORT
    if moment.choice[0] == "cancel" or meaning.act == "cancel" or taken_back:
        return with_next(understood(closed(moment.state), say("cancelled")))
    return None


def _anonymous(moment: Moment, draft: Draft, service: Service) -> Decision | None:
    meaning = moment.meaning
    wish = moment.choice[0] == "anonymous" or meaning.act == "stay_anonymous"
    if not wish or draft.anonymous:
        return None
    kept = {name: value for name, value in draft.details.items() if name not in details.CONTACT}
    return collecting.proceed(moment, replace(draft, anonymous=True, details=kept), say("anonymous-noted"))


def _files(moment: Moment, draft: Draft, service: Service) -> Decision | None:
    """Photos or a position without words: kept, and the question again unless it is answered by them."""
    if moment.meaning.text or moment.meaning.payload:
        return None
    if moment.heard.location is not None:
        if moment.state.asked == "place":
            return collecting.proceed(moment, draft)
        return _again(moment, draft, "location-noted")
    return _again(moment, draft, "photo-noted") if moment.heard.attachments else None


def _again(moment: Moment, draft: Draft, key: str) -> Decision:
    moment = moment.with_state(draft=draft)
    return understood(moment.state, say(key, count=len(draft.attachments)), *showing.repeat(moment))


def _confirmed(moment: Moment, draft: Draft, service: Service) -> Decision | None:
    if moment.state.asked != "confirm":
        return None
    meaning, word = moment.meaning, moment.choice[0]
    if word in ("confirm", "file") or (meaning.act in ("affirm", "thank") and not moment.found(service)):
        return filed(moment, draft)
    if word == "change" or meaning.act == "change" or (meaning.by_rule and phrases.is_deny(meaning.text)):
        return understood(moment.state, say("ask-change"), draft=draft, asked="change")
    return None


def _skipped(moment: Moment, draft: Draft, service: Service) -> Decision | None:
    """A skip of something optional is taken; of something needed, once, the reason is told."""
    asked, meaning = moment.state.asked, moment.meaning
    skip = moment.choice[0] == "skip" or (meaning.by_rule and meaning.act == "skip")
    enough = meaning.by_rule and meaning.act == "affirm" and _optional(draft, service, asked)
    if not skip and not enough and not (meaning.by_rule and phrases.is_deny(meaning.text)):
        return None
    if asked in ("confirm", "change", ""):
        return collecting.proceed(moment, draft) if asked else None
    required = dict(needs.wanted(draft, service)).get(asked, asked == "matter")
    if required and f"{asked}?" not in moment.state.tried:
        key = f"why-{asked}" if asked in ("phone", "place", "matter") else "why-other"
        choices = (ANONYMOUS,) if asked == "phone" else ()
        return understood(
            moment.state, say(key, *choices), draft=draft, tried=(*moment.state.tried, f"{asked}?")
        )
    return collecting.proceed(moment, draft)


def _optional(draft: Draft, service: Service, asked: str) -> bool:
    """Whether "好了，提交" is an answer to this question: there need not be one."""
    return asked in details.ALL and not dict(needs.wanted(draft, service)).get(asked, False)


def _taken(moment: Moment, draft: Draft, service: Service) -> Decision:
    """Free words: the answer to the question, and whatever else they hold."""
    asked, text = moment.state.asked, moment.meaning.text
    word, rest = moment.choice
    if word == "use":
        return collecting.proceed(moment, _with_details(moment, draft, {"place": rest}))
    if asked == "matter":
        draft, service = _clearer(moment, draft, service)
    new = moment.found(service)
    if asked in ("confirm", "change", "", "matter"):
        lead = (say("noted"),) if text and asked in ("confirm", "change") else ()
        return collecting.proceed(moment, _with_details(moment, draft, new), *lead)
    if asked not in new and (
        moment.meaning.by_rule or moment.meaning.payload or _speaks_of_other(text, new, asked)
    ):
        return _still(moment, _with_details(moment, draft, new), *((say("noted"),) if new else ()))
    result = details.checked(asked, text, new, moment.now, moment.catalogue.city.area_code)
    if result.value:
        new[asked] = result.value
    draft = _with_details(moment, draft, new)
    if asked == "place" and result.value and _too_coarse(moment, draft, service):
        result = details.Checked(problem="wrong-place")
    if result.problem and f"{asked}?" not in moment.state.tried:
        return understood(
            moment.state, say(result.problem), draft=draft, tried=(*moment.state.tried, f"{asked}?")
        )
    return collecting.proceed(moment, draft)


def _with_details(moment: Moment, draft: Draft, new: Mapping[str, str]) -> Draft:
    """New values take the place of old ones; a place only where it says more."""
    merged = {**draft.details, **new}
    if "place" in new:
        areas = needs.area_names(moment)
        merged["place"] = places.refined(draft.details.get("place", ""), new["place"], areas)
    return replace(draft, details=merged)


def _speaks_of_other(text: str, new: Mapping[str, str], asked: str) -> bool:
    """Whether an answer is nothing but another detail: a phone when the place was asked for."""
    if asked == "phone":
        return bool(new) and not checks.phone_like(text)
    if asked != "place" and len(new.get("place", "")) >= len(places.tidy(text)) > 0:
        return True
    return "phone" in new and len(checks.without_phone(text)) < 2


def _still(moment: Moment, draft: Draft, *lead: Step) -> Decision:
    """The question is still open: once more, then it is let go."""
    asked = moment.state.asked
    if f"{asked}?" in moment.state.tried or asked in draft.details:
        return collecting.proceed(moment, draft)
    question = showing.ask(moment, draft, asked)
    return understood(moment.state, *lead, question, draft=draft, tried=(*moment.state.tried, f"{asked}?"))


def _too_coarse(moment: Moment, draft: Draft, service: Service) -> bool:
    required = dict(needs.wanted(draft, service)).get("place", False)
    return required and places.coarse(draft.details.get("place", ""), needs.area_names(moment))


def _clearer(moment: Moment, draft: Draft, service: Service) -> tuple[Draft, Service]:
    """Told what is the matter, another service may fit better than the first vague words did."""
    meaning = moment.meaning
    better = moment.service(meaning.service) if meaning.sure else None
    if better is None or better.id == draft.service or meaning.confidence <= draft.confidence:
        return draft, service
    adapted = details.adapted(draft.details, better)
    return replace(draft, service=better.id, details=adapted, confidence=meaning.confidence), better
