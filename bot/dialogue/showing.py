"""The sentences of a request: hello, the question for a detail, the summary, the open question once more."""

from __future__ import annotations

from collections.abc import Iterator

from actions.base import Draft, Say, Step
from bot.dialogue import checks, details, needs
from bot.dialogue.moment import ANONYMOUS, CANCEL, SKIP, Moment, say
from bot.words import say as words
from channels.base import Choice

CONFIRM = Choice("@choice-confirm", "confirm")
CHANGE = Choice("@choice-change", "change")
_MATTER = 80  # characters of the citizen's own words in the summary


def hello(moment: Moment) -> tuple[Step, ...]:
    """Who we are, once, to somebody who writes for the first time."""
    city = moment.catalogue.city
    name = city.name_en if moment.state.language == "en" else city.name
    return (say("hello", city=name),) if moment.heard.first and not moment.heard.queued else ()


def ask(moment: Moment, draft: Draft, name: str) -> Say:
    """The question for a detail, with what can be chosen instead of typing."""
    choices: list[Choice] = []
    service = moment.service(draft.service)
    required = (
        bool(service) and dict(needs.wanted(draft, service)).get(name, name == "matter") if service else True
    )
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
