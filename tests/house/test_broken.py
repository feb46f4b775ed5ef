"""What others do wrong: a model that answers nonsense or hangs, a database that goes and comes, providers
whose answers nobody foresaw. Every citizen is served all the same; one broken thing keeps nothing waiting."""

from __future__ import annotations

import asyncio
import json
import time
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
from sqlalchemy import select, update

from bot import outbox, turn
from bot.store.conversations import Conversation, Inbox, Outbox
from bot.store.handovers import Handover
from bot.store.session import notify
from bot.store.tickets import Ticket
from bot.understanding import TRIES, Understander, Words
from channels.base import Address, Media, Outbound, OutboxId, Sent, TryLater
from channels.web.channel import WebChat
from channels.web.chat import WebOptions
from tests.conftest import Running, until
from tests.house.conftest import Citizen, count, database_away
from tests.house.nlu import KeywordNlu, parse

if TYPE_CHECKING:
    from bot.store.base import Base

CRY = "我不想活了，我站在楼顶要跳楼"
COMPLAINT = "幸福里小区3栋1201暖气不热，已经三天了，电话13812345678"
HEAT = {"intent": {"name": "heating", "confidence": 0.9}}
NONSENSE: dict[str, str] = {
    "zero bytes": json.dumps(parse(COMPLAINT) | {"model_id": "a\0b", "intent": {"name": "heating\0"}}),
    "no number": '{"intent": {"name": "heating", "confidence": NaN}}',
    "names of nothing": json.dumps(
        HEAT
        | {name: [{"name": "nothing", "confidence": 1}] for name in ("safety", "conduct", "intent_ranking")}
    ),
    "a name without end": json.dumps({"intent": {"name": "x" * 300_000, "confidence": 0.9}}),
    "an answer without end": json.dumps(HEAT | {"more": "x" * 3_000_000}),
    "a thousand layers": '{"entities":' + "[" * 5000 + "]" * 5000 + "}",
    "another shape": "[1, 2, 3]",
    "no JSON": "<html>502 Bad Gateway</html>",
    "places outside of the text": json.dumps(
        HEAT | {"entities": [{"entity": "place", "start": 900, "end": 3, "value": {"a": [1]}}]}
    ),
}


@pytest.mark.parametrize("kind", NONSENSE)
async def test_nonsense_of_the_model_leaves_nobody_alone(
    citizen: Citizen, nlu: KeywordNlu, house: Running, kind: str
) -> None:
    """A cry is answered by rules; the rest waits for a model with sense, or is taken as far as it can."""
    nlu.broken = {COMPLAINT: NONSENSE[kind], CRY: NONSENSE[kind]}
    await citizen.write(COMPLAINT)
    in_danger = Citizen(house)
    await in_danger.write(CRY)
    await in_danger.told("110", seconds=5)
    nlu.broken.clear()
    await citizen.settled()
    assert await citizen.lines("citizen") == [COMPLAINT]
    assert await count(house.world, Inbox, Inbox.status == "failed") == 0


async def test_a_model_that_hangs_makes_each_message_wait_no_longer_than_the_first_few(
    house: Running, nlu: KeywordNlu
) -> None:
    nlu.delay = 60
    patience = 0.3
    understander = Understander(house.world.settings.nlu_url, patience, house.world.net, _no_words())
    for _ in range(TRIES + 1):
        await understander.understand("路灯不亮")
    began = time.monotonic()
    for _ in range(20):
        assert (await understander.understand(CRY)).alarms
    assert time.monotonic() - began < 20 * patience / 2
    nlu.delay = 0

    async def back() -> bool:
        return (await understander.understand("路灯不亮")).failure is None

    await until(back, 6)
    assert (await understander.understand("路灯不亮")).failure is None
    await understander.close()


async def test_in_a_flood_all_is_stored_and_a_cry_for_help_goes_first(
    citizen: Citizen, house: Running, database_url: str
) -> None:
    """Every place is taken by turns that cannot end, as when hundreds write at once."""
    with psycopg.connect(database_url, autocommit=True) as gate:
        gate.execute("""
            CREATE FUNCTION crowd() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN IF NEW.masked = '人真多' THEN PERFORM pg_advisory_xact_lock(7); END IF; RETURN NEW; END $$;
            CREATE TRIGGER crowd BEFORE INSERT ON messages FOR EACH ROW EXECUTE FUNCTION crowd()""")
        gate.execute("SELECT pg_advisory_lock(7)")
        for _ in range(turn.AT_ONCE):
            await Citizen(house).write("人真多")

        async def full() -> bool:
            waiting = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
            return gate.execute(waiting).fetchone() == (turn.AT_ONCE,)

        await until(full)
        await citizen.write("路灯不亮")
        assert await count(house.world, Inbox, Inbox.status == "new") == turn.AT_ONCE + 1
        in_danger = Citizen(house)
        await in_danger.write(CRY)
        await in_danger.told("110", seconds=5)
        assert await citizen.lines() == []
    await citizen.settled()
    assert "路灯不亮" in await citizen.lines()


def _no_words() -> Words:
    return Words(frozenset(), frozenset())


@pytest.fixture
def breaks(database_url: str) -> None:
    """Whatever the model understands breaks the turn."""
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute("""
            CREATE FUNCTION break() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN IF NEW.model IS NOT NULL THEN RAISE 'broken' USING ERRCODE = 'data_exception'; END IF;
            RETURN NEW; END $$;
            CREATE TRIGGER break BEFORE INSERT OR UPDATE ON messages FOR EACH ROW EXECUTE FUNCTION break()""")


@pytest.mark.usefixtures("breaks")
async def test_a_message_that_the_database_refuses_goes_to_a_person(
    citizen: Citizen, house: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(turn, "RETRY", (0, 0, 0))
    await citizen.write("家里暖气不热")
    await citizen.told("刚才出了点问题", seconds=40)  # drawing the failures for a developer takes a while
    assert await citizen.lines("citizen") == ["家里暖气不热"]
    assert await count(house.world, Handover, Handover.reason == "failed_turn") == 1


@pytest.mark.usefixtures("breaks")
async def test_a_cry_for_help_survives_a_turn_that_breaks(citizen: Citizen, house: Running) -> None:
    await citizen.write(CRY)
    await citizen.told("110", seconds=5)
    assert await count(house.world, Ticket, Ticket.urgency == "emergency") == 1
    assert await count(house.world, Inbox, Inbox.status == "done") == 1


async def test_a_message_that_cannot_be_read_goes_to_a_person(
    citizen: Citizen, house: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Stored by a release that we are not."""
    monkeypatch.setattr(turn, "RETRY", (0, 0, 0))
    await citizen.write("你好")
    await citizen.settled()
    await _set(house, Inbox, content={"text": 5}, status="new")
    await citizen.told("刚才出了点问题", seconds=40)
    await citizen.write("路灯不亮")
    await citizen.settled()
    assert await count(house.world, Inbox, Inbox.status == "failed") == 1


async def test_one_conversation_that_breaks_keeps_no_silence_waiting(
    citizen: Citizen, house: Running
) -> None:
    """The broken one first: its state cannot be read."""
    other = Citizen(house)
    await other.write("你好")
    await other.settled()
    await _set(house, Conversation, state={"language": 5})
    await citizen.write(COMPLAINT)
    await citizen.told("我记的是这样")
    await _set(house, Conversation, wake_at=datetime.now(UTC) - timedelta(seconds=1))
    await citizen.told("工单")
    assert await count(house.world, Conversation, Conversation.wake_at < datetime.now(UTC)) == 0


async def test_news_that_are_none_do_not_end_the_news(citizen: Citizen, house: Running) -> None:
    with house.world.news.subscribe("seats") as queue:
        async with house.world.session.begin() as session:
            await session.execute(select(1))
            await (await session.connection()).exec_driver_sql("NOTIFY lianxin, 'no news'")

        async def heard() -> bool:
            async with house.world.session.begin() as session:
                await notify(session, "seats", kind="test")
            await asyncio.sleep(0.1)
            return any(queue.get_nowait().get("kind") == "test" for _ in range(queue.qsize()))

        await until(heard, 6)


async def test_a_push_waits_for_a_database_that_restarts(
    citizen: Citizen, house: Running, database_url: str
) -> None:
    """Not every provider sends a push again."""
    await citizen.write("你好")
    async with database_away(database_url):
        writing = [asyncio.create_task(citizen.write("路灯不亮", id=f"w{n}")) for n in (1, 2, 3, 3)]
        await asyncio.sleep(1)
        assert not any(task.done() for task in writing)
    await asyncio.gather(*writing)
    await citizen.settled()
    assert await count(house.world, Inbox) == 4
    assert await citizen.lines("citizen") == ["你好", "路灯不亮", "路灯不亮", "路灯不亮"]


class Odd(WebChat):
    """A provider that takes a message and answers what nobody foresaw."""

    def __init__(self) -> None:
        super().__init__(WebOptions(public_url="http://127.0.0.1"))
        self.answer: Any = KeyError("data")

    async def send(self, message: Outbound) -> Sent:
        if isinstance(self.answer, Exception):
            raise self.answer
        assert isinstance(self.answer, Sent)
        return self.answer

    async def fetch(self, media: Media) -> bytes:
        await asyncio.sleep(60)
        return b""


async def test_an_answer_that_nobody_foresaw_is_a_failed_delivery(monkeypatch: pytest.MonkeyPatch) -> None:
    odd, message = Odd(), Outbound(OutboxId(1), Address("a"), "你好")
    outcome = await outbox._handed_over(odd, message)
    assert isinstance(outcome, TryLater)
    row = Outbox(status="queued", attempts=outbox.GIVE_UP)
    outbox.mark(row, outcome)
    assert row.status == "given_up" and row.error == "internal"


def test_what_a_provider_says_is_kept_as_a_column_takes_it() -> None:
    """Otherwise the mark fails, and the same message leaves again and again."""
    row = Outbox(status="queued", attempts=1)
    outbox.mark(row, Sent(ref="\0" + "9" * 5000))
    assert row.status == "sent" and row.ref == "9" * 200
    outbox.mark(row, TryLater("", code="\ud800" + "x" * 5000))
    assert row.error == "x" * 200


async def test_a_delivery_that_cannot_be_prepared_does_not_block_the_next(
    citizen: Citizen, house: Running
) -> None:
    async def all_left() -> bool:
        return await count(house.world, Outbox, Outbox.status == "queued") == 0

    await citizen.write("你好")
    await citizen.settled()
    await until(all_left)
    unreadable = {"content": {"id": "no"}, "attempts": outbox.GIVE_UP - 1}
    await _set(house, Outbox, status="queued", due_at=datetime.now(UTC), **unreadable)
    await until(all_left)
    assert await count(house.world, Outbox, Outbox.status == "given_up") == 1
    await citizen.write("路灯不亮")
    await citizen.settled()
    await until(all_left)
    assert await count(house.world, Outbox, Outbox.status == "given_up") == 1


async def test_a_provider_that_hangs_keeps_no_turn_waiting(house: Running, citizen: Citizen) -> None:
    """Files are fetched beside everything else."""
    world: Any = house.world
    world.channels["web"] = Odd()
    await citizen.write("", media=(Media("image", ref="somewhere"),))
    await citizen.settled()
    await asyncio.sleep(1.2)
    await citizen.write("暖气不热")
    await citizen.settled()
    await _set(house, Inbox, status="new", due_at=datetime.now(UTC))
    await citizen.settled()


async def _set(house: Running, table: type[Base], **values: Any) -> None:
    async with house.world.session.begin() as session:
        await session.execute(update(table).values(**values))
