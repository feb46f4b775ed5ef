"""The wall's figures, counted on rows whose numbers are known, and what the press does not see of them."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

import pytest
from sqlalchemy import func, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.console.arrivals import Usual, arrivals
from bot.console.users import add_user
from bot.seats import handover
from bot.store.conversations import Conversation
from bot.store.handovers import Handover, Rating, SeatEvent
from bot.store.operators import Operator
from bot.store.seating import Skill
from bot.world import World
from tests.conftest import Running
from tests.console.conftest import browser
from tests.console.seat import Seat, citizen, filed, waits


async def happened(session: AsyncSession, handover: int, **ago: int) -> None:
    """Each of these happened so many seconds ago."""
    for verb, seconds in ago.items():
        at = datetime.now(UTC) - timedelta(seconds=seconds)
        which = (SeatEvent.handover_id == handover, SeatEvent.verb == verb)
        await session.execute(update(SeatEvent).where(*which).values(at=at))


async def test_who_waits_and_who_is_there(
    world: World, operator: Seat, colleague: Seat, supervisor: Seat
) -> None:
    async with world.session.begin() as session:
        await session.execute(update(Operator).values(offers=False))
        session.add(Skill(operator_id=operator.me["id"], kind="category", value="heating"))
    keys = [await citizen(world, address=f"o{n}", text=f"第{n}件") for n in range(3)]
    rows = [
        await waits(world, key, urgency)
        for key, urgency in zip(keys, ("normal", "high", "emergency"), strict=True)
    ]
    async with world.session.begin() as session:
        back = datetime.now(UTC) - timedelta(seconds=168)  # not so long that it is called late
        await session.execute(
            update(Handover).where(Handover.id == rows[0]).values(queued_at=back, waiting_since=back)
        )
    await operator.post(f"/api/conversations/{keys[2]}/claim")

    wall = await supervisor.get("/api/wall")
    assert (wall["queue"]["waiting"], wall["queue"]["by_urgency"]) == (2, {"normal": 1, "high": 1})
    assert [row["conversation"] for row in wall["queue"]["rows"]] == [keys[0], keys[1]]
    assert 80 < wall["queue"]["median_wait"] < 120
    curve = wall["queue"]["curve"]
    assert (len(curve), curve[0], curve[-2], curve[-1]) == (31, 0, 1, 2)
    seats = {row["name"]: row for row in wall["seats"]}
    assert (seats["王芳"]["load"], seats["李强"]["load"]) == (1, 0)
    assert wall["seat_count"]["online"] >= 2
    assert wall["seat_count"]["load"] == 1
    assert [(row["taken"], row["operator"]) for row in wall["alarms"]] == [(True, "王芳")]
    skill = next(
        row for row in wall["skills"] if row["kind"] == "category" and row["title"]["id"] == "heating"
    )
    assert (skill["seats"], skill["load"]) == (1, 1)


async def test_the_day_is_counted_right(world: World, operator: Seat, supervisor: Seat) -> None:
    alone = await citizen(world, address="oAlone")
    served, left = await citizen(world, address="oServed"), await citizen(world, address="oLeft")
    row = await waits(world, served)
    await waits(world, left)
    await operator.post(f"/api/conversations/{served}/claim")
    await operator.post(f"/api/conversations/{served}/reply", {"text": "您好", "client_id": "client-0001"})
    await operator.post(f"/api/conversations/{served}/close")
    async with world.session.begin() as session:
        await session.execute(
            update(Handover)
            .where(Handover.id == row)
            .values(queued_at=Handover.first_reply_at - timedelta(seconds=40))
        )
        await happened(session, row, claimed=90, ended=0)
        conversation = await session.get_one(Conversation, left)
        await handover.leave_queue(session, conversation, "left")
        await session.merge(
            Rating(handover_id=row, conversation_id=served, stars=5, rated_at=datetime.now(UTC), words="")
        )
    await filed(world, conversation_id=alone)
    day = (await supervisor.get("/api/wall"))["day"]
    assert (day["messages"], day["conversations"]) == (3, 3)
    assert day["alone"] == {"part": 1, "whole": 3}
    assert day["handovers"] == 2
    assert (day["first_reply"], day["handling"]) == (40, pytest.approx(90, abs=1))
    assert day["in_time"] == {"part": 1, "whole": 1}
    assert day["gone"] == 1
    assert (day["satisfied"], day["stars"]) == ({"part": 1, "whole": 1}, 5)
    assert (day["filed"], day["open_tickets"], day["overdue"]) == (1, 1, 0)
    assert day["by_service"][0]["service"]["id"] == "heating"


async def test_everybody_who_had_the_conversation_counts(
    world: World, operator: Seat, colleague: Seat, supervisor: Seat
) -> None:
    """Passed on, waited for the next, taken over: 100 + 40 + 15 seconds; the 60 in the queue are nobody's."""
    key = await citizen(world)
    row = await waits(world, key)
    await operator.post(f"/api/conversations/{key}/claim")
    await operator.post(
        f"/api/conversations/{key}/transfer", {"operator": colleague.me["id"], "note": "请接"}
    )
    async with world.session.begin() as session:
        await happened(session, row, claimed=215)
    await colleague.post(f"/api/conversations/{key}/claim")
    await supervisor.post(f"/api/conversations/{key}/take-over")
    await supervisor.post(f"/api/conversations/{key}/close")
    async with world.session.begin() as session:
        await happened(session, row, transferred=115, taken_over=15, ended=0)
        last = select(func.max(SeatEvent.id)).where(SeatEvent.verb == "claimed").scalar_subquery()
        at = datetime.now(UTC) - timedelta(seconds=55)
        await session.execute(update(SeatEvent).where(SeatEvent.id == last).values(at=at))
    assert (await supervisor.get("/api/wall"))["day"]["handling"] == pytest.approx(155, abs=1)


async def test_the_day_begins_at_midnight_in_the_city(world: World, supervisor: Seat) -> None:
    """What ended a second before it is yesterday's, wherever the server's own clock stands."""
    zone = world.city.timezone
    midnight = datetime.combine(datetime.now(zone).date(), time.min, zone)
    for number, began in enumerate((midnight - timedelta(seconds=90, microseconds=1), midnight)):
        key = await citizen(world, address=f"z{number}")
        row = await waits(world, key)
        async with world.session.begin() as session:
            ended = began + timedelta(seconds=90)
            values = {"queued_at": began, "waiting_since": began, "claimed_at": began, "ended_at": ended}
            for verb, at in (("claimed", began), ("ended", ended)):
                session.add(SeatEvent(handover_id=row, conversation_id=key, verb=verb, at=at))
            replied = began + timedelta(seconds=30 * (number + 1))
            await session.execute(
                update(Handover)
                .where(Handover.id == row)
                .values(status="ended", ended_how="closed", first_reply_at=replied, **values)
            )
            stars = 5 if number == 0 else 2
            session.add(Rating(handover_id=row, conversation_id=key, stars=stars, rated_at=ended, words=""))
    day = (await supervisor.get("/api/wall"))["day"]
    assert day["handovers"] == 1
    assert (day["first_reply"], day["handling"]) == (60, 90)
    assert (day["satisfied"], day["stars"]) == ({"part": 0, "whole": 1}, 2)


async def test_the_usual_is_the_median_of_the_same_weekday(world: World, supervisor: Seat) -> None:
    assert (await supervisor.get("/api/wall"))["arrivals"]["usual"] == []
    key = await citizen(world)
    zone = world.city.timezone
    today = datetime.now(zone).date()
    counts = (2, 9, 4)  # one, two and three weeks ago, at ten; nothing in the weeks before
    async with world.session.begin() as session:
        seq = 100
        for week, count in enumerate(counts, 1):
            at = datetime.combine(today - timedelta(weeks=week), time(10, 15), zone)
            for _ in range(count):
                seq += 1
                await session.execute(
                    text(
                        "INSERT INTO messages (conversation_id, seq, author, body, masked, created_at)"
                        " VALUES (:key, :seq, 'citizen', '', '', :at)"
                    ),
                    {"key": key, "seq": seq, "at": at},
                )
        at = datetime.combine(today - timedelta(weeks=1, days=1), time(10, 15), zone)  # another weekday
        await session.execute(
            text(
                "INSERT INTO messages (conversation_id, seq, author, body, masked, created_at)"
                " VALUES (:key, 99, 'citizen', '', '', :at)"
            ),
            {"key": key, "at": at},
        )
    async with world.session() as session:  # as a process that starts anew reads it
        found = await arrivals(session, Usual(), zone, datetime.now(UTC))
    assert found.usual[10] == 4
    assert sum(found.usual) == 4
    assert sum(found.today) == 1
    assert found.expected is not None


async def test_the_press_sees_figures_and_no_names(running: Running, operator: Seat) -> None:
    key = await citizen(running.world)
    await waits(running.world, key, "emergency")
    async with running.world.session.begin() as session:
        await add_user(session, "paper", "记者", "press", "spring rain 2026")
    async with browser(running) as client:
        press = await Seat(client).enter("paper", "spring rain 2026")
        wall = await press.get("/api/wall")
    assert wall["seats"] == []
    assert wall["seat_count"]["online"] == 1
    assert wall["queue"]["waiting"] == 1
    assert {row["conversation"] for row in (*wall["queue"]["rows"], *wall["alarms"])} == {None}
    assert "王芳" not in str(wall)
