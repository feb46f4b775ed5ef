"""One moment of a conversation: all that a part of the dialogue may look at, and how it answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from math import inf
from typing import TYPE_CHECKING, Any

from actions.base import Draft, FileTicket, HandOver, Reason, Say, Step, Urgency
from bot.dialogue import details
from bot.dialogue.meaning import Meaning
from bot.dialogue.policy import Policy
from bot.dialogue.types import Decision, Heard, Service, State
from channels.base import Choice

if TYPE_CHECKING:
    from bot.services import Catalogue

PERSON = Choice("@choice-person", "person")
SKIP = Choice("@choice-skip", "skip")
ANONYMOUS = Choice("@choice-anonymous", "anonymous")
CANCEL = Choice("@choice-cancel", "cancel")


_CAN_WAIT = frozenset({"asked", "misunderstood", "anger", "unclear"})  # the assistant can go on by itself


@dataclass(frozen=True, slots=True)
class Moment:
    state: State
    heard: Heard
    catalogue: Catalogue
    policy: Policy
    meaning: Meaning

    @property
    def draft(self) -> Draft | None:
        return self.state.draft

    @property
    def now(self) -> datetime:
        """In the city's time zone, in which people speak of today and yesterday."""
        return self.heard.now.astimezone(self.catalogue.city.timezone)

    @property
    def choice(self) -> tuple[str, str]:
        """The chosen payload as (word, rest): "service:heating" → ("service", "heating")."""
        word, _, rest = self.meaning.payload.partition(":")
        return word, rest

    def service(self, name: str) -> Service | None:
        return self.catalogue.get(name)

    def title(self, name: str) -> str:
        return self.catalogue.title(name, self.state.language)

    def found(self, service: Service | None) -> dict[str, str]:
        """The details that this message holds, as the service calls them."""
        return details.found(
            self.meaning.text,
            self.meaning.heard.entities,
            service,
            self.now,
            self.catalogue.city.area_code,
        )

    def with_state(self, **changes: Any) -> Moment:
        return replace(self, state=replace(self.state, **changes))

    def recently_filed(self) -> bool:
        """Whether a ticket was filed here so lately that loose words belong to it."""
        return self.since("filed_at") <= self.policy.recent_seconds

    def since(self, name: str) -> float:
        """Seconds since the remembered moment `name`; endless if there was none."""
        then = self.state.memory.get(name, "")
        return (self.heard.now - datetime.fromisoformat(then)).total_seconds() if then else inf


def understood(state: State, *steps: Step, **changes: Any) -> Decision:
    """A decision after something that made sense."""
    return Decision(replace(state, misunderstood=0, told_waiting=False, **changes), steps)


def remembered(state: State, **values: str) -> Mapping[str, str]:
    """The memory with these values added; an empty one is forgotten."""
    return {name: value for name, value in {**state.memory, **values}.items() if value}


def closed(state: State, **changes: Any) -> State:
    """The state without its draft."""
    return replace(
        state,
        draft=None,
        asked="",
        tried=(),
        questions=0,
        article="",
        misunderstood=0,
        angry=0,
        told_waiting=False,
        refused=(),
        **changes,
    )


def filed(moment: Moment, draft: Draft, because_silent: bool = False, *lead: Step) -> Decision:
    """File it, keep what the next request may need, and take up what is queued."""
    memory = remembered(
        moment.state,
        filed_at=moment.heard.now.isoformat(),
        place=draft.details.get("place", ""),
        **({} if draft.anonymous else {n: draft.details[n] for n in ("phone", "name") if n in draft.details}),
    )
    state = closed(moment.state, ticket="latest", alarmed=(), memory=memory)
    return with_next(Decision(state, (*lead, FileTicket(draft, because_silent))))


def with_next(decision: Decision) -> Decision:
    """Take up the next queued request, if the way is free."""
    state = decision.state
    if state.draft is not None or not state.pending:
        return decision
    return replace(decision, state=replace(state, pending=state.pending[1:]), next=state.pending[0])


def to_person(moment: Moment, reason: Reason, *lead: Step, urgency: Urgency = "normal") -> Decision:
    """To a person, with what is known in one line. The draft stays: nothing said so far is asked again."""
    if not moment.heard.staffed and urgency == "normal" and reason in _CAN_WAIT:
        return off_duty(moment, *lead)
    draft = moment.state.draft
    asked = "service" if draft and not draft.service else ""
    state = replace(moment.state, asked=asked, misunderstood=0, angry=0, told_waiting=False)
    title = moment.title(draft.service) if draft and draft.service else ""
    words = draft.text if draft else moment.meaning.text
    if draft and moment.meaning.text not in draft.text:
        words = f"{words} {moment.meaning.text}"
    note = "：".join(part for part in (title, words.strip()) if part)
    return Decision(state, (*lead, HandOver(reason, urgency, note[:300])))


def off_duty(moment: Moment, *lead: Step) -> Decision:
    """Nobody is at a seat. What was said is filed at once; otherwise the assistant goes on listening."""
    opens, draft = moment.heard.opens, moment.draft
    values = {"opens": opens, "known": bool(opens), "phone": moment.catalogue.city.hotline}
    if draft is not None and draft.text.strip():
        return filed(moment, draft, False, *lead, say("person-off-duty-filed", **values))
    state = replace(moment.state, asked="", misunderstood=0, angry=0, told_waiting=False)
    return Decision(state, (*lead, say("person-off-duty", **values)))


def say(key: str, *choices: Choice, **values: Any) -> Say:
    return Say(key, values, tuple(choices))
