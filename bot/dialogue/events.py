"""What happens without words: following us, opening the chat, a scanned code, silence."""

from __future__ import annotations

from dataclasses import replace

from bot.dialogue import needs, smalltalk
from bot.dialogue.moment import Moment, closed, filed, remembered, say, to_person, understood
from bot.dialogue.types import Decision


def happened(moment: Moment) -> Decision | None:
    """The answer to an event; None if words came with it and they matter more."""
    event = moment.heard.event
    if event is None:
        return None
    if event == "silence":
        return silence(moment)
    if event in ("unsubscribe", "opt_out"):
        return Decision(moment.state)
    if event == "opt_in":
        return smalltalk.welcome(moment, "welcome-back")
    if event == "open":
        return smalltalk.welcome(moment) if moment.heard.first else Decision(moment.state)
    if event == "subscribe":
        return _scanned(moment) or smalltalk.welcome(moment)
    return _scanned(moment) if event == "scan" else _menu(moment)


def _scanned(moment: Moment) -> Decision | None:
    """A code on a wall or a lamp post tells where it hangs: "place:解放路128号"."""
    scene = moment.heard.payload.removeprefix("qrscene_")
    word, _, rest = scene.partition(":")
    if word == "place" and rest:
        memory = remembered(moment.state, place=rest)
        return understood(replace(moment.state, memory=memory), say("scanned-place", place=rest))
    return smalltalk.welcome(moment) if moment.heard.event == "scan" else None


def _menu(moment: Moment) -> Decision | None:
    """A menu key is a button like any other; one we do not know gets the menu."""
    return None if moment.choice[0] in ("menu", "progress", "person") else smalltalk.welcome(moment, "help")


def silence(moment: Moment) -> Decision:
    """Nobody answered: file what is complete and say so; otherwise leave a friendly line."""
    state, draft = moment.state, moment.draft
    if draft is None or state.asked == "alarm":
        return Decision(state)
    if state.asked == "answered" and state.article:
        return Decision(closed(state))
    if state.asked == "service" or not draft.service:
        return to_person(moment, "unclear")
    if state.asked == "confirm" or needs.fileable(moment, draft):
        return filed(moment, draft, True)
    parked = replace(state, memory=remembered(state, parked="yes"))
    if state.memory.get("parked"):
        return Decision(parked)
    return Decision(parked, (say("silent-incomplete", service=moment.title(draft.service)),))
