"""A random shift, two processes at once: whoever does what at the same moment, nobody is lost, nobody has two
operators, and nobody holds more than they can."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.config import Settings
from bot.errors import LianxinError
from bot.seats import handover, offers, rounds, routing
from bot.store import transcript
from bot.store.conversations import Conversation
from bot.store.handovers import Handover, Offer, SeatEvent
from bot.store.operators import Operator
from bot.store.seating import Group, GroupMember
from bot.world import World
from tests.conftest import Running, some_port, start
from tests.console.seat import citizen

SEATS, CITIZENS, STEPS, AT_ONCE = 5, 14, 24, 9


class Shift:
    """The hands that act, now in one process, now in the other."""

    def __init__(self, worlds: list[World], chance: random.Random) -> None:
        self.worlds, self.chance = worlds, chance
        self.seats: list[int] = []
        self.lead = 0
        self.group = 0
        self.citizens: list[int] = []
        self.refused = 0
        self.done = 0

    async def begin(self) -> None:
        async with self.worlds[0].session.begin() as session:
            tomorrow = datetime.now(UTC) + timedelta(days=1)
            people = [
                Operator(login=f"s{n}", name=f"座席{n}", password="x", presence="online", seen_at=tomorrow)
                for n in range(SEATS)
            ]
            for n, person in enumerate(people):
                person.capacity = 1 + n % 3
            lead = Operator(login="boss", name="班长", password="x", role="supervisor", capacity=50)
            group = Group(name="组")
            session.add_all([*people, lead, group])
            await session.flush()
            session.add_all(GroupMember(group_id=group.id, operator_id=p.id) for p in people[:2])
            self.seats, self.lead, self.group = [p.id for p in people], lead.id, group.id
        self.citizens = [await citizen(self.worlds[0], address=f"w{n}") for n in range(CITIZENS)]

    async def act(self) -> None:
        """One thing that somebody does; refusals are part of the game, errors are not."""
        world, verb = self.chance.choice(self.worlds), self.chance.choice(VERBS)
        try:
            async with world.session.begin() as session:
                await verb(self, session)
            self.done += 1
        except LianxinError:
            self.refused += 1

    def one(self) -> int:
        return self.chance.choice(self.citizens)

    def seat(self) -> int:
        return self.chance.choice(self.seats)


async def ask(shift: Shift, session: AsyncSession) -> None:
    conversation = await transcript.lock(session, shift.one())
    urgency = shift.chance.choice(["normal", "normal", "normal", "high", "emergency"])
    await handover.queue(session, conversation, "asked", urgency)


async def claim(shift: Shift, session: AsyncSession) -> None:
    waiting = list(await session.scalars(select(Handover.id).where(Handover.status == "queued")))
    if waiting:
        operator = await session.get_one(Operator, shift.seat())
        await handover.claim(session, shift.chance.choice(waiting), operator)


async def decline(shift: Shift, session: AsyncSession) -> None:
    found = await session.execute(
        select(Offer.operator_id, Handover.conversation_id)
        .join(Handover, Handover.id == Offer.handover_id)
        .where(Offer.outcome == "")
    )
    if rows := found.all():
        operator, conversation = shift.chance.choice(rows)
        await offers.decline(session, conversation, await session.get_one(Operator, operator))


async def let_pass(shift: Shift, session: AsyncSession) -> None:
    open_ = list(await session.scalars(select(Offer.id).where(Offer.outcome == "")))
    if open_:
        one = Offer.id == shift.chance.choice(open_)
        await session.execute(update(Offer).where(one).values(expires_at=datetime.now(UTC)))


async def end(shift: Shift, session: AsyncSession) -> None:
    held = await session.execute(
        select(Handover.conversation_id, Handover.operator_id).where(Handover.status == "claimed")
    )
    if rows := held.all():
        conversation, operator = shift.chance.choice(rows)
        way = shift.chance.choice([handover.close, handover.give_back])
        await way(session, conversation, await session.get_one(Operator, operator))


async def transfer(shift: Shift, session: AsyncSession) -> None:
    by = await session.get_one(Operator, shift.chance.choice([*shift.seats, shift.lead]))
    if shift.chance.random() < 0.5:
        await routing.transfer(session, shift.one(), by, group=shift.group, note="")
    else:
        await routing.transfer(session, shift.one(), by, operator=shift.seat(), note="")


async def take_over(shift: Shift, session: AsyncSession) -> None:
    await routing.take_over(session, shift.one(), await session.get_one(Operator, shift.lead))


async def reassign(shift: Shift, session: AsyncSession) -> None:
    some = shift.chance.sample(shift.citizens, 4)
    to = shift.chance.choice([None, shift.seat()])
    await routing.reassign(session, some, to, await session.get_one(Operator, shift.lead))


async def change(shift: Shift, session: AsyncSession) -> None:
    presence = shift.chance.choice(["online", "online", "online", "busy", "away", "offline"])
    operator = await routing.be(session, shift.seat(), presence)
    operator.seen_at = datetime.now(UTC) + timedelta(days=1)


async def vanish(shift: Shift, session: AsyncSession) -> None:
    """The network is cut; the next round misses them."""
    long_ago = datetime.now(UTC) - timedelta(hours=1)
    await session.execute(update(Operator).where(Operator.id == shift.seat()).values(seen_at=long_ago))


async def leave_queue(shift: Shift, session: AsyncSession) -> None:
    conversation = await transcript.lock(session, shift.one())
    await handover.leave_queue(session, conversation, "returned")


VERBS: list[Callable[[Shift, AsyncSession], Awaitable[None]]] = [
    *[ask] * 6, *[claim] * 6, decline, decline, let_pass, end, end, transfer, transfer, take_over, reassign,
    *[change] * 3, vanish, leave_queue,
]  # fmt: skip


async def holds(session: AsyncSession) -> None:
    """What must be true whenever nobody is in the middle of something."""
    open_ = (await session.scalars(select(Handover).where(Handover.status != "ended"))).all()
    by_conversation = {row.conversation_id: row for row in open_}
    assert len(by_conversation) == len(open_), "two open hand-overs of one conversation"
    modes = {"queued": "queued", "claimed": "seated"}
    for conversation in await session.scalars(select(Conversation)):
        row = by_conversation.get(conversation.id)
        assert conversation.mode == (modes[row.status] if row else "bot"), conversation.id
    for row in open_:
        assert (row.operator_id is not None) is (row.status == "claimed"), "an owner without a seat"
        assert (row.claimed_at is not None) is (row.status == "claimed")
    for person in await session.scalars(select(Operator)):
        own = [row for row in open_ if row.operator_id == person.id]
        assert sum(row.rank < 2 for row in own) <= person.capacity, f"{person.login} has too many"
        assert not own or person.presence != "offline", f"{person.login} left people behind"
        await _offer_fits(session, person, len(own))
    ended = dict.fromkeys(await session.scalars(select(Handover.id).where(Handover.status == "ended")), 1)
    told = await session.execute(
        select(SeatEvent.handover_id, func.count())
        .where(SeatEvent.verb == "ended")
        .group_by(SeatEvent.handover_id)
    )
    assert {key: number for key, number in told} == ended, "ended without anybody who ended it"  # noqa: C416


async def _offer_fits(session: AsyncSession, person: Operator, held: int) -> None:
    offer = await session.scalar(select(Offer).where(Offer.operator_id == person.id, Offer.outcome == ""))
    if offer is None:
        return
    assert person.presence == "online", "offered to somebody who is not there"
    assert held < person.capacity, "offered to full hands"
    assert (await session.get_one(Handover, offer.handover_id)).status == "queued", "offered what is taken"


@pytest.fixture
async def worlds(running: Running, settings: Settings) -> AsyncIterator[list[World]]:
    """Two processes of one line on one database."""
    other, runner = await start(settings.model_copy(update={"port": some_port()}))
    yield [running.world, other.world]
    await runner.cleanup()


@pytest.mark.parametrize("seed", range(2))
async def test_a_random_shift_keeps_everybody(worlds: list[World], seed: int) -> None:
    shift = Shift(worlds, random.Random(seed))
    await shift.begin()
    wanted = {"offered", "claimed", "reassigned", "released", "ended"}
    seen: set[str] = set()
    steps = 0
    while steps < STEPS or (not wanted <= seen and steps < 10 * STEPS):
        steps += 1
        await asyncio.gather(*(shift.act() for _ in range(AT_ONCE)), *map(rounds.offer, worlds))
        await asyncio.gather(*map(rounds.lost, worlds))
        async with worlds[0].session() as session:
            await session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
            await holds(session)
            seen = set(await session.scalars(select(SeatEvent.verb).distinct()))
    assert shift.done > STEPS, "too little happened to say anything"
    assert wanted <= seen
