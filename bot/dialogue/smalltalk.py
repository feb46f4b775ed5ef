"""Everything that is no request: greetings, thanks, help, weather and jokes. One short line each."""

from __future__ import annotations

from collections.abc import Mapping

from bot.dialogue import showing
from bot.dialogue.moment import PERSON, Moment, say, understood
from bot.dialogue.types import Decision
from channels.base import Choice

MENU = (
    Choice("@choice-report", "menu:report"),
    Choice("@choice-question", "menu:question"),
    Choice("@choice-progress", "progress"),
    PERSON,
)
_LINES: Mapping[str, str] = {
    "greet": "greet",
    "bye": "bye",
    "thank": "thank",
    "help": "help",
    "who": "who",
    "repeat": "help",
    "chitchat": "chitchat",
    "out_of_scope": "out-of-scope",
    "affirm": "nothing-open",
    "deny": "nothing-open",
    "skip": "nothing-open",
    "cancel": "nothing-open",
    "change": "nothing-open",
}
_WITH_MENU = frozenset({"greet", "help", "nothing-open"})
_BESIDE = frozenset({"greet", "bye", "thank", "chitchat", "out_of_scope", "help", "repeat", "who"})


def line(moment: Moment) -> Decision | None:
    """The answer to an act that stands alone."""
    meaning = moment.meaning
    if moment.choice[0] == "menu":
        return _menu(moment)
    if meaning.payload or meaning.act not in _LINES or not stands_alone(moment):
        return None
    key = _LINES[meaning.act]
    choices = MENU if key in _WITH_MENU else (PERSON,) if key == "who" else ()
    return understood(moment.state, say(key, *choices, city=_city(moment)), asked="")


def nothing_open(moment: Moment) -> Decision:
    """A button of something that is over."""
    return understood(moment.state, say("nothing-open", *MENU))


def stands_alone(moment: Moment) -> bool:
    """Whether the act is all there is: "你好，我家暖气不热" is a request."""
    meaning = moment.meaning
    if meaning.by_rule or not meaning.sure:
        return True
    act = meaning.heard.act
    return meaning.act in ("chitchat", "out_of_scope") and bool(act) and act.confidence > meaning.confidence  # type: ignore[union-attr]  # bool(act)


def beside(moment: Moment) -> Decision | None:
    """The same while a request is open: one line, then the question again."""
    meaning = moment.meaning
    if meaning.payload or meaning.act not in _BESIDE or not stands_alone(moment):
        return None
    if meaning.act == "repeat":
        return again(moment) if showing.repeat(moment) else None
    key = _LINES[meaning.act]
    return understood(moment.state, say(key, city=_city(moment)), *showing.repeat(moment))


def _menu(moment: Moment) -> Decision:
    rest = moment.choice[1]
    key = {"report": "menu-report", "question": "menu-question"}.get(rest, "help")
    choices = MENU if key == "help" else ()
    return understood(moment.state, say(key, *choices, city=_city(moment)), asked="")


def _city(moment: Moment) -> str:
    city = moment.catalogue.city
    return city.name_en if moment.state.language == "en" else city.name


def welcome(moment: Moment, key: str = "welcome") -> Decision:
    return understood(moment.state, say(key, *MENU, city=_city(moment)))


def again(moment: Moment) -> Decision:
    """Only the open question, once more."""
    return understood(moment.state, *showing.repeat(moment))
