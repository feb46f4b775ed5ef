"""What nobody else will do: turns that a crash left, silence, files at the provider, queues nobody answers.

Every node sweeps; row locks and conditions in the rows make that harmless.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

import structlog
from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from actions.base import Draft, Say, ServiceId
from bot import codec, metrics
from bot.attachments import check
from bot.seats import handover, offers, rounds, waiting
from bot.services import FALLBACK
from bot.store import transcript
from bot.store.conversations import Attachment, Conversation, Inbox, Message, Outbox
from bot.store.handovers import Handover
from bot.store.session import AWAY, listen, notify
from bot.store.tickets import Ticket
from bot.tickets import filing, life
from bot.turn import Turns, speak, state_of
from bot.world import World
from channels.base import BadPush, DeliveryError, Media, TryLater

log = structlog.get_logger()
PERIOD = 1.0  # seconds between looks
MOVES = 0.5  # seconds between two looks at everybody's place
MEDIA_ATTEMPTS = 8


class Sweeper:
    def __init__(self, world: World, turns: Turns) -> None:
        self._world = world
        self._turns = turns
        self._well_since = time.monotonic()  # the house itself was not away
        self._places: dict[int, int] = {}  # of those who wait, as told to their web chats

    async def run(self) -> None:
        """Until cancelled. Each look by itself: a provider that hangs must not keep the turns waiting."""
        looks = (self.turns, self.silence, self.queues, self.gauges)
        await asyncio.gather(
            self._every(self.media, "attachments"),
            self._every(self.seats, "seats"),
            self._every(self.places, "seats"),
            self._every(self._world.grouper.look, "misread"),
            *map(self._every, looks),
        )

    async def _every(self, look: Callable[[], Awaitable[None]], *topics: str) -> None:
        with self._world.news.subscribe(*topics) as queue:
            async for _ in listen(queue, PERIOD):
                while not queue.empty():
                    queue.get_nowait()
                await self._safely(look)

    async def _safely(self, look: Callable[[], Awaitable[None]]) -> None:
        try:
            await look()
        except AWAY as error:
            log.warning("sweep.postponed", look=look.__name__, error=type(error).__name__)
            self._well_since = time.monotonic()
            await asyncio.sleep(1)
        except Exception:  # the outermost loop: whatever one look meets, the next one goes on
            log.exception("sweep.failed", look=look.__name__)
            await asyncio.sleep(5)

    async def turns(self) -> None:
        """Messages that are due: left by a crash, by a failure, or waiting for the model."""
        async with self._world.session() as session:
            due = await session.scalars(
                select(Inbox.conversation_id)
                .where(Inbox.status.in_(("new", "waiting")), Inbox.due_at <= func.clock_timestamp())
                .group_by(Inbox.conversation_id)
                .order_by(func.min(Inbox.id))
                .limit(100)
            )
            for conversation_id in due:
                self._turns.kick(conversation_id)

    async def silence(self) -> None:
        async with self._world.session() as session:
            due = list(
                await session.scalars(
                    select(Conversation.id).where(Conversation.wake_at <= func.clock_timestamp()).limit(100)
                )
            )
        for conversation_id in due:
            try:
                await self._turns.silence(conversation_id)
            except AWAY:
                raise
            except Exception:  # one conversation that breaks must not keep the others waiting
                log.exception("silence.failed", conversation=conversation_id)
                await self._set(Conversation, conversation_id, wake_at=None)

    async def media(self) -> None:
        """Fetch files that still lie with the provider: WeChat keeps them three days."""
        async with self._world.session() as session:
            due = list(
                await session.scalars(
                    select(Attachment.id)
                    .where(Attachment.status == "pending", Attachment.due_at <= func.clock_timestamp())
                    .order_by(Attachment.due_at)
                    .limit(10)
                )
            )
        for key in due:
            await self._fetch(key)

    async def _fetch(self, key: object) -> None:
        world = self._world
        async with world.session.begin() as session:
            row = await session.get_one(Attachment, key, with_for_update=True)
            if row.status != "pending" or row.due_at > datetime.now(UTC):
                return
            row.attempts += 1
            row.due_at = datetime.now(UTC) + timedelta(seconds=min(3600, 5 * 2**row.attempts))
            conversation = await session.get(Conversation, row.conversation_id)
            channel = world.channels.get(conversation.channel) if conversation else None
        status = "pending"
        try:
            if channel is None:
                raise TryLater("channel is not connected")
            data = await channel.fetch(Media(row.kind, ref=row.ref, mime=row.mime))  # type: ignore[arg-type]  # a MediaKind
            await world.attachments.fill(row, check(data))
            status = row.status
        except TryLater as error:
            status = "lost" if row.attempts >= MEDIA_ATTEMPTS else "pending"
            log.warning("media.failed", attachment=str(key), code=error.code)
        except OSError as error:  # the disk is full; the provider keeps the file for some days
            log.error("media.unkept", attachment=str(key), error=type(error).__name__)
        except (DeliveryError, BadPush) as error:
            status = "lost"
            log.warning("media.lost", attachment=str(key), error=str(error))
        async with world.session.begin() as session:
            stored = await session.get_one(Attachment, key, with_for_update=True)
            stored.mime, stored.kind, stored.size, stored.sha256 = row.mime, row.kind, row.size, row.sha256
            stored.status = status
            if stored.conversation_id:
                await notify(session, f"conversation:{stored.conversation_id}", attachment=str(key))

    async def seats(self) -> None:
        """At every change at the seats and with every second: who is gone, who is offered what."""
        well = time.monotonic() - self._well_since
        await rounds.make(self._world, missing=well > self._world.settings.seat_grace_seconds)

    async def places(self) -> None:
        """Who waits in the web chat sees their place move: told in this process, without a further read."""
        async with self._world.session() as session:
            now = {key: place for place, key in enumerate(await handover.in_order(session), 1)}
        for conversation, place in now.items():
            if self._places.get(conversation) != place:
                self._world.news.publish({"topic": f"seats:{conversation}", "place": place})
        self._places = now
        await asyncio.sleep(MOVES)

    async def queues(self) -> None:
        """Nobody came in time: the citizen is told, and the case becomes a ticket. Before whom somebody has
        been put this moment is not sent away: an operator is about to answer."""
        late = datetime.now(UTC) - timedelta(seconds=self._world.settings.queue_seconds)
        async with self._world.session() as session:
            late_ones = list(
                await session.execute(
                    select(Handover.id, Handover.conversation_id, Handover.waiting_since).where(
                        Handover.status == "queued",
                        Handover.waiting_since < late,
                        func.coalesce(Handover.rung_at, Handover.waiting_since) < late,
                        Handover.told_late.is_(False),
                        ~offers.before_somebody(),
                    )
                )
            )
        longer = await self._announced() if late_ones else {}
        for handover_id, conversation_id, since in late_ones:
            if datetime.now(UTC) - since < longer.get(conversation_id, timedelta(0)):
                continue
            try:
                await self._late(handover_id, conversation_id)
            except AWAY:
                raise
            except Exception:  # it stays in the queue, where a person sees it
                log.exception("queue.failed", handover=handover_id)
                await self._set(Handover, handover_id, told_late=True)

    async def _announced(self) -> dict[int, timedelta]:
        """Who was told of a longer wait, while people are there and get on, may wait for twice as long."""
        async with self._world.session() as session:
            order, room = await handover.in_order(session), await waiting.room(session)
        times = {key: waiting.estimate(place, room) for place, key in enumerate(order, 1)}
        return {key: timedelta(minutes=2 * minutes) for key, minutes in times.items() if minutes}

    async def _set(self, table: type[Conversation] | type[Handover], key: int, **values: object) -> None:
        async with self._world.session.begin() as session:
            await session.execute(update(table).where(table.id == key).values(**values))

    async def _late(self, handover_id: int, conversation_id: int) -> None:
        world = self._world
        async with world.session.begin() as session:
            conversation = await transcript.lock(session, conversation_id)
            row = await session.get_one(Handover, handover_id, with_for_update=True)
            if row.status != "queued" or row.told_late:
                return
            row.told_late = True
            if row.urgency == "emergency":
                # Danger stays at the top of the queue and sounds again; its ticket is filed already.
                row.told_late, row.rung_at = False, datetime.now(UTC)
                await notify(session, "seats", kind="alarm", handover=row.id, conversation=conversation_id)
                return
            state = state_of(conversation)
            words = await _words_since(session, conversation)
            draft = state.draft or Draft(service=ServiceId(FALLBACK), kind="help", text=words)
            if not draft.text.strip():
                await handover.leave_queue(session, conversation, "returned")
                await speak(session, conversation, Say("nobody-came"), None)
                return
            ticket = await filing.file(session, world, draft, conversation)
            await life.note(session, ticket, "handover", "bot", row.note, reason=row.reason)
            await handover.leave_queue(session, conversation, "ticket")
            row.ticket_id = ticket.id
            values = {
                "number": ticket.number,
                "code": ticket.code,
                "deadline": world.city.when(ticket.deadline, conversation.language),
            }
            await speak(session, conversation, Say("nobody-came-filed", values), None)
            conversation.state = codec.dump(
                type(state)(language=state.language, ticket=ticket.number, memory=state.memory)
            )
            conversation.wake_at = None

    async def gauges(self) -> None:
        async with self._world.session() as session:
            count = func.count()
            queue = await session.scalar(select(count).where(Handover.status == "queued"))
            open_ = await session.scalar(select(count).where(Inbox.status.in_(("new", "waiting"))))
            queued = await session.scalar(select(count).where(Outbox.status == "queued"))
            given_up = await session.scalar(select(count).where(Outbox.status.in_(("held", "given_up"))))
        metrics.QUEUE.set(queue or 0)
        metrics.INBOX_OPEN.set(open_ or 0)
        metrics.OUTBOX_QUEUED.set(queued or 0)
        metrics.GIVEN_UP.set(given_up or 0)


async def _words_since(session: AsyncSession, conversation: Conversation) -> str:
    """What the citizen wrote since their last ticket here, at most of the last day."""
    filed = select(func.max(Ticket.created_at)).where(Ticket.conversation_id == conversation.id)
    since = await session.scalar(filed) or datetime.now(UTC) - timedelta(days=1)
    rows = await session.scalars(
        select(Message.body)
        .where(
            Message.conversation_id == conversation.id,
            Message.author == "citizen",
            Message.created_at > since,
        )
        .order_by(Message.seq)
    )
    return "\n".join(body for body in rows if body)
