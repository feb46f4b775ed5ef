"""Frozen values to JSON and back, for the sealed columns. Old rows with fewer fields still load."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, TypeVar

from pydantic import TypeAdapter

T = TypeVar("T")


@lru_cache(None)
def _adapter(kind: Any) -> TypeAdapter[Any]:
    return TypeAdapter(kind)


def dump(value: Any) -> dict[str, Any]:
    """A dataclass as plain JSON values."""
    plain: dict[str, Any] = _adapter(type(value)).dump_python(value, mode="json", exclude_defaults=True)
    return plain


def load(kind: type[T], plain: dict[str, Any]) -> T:
    value: T = _adapter(kind).validate_python(plain)
    return value
