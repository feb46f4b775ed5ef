"""Tickets through the API: found, looked at, changed, moved, exported."""

from __future__ import annotations

import asyncio
import csv
import io
from dataclasses import replace

from sqlalchemy import select

from actions.base import ServiceId
from bot.console.ticket_list import harmless
from bot.store.office import Audit
from bot.world import World
from tests.console.seat import DRAFT, Seat, citizen, filed, waits


async def test_a_ticket_is_masked_until_somebody_says_why(
    world: World, operator: Seat, colleague: Seat
) -> None:
    number = await filed(world)
    seen = await operator.get(f"/api/tickets/{number}")
    assert seen["masked"]
    for secret in ("13812345678", "张建国", "8号楼"):
        assert secret not in str(seen["details"])
    assert "13812345678" not in str(seen)
    await operator.post(f"/api/tickets/{number}/unmask", {"reason": ""}, status=422)
    full = await operator.post(f"/api/tickets/{number}/unmask", {"reason": "核对地址 13812345678"})
    assert {"phone": "+8613812345678", "name": "张建国"}.items() <= {
        d["name"]: d["value"] for d in full["details"]
    }.items()
    assert len(full["code"]) == 6
    assert not (await operator.get(f"/api/tickets/{number}"))["masked"]  # a reload does not ask again
    assert (await colleague.get(f"/api/tickets/{number}"))["masked"]
    async with world.session() as session:
        row = (await session.scalars(select(Audit).where(Audit.verb == "unmask"))).one()
    assert row.object == f"ticket:{number}"
    assert row.data == {"reason": "核对地址 138****5678"}


async def test_filing_by_hand_checks_what_is_given(operator: Seat) -> None:
    body = {
        "service": "heating",
        "kind": "complaint",
        "text": "来电反映暖气不热",
        "details": {"phone": "138 1234 5678"},
    }
    made = await operator.post("/api/tickets", body)
    assert made["source"] == "console"
    assert made["filed_by"] == "王芳"
    assert made["history"][0]["name"] == "王芳"
    assert [r["number"] for r in (await operator.get("/api/tickets", q="13812345678"))["rows"]] == [
        made["number"]
    ]
    wrong = await operator.post("/api/tickets", body | {"service": "nothing"}, status=422)
    assert "service" in wrong["fields"]
    wrong = await operator.post("/api/tickets", body | {"details": {"phone": "12"}}, status=422)
    assert "details.phone" in wrong["fields"]
    hidden = await operator.post(
        "/api/tickets", body | {"anonymous": True, "details": {"phone": "x", "place": "湖东街道"}}
    )
    assert not hidden["phone_known"]


async def test_editing_derives_what_follows_and_refuses_an_old_version(world: World, operator: Seat) -> None:
    number = await filed(world)
    before = await operator.get(f"/api/tickets/{number}")
    change = {
        "version": before["version"],
        "service": "unpaid_wages",
        "details": {"phone": "13900001111", "place": "东湖新区湖东街道"},
    }
    after = await operator.send("PATCH", f"/api/tickets/{number}", change)
    assert after["service"]["id"] == "unpaid_wages"
    assert after["department"]["id"] != before["department"]["id"]
    assert after["category"] != before["category"]
    assert "东湖新区" in after["area"]
    assert (await operator.get("/api/tickets", q="13900001111"))["rows"]
    assert not (await operator.get("/api/tickets", q="13812345678"))["rows"]
    await operator.send("PATCH", f"/api/tickets/{number}", change, status=409)
    await operator.send(
        "PATCH",
        f"/api/tickets/{number}",
        change | {"version": after["version"], "department": "nowhere"},
        status=422,
    )


async def test_states_move_only_as_the_table_permits(world: World, operator: Seat) -> None:
    number = await filed(world)
    path = f"/api/tickets/{number}/move"
    await operator.post(path, {"state": "closed"}, status=409)
    await operator.post(path, {"state": "dispatched"})
    await operator.post(path, {"state": "signed"})
    answered = await operator.post(path, {"state": "answered", "text": "已修好，电话13812345678"})
    assert answered["answer"] == "已修好，电话138****5678"
    assert answered["moves"] == ["closed", "redo"]
    assert [event["verb"] for event in answered["history"]] == ["filed", "moved", "moved", "moved"]


async def test_notes_and_urging(world: World, operator: Seat) -> None:
    number = await filed(world)
    noted = await operator.post(f"/api/tickets/{number}/notes", {"text": "已电话联系供热公司"})
    assert noted["history"][-1]["text"] == "已电话联系供热公司"
    await operator.post(f"/api/tickets/{number}/notes", {"text": "市民很急", "urge": True})
    await operator.post(f"/api/tickets/{number}/notes", {"text": "再催", "urge": True}, status=409)


async def test_two_edits_at_once_are_one(world: World, operator: Seat, colleague: Seat) -> None:
    number = await filed(world)
    version = (await operator.get(f"/api/tickets/{number}"))["version"]
    answers = await asyncio.gather(
        *(
            seat.raw("PATCH", f"/api/tickets/{number}", {"version": version, "urgency": urgency})
            for seat, urgency in ((operator, "high"), (colleague, "emergency"))
        )
    )
    assert sorted(answer.status for answer in answers) == [200, 409]


async def test_filters_and_pages_go_through_all_of_them_once(world: World, operator: Seat) -> None:
    wages = replace(DRAFT, service=ServiceId("unpaid_wages"), text="工地拖欠工资", urgency="high")
    for n in range(25):
        await filed(world, wages if n % 5 == 0 else DRAFT)
    seen: list[str] = []
    after = ""
    while True:
        page = await operator.get("/api/tickets", limit=10, after=after)
        seen += [row["number"] for row in page["rows"]]
        if not page["next"]:
            break
        after = page["next"]
    assert len(seen) == len(set(seen)) == 25
    assert seen == sorted(seen, reverse=True)
    assert len((await operator.get("/api/tickets", service="unpaid_wages"))["rows"]) == 5
    assert len((await operator.get("/api/tickets", urgency="high", source="console"))["rows"]) == 5
    assert len((await operator.get("/api/tickets", state="accepted"))["rows"]) == 25
    assert not (await operator.get("/api/tickets", overdue="true"))["rows"]
    assert not (await operator.get("/api/tickets", until="2020-01-01T00:00:00Z"))["rows"]


async def test_the_export_is_for_supervisors_masked_and_harmless(
    world: World, operator: Seat, supervisor: Seat
) -> None:
    number = await filed(world, replace(DRAFT, text="=HYPERLINK(1) 打13812345678"))
    await operator.get("/api/tickets.csv", status=403)
    answer = await supervisor.raw("GET", "/api/tickets.csv")
    data = await answer.read()
    assert data.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(data.decode("utf-8-sig"))))
    assert rows[1][0] == number
    assert "13812345678" not in str(rows)
    assert rows[1][9].startswith("'=")
    assert "attachment" in answer.headers["Content-Disposition"]


def test_cells_that_would_run_are_text() -> None:
    assert [harmless(cell) for cell in ("=1", "+1", "-1", "@a", "a=1", "")] == [
        "'=1",
        "'+1",
        "'-1",
        "'@a",
        "a=1",
        "",
    ]


async def test_files_of_a_conversation_go_into_its_ticket_and_no_other(world: World, operator: Seat) -> None:
    from tests.console.test_files import PNG, put

    key, other = await citizen(world, address="a1"), await citizen(world, address="a2")
    for one in (key, other):
        await waits(world, one)
        await operator.post(f"/api/conversations/{one}/claim")
    file = await put(operator, f"/api/conversations/{other}/attachments", PNG)
    body = {
        "conversation": key,
        "service": "heating",
        "kind": "help",
        "text": "见照片",
        "attachments": [file["id"]],
    }
    await operator.post("/api/tickets", body, status=422)
    made = await operator.post("/api/tickets", body | {"conversation": other})
    assert [f["id"] for f in made["files"]] == [file["id"]]
