"""The path of a message through inbox, turn and outbox, on a real database."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import select, update

from bot.store.conversations import Conversation, Inbox, Message, Outbox
from bot.store.handovers import Handover
from bot.store.operators import Operator
from bot.store.tickets import Ticket, TicketEvent
from tests.conftest import Running, until
from tests.house.conftest import Citizen, count

if TYPE_CHECKING:
    from tests.house.nlu import KeywordNlu

COMPLAINT = "幸福里小区3栋1201暖气不热，已经三天了，电话13812345678"


async def file_one(citizen: Citizen) -> None:
    await citizen.write(COMPLAINT)
    await citizen.told("我记的是这样")
    await citizen.write("对")
    await citizen.told("登记好了")


async def test_one_sentence_becomes_a_ticket(citizen: Citizen) -> None:
    await file_one(citizen)
    async with citizen.world.session() as session:
        ticket = (await session.scalars(select(Ticket))).one()
        events = (await session.scalars(select(TicketEvent.verb))).all()
    assert ticket.service == "heating" and ticket.department == "gas_heat" and ticket.kind == "complaint"
    assert ticket.details["phone"].endswith("13812345678")
    assert "13812345678" not in ticket.summary
    assert ticket.number in await citizen.told("登记好了") and ticket.code in await citizen.told("登记好了")
    assert list(events) == ["filed"]


async def test_personal_data_is_nowhere_in_plain(citizen: Citizen) -> None:
    await file_one(citizen)
    async with citizen.world.engine.connect() as connection:
        for table in (Inbox, Message, Outbox, Ticket, TicketEvent, Conversation):
            rows = await connection.exec_driver_sql(f"SELECT t::text FROM {table.__tablename__} t")
            text = "\n".join(row[0] for row in rows)
            assert "13812345678" not in text and b"13812345678".hex() not in text


async def test_a_repeated_push_is_one_message(citizen: Citizen) -> None:
    await asyncio.gather(*(citizen.write("家里暖气不热", id="same") for _ in range(8)))
    await citizen.settled()
    assert await citizen.lines("citizen") == ["家里暖气不热"]
    assert await count(citizen.world, Inbox) == 1


async def test_anothers_message_id_is_no_repeat(citizen: Citizen, house: Running) -> None:
    other = Citizen(house)
    await citizen.write("家里暖气不热", id="same")
    await other.write("路灯不亮", id="same")
    await citizen.settled()
    assert await other.lines("citizen") == ["路灯不亮"]


async def test_order_is_kept_when_messages_pour_in(citizen: Citizen, nlu: KeywordNlu) -> None:
    nlu.delay = 0.02
    texts = [f"路灯{n}号不亮" for n in range(12)]
    for text in texts:
        await citizen.write(text)
    await citizen.settled()
    assert await citizen.lines("citizen") == texts


async def test_two_requests_in_one_message_are_both_filed(citizen: Citizen) -> None:
    await file_one(citizen)
    await citizen.write("人民路的路灯不亮了，没人修")
    await citizen.settled()
    async with citizen.world.session() as session:
        state: Any = (await session.scalars(select(Conversation.state))).one()
    assert state and state["draft"]["service"] == "street_lights"


async def test_without_a_model_a_citizen_is_answered_and_nothing_is_lost(
    citizen: Citizen, nlu: KeywordNlu
) -> None:
    await nlu.stop()
    await citizen.write("家里暖气不热")
    await citizen.write("幸福里小区3栋1201")
    await citizen.told("稍等", seconds=5)

    async def both_wait() -> bool:
        return await count(citizen.world, Inbox, Inbox.status == "waiting") == 2

    await until(both_wait)
    await nlu.start()
    await citizen.settled()
    assert [text for text in nlu.asked if text] == ["家里暖气不热", "幸福里小区3栋1201"]
    assert await citizen.lines("citizen") == ["家里暖气不热", "幸福里小区3栋1201"]


async def test_without_a_model_danger_still_calls_a_person(citizen: Citizen, nlu: KeywordNlu) -> None:
    await nlu.stop()
    await citizen.write("家里暖气不热")
    await citizen.write("我不想活了，我现在站在楼顶上")
    await citizen.told("12356", seconds=5)
    async with citizen.world.session() as session:
        waiting = (await session.scalars(select(Handover))).one()
        ticket = (await session.scalars(select(Ticket))).one()
    assert waiting.urgency == "emergency" and "self_harm" in waiting.safety
    assert ticket.urgency == "emergency"


async def test_when_the_model_stays_away_a_person_takes_over(
    citizen: Citizen, nlu: KeywordNlu, house: Running
) -> None:
    await nlu.stop()
    await citizen.write("家里暖气不热")
    await citizen.told("稍等", seconds=5)
    long_ago = datetime.now(UTC) - timedelta(hours=1)
    async with house.world.session.begin() as session:
        await session.execute(update(Inbox).values(received_at=long_ago, due_at=long_ago))

    async def handed_over() -> bool:
        return await count(house.world, Handover, Handover.reason == "model_down") == 1

    await until(handed_over)


async def test_a_message_that_breaks_the_turn_goes_to_a_person(citizen: Citizen, house: Running) -> None:
    async with house.world.session.begin() as session:
        await session.execute(update(Conversation).values(mode="bot"))
    await citizen.write("你好")
    await citizen.settled()
    # a state that no version of the code can read
    async with house.world.session.begin() as session:
        conversation = (await session.scalars(select(Conversation))).one()
        conversation.state = {"asked": {"never": "this"}}
    await citizen.write("家里暖气不热")

    async def handed_over() -> bool:
        return await count(house.world, Handover, Handover.reason == "failed_turn") == 1

    await until(handed_over, 20)
    assert await count(house.world, Inbox, Inbox.status == "failed") == 1
    assert "家里暖气不热" in await citizen.lines("citizen")


async def test_silence_after_the_summary_files_what_is_complete(citizen: Citizen) -> None:
    await citizen.write(COMPLAINT)
    await citizen.told("我记的是这样")
    async with citizen.world.session.begin() as session:
        await session.execute(update(Conversation).values(wake_at=datetime.now(UTC)))
    await citizen.told("工单")
    assert await count(citizen.world, Ticket) == 1


async def test_nobody_comes_so_the_case_becomes_a_ticket(citizen: Citizen) -> None:
    await citizen.write("家里暖气不热，三天没人管")
    await citizen.settled()
    await citizen.write("转人工")
    await citizen.settled()
    async with citizen.world.session.begin() as session:
        await session.execute(update(Handover).values(waiting_since=datetime.now(UTC) - timedelta(hours=1)))

    async def filed() -> bool:
        return await count(citizen.world, Ticket) == 1

    await until(filed)
    async with citizen.world.session() as session:
        ticket = (await session.scalars(select(Ticket))).one()
        handover = (await session.scalars(select(Handover))).one()
    assert ticket.service == "heating"
    assert handover.ended_how == "ticket" and handover.ticket_id == ticket.id
    await citizen.told(ticket.number)


async def test_the_bot_is_silent_while_a_person_speaks(citizen: Citizen, house: Running) -> None:
    from bot.seats import handover as seats

    await citizen.write("转人工")
    await citizen.settled()
    async with house.world.session.begin() as session:
        operator = Operator(login="w", name="小王", password="x", presence="online")
        session.add(operator)
        await session.flush()
        row = (await session.scalars(select(Handover))).one()
        await seats.claim(session, row.id, operator)
    await citizen.told("小王")
    before = len(await citizen.lines("bot"))
    await citizen.write("家里暖气不热")
    await citizen.settled()
    assert len(await citizen.lines("bot")) == before
    async with house.world.session.begin() as session:
        conversation = (await session.scalars(select(Conversation.id))).one()
        await seats.reply(session, conversation, operator, "我来帮您", client_id="r1")
        await seats.reply(session, conversation, operator, "我来帮您", client_id="r1")
        await seats.give_back(session, conversation, operator)
    assert (await citizen.lines("operator")) == ["我来帮您"]
    await citizen.write("家里暖气不热")
    await citizen.settled()
    assert len(await citizen.lines("bot")) > before


async def test_two_operators_cannot_claim_the_same_conversation(citizen: Citizen, house: Running) -> None:
    from bot.errors import Conflict
    from bot.seats import handover as seats

    await citizen.write("转人工")
    await citizen.settled()
    async with house.world.session.begin() as session:
        people = [Operator(login=f"o{n}", name=f"o{n}", password="x") for n in range(6)]
        session.add_all(people)
        await session.flush()
        row = (await session.scalars(select(Handover.id))).one()

    async def claim(operator: Operator) -> bool:
        try:
            async with house.world.session.begin() as session:
                await seats.claim(session, row, operator)
        except Conflict:
            return False
        return True

    assert sum(await asyncio.gather(*map(claim, people))) == 1
