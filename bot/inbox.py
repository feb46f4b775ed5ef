"""The way in: `accept` stores a push once and commits before anybody acknowledges it.

`House` is the `Intake` that channels are given. It starts turns and hands out answers; it decides nothing.
"""

from __future__ import annotations

import asyncio
import time
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

import structlog
from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.ext.asyncio import AsyncSession

from bot import codec, metrics, outbox, tokens
from bot.seats import handover
from bot.store import transcript
from bot.store.conversations import Attachment, Conversation, Inbox, Message
from bot.store.handovers import Handover
from bot.store.operators import Operator
from bot.store.session import AWAY, listen, notify
from bot.turn import Turns
from bot.world import World
from channels.base import (
    Address,
    AttachmentId,
    ChannelName,
    Choice,
    Inbound,
    Line,
    Media,
    MediaKind,
    Outbound,
    Presence,
    ProviderId,
    Report,
    Stored,
)

log = structlog.get_logger()
T = TypeVar("T")
RESTART = 6.0  # seconds a push waits for a database that is away
LINES = 200  # at most, per reading
WEB_STAYS = timedelta(minutes=15)  # so long a talk that moved to the web chat stays there
OPT_OUT = {"opt_out": True, "opt_in": False, "unsubscribe": True, "subscribe": False}


class House:
    """The Intake of all channels."""

    def __init__(self, world: World, turns: Turns) -> None:
        self._world = world
        self._turns = turns

    async def accept(self, inbound: Inbound, patience: float = 0) -> Sequence[Outbound]:
        started = time.monotonic()
        inbox_id, conversation_id, fresh = await patiently(lambda: self._store(inbound, patience))
        outcome = "accepted" if fresh else "repeated"
        metrics.MESSAGES.labels(inbound.channel, outcome).inc()
        log.info(
            f"message.{outcome}", message=inbox_id, conversation=conversation_id, channel=inbound.channel
        )
        self._turns.kick(conversation_id, inbound.text if fresh and inbound.event is None else "")
        if not patience:
            return ()
        try:
            await self._handled(inbox_id, patience - (time.monotonic() - started))
        except AWAY as error:
            log.warning("message.unwatched", message=inbox_id, error=type(error).__name__)
        answer = await patiently(lambda: outbox.passive(self._world, inbox_id))
        return (answer,) if answer else ()

    async def report(self, report: Report) -> None:
        await outbox.report(self._world, report)

    async def keep(self, sender: Address, data: bytes, kind: MediaKind, name: str = "") -> AttachmentId:
        async with self._world.session.begin() as session:
            row = await self._world.attachments.keep(session, data, name=name)
            return AttachmentId(str(row.id))

    async def stored(self, attachment: AttachmentId) -> Stored | None:
        try:
            key = uuid.UUID(attachment)
        except ValueError:
            return None
        async with self._world.session() as session:
            row = await session.get(Attachment, key)
        return await self._world.attachments.read(row) if row else None

    async def lines(self, channel: ChannelName, sender: Address, after: int) -> Sequence[Line]:
        async with self._world.session() as session:
            conversation = await self._find(session, channel, sender)
            if conversation is None:
                return ()
            rows = await session.scalars(
                select(Message)
                .where(Message.conversation_id == conversation.id, Message.seq > after)
                .order_by(Message.seq)
                .limit(LINES)
            )
            return [line(row) for row in rows]

    async def watch(self, channel: ChannelName, sender: Address) -> AsyncIterator[Presence | None]:
        async with self._world.session() as session:
            conversation = await self._find(session, channel, sender)
        topics = [f"typing:{self._key(channel, sender)}"]
        topics += (
            [f"conversation:{conversation.id}", f"seats:{conversation.id}"]
            if conversation
            else [f"opened:{self._key(channel, sender)}"]
        )
        with self._world.news.subscribe(*topics) as queue:
            yield None
            if conversation:
                yield await self._presence(conversation.id)
            async for item in listen(queue, 3600):
                if item is None:
                    continue
                if item["topic"].startswith("opened:"):
                    break
                if item["topic"].startswith("typing:"):
                    yield Presence(typing=True, person=item.get("person", ""))
                    continue
                if "place" in item:
                    yield Presence(queue=item["place"])
                    continue
                if item["topic"] == "seats":
                    if conversation:
                        yield await self._presence(conversation.id)
                    continue
                yield None
        async for news in self.watch(channel, sender):
            yield news

    async def typing(self, channel: ChannelName, sender: Address) -> None:
        async with self._world.session.begin() as session:
            conversation = await self._find(session, channel, sender)
            if conversation is not None and conversation.mode == "seated":
                await notify(session, "seats", kind="typing", conversation=conversation.id)

    def token(self, channel: ChannelName, sender: Address) -> str:
        return tokens.make(self._world.sealer, channel, sender)

    def sender_of(self, token: str, max_age: int) -> tuple[ChannelName, Address] | None:
        return tokens.read(self._world.sealer, token, max_age)

    # ---- storing ----------------------------------------------------------------------------------

    async def _store(self, inbound: Inbound, patience: float) -> tuple[int, int, bool]:
        """(inbox id, conversation id, whether it is new). Committed when this returns."""
        web = inbound.account == "web"
        key = self._key(inbound.channel, inbound.sender)
        # A page makes up its own ids: within its own chat they are unique, elsewhere they mean nothing.
        provider_id = f"{key}:{inbound.provider_id}" if web else str(inbound.provider_id)
        inbound = replace(inbound, provider_id=ProviderId(provider_id))
        async with self._world.session.begin() as session:
            conversation = await self._conversation(session, inbound)
            statement = (
                insert(Inbox)
                .values(
                    channel=inbound.channel,
                    provider_id=provider_id,
                    conversation_id=conversation.id,
                    content=codec.dump(inbound),
                    passive_until=datetime.now(UTC) + timedelta(seconds=patience) if patience else None,
                )
                .on_conflict_do_nothing(index_elements=["channel", "provider_id"])
                .returning(Inbox.id)
            )
            inbox_id = await session.scalar(statement)
            if inbox_id is None:
                known = await session.execute(
                    select(Inbox.id, Inbox.conversation_id).where(
                        Inbox.channel == inbound.channel, Inbox.provider_id == provider_id
                    )
                )
                row = known.one()
                return row.id, row.conversation_id, False
            if web and inbound.channel != "web":
                conversation.web_until = datetime.now(UTC) + WEB_STAYS
            if inbound.event in OPT_OUT:
                conversation.opted_out = OPT_OUT[inbound.event]
            if inbound.event != "open":
                conversation.last_inbound_at = datetime.now(UTC)
                await outbox.release(session, conversation)
            return inbox_id, conversation.id, True

    async def _conversation(self, session: AsyncSession, inbound: Inbound) -> Conversation:
        """This citizen's conversation on this channel, locked; made if it is their first word."""
        index = self._world.sealer.index(f"{inbound.channel}:{inbound.sender}")
        made = await session.scalar(
            insert(Conversation)
            .values(
                channel=inbound.channel,
                address_index=index,
                address=inbound.sender,
                account=inbound.account,
                language=inbound.language or "zh",
            )
            .on_conflict_do_nothing(index_elements=["channel", "address_index"])
            .returning(Conversation.id)
        )
        if made is not None:
            await notify(session, f"opened:{self._key(inbound.channel, inbound.sender)}")
        return (
            await session.scalars(
                select(Conversation)
                .where(Conversation.channel == inbound.channel, Conversation.address_index == index)
                .with_for_update()
            )
        ).one()

    async def _find(
        self, session: AsyncSession, channel: ChannelName, sender: Address
    ) -> Conversation | None:
        return await transcript.by_address(session, channel, self._world.sealer.index(f"{channel}:{sender}"))

    def _key(self, channel: str, sender: str) -> str:
        return self._world.sealer.index(f"{channel}:{sender}").hex()[:24]

    # ---- waiting ----------------------------------------------------------------------------------

    async def _handled(self, inbox_id: int, seconds: float) -> None:
        """Until the turn of this push is over, at most `seconds`; then nothing is reserved for it."""
        deadline = time.monotonic() + seconds
        with self._world.news.subscribe(f"inbox:{inbox_id}") as queue:
            while True:
                async with self._world.session() as session:
                    status = await session.scalar(select(Inbox.status).where(Inbox.id == inbox_id))
                left = deadline - time.monotonic()
                if status != "new" or left <= 0:
                    break
                try:
                    async with asyncio.timeout(left):
                        await queue.get()
                except TimeoutError:
                    break
        async with self._world.session.begin() as session:
            await session.execute(update(Inbox).where(Inbox.id == inbox_id).values(passive_until=None))

    async def _presence(self, conversation_id: int) -> Presence:
        async with self._world.session() as session:
            query = select(Handover).where(
                Handover.conversation_id == conversation_id, Handover.status != "ended"
            )
            row = await session.scalar(query)
            if row is None:
                return Presence()
            if row.status == "claimed":
                operator = await session.get(Operator, row.operator_id)
                return Presence(person=operator.name if operator else "")
            return Presence(queue=await handover.position(session, row))


async def patiently(work: Callable[[], Awaitable[T]]) -> T:
    """Do it again while the database is away for a moment, as in a restart: not every provider sends a push
    twice. Only for what may be done twice."""
    deadline = time.monotonic() + RESTART
    while True:
        try:
            return await work()
        except (OperationalError, InterfaceError):
            if time.monotonic() > deadline:
                raise
            await asyncio.sleep(0.2)


def line(row: Message) -> Line:
    """A stored message as the citizen sees it."""
    extra: dict[str, Any] = row.extra or {}
    return Line(
        seq=row.seq,
        author=row.author,  # type: ignore[arg-type]  # one of transcript.Author, held by its writers
        text=row.body,
        at=row.created_at,
        client_id=row.client_id if row.author == "citizen" else "",
        choices=tuple(codec.load(Choice, c) for c in extra.get("choices", ())),
        media=tuple(codec.load(Media, m) for m in extra.get("media", ())),
        name=extra.get("name", ""),
        notice=extra.get("notice", ""),
    )
