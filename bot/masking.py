"""Hiding personal data in what lists, search and logs show. The original stays in the sealed column.

Masks what can be told by its form, and the spans that the model marked as personal.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from bot.dialogue.types import Entity

PERSONAL = frozenset({"phone", "id_number", "person", "room", "plate", "name"})

_ID = re.compile(r"(?<![0-9A-Za-z])(\d{6})\d{8}(\d{3}[0-9Xx])(?![0-9A-Za-z])")
_MOBILE = re.compile(r"(?<!\d)((?:\+?86[ -]?)?1[3-9]\d)[ -]?\d{4}[ -]?(\d{4})(?!\d)")
_LANDLINE = re.compile(r"(?<!\d)(0\d{2,3})[ -]?\d{3,4}(\d{4})(?!\d)")
_LONG = re.compile(r"(?<!\d)(\d{4})\d{7,12}(\d{4})(?!\d)")  # bank cards and accounts
_MAIL = re.compile(r"(?<![\w.+-])([\w.+-])[\w.+-]*(@[\w-]+(?:\.[\w-]+)+)")


def mask(text: str, entities: Iterable[Entity] = ()) -> str:
    """`text` with phones, IDs, cards, mail addresses and the personal entities hidden."""
    for entity in sorted(entities, key=lambda e: e.start, reverse=True):
        if entity.name in PERSONAL and text[entity.start : entity.end] == entity.value:
            text = text[: entity.start] + hidden(entity.value) + text[entity.end :]
    for pattern in (_ID, _MOBILE, _LONG, _LANDLINE):
        text = pattern.sub(r"\1****\2", text)
    return _MAIL.sub(r"\1***\2", text)


def hidden(value: str) -> str:
    """The value with its middle hidden: 张** · 138****5678 · 3*****2."""
    if len(value) <= 1:
        return "*"
    keep = 1 if len(value) < 7 else (3 if len(value) < 12 else 4)
    tail = 0 if len(value) < 4 else keep
    return value[:keep] + "*" * max(2, min(6, len(value) - keep - tail)) + (value[-tail:] if tail else "")
