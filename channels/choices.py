"""Choices for citizens who see no buttons: numbered lines. The house understands the number sent back."""

from __future__ import annotations

import re
from collections.abc import Sequence

from channels.base import Choice

HINT, HINT_EN = "回复数字选择：", "Reply with a number:"
_CHINESE = re.compile(r"[\u4e00-\u9fff]")


def numbered(text: str, choices: Sequence[Choice], max_bytes: int) -> str:
    """`text` with its choices as numbered lines. When both do not fit, the words give way: a citizen can do
    with a shortened sentence, not with a missing choice."""
    if not choices:
        return text
    hint = HINT if _CHINESE.search(choices[0].label) else HINT_EN
    menu = "\n".join(["", hint, *(f"{number}. {choice.label}" for number, choice in enumerate(choices, 1))])
    return cut(text, max_bytes - len(menu.encode())) + menu


def cut(text: str, room: int) -> str:
    """`text` within `room` bytes of UTF-8, cut between code points, with … where something is missing."""
    raw = text.encode()
    if len(raw) <= room:
        return text
    return raw[: max(room - 3, 0)].decode(errors="ignore") + "…"
