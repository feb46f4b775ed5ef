"""Pages by key: the cursor is the last row's place in the order, so a page costs the same however deep."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TypeVar

from bot.console.shapes import BIGGEST, Page
from bot.errors import Invalid

R = TypeVar("R")


def cursor(moment: datetime, key: int) -> str:
    return base64.urlsafe_b64encode(f"{moment.isoformat()}|{key}".encode()).decode().rstrip("=")


def after_key(text: str) -> tuple[datetime, int]:
    """Raises Invalid for what we did not hand out."""
    try:
        raw = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode("ascii")
        moment, key = raw.split("|")
        if not (key.isascii() and key.isdigit() and len(key) < 20 and int(key) <= BIGGEST):
            raise ValueError(key)
        at = datetime.fromisoformat(moment)
        if at.tzinfo is None or not 1970 <= at.year <= 9998:
            raise ValueError(moment)
    except (ValueError, binascii.Error) as error:
        raise Invalid({"after": "无效的翻页标记 · not a page mark"}) from error
    return at, int(key)


def page(rows: Sequence[R], limit: int, place: Callable[[R], tuple[datetime, int]]) -> Page[R]:
    """`rows` were asked for with `limit + 1`: the one too many says that there is more."""
    shown = list(rows[:limit])
    return Page(rows=shown, next=cursor(*place(shown[-1])) if len(rows) > limit else None)
