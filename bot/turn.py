"""The turn: one message of a citizen, from the inbox to the committed answer.

`take` may be called for a conversation at any time by anybody: the row lock lets one in, and what others
handled meanwhile is skipped. Nothing goes over a network while the transaction is open.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import structlog
from sqlalchemy import or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from actions.base import Say
from bot import codec, hearing, metrics, queueing
from bot.desk import TurnDesk
from bot.dialogue import decide
from bot.dialogue.types import Decision, Heard, State, Understanding
from bot.knowledge.asking import may_ask
from bot.registry import run
from bot.seats import handover, limits
from bot.store import transcript
from bot.store.conversations import Conversation, Inbox, Outbox
from bot.store.session import AWAY, notify
from bot.store.talking import Limit
from bot.studio import noticing
from bot.studio.shadow import Shadow
from bot.words import say
from bot.world import World
from channels.base import Choice, Inbound, ProviderId

log = structlog.get_logger()
ATTEMPTS = 3  # a turn that fails so often goes to a person
AT_ONCE = 8  # turns of this process at a time: in a flood, connections are left to store what comes in
RETRY = (1, 5, 30)  # seconds until a failed turn, or one that waits for the model, is tried again


class Turns:
    """Runs turns: one at a time per conversation in this process; row locks do it between processes."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._running: dict[int, asyncio.Task[None]] = {}
        self._again: set[int] = set()
        self._cries: set[asyncio.Task[None]] = set()
        self._places = asyncio.Semaphore(AT_ONCE)
        self._shadow = Shadow(world)

    def kick(self, conversation_id: int, words: str = "") -> None:
        """There is something to do in this conversation: now, or right after what is being done.

        A cry for help in `words` waits for no place.
        """
        self._again.add(conversation_id)
        if words and self._world.understander.by_rules(words).alarms:
            cry = asyncio.create_task(self._handle(conversation_id))
            self._cries.add(cry)
            cry.add_done_callback(self._cries.discard)
            return
        if conversation_id not in self._running:
            task = asyncio.create_task(self._run(conversation_id))
            self._running[conversation_id] = task

    async def stop(self) -> None:
        """Let running turns finish; what is left waits in the inbox."""
        if running := [*self._running.values(), *self._cries]:
            await asyncio.wait(running, timeout=10)
        await self._shadow.stop()

    async def _run(self, conversation_id: int) -> None:
        try:
            async with self._places:
                await self._handle(conversation_id)
        finally:
            del self._running[conversation_id]

    async def _handle(self, conversation_id: int) -> None:
        try:
            while conversation_id in self._again:
                self._again.discard(conversation_id)
                if await self.take(conversation_id):
                    self._again.add(conversation_id)
        except AWAY as error:  # the sweeper comes again
            log.warning("turn.postponed", conversation=conversation_id, error=type(error).__name__)
            self._again.discard(conversation_id)
        except Exception:  # the outermost loop of a conversation: the sweeper comes again
            log.exception("turn.broken", conversation=conversation_id)
            self._again.discard(conversation_id)

    async def take(self, conversation_id: int) -> bool:
        """Handle all that is open in this conversation, in order. True: a turn left something to do."""
        more = False
        for inbox_id in await self._open(conversation_id):
            try:
                more = await self._turn(conversation_id, inbox_id) or more
            except AWAY:
                raise
            except Exception as error:
                # The outermost loop of a turn: whatever a message breaks must not block its citizen.
                log.exception("turn.failed", message=inbox_id)
                metrics.TURN_FAILURES.labels(type(error).__name__).inc()
                if await self._alarmed(conversation_id, inbox_id):
                    continue
                if not await self._failed(conversation_id, inbox_id):
                    return False
        return more

    async def _alarmed(self, conversation_id: int, inbox_id: int) -> bool:
        """A cry for help does not wait for a turn that fails: by rules alone, at once."""
        try:
            words = (await self._inbound(inbox_id)).text
            if not self._world.understander.by_rules(words).alarms:
                return False
            await self._turn(conversation_id, inbox_id, by_rules=True)
        except AWAY:
            raise
        except Exception:  # then a person has to, as with any other message
            log.exception("turn.alarm_failed", message=inbox_id)
            return False
        return True

    async def silence(self, conversation_id: int) -> None:
        """The citizen said nothing for as long as the last decision asked."""
        async with self._world.session.begin() as session:
            conversation = await transcript.lock(session, conversation_id)
            now = datetime.now(UTC)
            if conversation.wake_at is None or conversation.wake_at > now:
                return
            conversation.wake_at = None
            if conversation.mode == "bot":
                await self._decide(session, conversation, Heard(now=now, event="silence"), None)

    async def _open(self, conversation_id: int) -> Sequence[int]:
        async with self._world.session() as session:
            query = select(Inbox.id).where(
                Inbox.conversation_id == conversation_id,
                Inbox.status.in_(("new", "waiting")),
                or_(Inbox.status == "new", Inbox.due_at < datetime.now(UTC) + limits.HELD),
            )
            return (await session.scalars(query.order_by(Inbox.id))).all()

    async def _inbound(self, inbox_id: int) -> Inbound:
        async with self._world.session() as session:
            return codec.load(Inbound, (await session.get_one(Inbox, inbox_id)).content)

    async def _turn(self, conversation_id: int, inbox_id: int, by_rules: bool = False) -> bool:
        """Ask the model with no transaction open; then everything in one."""
        inbound = await self._inbound(inbox_id)
        words = inbound.text if inbound.event is None else ""
        understanding = await self._understood(words, conversation_id, by_rules) if words else None
        if understanding and may_ask(understanding, self._world.catalogue, self._world.policy):
            await self._world.knowledge.ahead(words)
        async with self._world.session.begin() as session:
            conversation = await transcript.lock(session, conversation_id)
            row = await session.get_one(Inbox, inbox_id, with_for_update=True)
            if row.status not in ("new", "waiting"):
                return False
            media = await hearing.files(session, row, inbound)
            await hearing.record(
                session, conversation, row, inbound, media, understanding, self._world.policy
            )
            limit = await limits.holds(session, conversation, row, inbound, understanding, self._world.policy)
            if limit is not None:
                await self._tell_limit(session, conversation, limit, row)
                return False
            if await self._must_wait(session, row, understanding):
                return False
            heard = await hearing.heard(
                session, self._world, conversation, row, inbound, media, understanding
            )
            decision = await self._answer(session, conversation, heard, row)
            await _mark(session, row, decision)
        self._shadow.hear(inbox_id, understanding)
        log.info(
            "turn.committed",
            message=inbox_id,
            status=row.status,
            steps=[type(step).__name__ for step in decision.steps],
            service=understanding.service.name if understanding and understanding.service else None,
            nlu_ms=understanding.took_ms if understanding else None,
            model=understanding.model if understanding else None,
        )
        return bool(decision.next)

    async def _understood(self, words: str, conversation_id: int, by_rules: bool) -> Understanding:
        understander = self._world.understander
        if by_rules:
            return understander.by_rules(words)
        return await understander.understand(words, conversation_id)

    async def _tell_limit(
        self, session: AsyncSession, conversation: Conversation, limit: Limit, row: Inbox
    ) -> None:
        """Once: what is limited, until when, and what always works."""
        if limit.told or limit.until is None:
            return
        limit.told = True
        until = self._world.city.when(limit.until, conversation.language)
        await speak(session, conversation, Say(f"limited-{limit.what}", {"until": until}), row.id)

    async def _must_wait(
        self, session: AsyncSession, row: Inbox, understanding: Understanding | None
    ) -> bool:
        """Order is kept: while an earlier message waits for the model, only an emergency may pass."""
        if understanding and understanding.alarms:
            return False
        earlier = select(Inbox.id).where(
            Inbox.conversation_id == row.conversation_id,
            Inbox.id < row.id,
            Inbox.status.in_(("new", "waiting")),
        )
        if await session.scalar(earlier.limit(1)) is None:
            return False
        row.status, row.due_at = "waiting", datetime.now(UTC) + timedelta(seconds=RETRY[0])
        return True

    async def _answer(
        self, session: AsyncSession, conversation: Conversation, heard: Heard, row: Inbox
    ) -> Decision:
        """Who answers: nobody while a person speaks, the queue while one is awaited, else the bot."""
        alarms = heard.understanding.alarms if heard.understanding else ()
        if conversation.mode == "seated":
            if alarms:
                await handover.queue(session, conversation, "emergency", "emergency", "", safety=alarms)
            return Decision(state_of(conversation))
        if conversation.mode == "queued" and not alarms:
            return await self._queued(session, conversation, heard, row)
        return await self._decide(session, conversation, heard, row)

    async def _decide(
        self, session: AsyncSession, conversation: Conversation, heard: Heard, row: Inbox | None
    ) -> Decision:
        """decide → act → say, and remember."""
        decision = self._decided(conversation, heard)
        return await self._do(session, conversation, heard, row, decision)

    def _decided(self, conversation: Conversation, heard: Heard) -> Decision:
        return decide(state_of(conversation), heard, self._world.catalogue, self._world.policy)

    async def _do(
        self,
        session: AsyncSession,
        conversation: Conversation,
        heard: Heard,
        row: Inbox | None,
        decision: Decision,
    ) -> Decision:
        world, inbox_id = self._world, row.id if row else None
        await noticing.turn(session, row, state_of(conversation), heard, decision)
        state = decision.state
        conversation.language = state.language
        desk = TurnDesk(world, session, conversation, heard.now, inbox_id)
        for step in decision.steps:
            for words in await run(desk, step):
                offered = await speak(session, conversation, words, inbox_id)
                state = replace(state, offered=offered or state.offered)
        if desk.filed:
            state = replace(state, ticket=desk.filed[-1])
        if desk.article:
            state = replace(state, article=desk.article)
        conversation.state = codec.dump(state)
        conversation.wake_at = (
            heard.now + timedelta(seconds=decision.wake_after) if decision.wake_after is not None else None
        )
        return decision

    async def _queued(
        self, session: AsyncSession, conversation: Conversation, heard: Heard, row: Inbox
    ) -> Decision:
        """Waiting for a person: look something up meanwhile, leave the queue, or hear where things stand."""
        if queueing.leaves(heard):
            await handover.leave_queue(session, conversation, "returned")
            await speak(session, conversation, Say("queue-left"), row.id)
            return Decision(state_of(conversation))
        decision = self._decided(conversation, heard)
        if queueing.serves_itself(heard, decision):
            return await self._do(session, conversation, heard, row, decision)
        if heard.text or heard.attachments:
            words = await queueing.standing(session, conversation)
            if words is not None:
                await speak(session, conversation, words, row.id)
        return Decision(state_of(conversation))

    async def _failed(self, conversation_id: int, inbox_id: int) -> bool:
        """Count the failure. The third hands the conversation to a person; True lets the rest go on."""
        try:
            return await self._count_failure(conversation_id, inbox_id)
        except AWAY:
            raise
        except Exception:  # what cannot even be shown must not come again and again
            log.exception("turn.unreadable", message=inbox_id)
            return await self._count_failure(conversation_id, inbox_id, shown=False)

    async def _count_failure(self, conversation_id: int, inbox_id: int, shown: bool = True) -> bool:
        async with self._world.session.begin() as session:
            conversation = await transcript.lock(session, conversation_id)
            row = await session.get_one(Inbox, inbox_id, with_for_update=True)
            row.attempts += 1
            if row.attempts < ATTEMPTS:
                row.due_at = datetime.now(UTC) + timedelta(seconds=RETRY[row.attempts - 1])
                return False
            if shown:
                inbound = codec.load(Inbound, row.content)
                media = await hearing.files(session, row, inbound)
                await hearing.record(session, conversation, row, inbound, media, None, self._world.policy)
            if conversation.mode == "bot":
                await handover.queue(session, conversation, "failed_turn", "high")
                await speak(session, conversation, Say("turn-failed"), row.id)
            row.status, row.handled_at = "failed", datetime.now(UTC)
            await notify(session, f"inbox:{row.id}", status="failed")
        return True


async def _mark(session: AsyncSession, row: Inbox, decision: Decision) -> None:
    """The message is handled; or it waits for the model, and is tried again later and later."""
    now = datetime.now(UTC)
    if row.passive_until:
        await session.execute(
            update(Outbox)
            .where(Outbox.inbox_id == row.id, Outbox.status == "queued")
            .values(due_at=row.passive_until)
        )
    if decision.next:
        await _queue_next(session, row, decision.next)
    if decision.wait:
        row.status = "waiting"
        row.due_at = now + timedelta(seconds=RETRY[min(row.attempts, len(RETRY) - 1)])
        row.attempts += 1
    else:
        row.status, row.handled_at = "done", now
        metrics.TURN_SECONDS.labels(row.channel).observe((now - row.received_at).total_seconds())
    await notify(session, f"inbox:{row.id}", status=row.status)


async def _queue_next(session: AsyncSession, row: Inbox, words: str) -> None:
    """A further request of the same message becomes a message of its own, right after this one."""
    original = codec.load(Inbound, row.content)
    inbound = Inbound(
        channel=original.channel,
        provider_id=ProviderId(f"next:{row.id}"),
        sender=original.sender,
        sent_at=original.sent_at,
        text=words,
        language=original.language,
        account=hearing.AGAIN,
    )
    session.add(
        Inbox(
            channel=row.channel,
            provider_id=inbound.provider_id,
            conversation_id=row.conversation_id,
            content=codec.dump(inbound),
            status="new",
        )
    )


async def speak(
    session: AsyncSession, conversation: Conversation, words: Say, inbox_id: int | None
) -> tuple[Choice, ...]:
    """Say one sentence of the catalogue in the citizen's language; returns the choices as shown."""
    language = conversation.language
    choices = tuple(
        replace(choice, label=say(language, choice.label[1:])) if choice.label.startswith("@") else choice
        for choice in words.choices
    )
    await transcript.say(
        session,
        conversation,
        say(language, words.key, **words.values),
        choices=choices,
        template=words.template,
        inbox_id=inbox_id,
    )
    return choices


def state_of(conversation: Conversation) -> State:
    if conversation.state is None:
        return State(language="en" if conversation.language == "en" else "zh")
    return codec.load(State, conversation.state)
