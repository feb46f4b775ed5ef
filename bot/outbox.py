"""The outbox: replies on their way. At least once, in order per conversation, with back-off, then given up.

A courier takes a conversation's due rows in one transaction (packs them, leases them), sends without one, and
marks in another. A courier that dies leaves a lease that runs out; then the row is due again.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import structlog
from sqlalchemy import func, select, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession

from bot import codec, metrics, tokens
from bot.packing import pack
from bot.store import transcript
from bot.store.conversations import Conversation, Outbox
from bot.store.session import AWAY, listen, notify
from bot.words import say
from bot.world import World
from channels.base import (
    Address,
    Channel,
    ChannelName,
    DeliveryError,
    Outbound,
    OutboxId,
    Refused,
    Report,
    Sent,
    Template,
    TryLater,
)
from channels.wild import clean

log = structlog.get_logger()
LEASE = timedelta(seconds=60)  # a row taken and not marked is due again: its courier died
SENDING = 50.0  # seconds for one message, token and picture included: less than the lease
GIVE_UP = 8  # attempts, about an hour with the back-off below
WORKERS = 16
ALWAYS_BY_SMS = ("alarm", "receipt")  # goes to the phone even while the talk goes on in the web chat


def back_off(attempts: int) -> timedelta:
    """4, 8, 16 … 1,800 seconds, with jitter so that a provider's return is not a stampede."""
    return timedelta(seconds=min(1800, 2 ** (attempts + 1)) * random.uniform(0.75, 1.25))  # noqa: S311  # no secret


class Courier:
    """Delivers what is due, several conversations at once, one message at a time in each."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._busy: dict[int, asyncio.Task[None]] = {}

    async def run(self) -> None:
        """Until cancelled: deliver at every news of the outbox, and look by itself every second."""
        with self._world.news.subscribe("outbox") as queue:
            async for _ in listen(queue, 1):
                while not queue.empty():
                    queue.get_nowait()
                try:
                    await self.sweep()
                except AWAY as error:
                    log.warning("outbox.postponed", error=type(error).__name__)
                    await asyncio.sleep(1)
                except Exception:  # the outermost loop of all deliveries
                    log.exception("outbox.broken")
                    await asyncio.sleep(5)

    async def sweep(self) -> None:
        """Start a delivery for each conversation that has something due."""
        async with self._world.session() as session:
            due = await session.scalars(
                select(Outbox.conversation_id)
                .where(Outbox.status == "queued", Outbox.due_at <= func.clock_timestamp())
                .group_by(Outbox.conversation_id)
                .order_by(func.min(Outbox.id))
                .limit(200)
            )
            waiting = [c for c in due if c not in self._busy]
        for conversation_id in waiting:
            while len(self._busy) >= WORKERS:
                await asyncio.wait(list(self._busy.values()), return_when=asyncio.FIRST_COMPLETED)
            task = asyncio.create_task(self._deliver(conversation_id))
            self._busy[conversation_id] = task

    async def stop(self) -> None:
        """Let deliveries finish; what a provider does not answer in time is left to its lease."""
        if self._busy:
            _, late = await asyncio.wait(list(self._busy.values()), timeout=5)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)

    async def _deliver(self, conversation_id: int) -> None:
        """All that is due in one conversation, one after the other."""
        try:
            while (message := await self._take(conversation_id)) is not None:
                if not await self._send(conversation_id, message):
                    return
        except AWAY as error:
            log.warning("outbox.postponed", conversation=conversation_id, error=type(error).__name__)
        except Exception:  # the outermost loop of a conversation: what cannot leave must not block the rest
            log.exception("outbox.unsendable", conversation=conversation_id)
            await self._set_back(conversation_id)
        finally:
            del self._busy[conversation_id]

    async def _take(self, conversation_id: int) -> Outbound | None:
        """The next message of this conversation, leased. None: nothing due, or held."""
        world = self._world
        async with world.session.begin() as session:
            conversation = await transcript.lock(session, conversation_id)
            rows = await queued(session, conversation_id)
            now = datetime.now(UTC)
            if not rows or rows[0].due_at > now:
                return None
            rows = await packed(session, world, conversation, rows)
            if not rows:
                return None
            first = rows[0]
            if why := await closed(session, world, conversation):
                for row in rows:
                    row.status, row.error = "held", why
                metrics.DELIVERIES.labels(conversation.channel, "held").inc(len(rows))
                await notify(session, f"conversation:{conversation_id}", seq=conversation.seq)
                return None
            first.attempts += 1
            first.due_at = now + LEASE
            return replace(codec.load(Outbound, first.content), id=OutboxId(first.id))

    async def _send(self, conversation_id: int, message: Outbound) -> bool:
        """Hand it to the channel and mark it. False stops this conversation for now."""
        outcome: Sent | DeliveryError
        async with self._world.session() as session:
            row = await session.get_one(Outbox, message.id)
            channel = self._world.channels.get(row.channel)
        if channel is None:
            outcome = TryLater("channel is not connected", "no_channel")
        else:
            outcome = await _handed_over(channel, message)
        async with self._world.session.begin() as session:
            row = await session.get_one(Outbox, message.id, with_for_update=True)
            mark(row, outcome)
            await notify(session, f"conversation:{conversation_id}", outbox=row.id)
        metrics.DELIVERIES.labels(row.channel, row.status).inc()
        code = outcome.code if isinstance(outcome, DeliveryError) else ""
        log.info("delivery", message=row.inbox_id, outbox=row.id, status=row.status, code=code)
        return row.status not in ("queued", "held")

    async def _set_back(self, conversation_id: int) -> None:
        """The first message cannot even be prepared: later again, and in the end on the give-up list."""
        try:
            async with self._world.session.begin() as session:
                for row in (await queued(session, conversation_id))[:1]:
                    row.attempts += 1
                    mark(row, TryLater("it could not be prepared", "internal"))
        except SQLAlchemyError as error:
            log.warning("outbox.postponed", conversation=conversation_id, error=type(error).__name__)


def mark(row: Outbox, outcome: Sent | DeliveryError) -> None:
    """What a delivery came to."""
    now = datetime.now(UTC)
    match outcome:
        case Sent():
            row.status, row.ref, row.sent_at, row.error = (
                "delivered" if outcome.delivered else "sent",
                _kept(outcome.ref),
                now,
                "",
            )
        case Refused():
            row.status, row.error = "held" if outcome.hold else "given_up", _reason(outcome)
        case TryLater() if row.attempts < GIVE_UP:
            wait = timedelta(seconds=outcome.after) if outcome.after else back_off(row.attempts)
            row.due_at, row.error = now + wait, _reason(outcome)
        case _:
            row.status, row.error = "given_up", _reason(outcome)


async def _handed_over(channel: Channel, message: Outbound) -> Sent | DeliveryError:
    """What came of it; within the lease, or another courier would send it again meanwhile."""
    try:
        async with asyncio.timeout(SENDING):
            return await channel.send(message)
    except DeliveryError as error:
        return error
    except TimeoutError:
        return TryLater("the provider took too long", "timeout")
    except Exception:  # the outermost loop of a delivery: an answer that no channel foresaw
        log.exception("outbox.unforeseen", outbox=message.id, channel=channel.name)
        return TryLater("an answer that nobody foresaw", "internal")


def _kept(words: str) -> str:
    """A provider's words as a column takes them."""
    return clean(words)[:200]


def _reason(error: DeliveryError) -> str:
    return _kept(error.code or str(error))


async def queued(session: AsyncSession, conversation_id: int) -> list[Outbox]:
    """What waits to leave in this conversation, in order. The caller has locked the conversation."""
    rows = await session.scalars(
        select(Outbox)
        .where(Outbox.conversation_id == conversation_id, Outbox.status == "queued")
        .order_by(Outbox.id)
        .with_for_update()
    )
    return list(rows)


async def packed(
    session: AsyncSession, world: World, conversation: Conversation, rows: Sequence[Outbox]
) -> list[Outbox]:
    """Cut the rows to the channel's limits, once; returns those that really leave, in order."""
    channel = world.channels.get(conversation.channel)
    ready = [row for row in rows if row.packed]
    fresh = [row for row in rows if not row.packed]
    if channel is None or not fresh:
        return [*ready, *fresh]
    if on_the_web(conversation):
        fresh = _shown_on_the_web(fresh)
        if not fresh:
            return ready
    messages = [codec.load(Outbound, row.content) for row in fresh]
    if not channel.limits.free_text:
        messages = [_with_template(world, conversation, message) for message in messages]
    pieces = pack(messages, channel.limits)
    used = fresh[: len(pieces)]
    for piece in pieces[len(fresh) :]:
        row = Outbox(
            conversation_id=conversation.id,
            message_id=fresh[-1].message_id,
            inbox_id=fresh[-1].inbox_id,
            channel=conversation.channel,
            content=codec.dump(piece),
            status="queued",
            attempts=0,
            due_at=fresh[-1].due_at,
        )
        session.add(row)
        used.append(row)
    for row, piece in zip(used, pieces, strict=True):
        row.content, row.packed = codec.dump(piece), True
    await session.flush()
    for row in fresh[len(pieces) :]:
        row.status, row.merged_into = "merged", used[-1].id
    return [*ready, *used]


def on_the_web(conversation: Conversation) -> bool:
    return conversation.web_until is not None and conversation.web_until > datetime.now(UTC)


def _shown_on_the_web(rows: list[Outbox]) -> list[Outbox]:
    """The citizen reads along in the web chat: only receipts still leave by SMS."""
    leaving = []
    for row in rows:
        template = codec.load(Outbound, row.content).template
        if template and template.name in ALWAYS_BY_SMS:
            leaving.append(row)
        else:
            row.status, row.sent_at, row.ref = "sent", datetime.now(UTC), "web"
    return leaving


def _with_template(world: World, conversation: Conversation, message: Outbound) -> Outbound:
    """On an account without free text, what has no approved sentence becomes the way to the web chat."""
    template, channel = message.template, world.channels[conversation.channel]
    whole = template is not None and all(template.values.values())
    if template and whole and message.author == "bot" and template.name in channel.limits.templates:
        return message
    token = tokens.make(world.sealer, ChannelName(conversation.channel), Address(conversation.address))
    link = f"{world.settings.url}/chat?c={token}"
    words = say(conversation.language, "continue-link", link=link)
    return replace(message, text=words, choices=(), template=Template("continue", {"link": link}))


async def closed(session: AsyncSession, world: World, conversation: Conversation) -> str:
    """Why nothing may leave now ("" when it may): the provider's window or its count per citizen message."""
    channel = world.channels.get(conversation.channel)
    if channel is None or not (channel.limits.per_inbound or channel.limits.window_hours):
        return ""
    last = conversation.last_inbound_at
    if last is None or datetime.now(UTC) - last > timedelta(hours=channel.limits.window_hours or 24 * 365):
        return "window"
    return "quota" if await quota_left(session, world, conversation) == 0 else ""


async def quota_left(session: AsyncSession, world: World, conversation: Conversation) -> int | None:
    """How many messages may still leave before the citizen writes again; None: no limit."""
    channel = world.channels.get(conversation.channel)
    if channel is None or not channel.limits.per_inbound or conversation.last_inbound_at is None:
        return None
    used = await session.scalar(
        select(func.count()).where(
            Outbox.conversation_id == conversation.id,
            Outbox.sent_at > conversation.last_inbound_at,
            Outbox.status.in_(("sent", "delivered")),
            Outbox.passive.is_(False),
        )
    )
    return max(0, channel.limits.per_inbound - int(used or 0))


async def release(session: AsyncSession, conversation: Conversation) -> None:
    """The citizen wrote: what was held back may leave."""
    await session.execute(
        update(Outbox)
        .where(Outbox.conversation_id == conversation.id, Outbox.status == "held")
        .values(status="queued", due_at=func.clock_timestamp(), error="", attempts=0)
    )


async def retry(session: AsyncSession, outbox_id: int) -> Outbox | None:
    """An operator tries a given-up delivery again."""
    row = await session.get(Outbox, outbox_id, with_for_update=True)
    if row is None or row.status not in ("given_up", "held"):
        return None
    row.status, row.due_at, row.attempts, row.error = "queued", datetime.now(UTC), 0, ""
    await notify(session, "outbox", conversation=row.conversation_id)
    return row


async def report(world: World, given: Report) -> None:
    """Note a delivery report. One that overtakes the mark of its delivery is looked up again for a moment;
    an unknown one is logged and forgotten."""
    for pause in (0.2, 0.5, 1.0):
        if await _noted(world, given):
            return
        await asyncio.sleep(pause)
    if not await _noted(world, given):
        log.info("report.unknown", channel=given.channel)


async def _noted(world: World, given: Report) -> bool:
    async with world.session.begin() as session:
        query = select(Outbox).where(Outbox.channel == given.channel).with_for_update()
        query = (
            query.where(Outbox.id == given.outbox) if given.outbox else query.where(Outbox.ref == given.ref)
        )
        row = await session.scalar(query.limit(1)) if given.outbox or given.ref else None
        if row is None or row.status == "queued":
            return False
        if row.status not in ("sent", "delivered"):
            return True
        row.status, row.error = ("delivered", "") if given.ok else ("given_up", given.code or "undelivered")
        await notify(session, f"conversation:{row.conversation_id}", outbox=row.id)
    metrics.DELIVERIES.labels(given.channel, "delivered" if given.ok else "undelivered").inc()
    return True


async def passive(world: World, inbox_id: int) -> Outbound | None:
    """The reply that leaves in the push's own answer, marked as sent; for a repeat of the push the same."""
    async with world.session.begin() as session:
        mine = await session.scalar(
            select(Outbox.conversation_id).where(Outbox.inbox_id == inbox_id).limit(1)
        )
        if mine is None:
            return None
        conversation = await transcript.lock(session, mine)  # a push and its repeat may come here together
        again = await session.scalar(select(Outbox).where(Outbox.inbox_id == inbox_id, Outbox.passive))
        if again is not None:
            return replace(codec.load(Outbound, again.content), id=OutboxId(again.id))
        rows = await packed(session, world, conversation, await queued(session, mine))
        first = rows[0] if rows else None
        taken = None
        if first and first.inbox_id == inbox_id and first.attempts == 0:
            message = codec.load(Outbound, first.content)
            if message.text and not message.attachment:
                first.passive, first.status, first.sent_at = True, "sent", datetime.now(UTC)
                first.attempts = 1
                taken = replace(message, id=OutboxId(first.id))
        for row in rows:
            if row.status == "queued" and row.attempts == 0:
                row.due_at = datetime.now(UTC)
        await notify(session, "outbox", conversation=mine)
        return taken
