"""What every finder returns."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Found:
    """A span of the normalised text, what it is, and its value in one canonical form (if it has one)."""

    start: int
    end: int
    entity: str
    normalized: Any = None
    confidence: float = 1.0
    role: str | None = None


def apart(found: Iterable[Found]) -> list[Found]:
    """Where spans overlap the surer one stays, then the longer one."""
    kept: list[Found] = []
    for one in sorted(found, key=lambda f: (-f.confidence, f.start - f.end, f.start)):
        if all(one.end <= other.start or one.start >= other.end for other in kept):
            kept.append(one)
    return sorted(kept, key=lambda f: f.start)
