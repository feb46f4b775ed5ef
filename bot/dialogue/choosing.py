"""Which service? The likeliest are offered as choices; free words are welcome too."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from actions.base import AnswerQuestion, Draft, Say
from bot.dialogue import answering, collecting, showing
from bot.dialogue.meaning import untaught
from bot.dialogue.moment import Moment, closed, say, to_person, understood, with_next
from bot.dialogue.types import Decision
from channels.base import Choice

NONE_OF_THESE = Choice("@choice-none", "service:none")


def offers(moment: Moment) -> tuple[Choice, ...]:
    """The two or three likeliest services, as buttons."""
    policy = moment.policy
    services = moment.meaning.services
    least = policy.beside if services and services[0].confidence >= policy.plausible else 1.0
    likely = [g.name for g in services if g.confidence >= least][: policy.offers]
    named = list(_by_title(moment))[: policy.offers]
    likely = named if untaught(moment.meaning.text) else likely or named
    return tuple(Choice(moment.title(name), f"service:{name}") for name in likely)


def _by_title(moment: Moment) -> Iterator[str]:
    """Services whose name stands in the words: the last resort for single English words."""
    text = moment.meaning.text.lower()
    for service in moment.catalogue.services.values():
        if service.id in moment.state.refused:
            continue
        words = [word for word in service.title_en.lower().split() if len(word) > 3]
        if service.title in text or any(word.rstrip("s") in text for word in words):
            yield service.id


def which(moment: Moment) -> Decision | None:
    """Ask which service is meant; None if nothing is likely."""
    choices = offers(moment)
    if not choices and not moment.state.refused:
        return None
    draft = collecting.opened(moment, None, moment.meaning.kind or "other")
    question = say("which", *choices, NONE_OF_THESE) if choices else say("which-again")
    steps: tuple[Say | AnswerQuestion, ...] = (*_asked_about(moment, draft, question),)
    return understood(
        moment.state,
        *showing.hello(moment),
        *steps,
        draft=draft,
        asked="service",
        loose=(),
        questions=0,
        tried=(),
    )


def _asked_about(moment: Moment, draft: Draft, question: Say) -> tuple[Say | AnswerQuestion, ...]:
    """A question may have its answer although nobody could say which service it belongs to."""
    if moment.meaning.kind != "question":
        return (question,)
    return (AnswerQuestion(draft.text, None, then=question, draft=draft),)


def chosen(moment: Moment) -> Decision | None:
    """The answer to "which?": a button, its number, other words, or none of these."""
    draft = moment.draft
    if draft is None or moment.state.asked != "service":
        return None
    word, rest = moment.choice
    meaning = moment.meaning
    if word == "cancel" or meaning.act == "cancel":
        return with_next(understood(closed(moment.state), say("cancelled")))
    service = moment.service(rest) if word == "service" else None
    if service is not None:
        return collecting.begin(moment, service, replace(draft, confidence=1.0))
    if word == "service" or (meaning.by_rule and meaning.act in ("deny", "skip")):
        return _none(moment, draft)
    if not meaning.text:
        draft = answering.with_words(moment, draft)
        return understood(
            moment.state, say("photo-noted", count=len(draft.attachments)), say("which-again"), draft=draft
        )
    return _other_words(moment, draft)


def _none(moment: Moment, draft: Draft) -> Decision:
    """None of these: in other words, please; the second time a person helps."""
    if moment.state.misunderstood + 1 >= moment.policy.misunderstood:
        return to_person(moment, "unclear")
    state = replace(moment.state, misunderstood=moment.state.misunderstood + 1, offered=())
    return Decision(state, (say("which-again"),))


def _other_words(moment: Moment, draft: Draft) -> Decision:
    meaning = moment.meaning
    draft = answering.with_words(moment, draft)
    service = moment.service(meaning.service) if meaning.sure else None
    if service is not None:
        found = {**draft.details, **moment.found(service)}
        kind = meaning.kind or draft.kind
        return collecting.begin(
            moment, service, replace(draft, details=found, kind=kind, confidence=meaning.confidence)
        )
    draft = replace(draft, details={**draft.details, **moment.found(None)})
    if moment.state.misunderstood + 1 >= moment.policy.misunderstood:
        return to_person(moment.with_state(draft=draft), "unclear")
    misunderstood = moment.state.misunderstood + 1
    choices = offers(moment)
    question = say("which", *choices, NONE_OF_THESE) if choices else say("which-again")
    return Decision(replace(moment.state, draft=draft, misunderstood=misunderstood), (question,))
