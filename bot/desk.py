"""The Desk that actions are given: everything they may do, inside the transaction of one turn."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Literal, cast

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

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
from bot.masking import mask
from bot.seats import duty, handover, limits, rating, waiting
from bot.store.conversations import Conversation
from bot.store.office import Question
from bot.store.session import notify
from bot.store.tickets import Ticket
from bot.tickets import filing, life
from bot.world import World
from channels.base import AttachmentId


class TurnDesk:
    """One per turn. `inbox_id` is the push that is being handled."""

    def __init__(
        self,
        world: World,
        session: AsyncSession,
        conversation: Conversation,
        now: datetime,
        inbox_id: int | None,
    ) -> None:
        self.now = now
        self.language = cast(Literal["zh", "en"], conversation.language)
        self._world = world
        self._session = session
        self._conversation = conversation
        self._inbox_id = inbox_id
        self.filed: list[str] = []  # numbers filed in this turn
        self.article = ""  # the knowledge answer that was found

    async def file(self, draft: Draft) -> TicketView:
        ticket = await filing.file(
            self._session, self._world, draft, self._conversation, inbox_id=self._inbox_id
        )
        self.filed.append(ticket.number)
        return await self._view(ticket)

    async def find(self, ticket: Lookup) -> TicketView | None:
        found = await self._find(ticket)
        return await self._view(found) if found else None

    async def mine(self) -> Sequence[TicketView]:
        rows = await self._session.scalars(
            select(Ticket)
            .where(Ticket.conversation_id == self._conversation.id)
            .order_by(Ticket.id.desc())
            .limit(5)
        )
        return [await self._view(row) for row in rows]

    async def urge(self, number: TicketNumber, text: str) -> bool:
        return await life.urge(self._session, await life.locked(self._session, number), text)

    async def add(self, number: TicketNumber, text: str, attachments: tuple[AttachmentId, ...]) -> bool:
        return await life.add(self._session, await life.locked(self._session, number), text, attachments)

    async def withdraw(self, number: TicketNumber, text: str) -> bool:
        return await life.withdraw(self._session, await life.locked(self._session, number), text)

    async def rate(self, number: TicketNumber, stars: int | None, solved: bool | None, text: str) -> bool:
        return await life.rate(self._session, await life.locked(self._session, number), stars, solved, text)

    async def rate_seat(self, handover: int, stars: int | None, words: str) -> bool:
        return await rating.rate(self._session, self._conversation, handover, stars, words)

    async def redo(self, number: TicketNumber, text: str) -> bool:
        return await life.redo(self._session, await life.locked(self._session, number), text)

    async def search(self, question: str, service: ServiceId | None) -> Sequence[Article]:
        found = self._world.knowledge.search(question, service, self.language, self.now.date())
        self.article = found[0].id if found else ""
        return found

    async def missed(self, question: str, service: ServiceId | None) -> None:
        self._session.add(
            Question(masked=mask(question)[:500], service=service, conversation_id=self._conversation.id)
        )

    async def helped(self, article: str, helped: bool) -> None:
        self._session.add(
            Question(masked="", article=article, helped=helped, conversation_id=self._conversation.id)
        )

    async def hand_over(self, reason: Reason, urgency: Urgency, note: str) -> Queue:
        limit = await limits.active(self._session, self._conversation) if urgency != "emergency" else None
        if limit is not None and limit.until is not None:
            return Queue(position=0, staffed=False, closed=self.when(limit.until))
        row = await handover.queue(self._session, self._conversation, reason, urgency, note)
        place, city = await handover.position(self._session, row), self._world.city
        if await handover.staffed(self._session):
            return Queue(place, True, minutes=await waiting.minutes(self._session, place) or 0)
        opens = await duty.opens(self._session, city, self.now)
        return Queue(place, False, opens=city.when(opens, self.language) if opens else "", phone=city.hotline)

    async def alarm(self, classes: tuple[str, ...], number: TicketNumber | None, words: str) -> None:
        row = await handover.queue(
            self._session, self._conversation, "emergency", "emergency", words[:300], safety=classes
        )
        if number:
            row.ticket_id = (await life.locked(self._session, number)).id
        await notify(
            self._session, "seats", kind="alarm", handover=row.id, conversation=self._conversation.id
        )

    def emergency(self, safety_class: str) -> Emergency:
        return self._world.net.emergency(safety_class, self.language)

    def when(self, moment: datetime) -> str:
        return self._world.city.when(moment, self.language)

    async def _find(self, wanted: Lookup) -> Ticket | None:
        query = select(Ticket)
        if wanted.number:
            query = query.where(Ticket.number == wanted.number.upper())
            if wanted.code:
                query = query.where(Ticket.code == wanted.code.upper())
            else:
                query = query.where(Ticket.conversation_id == self._conversation.id)
        else:
            query = query.where(Ticket.conversation_id == self._conversation.id)
        found: Ticket | None = await self._session.scalar(query.order_by(Ticket.id.desc()).limit(1))
        return found

    async def _view(self, ticket: Ticket) -> TicketView:
        service = self._world.catalogue.service(ServiceId(ticket.service))
        english = self.language == "en"
        return TicketView(
            number=TicketNumber(ticket.number),
            code=ticket.code,
            service_title=service.title_en if english else service.title,
            state=ticket.state,
            department=ticket.office,
            deadline=ticket.deadline,
            filed_at=ticket.created_at,
            answer=ticket.answer,
            urged=await life.urged(self._session, ticket),
            rated=ticket.stars is not None or ticket.solved is not None,
            urgent=ticket.urgency == "emergency",
        )
