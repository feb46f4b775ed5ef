"""Who gets what: offers, transfer, taking over, reassigning, lost connections, and two processes at once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from bot.config import Settings
from bot.seats import handover, rounds
from bot.store.conversations import Conversation, Message
from bot.store.handovers import Handover, Offer, SeatEvent
from bot.store.office import Audit
from bot.store.operators import Operator
from bot.store.talking import Unsent
from bot.world import World
from tests.conftest import Running, some_port, start, until
from tests.console.conftest import browser
from tests.console.seat import Seat, citizen, waits
from tests.console.test_live import feed


async def offered(seat: Seat) -> Any:
    return (await seat.get("/api/me/offer"))["offer"]


async def row_of(world: World, conversation: int) -> Handover:
    async with world.session() as session:
        return (
            await session.scalars(
                select(Handover)
                .where(Handover.conversation_id == conversation)
                .order_by(Handover.id.desc())
                .limit(1)
            )
        ).one()


async def verbs(world: World, conversation: int) -> list[str]:
    async with world.session() as session:
        rows = await session.scalars(
            select(SeatEvent.verb).where(SeatEvent.conversation_id == conversation).order_by(SeatEvent.id)
        )
        return list(rows)


async def age(world: World, seat: Seat, seconds: int) -> None:
    """The seat's console fell silent so long ago."""
    async with world.session.begin() as session:
        await session.execute(
            update(Operator)
            .where(Operator.id == seat.me["id"])
            .values(seen_at=datetime.now(UTC) - timedelta(seconds=seconds))
        )


async def test_who_waits_is_offered_and_taken_by_a_yes(world: World, operator: Seat) -> None:
    key = await citizen(world)
    async with feed(operator) as mine:
        await waits(world, key)
        frame = await mine.next("offered")
        assert (frame["conversation"], frame["operator"]) == (key, operator.me["id"])
        assert (await offered(operator))["row"]["id"] == key
        queue = await operator.get("/api/queue")
        assert queue["rows"][0]["handover"]["offered_id"] == operator.me["id"]
        await operator.post(f"/api/conversations/{key}/claim")
        assert (await mine.next("offer_ended"))["outcome"] == "accepted"
    assert await offered(operator) is None
    assert await verbs(world, key) == ["queued", "offered", "claimed"]


async def test_a_no_asks_the_next_one_and_no_answer_too(
    world: World, operator: Seat, colleague: Seat
) -> None:
    key = await citizen(world)
    await waits(world, key)
    seats = {operator.me["id"]: operator, colleague.me["id"]: colleague}

    async def one() -> Any:
        async with world.session() as session:
            return await session.scalar(select(Offer).where(Offer.outcome == ""))

    first = await until(one)
    await seats[first.operator_id].post(f"/api/conversations/{key}/decline")
    await seats[first.operator_id].post(f"/api/conversations/{key}/decline", status=409)

    async def other() -> Any:
        now = await one()
        return now if now is not None and now.operator_id != first.operator_id else None

    second = await until(other)
    async with world.session.begin() as session:
        await session.execute(update(Offer).where(Offer.id == second.id).values(expires_at=datetime.now(UTC)))

    async def missed() -> bool:
        return await verbs(world, key) == ["queued", "offered", "declined", "offered", "missed"]

    await until(missed)
    assert (await row_of(world, key)).status == "queued"


async def test_who_misses_twice_is_taken_for_away(world: World, operator: Seat) -> None:
    for n in range(2):
        key = await citizen(world, address=f"m{n}")
        await waits(world, key)

        async def asked() -> Any:
            return await offered(operator)

        await until(asked)
        async with world.session.begin() as session:
            await session.execute(
                update(Offer).where(Offer.outcome == "").values(expires_at=datetime.now(UTC))
            )

        async def over(number: int = n + 1) -> bool:
            async with world.session() as session:
                gone = await session.scalars(select(Offer.id).where(Offer.outcome == "missed"))
                return len(gone.all()) == number

        await until(over)
    assert (await operator.get("/api/me"))["me"]["presence"] == "away"


async def test_hands_that_are_full_take_no_more_but_an_emergency(
    world: World, operator: Seat, supervisor: Seat
) -> None:
    await supervisor.send("PATCH", f"/api/team/{operator.me['id']}", {"capacity": 1})
    first, second, grave = [await citizen(world, address=f"f{n}") for n in range(3)]
    for key in (first, second):
        await waits(world, key)
    await operator.post(f"/api/conversations/{first}/claim")
    await operator.post(f"/api/conversations/{second}/claim", status=409)
    assert await offered(operator) is None
    await waits(world, grave, "emergency", reason="emergency", safety=["fire"])
    await operator.post(f"/api/conversations/{grave}/claim")


async def test_a_transfer_goes_to_the_front_and_to_the_person_first(
    world: World, operator: Seat, colleague: Seat
) -> None:
    early, key = await citizen(world, address="t1"), await citizen(world, address="t2")
    await operator.post("/api/me/presence", {"presence": "busy"})
    await colleague.post("/api/me/presence", {"presence": "busy"})
    await waits(world, early)
    await waits(world, key)
    await operator.post(f"/api/conversations/{key}/claim")
    other = colleague.me["id"]
    body = {"operator": other, "note": "懂供暖的请接"}
    await colleague.post(f"/api/conversations/{key}/transfer", body, status=404)
    await operator.post(f"/api/conversations/{key}/transfer", {"operator": 99999, "note": "x"}, status=409)
    await operator.post(f"/api/conversations/{key}/transfer", {"note": "x"}, status=422)
    await operator.post(f"/api/conversations/{key}/transfer", body)
    queue = await colleague.get("/api/queue")
    assert [row["id"] for row in queue["rows"]] == [key, early]
    assert queue["rows"][0]["handover"]["note"] == "懂供暖的请接"
    await colleague.post("/api/me/presence", {"presence": "online"})

    async def asked() -> Any:
        return await offered(colleague)

    assert (await until(asked))["row"]["id"] == key
    await colleague.post(f"/api/conversations/{key}/claim")
    lines = (await colleague.get(f"/api/conversations/{key}"))["lines"]
    assert any("转接" in line["text"] for line in lines)
    assert "transferred" in await verbs(world, key)


async def test_a_supervisor_takes_over_and_reassigns_in_bulk(
    world: World, operator: Seat, colleague: Seat, supervisor: Seat
) -> None:
    keys = [await citizen(world, address=f"b{n}") for n in range(3)]
    for key in keys:
        await waits(world, key)
        await operator.post(f"/api/conversations/{key}/claim")
    await colleague.post(f"/api/conversations/{keys[0]}/take-over", status=403)
    await colleague.post("/api/conversations/reassign", {"conversations": keys}, status=403)
    await supervisor.post(f"/api/conversations/{keys[0]}/take-over")
    await supervisor.post(f"/api/conversations/{keys[0]}/take-over", status=409)
    assert (await row_of(world, keys[0])).operator_id == supervisor.me["id"]
    moved = await supervisor.post(
        "/api/conversations/reassign", {"conversations": keys[1:], "operator": colleague.me["id"]}
    )
    assert moved["conversations"] == keys[1:]
    assert {(await row_of(world, key)).operator_id for key in keys[1:]} == {colleague.me["id"]}
    await supervisor.post("/api/conversations/reassign", {"conversations": [999999]}, status=422)
    await supervisor.post("/api/conversations/reassign", {"conversations": keys})
    rows = [await row_of(world, key) for key in keys]
    assert {row.status for row in rows} == {"queued"} and all(row.came_back for row in rows)
    async with world.session() as session:
        audited = await session.scalars(select(Audit.verb).where(Audit.verb.like("seat.%")))
        assert sorted(audited) == ["seat.reassign", "seat.reassign", "seat.take_over"]


async def test_taking_over_silences_the_assistant(world: World, supervisor: Seat) -> None:
    key = await citizen(world)
    await supervisor.post(f"/api/conversations/{key}/take-over")
    async with world.session() as session:
        assert (await session.get_one(Conversation, key)).mode == "seated"


async def test_a_minute_without_network_changes_nothing(world: World, operator: Seat) -> None:
    key = await citizen(world)
    await waits(world, key)
    await operator.post(f"/api/conversations/{key}/claim")
    await age(world, operator, 70)
    await rounds.make(world)
    assert (await row_of(world, key)).operator_id == operator.me["id"]
    assert (await operator.get("/api/colleagues"))["rows"][0]["presence"] == "lost"
    async with feed(operator):
        assert (await operator.get("/api/colleagues"))["rows"][0]["presence"] == "online"
        assert [row["id"] for row in (await operator.get("/api/conversations"))["rows"]] == [key]


async def test_a_lost_seat_gives_its_conversations_to_the_front(
    world: World, operator: Seat, supervisor: Seat
) -> None:
    early, key = await citizen(world, address="l1"), await citizen(world, address="l2")
    await waits(world, early)
    await waits(world, key)
    await operator.post(f"/api/conversations/{key}/claim")
    await age(world, operator, 91)
    await rounds.make(world)
    rows = (await supervisor.get("/api/queue"))["rows"]
    assert [row["id"] for row in rows] == [key, early]
    assert rows[0]["handover"]["came_back"]
    async with world.session() as session:
        assert (await session.get_one(Operator, operator.me["id"])).presence == "offline"
        said = await session.scalars(select(Message).where(Message.conversation_id == key))
        assert any("断线" in line.body for line in said)
    assert "released" in await verbs(world, key)


async def test_a_word_is_missed_and_somebody_else_asked(world: World, operator: Seat) -> None:
    silent, spoken = await citizen(world, address="s1"), await citizen(world, address="s2")
    for key in (silent, spoken):
        await waits(world, key)
        await operator.post(f"/api/conversations/{key}/claim")
    await operator.post(f"/api/conversations/{spoken}/reply", {"text": "您好", "client_id": "abcdefgh-9"})
    async with world.session.begin() as session:
        past = datetime.now(UTC) - timedelta(seconds=world.settings.reply_seconds + 1)
        await session.execute(update(Handover).values(claimed_at=past))
    await rounds.unanswered(world)
    assert (await row_of(world, silent)).status == "queued"
    assert (await row_of(world, spoken)).status == "claimed"


async def test_who_writes_and_has_not_sent_yet_is_at_work(world: World, operator: Seat) -> None:
    keys = [await citizen(world, address=f"w{n}") for n in range(3)]
    for key in keys:
        await waits(world, key)
        await operator.post(f"/api/conversations/{key}/claim")
    writing, noted, left = keys
    for key in (writing, left):
        await operator.send(
            "PUT", f"/api/conversations/{key}/unsent", {"text": "我先查一下", "internal": False}
        )
    await operator.post(f"/api/conversations/{noted}/notes", {"text": "正在联系街道"})
    long_ago = datetime.now(UTC) - timedelta(seconds=world.settings.reply_seconds + 1)
    async with world.session.begin() as session:
        await session.execute(update(Handover).values(claimed_at=long_ago))
        await session.execute(
            update(Unsent).where(Unsent.conversation_id == left).values(updated_at=long_ago)
        )
    await rounds.unanswered(world)
    assert [(await row_of(world, key)).status for key in keys] == ["claimed", "claimed", "queued"]


async def test_nobody_loses_their_place_by_what_befalls_their_operator(
    world: World, operator: Seat, colleague: Seat
) -> None:
    """Among those who come back it counts who asked first, not whose operator was lost first."""
    first, second, fresh = [await citizen(world, address=f"f{n}") for n in range(3)]
    for key in (first, second):
        await waits(world, key)
    await colleague.post(f"/api/conversations/{first}/claim")
    await operator.post(f"/api/conversations/{second}/claim")
    await waits(world, fresh)
    await operator.post("/api/me/presence", {"presence": "offline"})
    await colleague.post("/api/me/presence", {"presence": "offline"})
    async with world.session() as session:
        assert await handover.in_order(session) == [first, second, fresh]
        rows = {row.conversation_id: row for row in await session.scalars(select(Handover))}
        assert [await handover.position(session, rows[key]) for key in (first, second, fresh)] == [1, 2, 3]


async def test_who_is_before_an_operator_is_not_sent_away_as_too_late(world: World, operator: Seat) -> None:
    key, other = await citizen(world, address="b1"), await citizen(world, address="b2")
    await waits(world, key)
    await waits(world, other)
    await until(lambda: offered(operator))
    async with world.session() as session:
        open_offer = select(Handover.conversation_id).join(Offer).where(Offer.outcome == "")
        before = (await session.scalars(open_offer)).one()
    long_ago = datetime.now(UTC) - timedelta(seconds=world.settings.queue_seconds + 60)
    async with world.session.begin() as session:
        await session.execute(
            update(Offer).where(Offer.outcome == "").values(expires_at=datetime.now(UTC) + timedelta(hours=1))
        )
        await session.execute(update(Handover).values(queued_at=long_ago, waiting_since=long_ago))

    async def other_is_filed() -> bool:
        return (await row_of(world, other if before == key else key)).ended_how == "ticket"

    await until(other_is_filed)
    assert (await row_of(world, before)).status == "queued"


async def test_leaving_and_being_sent_away_return_what_one_held(
    world: World, operator: Seat, colleague: Seat, supervisor: Seat
) -> None:
    mine, theirs = await citizen(world, address="o1"), await citizen(world, address="o2")
    await waits(world, mine)
    await operator.post(f"/api/conversations/{mine}/claim")
    await waits(world, theirs)
    await colleague.post(f"/api/conversations/{theirs}/claim")
    await operator.post("/api/me/presence", {"presence": "offline"})
    assert (await row_of(world, mine)).status == "queued"
    path = f"/api/team/{colleague.me['id']}/presence"
    await operator.post(path, {"presence": "offline"}, status=403)
    assert (await supervisor.post(path, {"presence": "offline"}))["presence"] == "offline"
    assert (await row_of(world, theirs)).operator_id is None


async def test_a_returned_conversation_does_not_become_a_ticket_at_once(world: World, operator: Seat) -> None:
    """The time that counts is that of this wait."""
    key = await citizen(world)
    await waits(world, key)
    await operator.post(f"/api/conversations/{key}/claim")
    async with world.session.begin() as session:
        hour = datetime.now(UTC) - timedelta(hours=1)
        await session.execute(update(Handover).values(queued_at=hour, waiting_since=hour))
    await operator.post("/api/me/presence", {"presence": "offline"})
    await asyncio.sleep(1.5)
    assert (await row_of(world, key)).status == "queued"


@pytest.fixture
async def second(running: Running, settings: Settings) -> AsyncIterator[Running]:
    """Another process of the same line: its own app, pool and ears on the same database."""
    other, runner = await start(settings.model_copy(update={"port": some_port()}))
    yield other
    await runner.cleanup()


async def test_two_processes_on_one_database_agree(world: World, running: Running, second: Running) -> None:
    async with browser(running) as one, browser(second) as two:
        wang, li = await Seat(one).enter("seat1"), await Seat(two).enter("seat2")
        async with feed(wang) as here, feed(li) as there:
            keys = [await citizen(world, address=f"p{n}") for n in range(6)]
            for key in keys:
                await waits(world, key)
            first = await here.next("offered")
            assert (await there.next("offered"))["conversation"] == first["conversation"]
            answers = await asyncio.gather(
                *(seat.raw("POST", f"/api/conversations/{key}/claim") for key in keys for seat in (wang, li))
            )
            assert [answer.status for answer in answers].count(200) == 6
            assert {answer.status for answer in answers} <= {200, 404, 409}
            mine = [row["id"] for row in (await wang.get("/api/conversations"))["rows"]]
            theirs = [row["id"] for row in (await li.get("/api/conversations"))["rows"]]
            assert sorted(mine + theirs) == sorted(keys)
            assert max(len(mine), len(theirs)) <= 5


async def test_the_team_is_seen_whole_by_supervisors_alone(
    world: World, operator: Seat, supervisor: Seat
) -> None:
    key = await citizen(world)
    await waits(world, key)
    await operator.post(f"/api/conversations/{key}/claim")
    await operator.get("/api/team", status=403)
    team = await supervisor.get("/api/team")
    seat = next(one for one in team["seats"] if one["id"] == operator.me["id"])
    assert (seat["presence"], seat["load"], seat["capacity"]) == ("online", 1, 5)
    assert seat["conversations"][0]["id"] == key
    assert "13812345678" not in str(team)
