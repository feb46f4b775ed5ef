"""What to know before teaching a phrase: whether it teaches anything new, and whom it contradicts."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from bot.dialogue.types import Understanding
from bot.studio import data

SURE = 0.8  # read rightly with this confidence, a phrase has little left to teach
_FEW = 5


@dataclass(frozen=True, slots=True)
class Alike:
    """A phrase of the data: `score` 1 is the same words."""

    intent: str
    text: str
    score: float


@dataclass(frozen=True, slots=True)
class Hint:
    """`known`: there already. `sure`: the model in service reads it so with confidence. `against`: phrases
    with (nearly) the same words that mean something else."""

    read_as: str
    confidence: float
    known: Alike | None
    sure: bool
    against: tuple[Alike, ...]


async def hint(session: AsyncSession, text: str, intent: str, heard: Understanding | None) -> Hint:
    """About teaching `text` as `intent`. `heard`: what the model in service makes of it, None: it is away."""
    found = await data.likeness(session, text)
    near = [Alike(row.intent, row.text, 1.0) for row in found.same]
    near += [Alike(row.intent, row.text, round(score, 3)) for row, score in found.near]
    read_as, confidence = _read(heard)
    return Hint(
        read_as=read_as,
        confidence=confidence,
        known=next((one for one in near if one.intent == intent and one.score >= data.ALIKE), None),
        sure=bool(intent) and read_as == intent and confidence >= SURE,
        against=tuple(one for one in near if intent and one.intent != intent)[:_FEW],
    )


def _read(heard: Understanding | None) -> tuple[str, float]:
    """A service, or the act where the message is none."""
    if heard is None:
        return "", 0.0
    best = heard.service
    if heard.act is not None and (best is None or heard.act.confidence > best.confidence):
        best = heard.act
    return (best.name, round(best.confidence, 4)) if best else ("", 0.0)
