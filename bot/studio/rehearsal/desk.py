"""A Desk in memory, on which whole conversations are played. It obeys the real one's interface, keeps tickets
in a dict and knows one city clock.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Literal

from actions.base import (
    Article,
    Draft,
    Emergency,
    Lookup,
    Queue,
    Reason,
    ServiceId,
    TicketNumber,
    TicketView,
    Urgency,
)
from channels.base import AttachmentId

NOW = datetime(2025, 11, 26, 3, 0, tzinfo=UTC)  # a Wednesday, 11:00 in the city
OPEN = ("accepted", "dispatched", "signed", "returned", "redo")


@dataclass
class DeskInMemory:
    """`mine` are numbers of the writing account; `others` exist but belong to somebody else."""

    language: Literal["zh", "en"] = "zh"
    now: datetime = NOW
    staffed: bool = True
    articles: dict[str, Article] = field(default_factory=dict)  # a word of the question → its answer
    tickets: dict[str, TicketView] = field(default_factory=dict)
    drafts: dict[str, Draft] = field(default_factory=dict)
    foreign: set[str] = field(default_factory=set)
    log: list[tuple[str, ...]] = field(default_factory=list)  # what was done, in order

    async def file(self, draft: Draft) -> TicketView:
        number = TicketNumber(f"LJ251126{len(self.tickets) + 1:04d}")
        urgent = draft.urgency == "emergency"
        view = TicketView(
            number=number,
            code=f"C0DE{len(self.tickets) + 1:02d}",
            service_title=str(draft.service),
            state="accepted",
            department="某局",
            deadline=self.now + timedelta(hours=2 if urgent else 120),
            filed_at=self.now,
            urgent=urgent,
        )
        self.tickets[number] = view
        self.drafts[number] = draft
        self.log.append(("file", number))
        return view

    async def find(self, ticket: Lookup) -> TicketView | None:
        if not ticket.number:
            mine = await self.mine()
            return mine[0] if mine else None
        found = self.tickets.get(ticket.number)
        if found is None:
            return None
        if ticket.code:
            return found if found.code == ticket.code else None
        return None if found.number in self.foreign else found

    async def mine(self) -> Sequence[TicketView]:
        return [view for number, view in reversed(self.tickets.items()) if number not in self.foreign][:5]

    async def urge(self, number: TicketNumber, text: str) -> bool:
        view = self.tickets[number]
        self.log.append(("urge", number, text))
        self._change(number, urged=view.urged + 1)
        return view.urged == 0 and view.state in OPEN

    async def add(self, number: TicketNumber, text: str, attachments: tuple[AttachmentId, ...]) -> bool:
        if self.tickets[number].state not in OPEN:
            return False
        self.log.append(("add", number, text, *attachments))
        return True

    async def withdraw(self, number: TicketNumber, text: str) -> bool:
        if self.tickets[number].state not in OPEN:
            return False
        self.log.append(("withdraw", number, text))
        self._change(number, state="withdrawn")
        return True

    async def rate(self, number: TicketNumber, stars: int | None, solved: bool | None, text: str) -> bool:
        if self.tickets[number].rated and stars is not None:
            return False
        self.log.append(("rate", number, str(stars), str(solved)))
        self._change(number, rated=stars is not None)
        return True

    async def rate_seat(self, handover: int, stars: int | None, words: str) -> bool:
        self.log.append(("rate_seat", str(handover), str(stars), words))
        return handover != 0

    async def redo(self, number: TicketNumber, text: str) -> bool:
        if self.tickets[number].state not in ("answered", "closed"):
            return False
        self.log.append(("redo", number, text))
        self._change(number, state="redo")
        return True

    async def search(self, question: str, service: ServiceId | None) -> Sequence[Article]:
        return [article for word, article in self.articles.items() if word in question]

    async def missed(self, question: str, service: ServiceId | None) -> None:
        self.log.append(("missed", question))

    async def helped(self, article: str, helped: bool) -> None:
        self.log.append(("helped", article, str(helped)))

    async def hand_over(self, reason: Reason, urgency: Urgency, note: str) -> Queue:
        self.log.append(("hand_over", reason, urgency, note))
        return Queue(position=1, staffed=self.staffed, phone="" if self.staffed else "12345")

    async def alarm(self, classes: tuple[str, ...], number: TicketNumber | None, words: str) -> None:
        self.log.append(("alarm", *classes, str(number)))

    def emergency(self, safety_class: str) -> Emergency:
        return Emergency(safety_class, safety_class, "110", "请注意安全")

    def when(self, moment: datetime) -> str:
        return f"{moment:%Y-%m-%d %H:%M}"

    def done(self, verb: str) -> list[tuple[str, ...]]:
        return [entry[1:] for entry in self.log if entry[0] == verb]

    def close(self, number: str, state: str = "closed", answer: str = "已修好") -> None:
        """What the department would do."""
        self._change(number, state=state, answer=answer)

    def _change(self, number: str, **changes: object) -> None:
        self.tickets[number] = replace(self.tickets[number], **changes)  # type: ignore[arg-type]  # fields by name
