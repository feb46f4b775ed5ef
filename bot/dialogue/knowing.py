"""After an answer from the knowledge base: did it help, or shall it become a ticket?"""

from __future__ import annotations

from dataclasses import replace

from actions.base import Draft, Feedback, Step
from bot.dialogue import answering, collecting, needs, phrases
from bot.dialogue.moment import Moment, closed, filed, say, understood, with_next
from bot.dialogue.types import Decision


def answered(moment: Moment) -> Decision | None:
    """The word after the answer, while its question is still at hand."""
    word, rest = moment.choice
    if moment.state.asked not in ("answered", "service") and word == "helped":
        helped, _, article = rest.partition(":")
        return understood(moment.state, Feedback(article, helped == "yes"))
    draft = moment.draft
    known = moment.state.asked == "answered" or (moment.state.asked == "service" and moment.state.article)
    if draft is None or (not known and word not in ("helped", "file")):
        return None
    if word == "helped":
        helped, _, article = rest.partition(":")
        return _done(moment, article) if helped == "yes" else _not_enough(moment, draft, article)
    if word == "file":
        return _file(moment, draft)
    return _in_words(moment, draft)


def _in_words(moment: Moment, draft: Draft) -> Decision | None:
    meaning, known = moment.meaning, bool(moment.state.article)
    article = moment.state.article
    if moment.choice[0] == "cancel" or meaning.act == "cancel" or (not known and _declined(moment)):
        return with_next(understood(closed(moment.state), say("cancelled")))
    if known and meaning.act in ("thank", "affirm", "bye"):
        return _done(moment, article)
    if known and (_declined(moment) or meaning.act == "not_solved"):
        return _not_enough(moment, draft, article)
    if not known and meaning.act == "affirm":
        return _file(moment, draft)
    if not meaning.text:
        draft = answering.with_words(moment, draft)
        return understood(moment.state, say("photo-noted", count=len(draft.attachments)), draft=draft)
    return None


def dropped(moment: Moment) -> Moment:
    """A new request comes: an answered question is closed, an unanswered one waits its turn."""
    draft = moment.draft
    if draft is None or moment.state.asked != "answered":
        return moment
    pending = moment.state.pending if moment.state.article else (*moment.state.pending, draft.text)
    return replace(moment, state=closed(moment.state, pending=pending))


def kept(moment: Moment, decision: Decision) -> Decision:
    """Small talk and tickets in between leave the question where it was."""
    if moment.state.asked != "answered" or decision.state.draft is not moment.draft:
        return decision
    return replace(decision, state=replace(decision.state, asked="answered"))


def _declined(moment: Moment) -> bool:
    return moment.meaning.by_rule and (moment.meaning.act == "skip" or phrases.is_deny(moment.meaning.text))


def _done(moment: Moment, article: str) -> Decision:
    steps: tuple[Step, ...] = (Feedback(article, True),) if article else ()
    return with_next(understood(closed(moment.state), *steps))


def _not_enough(moment: Moment, draft: Draft, article: str) -> Decision:
    lead: tuple[Step, ...] = (Feedback(article, False),) if article else ()
    return _file(moment, draft, *lead)


def _file(moment: Moment, draft: Draft, *lead: Step) -> Decision:
    if moment.service(draft.service) is None:
        return understood(moment.state, *lead, say("which-again"), asked="service")
    if needs.fileable(moment, draft):
        return filed(moment, draft, False, *lead)
    return collecting.proceed(moment.with_state(article=""), draft, *lead)
