"""Each cause lays its message into the inbox, in its own transaction, through the real intake."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from bot.store.conversations import Conversation
from bot.store.teaching import Misread
from bot.store.tickets import Ticket
from tests.conftest import Running
from tests.console.seat import Seat, filed
from tests.console.seat import citizen as wrote
from tests.house.conftest import Citizen
from tests.studio.conftest import unsure

if TYPE_CHECKING:
    from tests.house.nlu import KeywordNlu

DIM = "楼道里黑灯瞎火的"
TORN = (("street_lights", 0.3), ("property_management", 0.28), ("heating", 0.02))


async def one(running: Running) -> Misread:
    async with running.world.session() as session:
        return (await session.scalars(select(Misread))).one()


async def none(running: Running) -> bool:
    async with running.world.session() as session:
        return (await session.scalars(select(Misread))).first() is None


async def test_the_bot_was_unsure_and_the_citizen_said_what_was_meant(
    house: Running, citizen: Citizen, nlu: KeywordNlu
) -> None:
    nlu.broken[DIM] = unsure(DIM, *TORN)
    await citizen.write(DIM)
    await citizen.told("是下面哪一类")
    row = await one(house)
    assert (row.sources, row.words, row.service, row.model, row.wanted) == (
        ["unsure"],
        DIM,
        "street_lights",
        "m7",
        "",
    )
    assert [name for name, _ in row.guesses] == [name for name, _ in TORN]
    await citizen.write("第二个")
    await citizen.settled()
    assert (await one(house)).wanted == "property_management"


async def test_the_citizen_refuses_what_was_sure(house: Running, citizen: Citizen, nlu: KeywordNlu) -> None:
    nlu.broken[DIM] = unsure(DIM, ("heating", 0.9), *TORN[:2])
    await citizen.write(DIM)
    await citizen.told("“供暖不热”的事")
    await citizen.write("你理解错了")
    await citizen.told("是下面哪一类")
    row = await one(house)
    assert (row.sources, row.words, row.service, row.wanted, row.urgency) == (
        ["refused"],
        DIM,
        "heating",
        "",
        1,
    )
    await citizen.write("第二个")
    await citizen.settled()
    row = await one(house)
    assert (row.sources, row.wanted) == (["refused"], "property_management")


async def test_what_nobody_understands_and_what_is_out_of_scope(
    house: Running, citizen: Citizen, nlu: KeywordNlu
) -> None:
    nlu.broken["给我讲讲相对论"] = unsure("给我讲讲相对论", ("out_of_scope", 0.9))
    await citizen.write("给我讲讲相对论")
    await citizen.told("帮不上")
    assert (await one(house)).sources == ["out_of_scope"]


async def test_what_is_understood_stays_out(house: Running, citizen: Citizen) -> None:
    await citizen.write("幸福里小区3栋1201暖气不热，已经三天了，电话13812345678")
    await citizen.told("我记的是这样")
    await citizen.write("对")
    await citizen.told("登记好了")
    assert await none(house)


async def test_a_department_sends_a_ticket_back(house: Running, citizen: Citizen, seat: Seat) -> None:
    await citizen.write("幸福里小区3栋1201暖气不热，已经三天了，电话13812345678")
    await citizen.told("我记的是这样")
    await citizen.write("对")
    await citizen.told("登记好了")
    async with house.world.session() as session:
        number = (await session.scalars(select(Ticket.number))).one()
    await seat.post(f"/api/tickets/{number}/move", {"state": "dispatched"})
    await seat.post(f"/api/tickets/{number}/move", {"state": "returned", "text": "不归我们管，找物业"})
    row = await one(house)
    assert (row.sources, row.note, row.urgency) == (["sent_back"], "不归我们管，找物业", 1)
    assert "138" not in row.words.replace("13800001234", "") and "1栋1001" in row.words


async def test_a_ticket_whose_words_nobody_wrote_teaches_nothing(house: Running, seat: Seat) -> None:
    key = await wrote(house.world)
    number = await filed(house.world, conversation_id=key)
    shown = await seat.get(f"/api/tickets/{number}")
    changed = {"version": shown["version"], "service": "property_management"}
    await seat.send("PATCH", f"/api/tickets/{number}", changed)
    assert await none(house)  # the ticket's words are nowhere in the conversation: nothing to teach


async def test_a_citizen_is_dissatisfied(house: Running, citizen: Citizen, seat: Seat) -> None:
    await citizen.write("幸福里小区3栋1201暖气不热，已经三天了，电话13812345678")
    await citizen.told("我记的是这样")
    await citizen.write("对")
    await citizen.told("登记好了")
    async with house.world.session() as session:
        number = (await session.scalars(select(Ticket.number))).one()
    for state in ("dispatched", "signed", "answered"):
        await seat.post(f"/api/tickets/{number}/move", {"state": state, "text": "已修好"})
    await citizen.write("", payload=f"rate:1:{number}")
    await citizen.settled()
    row = await one(house)
    assert row.sources == ["rated"] and row.note.startswith("★")
    shown = await seat.get(f"/api/tickets/{number}")
    changed = {"version": shown["version"], "service": "property_management"}
    await seat.send("PATCH", f"/api/tickets/{number}", changed)
    row = await one(house)
    assert (row.sources, row.wanted) == (["rated", "corrected"], "property_management")


async def finished(house: Running, citizen: Citizen, seat: Seat) -> None:
    """A citizen's request that a department has answered."""
    await citizen.write("幸福里小区3栋1201暖气不热，已经三天了，电话13812345678")
    await citizen.told("我记的是这样")
    await citizen.write("对")
    await citizen.told("登记好了")
    async with house.world.session() as session:
        number = (await session.scalars(select(Ticket.number))).one()
    for state in ("dispatched", "signed", "answered"):
        await seat.post(f"/api/tickets/{number}/move", {"state": state, "text": "已修好"})


async def test_an_answered_ticket_confirms_what_the_model_was_not_sure_of(
    house: Running, citizen: Citizen, nlu: KeywordNlu, teacher: Seat
) -> None:
    text = "家里的暖气片摸着一直是凉的"
    nlu.broken[text] = unsure(text, ("heating", 0.7), ("property_management", 0.1))
    await citizen.write(text)
    await citizen.told("具体在哪里")
    assert await none(house)
    async with house.world.session() as session:
        key = (await session.scalars(select(Conversation.id))).one()
    filed = {"conversation": key, "service": "heating", "kind": "help", "text": text, "tell": False}
    number = (await teacher.post("/api/tickets", filed))["number"]
    await teacher.post(f"/api/tickets/{number}/move", {"state": "answered", "text": "已修好"})
    row = await one(house)
    assert (row.sources, row.wanted, row.kind, row.urgency) == (["settled"], "heating", "help", -1)
    [group] = (await teacher.get("/api/studio/inbox"))["rows"]
    assert group["sample"]["id"] == row.id
    await teacher.post("/api/studio/inbox/teach", {"lessons": [{"id": row.id}]})
    assert (await one(house)).status == "taught"


async def test_an_answered_ticket_that_the_model_was_sure_of_teaches_nothing(
    house: Running, citizen: Citizen, seat: Seat
) -> None:
    await finished(house, citizen, seat)
    assert await none(house)
