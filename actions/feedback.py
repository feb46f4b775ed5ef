"""Note whether a knowledge answer helped."""

from __future__ import annotations

from actions.base import Desk, Feedback, Say


async def run(desk: Desk, step: Feedback) -> list[Say]:
    if step.article:
        await desk.helped(step.article, step.helped)
    return [Say("feedback-yes" if step.helped else "feedback-no")]
