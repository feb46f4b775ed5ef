"""Call a person, and tell the citizen where they stand."""

from __future__ import annotations

from actions.base import Desk, HandOver, Say
from channels.base import Choice, Template


async def run(desk: Desk, step: HandOver) -> list[Say]:
    queue = await desk.hand_over(step.reason, step.urgency, step.note)
    template = Template("person", {"number": str(queue.position)})
    said = [Say(f"person-{step.reason.replace('_', '-')}")]
    if not queue.staffed:
        return [
            *said,
            Say("person-off-duty", {"opens": queue.opens, "known": bool(queue.opens)}, template=template),
        ]
    choices = (Choice("@choice-leave-queue", "leave_queue"),) if step.urgency == "normal" else ()
    return [*said, Say("person-queue", {"position": queue.position}, choices, template)]
