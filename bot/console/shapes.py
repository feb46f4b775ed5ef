"""The base of everything that crosses the border as JSON, and the few field types that all share."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Generic, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

T = TypeVar("T")
BIGGEST = 2**63 - 1  # of a bigint column


class Shape(BaseModel):
    """What comes in: unknown fields are refused, so a misspelt one is not silently ignored."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class Answer(BaseModel):
    """What goes out."""

    model_config = ConfigDict(frozen=True, from_attributes=True, hide_input_in_errors=True)


class Nothing(Shape):
    """No query or no body."""


class Done(Answer):
    """It worked, and there is nothing to add."""

    ok: bool = True


class Page(Answer, Generic[T]):
    """A page by key. `next` is given back as `after` to go on; null at the end."""

    rows: list[T]
    next: str | None = None


def _aware(value: datetime) -> datetime:
    if value.tzinfo is None:
        raise ValueError("a time needs its offset, such as 2026-01-31T08:00:00+08:00")
    if not 1970 <= value.year <= 9998:
        raise ValueError("a year from 1970 to 9998")
    return value


Id = Annotated[int, Field(ge=1, le=BIGGEST)]
Moment = Annotated[datetime, AfterValidator(_aware)]
Short = Annotated[str, StringConstraints(strip_whitespace=True, max_length=100)]
Named = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=60)]
Words = Annotated[str, StringConstraints(strip_whitespace=True, max_length=4000)]
Cursor = Annotated[str, StringConstraints(max_length=200)]
Limit = Annotated[int, Field(ge=1, le=100)]


def free_of_nul(value: Any) -> bool:
    """PostgreSQL keeps no NUL character; lone surrogates are no text at all."""
    match value:
        case str():
            return "\0" not in value and not any("\ud800" <= c <= "\udfff" for c in value)
        case dict():
            return all(free_of_nul(k) and free_of_nul(v) for k, v in value.items())
        case list():
            return all(map(free_of_nul, value))
        case _:
            return True
