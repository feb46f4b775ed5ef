"""What goes in and out at the studio's inbox."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, StringConstraints

from bot.console.shapes import BIGGEST, Answer, Cursor, Id, Limit, Moment, Shape, Short
from bot.services import DETAILS
from bot.studio import intents, pile

Status = Literal["open", "proposed", "taught", "ignored"]
Source = Literal["", "unsure", "refused", "corrected", "sent_back", "rated", "out_of_scope", "settled"]


class InboxQuery(Shape):
    status: Status = "open"
    source: Source = ""
    service: Short = ""
    model: Short = ""
    since: Moment | None = None
    until: Moment | None = None
    q: Short = ""
    after: Cursor = ""
    limit: Limit = 30

    @property
    def wanted(self) -> pile.Wanted:
        return pile.Wanted(self.status, self.source, self.service, self.model, self.since, self.until, self.q)


class MessagesQuery(InboxQuery):
    """`group` as the list of groups named it; negative for a message that is alone so far."""

    group: Annotated[int, Field(ge=-BIGGEST, le=BIGGEST)]


class Guess(Answer):
    name: str
    confidence: float


class PhraseView(Answer):
    intent: str
    text: str
    entities: list[tuple[int, int, str]]
    kind: str
    safety: str
    conduct: str


class Proposal(Answer):
    """What somebody proposed and another must confirm."""

    by: str
    mine: bool
    at: datetime
    phrases: list[PhraseView]


class MessageRow(Answer):
    id: int
    version: int
    status: Status
    words: str
    marks: list[tuple[int, int, str]]
    guesses: list[Guess]
    service: str
    confidence: float
    model: str
    wanted: str
    wanted_by: str
    kind: str
    safety: str
    note: str
    sources: list[str]
    urgency: int
    conversation: int
    at: datetime
    proposal: Proposal | None = None


class GroupRow(Answer):
    id: int
    number: int
    urgency: int
    confidence: float
    service: str
    sources: list[str]
    newest: datetime
    sample: MessageRow


class Line(Answer):
    author: str
    text: str
    at: datetime
    this: bool


class ActView(Answer):
    """What somebody did. `phrases`: what it taught, at most a few."""

    id: int
    verb: str
    by: str
    at: datetime
    number: int
    service: str
    note: str
    undone_by: str
    undone_at: datetime | None


class MessageDetail(Answer):
    row: MessageRow
    lines: list[Line]
    acts: list[ActView]


class DeadlineView(Answer):
    """A class of deadlines that a new service may have."""

    id: str
    zh: str
    en: str


class Summary(Answer):
    """What the page needs once: how much lies there, and what can be chosen."""

    counts: dict[str, int]
    sources: dict[str, int]
    models: list[str]
    intents: list[intents.Intent]
    deadlines: list[DeadlineView]
    two_person: bool


class PhraseIn(Shape):
    intent: Short
    text: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=1000)]
    entities: list[tuple[Id | Literal[0], Id, Short]] = Field(default=[], max_length=50)
    kind: Short = ""
    safety: Short = ""
    conduct: Short = ""


class LessonIn(Shape):
    """Without phrases the message's own words are taught. `version`: as it was seen."""

    id: Id
    version: Id | None = None
    phrases: list[PhraseIn] = Field(default=[], max_length=20)


Lessons = Annotated[list[LessonIn], Field(min_length=1, max_length=200)]


class Teaching(Shape):
    """`intent`, `kind` and `safety` hold for lessons without phrases of their own; no intent: what each was
    read as, or what somebody said it should have been."""

    lessons: Lessons
    intent: Short = ""
    kind: Short = ""
    safety: Short = ""


class Ignoring(Shape):
    lessons: Lessons


class Ids(Shape):
    ids: Annotated[list[Id], Field(min_length=1, max_length=200)]


class Rejection(Ids):
    note: Annotated[str, StringConstraints(strip_whitespace=True, max_length=300)] = ""


def _known_detail(name: str) -> str:
    if name not in DETAILS:
        raise ValueError("没有这个要素 · no such detail")
    return name


class DetailIn(Shape):
    name: Annotated[str, AfterValidator(_known_detail)]
    required: bool = False
    ask: bool = True


Title = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=60)]


class NewService(Shape):
    """A service made from these messages: they become its first phrases, and `phrases` beside them."""

    lessons: Lessons
    phrases: list[Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=1000)]] = (
        Field(default=[], max_length=100)
    )
    id: Annotated[str, StringConstraints(pattern="^[a-z][a-z0-9_]{1,39}$")]
    title: Title
    title_en: Title
    about: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
    category: Title
    department: Short
    deadline: Short
    kind: Short
    details: list[DetailIn] = Field(default=[], max_length=12)


class Question(Shape):
    """A phrase about to be taught."""

    text: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2000)]
    intent: Short = ""


class Switches(Shape):
    two_person: bool


class ActsQuery(Shape):
    after: Id | None = None
    limit: Limit = 30
