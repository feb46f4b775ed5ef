"""An emergency: the number to call first, then an urgent ticket, then every seat."""

from __future__ import annotations

from actions.base import Desk, Lookup, RaiseAlarm, Say
from channels.base import Template


async def run(desk: Desk, step: RaiseAlarm) -> list[Say]:
    if step.already:
        return await _add(desk, step)
    said = []
    called: set[str] = set()
    for name in step.classes[:2]:
        emergency = desk.emergency(name)
        if emergency.call not in called:
            key = "alarm-advice" if emergency.call in emergency.advice else "alarm"
            template = Template("alarm", {"call": emergency.call})
            said.append(Say(key, {"call": emergency.call, "advice": emergency.advice}, template=template))
        called.add(emergency.call)
    ticket = await desk.file(step.draft)
    await desk.alarm(step.classes, ticket.number, step.draft.text)
    values = {"number": ticket.number, "code": ticket.code}
    return [*said, Say("receipt-urgent", values, template=Template("person", {"number": ticket.number}))]


async def _add(desk: Desk, step: RaiseAlarm) -> list[Say]:
    """The alarm stands: those who come get the new words."""
    ticket = await desk.find(Lookup())
    number = ticket.number if ticket else None
    if number:
        place = step.draft.details.get("place", "")
        text = step.draft.text if place in step.draft.text else f"{step.draft.text} {place}"
        await desk.add(number, text.strip(), step.draft.attachments)
    await desk.alarm(step.classes, number, step.draft.text)
    return [Say("alarm-added", {"call": desk.emergency(step.classes[0]).call or "110"})]
