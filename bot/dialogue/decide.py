"""decide: one thing was heard, this is what to do. Read it downwards: the first part that has an answer wins.

Danger first, then what needs no understanding, then people, then the request that is open, then new matters.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from actions.base import Say
from bot.dialogue import (
    answering,
    asides,
    choosing,
    conduct,
    emergencies,
    events,
    knowing,
    people,
    requests,
    seats,
    smalltalk,
    speech,
    tickets,
)
from bot.dialogue.meaning import read
from bot.dialogue.moment import Moment
from bot.dialogue.policy import Policy
from bot.dialogue.types import Decision, Heard, State

if TYPE_CHECKING:
    from bot.services import Catalogue

Part = Callable[[Moment], Decision | None]

FIRST: tuple[Part, ...] = (
    emergencies.alarm,
    events.happened,
    speech.switched,
    people.voice,
    people.model_away,
    conduct.temper,
    people.asked,
    emergencies.unnamed,
    emergencies.follow,
)
OPEN: tuple[Part, ...] = (seats.rated, asides.aside, answering.answer, knowing.answered, choosing.chosen)
NEW: tuple[Part, ...] = (
    requests.several,
    tickets.handle,
    requests.files,
    requests.wish,
    conduct.idle,
    smalltalk.line,
    requests.request,
    requests.lost,
)


def decide(state: State, heard: Heard, catalogue: Catalogue, policy: Policy | None = None) -> Decision:
    """What to do about what was heard. Pure: the same values always give the same decision."""
    policy = policy or Policy()
    state = replace(state, language=speech.language_of(state, heard))
    moment = Moment(state, heard, catalogue, policy, read(state, heard, catalogue, policy))
    return finished(moment, _decided(moment))


def _decided(moment: Moment) -> Decision:
    decision = _first(FIRST, moment)
    if decision is not None:
        return decision
    moment = conduct.counted(emergencies.over(moment))
    decision = _first(OPEN, moment)
    if decision is not None:
        return decision
    return knowing.kept(moment, _first(NEW, moment) or Decision(moment.state))


def _first(parts: tuple[Part, ...], moment: Moment) -> Decision | None:
    return next((decision for part in parts if (decision := part(moment)) is not None), None)


def finished(moment: Moment, decision: Decision) -> Decision:
    """What holds for every decision: choices are remembered, an open request listens for silence."""
    if decision.wait:
        return decision
    said = [step for step in decision.steps if isinstance(step, Say)]
    choices = next((step.choices for step in reversed(said) if step.choices), ())
    state = replace(decision.state, offered=choices)
    waits = state.draft is not None and moment.heard.event != "silence"
    wake = moment.policy.silence_seconds if waits and not decision.next else None
    return replace(decision, state=state, wake_after=decision.wake_after or wake)
