"""What the studio's pages of models are shown and may ask for."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints

from bot.console.shapes import Answer, Id, Shape, Short
from bot.studio import shadowing
from bot.studio.gates import Gates, Retention

Reason = Annotated[str, StringConstraints(strip_whitespace=True, max_length=500)]


class TrainingView(Answer):
    """A job as pages show it; `problem` is a sentence in both languages."""

    id: int
    kind: str
    status: str
    stage: str
    progress: dict[str, Any]
    problem: str
    code: str
    note: str
    revision: int | None
    model: int | None
    against: int | None
    by: str
    created_at: datetime
    started_at: datetime | None
    ended_at: datetime | None


class TrainingList(Answer):
    rows: list[TrainingView]


class VersionView(Answer):
    """One line of the list. `passed` None: never judged."""

    id: int
    name: str
    source: str
    note: str
    by: str
    revision: int | None
    phrases: int
    services: int
    size: int
    place: str  # live · before · staged · shadow · ""
    passed: bool | None
    accuracy: float | None
    better: int | None
    worse: int | None
    created_at: datetime
    retired_at: datetime | None


class NodeView(Answer):
    node: str
    follows: bool  # it does what the last publication says
    problem: str
    seen_at: datetime


class PublicationView(Answer):
    id: int
    verb: str
    live: int
    staged: int | None
    share: int
    shadow: int | None
    reason: str
    by: str
    created_at: datetime


class ModelsView(Answer):
    """Everything that the page of models begins with."""

    live: int | None
    before: int | None
    staged: int | None
    share: int
    shadow: int | None
    versions: list[VersionView]
    nodes: list[NodeView]
    history: list[PublicationView]
    shadowed: shadowing.Shadowed | None


class CompareQuery(Shape):
    against: Id | None = None


class JudgementView(Answer):
    """What was measured, beside which version."""

    id: int
    against: int | None
    test_set: str
    created_at: datetime
    passed: bool
    gates: list[dict[str, Any]]
    report: dict[str, Any]


class VersionDetail(Answer):
    version: VersionView
    judgement: JudgementView | None
    judged_beside: list[int]


class Publish(Shape):
    how: Literal["now", "share", "shadow"]
    share: int = Field(10, ge=1, le=99)
    reason: Reason = ""


class Ask(Shape):
    note: Short = ""


class Compare(Shape):
    against: Id | None = None


class Rules(Shape):
    gates: Gates
    retention: Retention


class RulesView(Answer):
    gates: Gates
    retention: Retention


class FileQuery(Shape):
    form: Literal["rasa", "export", "data"] = "rasa"
