"""What an action is: one verb, carried out through the `Desk` inside the turn's transaction.

A step is what the dialogue decided; `run` carries it out and returns what to say. An action never sends,
never commits, never asks the model, and knows no table: the Desk is all it has.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, NewType, Protocol

from channels.base import AttachmentId, Choice, Template

TicketNumber = NewType("TicketNumber", str)  # what the citizen sees: two letters + yymmdd + a counter
ServiceId = NewType("ServiceId", str)  # the Rasa intent of a service
Kind = Literal["question", "help", "complaint", "tip", "suggestion", "praise", "other"]
Urgency = Literal["normal", "high", "emergency"]
Reason = Literal[
    "asked", "misunderstood", "emergency", "anger", "model_down", "failed_turn", "unclear", "complex"
]  # why a conversation goes to a person


@dataclass(frozen=True, slots=True)
class Say:
    """One sentence of the message catalogue: `key` in bot/words, with its values and the offered choices."""

    key: str
    values: Mapping[str, Any] = field(default_factory=dict)
    choices: tuple[Choice, ...] = ()  # labels may be catalogue keys, written "@key"
    template: Template | None = None  # what a template-only SMS account sends instead


@dataclass(frozen=True, slots=True)
class Draft:
    """A request being collected. `details` maps a detail's name to its checked value as plain text."""

    service: ServiceId
    kind: Kind
    text: str  # the citizen's own words, all of them, in order
    details: Mapping[str, str] = field(default_factory=dict)
    attachments: tuple[AttachmentId, ...] = ()
    location: tuple[float, float] | None = None
    anonymous: bool = False
    urgency: Urgency = "normal"
    safety: tuple[str, ...] = ()
    language: Literal["zh", "en"] = "zh"
    confidence: float = 0.0


# ---- steps: what the dialogue can decide --------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class FileTicket:
    draft: Draft
    because_silent: bool = False


@dataclass(frozen=True, slots=True)
class Lookup:
    """Names a ticket: by number and query code, or by the account that filed it when both are empty."""

    number: str = ""
    code: str = ""


@dataclass(frozen=True, slots=True)
class TicketStatus:
    ticket: Lookup


@dataclass(frozen=True, slots=True)
class Urge:
    ticket: Lookup
    text: str = ""


@dataclass(frozen=True, slots=True)
class AddDetail:
    ticket: Lookup
    text: str
    attachments: tuple[AttachmentId, ...] = ()


@dataclass(frozen=True, slots=True)
class Withdraw:
    ticket: Lookup
    text: str = ""
    sure: bool = False  # it cannot be undone: the citizen was asked and said so


@dataclass(frozen=True, slots=True)
class Rate:
    """`stars` 1–5, or None with `solved` when the citizen only says whether it was solved."""

    ticket: Lookup
    stars: int | None
    solved: bool | None = None
    text: str = ""


@dataclass(frozen=True, slots=True)
class RateSeat:
    """`stars` 1–5 for the person of this hand-over, or None with the words that follow them."""

    handover: int
    stars: int | None
    words: str = ""


@dataclass(frozen=True, slots=True)
class AskRedo:
    ticket: Lookup
    text: str = ""


@dataclass(frozen=True, slots=True)
class AnswerQuestion:
    """Answer from the knowledge base. Says nothing and reports `found=False` when it knows nothing."""

    question: str
    service: ServiceId | None
    then: Say | None = None  # said when nothing was found
    draft: Draft | None = None  # filed as a question if the citizen wants it


@dataclass(frozen=True, slots=True)
class HandOver:
    reason: Reason
    urgency: Urgency = "normal"
    note: str = ""  # for the operator: what is known in one line


@dataclass(frozen=True, slots=True)
class RaiseAlarm:
    """An emergency: the number to call is said at once, a person is called, an urgent ticket is filed."""

    classes: tuple[str, ...]  # safety classes, gravest first
    draft: Draft
    already: bool = False  # the alarm stands already: only add what was said


@dataclass(frozen=True, slots=True)
class Feedback:
    """Did the knowledge answer help?"""

    article: str
    helped: bool


Step = (
    Say
    | FileTicket
    | TicketStatus
    | Urge
    | AddDetail
    | Withdraw
    | Rate
    | RateSeat
    | AskRedo
    | AnswerQuestion
    | HandOver
    | RaiseAlarm
    | Feedback
)


# ---- the desk ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class TicketView:
    """A ticket as its own citizen may see it."""

    number: TicketNumber
    code: str  # query code
    service_title: str
    state: str  # see bot/tickets/states.py
    department: str  # shown name
    deadline: datetime
    filed_at: datetime
    answer: str = ""
    urged: int = 0
    rated: bool = False
    urgent: bool = False


@dataclass(frozen=True, slots=True)
class Article:
    id: str
    question: str
    answer: str
    source: str = ""
    links: tuple[str, ...] = ()
    score: float = 0.0


@dataclass(frozen=True, slots=True)
class Emergency:
    """One class of the safety net: whom to call and what to say at once."""

    id: str
    title: str
    call: str
    advice: str


@dataclass(frozen=True, slots=True)
class Queue:
    """Where the conversation stands: `position` 1 is next; `staffed` whether anybody is on duty."""

    position: int
    staffed: bool
    minutes: int = 0  # until it is their turn, as lately; 1: about now; 0: nobody can say
    opens: str = ""  # when people are there, for those who write off duty
    phone: str = ""
    closed: str = ""  # until when no person is called for this citizen


class Desk(Protocol):
    """All that an action may do. Everything happens in the turn's transaction or not at all."""

    language: Literal["zh", "en"]
    now: datetime

    async def file(self, draft: Draft) -> TicketView: ...

    async def find(self, ticket: Lookup) -> TicketView | None:
        """The named ticket if number and code fit, or the same account filed it; with neither given, this
        account's latest ticket. None otherwise: a wrong code and an unknown number look alike."""

    async def mine(self) -> Sequence[TicketView]:
        """This account's tickets, newest first, at most five."""

    async def urge(self, number: TicketNumber, text: str) -> bool:
        """False when it is closed or was urged within the last day."""

    async def add(self, number: TicketNumber, text: str, attachments: tuple[AttachmentId, ...]) -> bool: ...

    async def withdraw(self, number: TicketNumber, text: str) -> bool: ...

    async def rate(self, number: TicketNumber, stars: int | None, solved: bool | None, text: str) -> bool: ...

    async def rate_seat(self, handover: int, stars: int | None, words: str) -> bool:
        """False when this citizen was not asked about that conversation with a person."""

    async def redo(self, number: TicketNumber, text: str) -> bool: ...

    async def search(self, question: str, service: ServiceId | None) -> Sequence[Article]:
        """Knowledge answers, best first, only those good enough to say."""

    async def missed(self, question: str, service: ServiceId | None) -> None:
        """Log a question nobody has an answer for."""

    async def helped(self, article: str, helped: bool) -> None: ...

    async def hand_over(self, reason: Reason, urgency: Urgency, note: str) -> Queue: ...

    async def alarm(self, classes: tuple[str, ...], number: TicketNumber | None, words: str) -> None:
        """Tell every seat at once, with the words that raised it."""

    def emergency(self, safety_class: str) -> Emergency: ...

    def when(self, moment: datetime) -> str:
        """A moment in the city's time zone as people say it: 11月25日（周三）18:00."""
