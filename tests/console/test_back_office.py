"""The lists of the back office: people, the audit trail, questions without an answer."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import select, text

from bot.console.users import add_user
from bot.store.office import Audit, Question
from bot.store.operators import Operator
from bot.store.seating import Group, GroupMember
from bot.world import World
from tests.console.seat import Seat, citizen


async def crowd(world: World, number: int) -> None:
    async with world.session.begin() as session:
        await session.execute(
            text(
                "INSERT INTO operators (login, name, password, role, active)"
                " SELECT 'vol' || lpad(n::text, 3, '0'), '志愿者' || n, '-', 'operator', n % 10 <> 0"
                " FROM generate_series(1, :n) AS n"
            ),
            {"n": number},
        )


async def everything(seat: Seat, path: str, **query: Any) -> list[dict[str, Any]]:
    """All pages of a list; a page that came twice would never end."""
    rows: list[dict[str, Any]] = []
    after = ""
    for _ in range(50):
        page = await seat.get(path, **(query | {"after": after}))
        rows += page["rows"]
        if not page["next"]:
            return rows
        after = page["next"]
    raise AssertionError("the list has no end")


async def test_people_are_searched_and_paged(world: World, supervisor: Seat, operator: Seat) -> None:
    await crowd(world, 95)
    rows = await everything(supervisor, "/api/users", limit=20)
    assert len(rows) == len({row["id"] for row in rows}) == 99
    assert [row["active"] for row in rows] == sorted((row["active"] for row in rows), reverse=True)
    found = (await supervisor.get("/api/users", q="志愿者42"))["rows"]
    assert [row["login"] for row in found] == ["vol042"]
    assert len(await everything(supervisor, "/api/users", state="locked")) == 9
    assert [row["login"] for row in (await supervisor.get("/api/users", role="admin"))["rows"]] == ["admin"]
    assert [row["login"] for row in (await supervisor.get("/api/users", state="present"))["rows"]] == [
        "seat1"
    ]
    assert (await supervisor.get("/api/users", q="100%_"))["rows"] == []
    for wrong in ("x", "MQ", "wA", "////"):
        assert (await supervisor.raw("GET", f"/api/users?after={wrong}")).status in (200, 422)


async def test_a_person_is_shown_with_groups_and_second_factor(world: World, supervisor: Seat) -> None:
    async with world.session.begin() as session:
        made = await add_user(session, "zhou", "周涛", "operator", "spring rain 2026")
        made.factor_at = datetime.now(UTC)
        group = Group(name="夜班")
        session.add(group)
        await session.flush()
        session.add(GroupMember(group_id=group.id, operator_id=made.id))
    row = (await supervisor.get("/api/users", group=group.id))["rows"]
    assert [(one["login"], one["groups"], one["factor"]) for one in row] == [("zhou", ["夜班"], True)]


async def test_the_trail_is_searched_by_who_what_object_and_time(world: World, admin: Seat) -> None:
    await crowd(world, 3)
    async with world.session.begin() as session:
        ids = {row.login: row.id for row in (await session.scalars(select(Operator))).all()}
        now = datetime.now(UTC)
        for n in range(120):
            session.add(
                Audit(
                    operator_id=ids["vol001"] if n % 2 else ids["vol002"],
                    verb="unmask" if n % 3 else "export",
                    object=f"conversation:{n}" if n % 4 else "tickets",
                    data={"reason": "=核实"},
                    at=now - timedelta(hours=n),
                )
            )
    rows = await everything(admin, "/api/audit", limit=30)
    assert len(rows) == len({row["id"] for row in rows}) == 121  # and the admin's own log-in
    assert len(await everything(admin, "/api/audit", who="志愿者1")) == 60
    assert len(await everything(admin, "/api/audit", who="nobody")) == 0
    assert len(await everything(admin, "/api/audit", verb="export")) == 40
    one = await everything(admin, "/api/audit", object="conversation:7")
    assert [row["object"] for row in one] == ["conversation:7"]
    assert len(await everything(admin, "/api/audit", object="conversation")) == 90
    assert len(await everything(admin, "/api/audit", object="conv%")) == 0
    since, until = (now - timedelta(hours=9.5)).isoformat(), (now - timedelta(hours=4.5)).isoformat()
    assert len(await everything(admin, "/api/audit", since=since, until=until)) == 5
    assert (await admin.get("/api/audit/verbs"))["rows"] == ["export", "login", "unmask"]


async def test_the_trail_as_a_file_is_recorded_and_harmless(world: World, admin: Seat) -> None:
    async with world.session.begin() as session:
        session.add(Audit(operator_id=admin.me["id"], verb="unmask", object="=cmd()", data={}))
    answer = await admin.raw("GET", "/api/audit.csv", params={"verb": "unmask"})
    body = (await answer.read()).decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(body)))
    assert [row[2:4] for row in rows[1:]] == [["unmask", "'=cmd()"]]
    assert "attachment" in answer.headers["Content-Disposition"]
    taken = (await admin.get("/api/audit", verb="export"))["rows"]
    assert (taken[0]["object"], taken[0]["data"]) == ("audit", {"rows": 1})


async def test_unanswered_questions_are_a_work_list(world: World, operator: Seat, supervisor: Seat) -> None:
    key = await citizen(world)
    async with world.session.begin() as session:
        for asked, times in (("医保怎么转移", 3), ("公园几点关门", 1)):
            session.add_all(
                Question(
                    masked=asked, service="medical_insurance" if times > 1 else None, conversation_id=key
                )
                for _ in range(times)
            )
        old = Question(masked="去年的问题", conversation_id=key)
        old.created_at = datetime.now(UTC) - timedelta(days=300)
        session.add(old)
        article = world.knowledge.entries[0].id
        session.add_all(
            Question(masked="", article=article, helped=helped) for helped in (True, False, False)
        )
    await operator.get("/api/questions", status=403)
    asked_now = await supervisor.get("/api/questions")
    assert [(row["text"], row["count"]) for row in asked_now["rows"]] == [
        ("医保怎么转移", 3),
        ("公园几点关门", 1),
    ]
    assert asked_now["total"] == 4
    assert len((await supervisor.get("/api/questions", days=365))["rows"]) == 3
    assert [row["text"] for row in (await supervisor.get("/api/questions", q="公园"))["rows"]] == [
        "公园几点关门"
    ]
    assert len((await supervisor.get("/api/questions", service="medical_insurance"))["rows"]) == 1

    await supervisor.post("/api/questions/handled", {"text": "医保怎么转移"})
    assert [row["text"] for row in (await supervisor.get("/api/questions"))["rows"]] == ["公园几点关门"]
    assert [row["done"] for row in (await supervisor.get("/api/questions", state="done"))["rows"]] == [True]
    await supervisor.post("/api/questions/handled", {"text": "医保怎么转移", "undo": True})
    assert (await supervisor.get("/api/questions"))["total"] == 4
    await supervisor.post("/api/questions/handled", {"text": "没有人问过"}, status=404)

    voted = (await supervisor.get("/api/questions/articles"))["rows"]
    assert [(row["article"], row["yes"], row["no"]) for row in voted] == [(article, 1, 2)]
    assert voted[0]["title"]
