"""The values that dialogue takes and gives. No I/O, no clock, no table: `decide` is tested as a table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from actions.base import Draft, ServiceId, Step
from channels.base import AttachmentId, Choice, EventKind

Language = Literal["zh", "en"]


@dataclass(frozen=True, slots=True)
class Guess:
    name: str
    confidence: float


@dataclass(frozen=True, slots=True)
class Entity:
    """A detail found in the text. `start`/`end` are offsets into `Understanding.text`."""

    name: str
    value: str  # as written
    start: int
    end: int
    normal: str = ""  # normalised value: E.164 phone, ISO date, full place … or ""
    confidence: float = 1.0


@dataclass(frozen=True, slots=True)
class Understanding:
    """What model and safety net together made of one message. `failure` names why the model did not answer;
    then only `alarms` (from the net) and entities found by rules are there."""

    text: str
    services: tuple[Guess, ...] = ()  # ranked, best first
    act: Guess | None = None
    kind: Guess | None = None
    alarms: tuple[str, ...] = ()  # safety classes that count as raised, gravest first
    hazards: tuple[Guess, ...] = ()  # what the model thought of the others, for the operator
    conduct: tuple[Guess, ...] = ()
    entities: tuple[Entity, ...] = ()
    requests: tuple[str, ...] = ()  # the separate requests of the message; empty when it holds one
    failure: str | None = None
    model: str = ""  # version that read it
    took_ms: float = 0.0

    @property
    def service(self) -> Guess | None:
        return self.services[0] if self.services else None


@dataclass(frozen=True, slots=True)
class Detail:
    name: str
    required: bool = False
    ask: bool = True


@dataclass(frozen=True, slots=True)
class Service:
    """One file of nlu_data/services."""

    id: ServiceId
    title: str
    title_en: str
    about: str
    category: str
    department: str
    deadline: str
    kind: str
    details: tuple[Detail, ...]


@dataclass(frozen=True, slots=True)
class Heard:
    """One thing that happened in the conversation: a message, an event, or silence."""

    now: datetime
    text: str = ""
    payload: str = ""
    event: EventKind | Literal["silence"] | None = None
    attachments: tuple[AttachmentId, ...] = ()
    location: tuple[float, float] | None = None
    location_label: str = ""
    voice_unread: bool = False  # a voice message without recognition: a person must hear it
    understanding: Understanding | None = None  # None for pure events and media
    language: Language | None = None
    known_phone: str = ""  # of this account, E.164
    brief: bool = False  # only approved templates reach this citizen: what is complete is filed unasked
    staffed: bool = True  # somebody is at a seat
    opens: str = ""  # nobody is: when people come, in words; "" if no shift says so
    first: bool = False  # first message ever of this account
    waited_long: bool = False  # the model was down longer than our patience
    queued: bool = False  # not written just now: an earlier `Decision.next`, taken up again


@dataclass(frozen=True, slots=True)
class State:
    """What the bot remembers between messages. Stored as JSON, so plain values only."""

    language: Language = "zh"
    draft: Draft | None = None
    asked: str = ""  # what the last sentence asked: a detail's name, "confirm", "service", "ticket:urge" …
    tried: tuple[str, ...] = ()  # details already asked or refused: never asked twice
    refused: tuple[str, ...] = ()  # services that this matter is not about, as the citizen said
    questions: int = 0  # asked for this draft, at most three
    pending: tuple[str, ...] = ()  # further requests, each in the citizen's words
    offered: tuple[Choice, ...] = ()  # last choices, so that "1" or "第一个" means something
    misunderstood: int = 0  # in a row
    angry: int = 0
    loose: tuple[AttachmentId, ...] = ()  # photos that came before the words
    ticket: str = ""  # number of the last ticket filed here ("latest" until known): "补充一下 …" means it
    article: str = ""  # last knowledge answer, for "did this help?"
    alarmed: tuple[str, ...] = ()  # safety classes raised in this conversation
    told_waiting: bool = False  # "we are a bit slow" was said
    memory: Mapping[str, str] = field(default_factory=dict)  # phone, name, place given earlier


@dataclass(frozen=True, slots=True)
class Decision:
    """`wake_after` seconds of silence bring a `Heard(event="silence")`; None cancels an earlier one.
    `wait` says that the message must be handled again when the model answers. `next` is a queued request:
    it is heard (`Heard.queued`) as a message of its own right after this turn."""

    state: State
    steps: tuple[Step, ...] = ()
    wake_after: int | None = None
    wait: bool = False
    next: str = ""
