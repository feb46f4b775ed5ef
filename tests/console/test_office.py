"""Figures, deliveries, phrases, search of conversations, the audit trail."""

from __future__ import annotations

from sqlalchemy import select

from bot.store.conversations import Outbox
from bot.world import World
from tests.conftest import until
from tests.console.seat import Seat, citizen, filed, waits


async def test_todays_figures(world: World, operator: Seat) -> None:
    key = await citizen(world)
    await waits(world, key)
    await filed(world)
    stats = await operator.get("/api/stats")
    assert (stats["waiting"], stats["filed"], stats["open_tickets"], stats["overdue"]) == (1, 1, 1, 0)
    assert stats["online"] == 1
    assert stats["messages"] == sum(stats["by_hour"]) == 1
    assert stats["by_service"][0]["id"] == "heating"
    assert stats["longest_wait"] >= 0


async def test_a_given_up_delivery_is_seen_and_tried_again(world: World, operator: Seat) -> None:
    key = await citizen(world)

    async def settled() -> bool:
        async with world.session() as session:
            rows = (await session.scalars(select(Outbox))).all()
        return all(row.status == "given_up" for row in rows)  # nobody has this account

    await until(settled)
    page = await operator.get("/api/deliveries")
    assert [(row["conversation"], row["error"]) for row in page["rows"]] == [(key, "40003")]
    row = await operator.post(f"/api/deliveries/{page['rows'][0]['id']}/retry")
    assert (row["status"], row["attempts"]) == ("queued", 0)
    await until(settled)
    await operator.post("/api/deliveries/999999/retry", status=404)


async def test_phrases_are_shared_and_kept_by_supervisors(operator: Seat, supervisor: Seat) -> None:
    new = {"title": "道歉", "body": "给您添麻烦了。", "shortcut": "sorry"}
    await operator.post("/api/canned", new, status=403)
    made = await supervisor.post("/api/canned", new)
    assert made["id"] in [row["id"] for row in (await operator.get("/api/canned"))["rows"]]
    await supervisor.send("PUT", f"/api/canned/{made['id']}", new | {"title": "致歉"})
    await supervisor.post("/api/canned", new | {"shortcut": "有 空格"}, status=422)
    await supervisor.send("DELETE", f"/api/canned/{made['id']}")
    await supervisor.send("DELETE", f"/api/canned/{made['id']}", status=404)


async def test_conversations_are_found_by_words_phone_and_ticket(
    world: World, operator: Seat, supervisor: Seat
) -> None:
    key = await citizen(world, "sms/twilio", "+8613911112222", text="路灯坏了")
    other = await citizen(world, text="公交不停站")
    number = await filed(world, conversation_id=key)
    for words in ("路灯", "13911112222", number):
        assert [
            row["id"] for row in (await supervisor.get("/api/conversations", scope="all", q=words))["rows"]
        ] == [key]
    everyone = await supervisor.get("/api/conversations", scope="all", limit=1)
    assert everyone["next"]
    rest = await supervisor.get("/api/conversations", scope="all", limit=1, after=everyone["next"])
    assert {everyone["rows"][0]["id"], rest["rows"][0]["id"]} == {key, other}
    assert "13911112222" not in str(everyone) + str(rest)
    await operator.get("/api/conversations", scope="all", status=403)
    assert (await operator.get("/api/conversations", scope="past"))["rows"] == []


async def test_the_trail_is_for_admins(world: World, operator: Seat, supervisor: Seat, admin: Seat) -> None:
    number = await filed(world)
    await operator.post(f"/api/tickets/{number}/unmask", {"reason": "核对"})
    await supervisor.get("/api/audit", status=403)
    rows = (await admin.get("/api/audit", verb="unmask"))["rows"]
    assert [(row["operator"], row["object"]) for row in rows] == [("王芳", f"ticket:{number}")]
    page = await admin.get("/api/audit", limit=2)
    assert len(page["rows"]) == 2
    assert page["next"]


async def test_the_catalogue_is_complete(operator: Seat) -> None:
    services = (await operator.get("/api/services"))["rows"]
    departments = {row["id"] for row in (await operator.get("/api/departments"))["rows"]}
    assert len(services) >= 20
    assert {row["department"] for row in services} <= departments
    states = {row["id"]: row for row in (await operator.get("/api/states"))["rows"]}
    assert {move for row in states.values() for move in row["moves"]} <= set(states)
    dangers = {row["id"]: row for row in (await operator.get("/api/dangers"))["rows"]}
    assert dangers["fire"]["call"] == "119"
    assert all("{" not in row["advice_zh"] + row["advice_en"] for row in dangers.values())
