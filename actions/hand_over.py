"""Call a person, and tell the citizen where they stand."""

from __future__ import annotations

from actions.base import Desk, HandOver, Say
from channels.base import Choice, Template

MEANWHILE = (Choice("@choice-progress", "progress"), Choice("@choice-question", "menu:question"))
LEAVE = Choice("@choice-leave-queue", "leave_queue")


async def run(desk: Desk, step: HandOver) -> list[Say]:
    queue = await desk.hand_over(step.reason, step.urgency, step.note)
    if queue.closed:
        return [Say("person-limited", {"until": queue.closed})]
    template = Template("person", {"number": str(queue.position)})
    said = [Say(f"person-{step.reason.replace('_', '-')}")]
    if not queue.staffed:
        values = {"opens": queue.opens, "known": bool(queue.opens), "phone": queue.phone}
        return [*said, Say("person-off-duty", values, template=template)]
    choices = () if step.urgency != "normal" else (LEAVE,) if queue.minutes == 1 else (*MEANWHILE, LEAVE)
    values = {"position": queue.position, "minutes": queue.minutes}
    return [*said, Say("person-queue", values, choices, template)]
