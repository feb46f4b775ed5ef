"""What goes in and out of the training data's pages."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints

from bot.console.shapes import Answer, Id, Limit, Shape, Short

Text = Annotated[str, StringConstraints(max_length=4000)]
Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=60)]
Why = Annotated[str, StringConstraints(strip_whitespace=True, max_length=200)]
Ids = Annotated[list[Id], Field(min_length=1, max_length=500)]
Etag = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{16}$")]
FilePath = Annotated[str, StringConstraints(pattern=r"^[\w./-]{0,120}$")]


class Entity(Shape):
    start: Annotated[int, Field(ge=0, le=4000)]
    end: Annotated[int, Field(ge=1, le=4000)]
    tag: Name


class DataEntity(Answer):
    start: int
    end: int
    tag: str
    role: str = ""
    group: str = ""
    value: str = ""


class DataPhraseIn(Shape):
    intent: Name
    text: Text
    entities: list[Entity] = Field(default=[], max_length=60)
    kind: Short = ""
    safety: Short = ""
    conduct: Short = ""


class FirstPhrase(DataPhraseIn):
    """Of a service that does not exist yet: its intent need not be said."""

    intent: Short = ""


class PhrasesIn(Shape):
    phrases: Annotated[list[DataPhraseIn], Field(min_length=1, max_length=200)]
    why: Why = ""


class DataPhrase(Answer):
    id: int
    path: str
    line: int
    intent: str
    axis: str
    text: str
    entities: list[DataEntity]
    kind: str
    safety: str
    conduct: str
    revision: int


class PhraseQuery(Shape):
    intent: Short = ""
    search: Short = ""
    kind: Short | None = None
    safety: Short | None = None
    conduct: Short | None = None
    path: FilePath = ""
    offset: Annotated[int, Field(ge=0, le=1_000_000)] = 0
    limit: Annotated[int, Field(ge=1, le=200)] = 50


class PhraseList(Answer):
    rows: list[DataPhrase]
    total: int
    revision: int


class PhraseMove(Shape):
    """What is not named stays as it is."""

    ids: Ids
    intent: Short | None = None
    kind: Short | None = None
    safety: Short | None = None
    conduct: Short | None = None


class PhraseRemoval(Shape):
    ids: Ids
    why: Why = ""


class HintsIn(Shape):
    """`id`: the phrase that is being changed, if it is one."""

    text: Text
    intent: Short = ""
    entities: list[Entity] = Field(default=[], max_length=60)
    id: Id | None = None


class ProblemView(Answer):
    code: str
    level: str
    intent: str
    path: str
    line: int
    phrase: int
    text: str
    about: str


class Problems(Answer):
    rows: list[ProblemView]
    total: int = 0
    counts: dict[str, int] = Field(default={})


class ProblemQuery(Shape):
    intent: Short = ""
    code: Short = ""
    level: Literal["", "error", "warning", "hint"] = ""
    offset: Annotated[int, Field(ge=0, le=1_000_000)] = 0
    limit: Annotated[int, Field(ge=1, le=200)] = 50


class Made(Answer):
    """The revision that now is the present one, and whether this call made it."""

    revision: int
    changed: bool = True


class DataRow(Answer):
    """A service or an act in the list. `precision`: null until somebody wrote of it."""

    id: str
    zh: str
    en: str
    category: str = ""
    department: str = ""
    kind: str = ""
    path: str
    phrases: int
    kinds: dict[str, int]
    variety: float
    problems: dict[str, int]
    reads: int = 0
    wrong: int = 0
    precision: float | None = None
    in_service: bool = True


class Overview(Answer):
    revision: int
    taught: int
    at: datetime
    by: str
    phrases: int
    services: list[DataRow]
    acts: list[DataRow]
    safety: dict[str, int]
    conduct: dict[str, int]
    problems: dict[str, int]
    articles: int
    places: int
    departments: int
    may_edit: bool


class Choice(Answer):
    id: str
    zh: str
    en: str


class Choices(Answer):
    """What the fields of a service may hold."""

    intents: list[Choice]
    categories: list[str]
    departments: list[Choice]
    deadlines: list[Choice]
    kinds: list[str]
    details: list[str]
    tags: list[str]
    safety: list[str]
    conduct: list[str]
    article_files: list[str]
    place_lists: list[str]


class DataDetail(Shape):
    name: Name
    required: bool = False
    ask: bool = True


class Facts(Shape):
    """What is null stays as it is."""

    etag: Etag
    title: Short | None = None
    title_en: Short | None = None
    about: Annotated[str, StringConstraints(strip_whitespace=True, max_length=300)] | None = None
    category: Short | None = None
    department: Short | None = None
    deadline: Short | None = None
    kind: Short | None = None
    details: Annotated[list[DataDetail], Field(max_length=12)] | None = None


class DataService(Shape):
    id: Name
    title: Name
    title_en: Name
    about: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=300)]
    category: Name
    department: Name
    deadline: Name
    kind: Name
    details: list[DataDetail] = Field(default=[], max_length=12)
    phrases: Annotated[list[FirstPhrase], Field(min_length=1, max_length=200)]
    why: Why = ""


class ConfusionView(Answer):
    expected: str
    read: str
    count: int
    source: str


class DataServiceView(Answer):
    row: DataRow
    facts: dict[str, Any]
    etag: str
    axis: Literal["service", "act"]
    live_facts: dict[str, Any] | None
    confusions: list[ConfusionView]
    problems: list[ProblemView]


class ItemQuery(Shape):
    search: Short = ""
    list: Short = ""
    offset: Annotated[int, Field(ge=0, le=1_000_000)] = 0
    limit: Annotated[int, Field(ge=1, le=200)] = 50


class ItemView(Answer):
    list: str
    name: str
    path: str
    line: int
    etag: str
    facts: dict[str, Any]


class ItemList(Answer):
    rows: list[ItemView]
    total: int
    counts: dict[str, int]


class ItemIn(Shape):
    """A new article, department or place; `file` only for articles."""

    list: Name
    facts: dict[Name, Any]
    file: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,39}$|^$")] = ""


class ItemChange(Shape):
    list: Name
    name: Name
    etag: Etag
    facts: dict[Name, Any]


class ItemRemoval(Shape):
    list: Name
    name: Name
    etag: Etag


class HistoryQuery(Shape):
    path: FilePath = ""
    before: Id | None = None
    limit: Limit = 30


class RevisionView(Answer):
    number: int
    at: datetime
    operator: str
    kind: str
    why: str
    undoes: int | None
    undone_by: int | None
    files: list[str]


class History(Answer):
    rows: list[RevisionView]


class DiffLine(Answer):
    sign: str
    line: int
    text: str


class DifferenceView(Answer):
    path: str
    how: str
    plus: int
    minus: int
    lines: list[DiffLine]


class RevisionDetail(Answer):
    revision: RevisionView
    files: list[DifferenceView]


class FileQuery(Shape):
    path: FilePath


class FileNames(Answer):
    rows: list[str]


class FileText(Answer):
    """`etag` changes with any character."""

    path: str
    text: str
    etag: str


class FileChange(Shape):
    path: FilePath
    text: Annotated[str, StringConstraints(max_length=400_000)]
    etag: Short
    why: Short = ""


class Restore(Shape):
    path: FilePath
    revision: Id
