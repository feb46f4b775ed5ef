"""Waiting for a person: where one stands, what goes on meanwhile, and when nobody is on duty."""

from __future__ import annotations

import asyncio
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import func, select, update

from bot.city import Calendar
from bot.seats.duty import Watch, merged, next_start, on_duty, opens
from bot.seats.waiting import Room, estimate
from bot.store.conversations import Conversation
from bot.store.handovers import Handover
from bot.store.operators import Operator
from bot.store.seating import DutyDay, Shift
from bot.store.tickets import Ticket
from tests.conftest import Running
from tests.house.conftest import Citizen

CITY = ZoneInfo("Asia/Shanghai")
YEAR = Calendar(
    years=frozenset({2026}),
    holidays=frozenset({date(2026, 10, 1), date(2026, 10, 2)}),
    workdays=frozenset({date(2026, 10, 10)}),  # a Saturday
)
OFFICE = Watch(frozenset({1, 2, 3, 4, 5}), time(8, 30), time(17, 30))
NIGHT = Watch(frozenset(range(1, 8)), time(20), time(8), holidays=True)


def at(month: int, day: int, hour: int = 12) -> datetime:
    return datetime(2026, month, day, hour, tzinfo=CITY).astimezone(UTC)


@pytest.mark.parametrize(
    ("moment", "there"),
    [
        (at(9, 30), True),  # a Wednesday
        (at(9, 30, 19), False),
        (at(10, 1), False),  # National Day, a Thursday
        (at(10, 10), True),  # a Saturday that everybody works
        (at(10, 11), False),  # an ordinary Sunday
    ],
)
def test_shifts_follow_the_duty_calendar(moment: datetime, there: bool) -> None:
    assert on_duty([OFFICE], YEAR, CITY, moment) is there


def test_a_night_shift_runs_into_the_morning_and_on_holidays() -> None:
    assert on_duty([NIGHT], YEAR, CITY, at(10, 2, 3))
    assert not on_duty([NIGHT], YEAR, CITY, at(10, 2, 9))


def test_the_next_shift_is_after_the_holiday() -> None:
    assert next_start([OFFICE], YEAR, CITY, at(9, 30, 20)) == datetime(2026, 10, 5, 8, 30, tzinfo=CITY)
    assert next_start([], YEAR, CITY, at(9, 30)) is None


def test_a_day_set_in_the_console_wins_and_a_new_year_keeps_its_fixed_days() -> None:
    always = Calendar(frozenset({2026}), frozenset(), frozenset(), frozenset({(1, 1)}))
    now = merged(always, [(date(2027, 2, 6), True), (date(2027, 2, 8), False)])
    assert now.works(date(2027, 2, 6)) and not now.works(date(2027, 2, 8))
    assert not now.works(date(2027, 1, 1)) and now.works(date(2027, 1, 4))
    assert not merged(YEAR, [(date(2026, 10, 10), False)]).works(date(2026, 10, 10))


@pytest.mark.parametrize(
    ("place", "room", "minutes"),
    [
        (1, Room(10, 2, None), 1),  # a free seat: about now
        (3, Room(10, 2, None), None),  # nobody knows how long one takes
        (3, Room(10, 2, 20.0), 2),
        (12, Room(10, 0, 10.0), 15),  # 12 minutes, said as a round number
        (4, Room(1, 0, 10.0), 40),
        (90, Room(1, 0, 10.0), None),  # beyond an hour it would be a guess
        (1, Room(0, 0, 10.0), None),  # nobody is there
        (0, Room(5, 5, 10.0), None),
    ],
)
def test_the_time_is_honest_or_not_said(place: int, room: Room, minutes: int | None) -> None:
    assert estimate(place, room) == minutes


async def number(citizen: Citizen, table: type) -> int:
    async with citizen.world.session() as session:
        return int(await session.scalar(select(func.count()).select_from(table)) or 0)


async def everybody_leaves(citizen: Citizen) -> None:
    async with citizen.world.session.begin() as session:
        await session.execute(update(Operator).values(presence="offline"))


async def shift_tomorrow(citizen: Citizen) -> datetime:
    """Every day of the week, from an hour that is over; returns when people come."""
    async with citizen.world.session.begin() as session:
        session.add(
            Shift(name="早班", weekdays=[1, 2, 3, 4, 5, 6, 7], starts=time(0), ends=time(0, 1), holidays=True)
        )
    async with citizen.world.session() as session:
        found = await opens(session, citizen.world.city, datetime.now(UTC))
        assert found is not None
        return found


async def test_one_who_waits_is_told_once_and_may_look_up_a_ticket(citizen: Citizen) -> None:
    await citizen.write("转人工")
    await citizen.told("第1位")
    await citizen.write("在吗")
    await citizen.told("都给同事留着")
    await citizen.write("有人吗")
    await citizen.settled()
    assert len([line for line in await citizen.lines("bot") if "都给同事留着" in line]) == 1
    await citizen.write("", payload="progress")
    await citizen.settled()
    async with citizen.world.session() as session:
        assert await session.scalar(select(Conversation.mode)) == "queued"
    assert len(await citizen.lines("bot")) == 4


async def test_off_duty_the_citizen_hears_when_and_the_matter_is_filed(citizen: Citizen) -> None:
    await everybody_leaves(citizen)
    when = await shift_tomorrow(citizen)
    await citizen.write("家里暖气不热，三天没人管")
    await citizen.settled()
    await citizen.write("转人工")
    said = await citizen.told("都不在岗")
    assert citizen.world.city.when(when) in said
    await citizen.told("工单")
    assert (await number(citizen, Ticket), await number(citizen, Handover)) == (1, 0)


async def test_off_duty_without_a_matter_the_assistant_goes_on(citizen: Citizen) -> None:
    await everybody_leaves(citizen)
    await citizen.write("转人工")
    await citizen.told("12345")
    await citizen.write("家里暖气不热，三天没人管")
    await citizen.settled()
    assert await number(citizen, Handover) == 0
    assert len(await citizen.lines("bot")) > 1


async def test_deadlines_follow_the_days_that_were_set(citizen: Citizen, house: Running) -> None:
    from bot.seats.duty import city_now

    city = house.world.city
    day = date(2031, 3, 3)  # a Monday in a year that the calendar does not know
    async with house.world.session.begin() as session:
        session.add_all(DutyDay(day=day + timedelta(days=n), works=False, name="停工") for n in range(5))
    start = datetime(2031, 2, 28, 10, tzinfo=CITY)
    async with house.world.session() as session:
        changed = await city_now(session, city)
    assert city.calendar.after(start.date(), 1) == day
    assert changed.calendar.after(start.date(), 1) == date(2031, 3, 10)


async def test_a_web_chat_sees_its_place_move_up(citizen: Citizen, house: Running) -> None:
    from bot.app import HOUSE
    from bot.seats import handover
    from bot.store import transcript
    from channels.base import Address, ChannelName

    first, second = Citizen(house), citizen
    for one in (first, second):
        await one.write("转人工")
        await one.told("您排在第")
    watching = house.app[HOUSE].watch(ChannelName("web"), Address(second.address))
    seen = []
    async with asyncio.timeout(10):
        async for now in watching:
            if now is not None and now.queue:
                seen.append(now.queue)
                if now.queue == 1:
                    break
                async with house.world.session.begin() as session:
                    key = await session.scalar(select(Handover.conversation_id).order_by(Handover.id))
                    await handover.leave_queue(session, await transcript.lock(session, key or 0), "returned")
    assert list(dict.fromkeys(seen)) == [2, 1]


async def test_a_longer_wait_that_was_announced_is_kept(citizen: Citizen, house: Running) -> None:
    """People are there and get on: three minutes are not the end of it."""
    async with house.world.session.begin() as session:
        now = datetime.now(UTC)
        person = Operator(login="one", name="一", password="x", presence="online", capacity=1, offers=False)
        person.seen_at = now + timedelta(days=1)
        session.add(person)
        other = Conversation(channel="web", address="z", address_index=b"z", mode="bot")
        session.add(other)
        await session.flush()
        for n in range(6):
            ended = now - timedelta(minutes=n)
            session.add(
                Handover(
                    conversation_id=other.id,
                    reason="asked",
                    status="ended",
                    operator_id=person.id,
                    claimed_at=ended - timedelta(minutes=8),
                    ended_at=ended,
                )
            )
        busy = Conversation(channel="web", address="y", address_index=b"y", mode="seated")
        session.add(busy)
        await session.flush()
        session.add(
            Handover(
                conversation_id=busy.id,
                reason="asked",
                status="claimed",
                operator_id=person.id,
                claimed_at=now,
            )
        )
    await citizen.write("家里暖气不热")
    await citizen.settled()
    await citizen.write("转人工")
    await citizen.told("大约要等8分钟")
    async with house.world.session.begin() as session:
        waited = datetime.now(UTC) - timedelta(minutes=10)
        await session.execute(
            update(Handover).where(Handover.status == "queued").values(waiting_since=waited)
        )
    await asyncio.sleep(2.5)
    assert await number(citizen, Ticket) == 0
    async with house.world.session.begin() as session:
        waited = datetime.now(UTC) - timedelta(minutes=17)
        await session.execute(
            update(Handover).where(Handover.status == "queued").values(waiting_since=waited)
        )
    await citizen.told("工单")


async def waited(house: Running, minutes: int) -> None:
    since = datetime.now(UTC) - timedelta(minutes=minutes)
    async with house.world.session.begin() as session:
        await session.execute(update(Handover).where(Handover.status == "queued").values(waiting_since=since))
