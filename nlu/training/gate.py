"""The gate: no model is served that answers differently from Rasa.

Every phrase and a set of odd texts are parsed by Rasa itself and by the export. A different intent, a
different entity, or a confidence further off than 0.0001 refuses the model.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from nlu.reading.engine import Engine

TOLERANCE = 1e-4
_ODD = """
。|!!!???|😀|👨‍👩‍👧‍👦👍🏽|1|13800138000|a|Hello, my WiFi is broken!|ｈｅｌｌｏ　１２３|臺灣話也聽得懂嗎|㎡㈱№|
مرحبا 你好 привет|١٢٣|𠮷野家|null|{}[]()\\"'|<script>alert(1)</script>|' OR 1=1 --
"""
_LONG = ("哈" * 500, "停水" * 2000, "🔥" * 300)
_BLANK = ("", " ", "\n\n", "\u200b\u200d\ufeff", "e\u0301te\u0301", "\x00\x07")
ODD = (*_ODD.strip().split("|"), *_LONG, *_BLANK)

Parse = dict[str, Any]


class Refused(Exception):
    """Rasa and the export disagree; the text shows the first differences without the citizen's words."""


def differences(ours: Any, rasas: Any, where: str = "") -> Iterator[str]:
    """Every place where two parses differ by more than rounding."""
    if isinstance(rasas, dict) and isinstance(ours, dict):
        for key in sorted(rasas.keys() | ours.keys()):
            if key not in ours or key not in rasas:
                yield f"{where}.{key} only on one side"
            else:
                yield from differences(ours[key], rasas[key], f"{where}.{key}")
    elif isinstance(rasas, (list, tuple)) and isinstance(ours, (list, tuple)):
        if len(ours) != len(rasas):
            yield f"{where}: {len(ours)} instead of {len(rasas)}"
        for i, (one, other) in enumerate(zip(ours, rasas, strict=False)):
            yield from differences(one, other, f"{where}[{i}]")
    elif isinstance(rasas, (int, float)) and isinstance(ours, (int, float)):
        if abs(float(ours) - float(rasas)) > TOLERANCE:
            yield f"{where}: {ours} instead of {rasas}"
    elif ours != rasas:
        yield (
            f"{where}: differs"
            if where.endswith((".text", ".value"))
            else f"{where}: {ours!r} instead of {rasas!r}"
        )


def compare(archive: Path, folder: Path, texts: Sequence[str], say: Callable[[int, int], None]) -> int:
    """Parse everything on both sides; returns how many were compared, raises `Refused` on the first bad
    ones.
    """
    from rasa.core.agent import Agent
    from rasa.utils.log_utils import configure_structlog

    configure_structlog(logging.WARNING)
    agent = Agent.load(str(archive))
    engine = Engine.load(folder)
    every = [*ODD, *dict.fromkeys(texts)]

    async def run() -> None:
        bad: list[str] = []
        for i, text in enumerate(every):
            found = list(differences(engine.parse(text), await agent.parse_message(text), f"text {i}"))
            bad.extend(found[:1])
            if len(bad) >= 5:
                break
            if i % 500 == 0:
                say(i, len(every))
        if bad:
            raise Refused("the export answers differently from Rasa: " + "; ".join(bad))

    asyncio.run(run())
    return len(every)
