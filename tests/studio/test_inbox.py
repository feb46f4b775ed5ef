"""The inbox through its API: groups, lessons, two persons, undo, new services, and who may do it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select

from bot.console.users import add_user
from bot.store.conversations import Message
from bot.store.office import Audit
from bot.store.teaching import Misread, PhraseRow
from bot.studio import inbox
from tests.conftest import Running, until
from tests.console.conftest import browser
from tests.console.seat import Seat, citizen

if TYPE_CHECKING:
    from bot.world import World

DIM = ("楼道里黑灯瞎火的没人管", "楼道里黑灯瞎火的好几天", "楼道黑灯瞎火的没人修")
BOX = "/api/studio/inbox"


async def lay(world: World, text: str, number: int, source: inbox.Source = "unsure", **more: Any) -> int:
    """A misread message; its id in the inbox."""
    key = await citizen(world, address=f"o{number}", text=text)
    async with world.session.begin() as session:
        query = select(Message).where(Message.conversation_id == key, Message.author == "citizen")
        message = (await session.scalars(query)).one()
        await inbox.put(session, message, source, **more)
        return (await session.scalars(select(Misread.id).where(Misread.message_id == message.id))).one()


@pytest.fixture
async def laid(running: Running) -> list[int]:
    """Three alike, one other, all grouped."""
    ids = [await lay(running.world, text, n) for n, text in enumerate(DIM)]
    ids.append(await lay(running.world, "宠物店卖的小狗三天就死了", 9, "corrected", service="consumer"))

    async def grouped() -> bool:
        async with running.world.session() as session:
            return await session.scalar(select(Misread.id).where(Misread.group_id.is_(None)).limit(1)) is None

    await until(grouped)
    return ids


@pytest.fixture
async def second(running: Running) -> AsyncIterator[Seat]:
    """A reviewer."""
    async with running.world.session.begin() as session:
        await add_user(session, "reviewer", "赵敏", "reviewer", "spring rain 2026")
    async with browser(running) as client:
        yield await Seat(client).enter("reviewer", "spring rain 2026")


async def taught(world: World, text: str) -> list[str]:
    async with world.session() as session:
        return list(await session.scalars(select(PhraseRow.intent).where(PhraseRow.text == text)))


def lessons(*ids: int, **more: Any) -> dict[str, Any]:
    return {"lessons": [{"id": key} for key in ids]} | more


async def statuses(seat: Seat) -> dict[str, int]:
    counts: dict[str, int] = (await seat.get(f"{BOX}/summary"))["counts"]
    return counts


async def test_alike_messages_lie_together_and_what_people_said_comes_first(
    laid: list[int], admin: Seat
) -> None:
    page = await admin.get(BOX)
    assert [(row["number"], row["sources"], row["service"]) for row in page["rows"]] == [
        (1, ["corrected"], "consumer"),
        (3, ["unsure"], "heating"),
    ]
    inside = await admin.get(f"{BOX}/messages", group=page["rows"][1]["id"])
    assert sorted(row["words"] for row in inside["rows"]) == sorted(DIM)
    first = await admin.get(BOX, limit=1)
    rest = await admin.get(BOX, limit=1, after=first["next"])
    assert [row["id"] for row in (*first["rows"], *rest["rows"])] == [row["id"] for row in page["rows"]]
    assert rest["next"] is None


async def test_filters_and_search(laid: list[int], admin: Seat) -> None:
    async def found(**query: Any) -> int:
        page = await admin.send("GET", BOX, params=query)
        return sum(row["number"] for row in page["rows"])

    assert await found(source="corrected") == 1
    assert await found(service="consumer") == 1
    assert await found(q="黑灯 没人") == 2
    assert await found(q="%") == 0
    assert await found(model="m1") == 4 and await found(model="m2") == 0
    assert await found(since="2099-01-01T00:00:00+08:00") == 0
    assert await found(status="taught") == 0
    await admin.get(BOX, status=422, after="nonsense")
    await admin.get(f"{BOX}/messages", status=422, group="x")


async def test_teaching_changes_the_data_and_undoing_takes_it_back(
    running: Running, laid: list[int], admin: Seat
) -> None:
    act = await admin.post(f"{BOX}/teach", lessons(*laid[:3], intent="street_lights", kind="complaint"))
    assert (act["verb"], act["number"], act["service"], act["by"]) == (
        "taught",
        3,
        "street_lights",
        admin.me["name"],
    )
    for text in DIM:
        assert await taught(running.world, text) == ["street_lights"]
    assert await statuses(admin) == {"open": 1, "taught": 3}
    again = await admin.post(f"{BOX}/teach", lessons(laid[0], intent="bus"), status=409)
    assert "刚被别人处理过" in again["message"]
    undone = await admin.post(f"{BOX}/acts/{act['id']}/undo")
    assert undone["undone_by"] == admin.me["name"]
    for text in DIM:
        assert await taught(running.world, text) == []
    assert await statuses(admin) == {"open": 4}
    await admin.post(f"{BOX}/acts/{act['id']}/undo", status=409)
    async with running.world.session() as session:
        verbs = (
            await session.scalars(select(Audit.verb).where(Audit.object == f"inbox-act:{act['id']}"))
        ).all()
    assert sorted(verbs) == ["inbox.taught", "inbox.undone"]


async def test_one_key_teaches_what_somebody_said_it_should_have_been(
    running: Running, laid: list[int], admin: Seat
) -> None:
    await admin.post(f"{BOX}/teach", lessons(laid[3]))
    assert await taught(running.world, "宠物店卖的小狗三天就死了") == ["consumer"]


async def test_undoing_leaves_alone_what_was_taught_since(
    running: Running, laid: list[int], admin: Seat
) -> None:
    first = await admin.post(f"{BOX}/teach", lessons(laid[0], intent="street_lights", kind="complaint"))
    await admin.post(f"{BOX}/teach", lessons(laid[1], intent="street_lights", kind="complaint"))
    await admin.post(f"{BOX}/acts/{first['id']}/undo")
    assert await taught(running.world, DIM[0]) == []
    assert await taught(running.world, DIM[1]) == ["street_lights"]


async def test_what_was_there_already_survives_an_undo(
    running: Running, laid: list[int], admin: Seat
) -> None:
    body = lessons(laid[0], intent="street_lights", kind="complaint")
    await admin.post(f"{BOX}/teach", body)
    copy = await lay(running.world, DIM[0], 77)
    act = await admin.post(f"{BOX}/teach", lessons(copy, intent="street_lights", kind="complaint"))
    await admin.post(f"{BOX}/acts/{act['id']}/undo")
    assert await taught(running.world, DIM[0]) == ["street_lights"]


async def test_a_message_is_split_and_its_entities_are_marked(
    running: Running, laid: list[int], admin: Seat
) -> None:
    phrases: list[dict[str, Any]] = [
        {
            "intent": "street_lights",
            "text": "幸福里的楼道灯坏了",
            "entities": [[0, 3, "estate"]],
            "kind": "help",
        },
        {"intent": "water_supply", "text": "还停水了", "kind": "complaint"},
    ]
    await admin.post(f"{BOX}/teach", {"lessons": [{"id": laid[0], "phrases": phrases}]})
    async with running.world.session() as session:
        row = (await session.scalars(select(PhraseRow).where(PhraseRow.text == phrases[0]["text"]))).one()
    assert (row.marked, row.kind) == ("[幸福里](estate)的楼道灯坏了", "help")
    assert await taught(running.world, "还停水了") == ["water_supply"]
    wrong = phrases[0] | {"entities": [[0, 3, "planet"]]}
    refused = {"lessons": [{"id": laid[1], "phrases": [wrong]}]}
    await admin.post(f"{BOX}/teach", refused, status=422)
    for spans in ([[5, 3, "estate"]], [[0, 99, "estate"]], [[0, 3, "estate"], [2, 4, "road"]]):
        refused = {"lessons": [{"id": laid[1], "phrases": [phrases[0] | {"entities": spans}]}]}
        await admin.post(f"{BOX}/teach", refused, status=422)
    await admin.post(f"{BOX}/teach", lessons(laid[1], intent="no_such_service"), status=422)
    assert (await statuses(admin))["open"] == 3


async def test_two_persons_must_agree(running: Running, laid: list[int], admin: Seat, second: Seat) -> None:
    await second.send("PUT", f"{BOX}/switches", {"two_person": True}, status=403)
    await admin.send("PUT", f"{BOX}/switches", {"two_person": True})
    act = await admin.post(f"{BOX}/teach", lessons(*laid[:2], intent="street_lights", kind="complaint"))
    assert act["verb"] == "proposed"
    assert await taught(running.world, DIM[0]) == []
    waiting = await second.get(f"{BOX}?status=proposed")
    (group,) = waiting["rows"]
    inside = (await second.get(f"{BOX}/messages?status=proposed", group=group["id"]))["rows"]
    assert {row["proposal"]["by"] for row in inside} == {admin.me["name"]}
    assert not inside[0]["proposal"]["mine"]
    assert inside[0]["proposal"]["phrases"][0]["intent"] == "street_lights"
    own = await admin.post(f"{BOX}/confirm", {"ids": laid[:2]}, status=409)
    assert "另一个人" in own["message"]
    await second.post(f"{BOX}/reject", {"ids": [laid[1]], "note": "这是物业的事"})
    done = await second.post(f"{BOX}/confirm", {"ids": [laid[0]]})
    assert done["verb"] == "confirmed"
    assert await taught(running.world, DIM[0]) == ["street_lights"]
    assert await taught(running.world, DIM[1]) == []
    assert await statuses(admin) == {"open": 3, "taught": 1}
    await second.post(f"{BOX}/acts/{done['id']}/undo")
    assert await taught(running.world, DIM[0]) == []
    assert (await statuses(admin))["proposed"] == 1
    shown = await admin.get(f"{BOX}/messages/{laid[1]}")
    assert [(a["verb"], a["note"]) for a in shown["acts"]] == [("rejected", "这是物业的事"), ("proposed", "")]


async def test_nothing_to_learn(laid: list[int], admin: Seat) -> None:
    act = await admin.post(f"{BOX}/ignore", lessons(*laid[:2]))
    assert await statuses(admin) == {"ignored": 2, "open": 2}
    await admin.post(f"{BOX}/acts/{act['id']}/undo")
    assert await statuses(admin) == {"open": 4}
    assert [row["verb"] for row in (await admin.get(f"{BOX}/acts"))["rows"]] == ["ignored"]


async def test_a_new_service_is_made_of_a_group(
    running: Running, laid: list[int], admin: Seat, second: Seat
) -> None:
    body = lessons(laid[3]) | {
        "id": "pet_shops",
        "title": "宠物店纠纷",
        "title_en": "Pet shops",
        "about": "宠物店卖病宠、退款",
        "category": "市场监管",
        "department": "market",
        "deadline": "normal",
        "kind": "complaint",
        "details": [{"name": "shop", "required": True}, {"name": "phone", "required": True}],
    }
    await second.post(f"{BOX}/services", body, status=403)
    wrong = await admin.post(f"{BOX}/services", body | {"department": "nobody"}, status=422)
    assert "department" in wrong["fields"]
    known = running.world.city
    body |= {"department": next(iter(known.departments)), "deadline": next(iter(known.deadlines))}
    act = await admin.post(f"{BOX}/services", body)
    assert act["service"] == "pet_shops"
    assert await taught(running.world, "宠物店卖的小狗三天就死了") == ["pet_shops"]
    intents = {one["id"]: one for one in (await admin.get(f"{BOX}/summary"))["intents"]}
    assert intents["pet_shops"]["title"] == "宠物店纠纷" and intents["pet_shops"]["fresh"]
    await admin.post(f"{BOX}/services", body | lessons(laid[0]), status=409)
    await admin.post(f"{BOX}/acts/{act['id']}/undo")
    assert "pet_shops" not in {one["id"] for one in (await admin.get(f"{BOX}/summary"))["intents"]}


async def test_hints_name_what_is_there_and_what_contradicts(laid: list[int], admin: Seat) -> None:
    await admin.post(f"{BOX}/teach", lessons(laid[0], intent="street_lights", kind="complaint"))
    same = await admin.post(f"{BOX}/hint", {"text": f"{DIM[0]}。", "intent": "street_lights"})
    assert same["known"]["text"] == DIM[0] and same["known"]["score"] == 1
    assert same["against"] == [] and same["read_as"] == ""  # no model here
    other = await admin.post(f"{BOX}/hint", {"text": DIM[0], "intent": "bus"})
    assert other["known"] is None
    assert [one["intent"] for one in other["against"]] == ["street_lights"]


async def test_two_who_decide_at_once_do_not_both(laid: list[int], admin: Seat, second: Seat) -> None:
    answers = await asyncio.gather(
        admin.raw("POST", f"{BOX}/teach", lessons(laid[0], laid[1], intent="street_lights")),
        second.raw("POST", f"{BOX}/teach", lessons(laid[1], laid[0], intent="bus")),
    )
    assert sorted(answer.status for answer in answers) == [200, 409]


async def test_what_is_shown_is_masked(running: Running, admin: Seat) -> None:
    key = await lay(running.world, "我家暖气不热，我的电话是13812345678", 5)
    shown = await admin.get(f"{BOX}/messages/{key}")
    assert "13812345678" not in str(shown)
    assert [line["author"] for line in shown["lines"]] == ["citizen", "bot"]
    assert shown["lines"][0]["this"]
    await admin.get(f"{BOX}/messages/999", status=404)


async def test_operators_only_correct(laid: list[int], operator: Seat) -> None:
    await operator.send("GET", BOX, status=403)
    await operator.post(f"{BOX}/teach", lessons(laid[0]), status=403)
