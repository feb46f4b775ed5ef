"""Around a conversation: the same citizen's past, what is open nearby or alike, joining it, advice."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from sqlalchemy import select

from actions.base import Draft, ServiceId
from bot import codec
from bot.dialogue.types import Guess
from bot.store.conversations import Conversation, Message
from bot.store.tickets import TicketEvent
from bot.world import World
from tests.console.seat import DRAFT, HEARD, Seat, citizen, filed, waits
from tests.console.test_talking import held

LAMP = Draft(
    service=ServiceId("street_lights"),
    kind="complaint",
    text="人民路路灯坏了三天没人修，晚上很黑",
    details={"place": "滨江区人民路128号", "phone": "+8613900139000"},
)


async def test_the_same_citizen_is_known_by_the_number(world: World, operator: Seat, colleague: Seat) -> None:
    earlier = await citizen(world, channel="sms/twilio", address="+8613812345678")
    number = await filed(world, conversation_id=earlier)
    stranger = await filed(world, LAMP)
    key = await held(world, operator)
    around = await operator.get(f"/api/conversations/{key}/around")
    assert [row["id"] for row in around["conversations"]] == [earlier]
    assert [row["number"] for row in around["tickets"]] == [number]
    assert stranger not in str(around)
    assert "13812345678" not in str(around)

    past = await operator.get(f"/api/conversations/{key}/earlier/{earlier}")
    assert past["lines"]
    assert "13812345678" not in str(past)
    await operator.get(f"/api/conversations/{key}/earlier/{key}", status=404)
    await colleague.get(f"/api/conversations/{key}/earlier/{earlier}", status=404)


async def test_open_tickets_nearby_or_alike_are_found(world: World, operator: Seat) -> None:
    near = await filed(world, replace(LAMP, text="路灯不亮", details={"place": "滨江区人民路8号"}))
    words = await filed(
        world,
        replace(
            LAMP, text="人民路的路灯坏了好几天没人修，晚上很黑", details={}, service=ServiceId("road_damage")
        ),
    )
    far = await filed(world, replace(DRAFT, details={"place": "城北区"}))
    key = await held(world, operator, draft=LAMP, address="oLamp", text=LAMP.text)
    around = await operator.get(f"/api/conversations/{key}/around")
    found = {one["ticket"]["number"]: one["why"] for one in around["alike"]}
    assert found[near][:2] == ["place", "service"]
    assert "words" in found[words]
    assert far not in found
    await operator.post(f"/api/tickets/{words}/move", {"state": "not_accepted"})
    around = await operator.get(f"/api/conversations/{key}/around")
    assert words not in {one["ticket"]["number"] for one in around["alike"]}


async def test_a_request_is_joined_to_an_open_ticket(world: World, operator: Seat) -> None:
    number = await filed(world, LAMP)
    key = await held(world, operator, draft=replace(LAMP, details={}), address="oLamp")
    path = f"/api/conversations/{key}"
    body = {"number": number, "text": "又有一户反映", "urge": True}
    assert await operator.post(f"{path}/join", body) == {"number": number, "urged": True}
    assert (await operator.post(f"{path}/join", body))["urged"] is False  # once a day
    async with world.session() as session:
        verbs = list(await session.scalars(select(TicketEvent.verb).order_by(TicketEvent.id)))
        said = (await session.scalars(select(Message.body).order_by(Message.id.desc()).limit(1))).one()
        row = await session.get_one(Conversation, key)
        state = row.state or {}
    assert verbs == ["filed", "joined", "urged", "joined"]
    assert number in said
    assert (state["ticket"], "draft" in state) == (number, False)

    await operator.post(f"/api/tickets/{number}/move", {"state": "not_accepted"})
    await operator.post(f"{path}/join", body, status=409)
    await operator.post(f"{path}/join", {**body, "number": "LJ0000000000"}, status=404)


async def test_what_could_be_said_is_advice_and_nothing_happens(world: World, operator: Seat) -> None:
    key = await held(world, operator, draft=None, address="oAsk", text="身份证丢了怎么补办")
    async with world.session.begin() as session:
        line = (
            await session.scalars(select(Message).where(Message.conversation_id == key, Message.seq == 1))
        ).one()
        line.understanding = codec.dump(
            replace(
                HEARD,
                text=line.body,
                services=(Guess("household_register", 0.9),),
                kind=Guess("question", 0.9),
                entities=(),
            )
        )
    before = await operator.get(f"/api/conversations/{key}")
    advice = await operator.get(f"/api/conversations/{key}/suggestions")
    assert advice["seq"] == 1
    assert "派出所" in advice["proposed"]
    assert advice["articles"][0]["answer"] in advice["proposed"]
    assert len(advice["calm"]) >= 2
    after: Any = await operator.get(f"/api/conversations/{key}")
    assert after["lines"] == before["lines"]
    assert after["tickets"] == []


async def test_deeds_are_named_and_not_promised(world: World, operator: Seat) -> None:
    key = await held(world, operator)
    await waits(world, key)
    advice = await operator.get(f"/api/conversations/{key}/suggestions")
    assert advice["seq"] == 1
    assert "登记好了" not in advice["proposed"]
