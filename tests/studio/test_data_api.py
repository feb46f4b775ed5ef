"""The training data's routes: what the pages do, who may, and two admins at once."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from bot.store.office import Audit
from tests.conftest import Running
from tests.console.seat import Seat

DATA = "/api/studio/data"
NEW: dict[str, Any] = {
    "id": "shared_bikes",
    "title": "共享单车",
    "title_en": "Shared bikes",
    "about": "乱停、坏车、收费",
    "category": "交通运输",
    "department": "transport",
    "deadline": "ordinary",
    "kind": "complaint",
    "details": [{"name": "place", "required": True}, {"name": "phone"}],
    "phrases": [{"intent": "", "text": "单车堵在盲道上"}],
}


async def find(seat: Seat, text: str) -> dict[str, Any]:
    [row] = (await seat.get(f"{DATA}/phrases", search=text))["rows"]
    return dict(row)


async def test_an_admin_teaches_changes_moves_and_takes_back(admin: Seat, running: Running) -> None:
    before = await admin.get(DATA)
    heating = next(row for row in before["services"] if row["id"] == "heating")
    assert heating["phrases"] > 30 and 0 < heating["variety"] <= 1 and heating["in_service"]
    body = {"phrases": [{"intent": "heating", "text": "阳台那组暖气片是凉透的"}], "why": "冬天常见"}
    made = await admin.post(f"{DATA}/phrases", body)
    row = await find(admin, "阳台那组暖气片是凉透的")
    assert (row["intent"], row["kind"], row["revision"]) == ("heating", "complaint", made["revision"])
    change = {
        "intent": "heating",
        "text": "幸福里阳台暖气片凉透",
        "entities": [{"start": 0, "end": 3, "tag": "estate"}],
    }
    await admin.send("PUT", f"{DATA}/phrases/{row['id']}", change)
    row = await find(admin, "幸福里阳台暖气片凉透")
    assert row["entities"][0]["tag"] == "estate"
    await admin.post(f"{DATA}/phrases/move", {"ids": [row["id"]], "intent": "gas_supply", "kind": "help"})
    row = await find(admin, "幸福里阳台暖气片凉透")
    assert (row["intent"], row["kind"], row["path"]) == ("gas_supply", "help", "services/gas_supply.yml")
    assert row["entities"][0]["tag"] == "estate"
    await admin.post(f"{DATA}/phrases/remove", {"ids": [row["id"]]})
    rows = (await admin.get(f"{DATA}/revisions"))["rows"]
    assert [one["operator"] for one in rows[:4]] == [admin.me["name"]] * 4
    for one in rows[:4]:
        await admin.post(f"{DATA}/revisions/{one['number']}/undo")
    assert (await admin.get(f"{DATA}/phrases", search="暖气片凉透"))["total"] == 0
    seed = rows[-1]["number"]
    assert [f["path"] for f in (await admin.get(f"{DATA}/revisions/{made['revision']}"))["files"]] == [
        "services/heating.yml"
    ]
    await admin.post(f"{DATA}/revisions/{seed}/undo", status=409)
    async with running.world.session() as session:
        verbs = set(await session.scalars(select(Audit.verb).where(Audit.verb.startswith("data."))))
    assert verbs == {"data.add", "data.change", "data.move", "data.remove", "data.undo"}


async def test_two_admins_on_one_phrase(admin: Seat, supervisor: Seat, running: Running) -> None:
    await admin.post(f"{DATA}/phrases", {"phrases": [{"intent": "bus", "text": "公交车进站不开后门"}]})
    row = await find(admin, "公交车进站不开后门")
    mine = {"intent": "bus", "text": "公交车进站从来不开后门"}
    await admin.send("PUT", f"{DATA}/phrases/{row['id']}", mine)
    late: list[tuple[str, str, dict[str, Any]]] = [
        ("PUT", f"{DATA}/phrases/{row['id']}", {"intent": "bus", "text": "公交进站不开后门哦"}),
        ("POST", f"{DATA}/phrases/move", {"ids": [row["id"]], "intent": "taxi"}),
        ("POST", f"{DATA}/phrases/remove", {"ids": [row["id"]]}),
    ]
    for method, path, body in late:
        refused = await admin.send(method, path, body, 409)
        assert "改过或删掉" in refused["message"]


async def test_two_admins_on_one_fact(admin: Seat) -> None:
    seen = await admin.get(f"{DATA}/services/heating")
    path = f"{DATA}/services/heating"
    await admin.send("PATCH", path, {"etag": seen["etag"], "about": "暖气不热、停暖、漏水"})
    refused = await admin.send("PATCH", path, {"etag": seen["etag"], "about": "别的"}, status=409)
    assert admin.me["name"] in refused["message"]
    after = await admin.get(path)
    assert after["facts"]["about"] == "暖气不热、停暖、漏水"
    assert after["live_facts"]["about"] == seen["facts"]["about"], "the dialogue waits for a model"
    assert {**seen["facts"], "about": after["facts"]["about"]} == after["facts"]
    # phrases that came meanwhile are no conflict
    await admin.post(f"{DATA}/phrases", {"phrases": [{"intent": "heating", "text": "地暖管子打不开了呀"}]})
    await admin.send("PATCH", path, {"etag": after["etag"], "department": "housing"})
    wrong = await admin.send(
        "PATCH", path, {"etag": (await admin.get(path))["etag"], "department": "moon"}, 422
    )
    assert "services/heating.yml:" in next(iter(wrong["fields"]))


async def test_a_service_comes_and_goes(admin: Seat) -> None:
    await admin.post(f"{DATA}/services", NEW, 201)
    await admin.post(f"{DATA}/services", NEW, 409)
    await admin.post(f"{DATA}/services", NEW | {"id": "共享"}, 422)
    await admin.post(f"{DATA}/services", NEW | {"id": "other", "category": "", "title": " "}, 422)
    seen = await admin.get(f"{DATA}/services/shared_bikes")
    assert seen["row"]["in_service"] is False and seen["live_facts"] is None
    assert [one["code"] for one in seen["problems"]] == ["too_few", "unbalanced"]
    assert "shared_bikes" in [one["id"] for one in (await admin.get(f"{DATA}/choices"))["intents"]]
    await admin.send("DELETE", f"{DATA}/services/shared_bikes")
    await admin.get(f"{DATA}/services/shared_bikes", 404)
    await admin.send("DELETE", f"{DATA}/services/fire_hazard", status=409)
    await admin.send("DELETE", f"{DATA}/services/emergency", status=409)


async def test_hints_while_typing(admin: Seat) -> None:
    await admin.post(
        f"{DATA}/phrases", {"phrases": [{"intent": "heating", "text": "阳台那组暖气片是凉透的"}]}
    )
    ask = {"text": "阳台那组暖气片，是凉透的！", "intent": "gas_supply"}
    [row] = (await admin.post(f"{DATA}/hints", ask))["rows"]
    assert (row["code"], row["about"], row["level"]) == ("contradiction", "heating", "error")
    [row] = (await admin.post(f"{DATA}/hints", ask | {"intent": "heating"}))["rows"]
    assert row["code"] == "duplicate"
    odd = {"text": "幸福里，风大", "intent": "heating", "entities": [{"start": 0, "end": 4, "tag": "estate"}]}
    assert "odd_span" in [one["code"] for one in (await admin.post(f"{DATA}/hints", odd))["rows"]]


@pytest.mark.parametrize("shelf", ["articles", "departments", "places"])
async def test_things_are_added_changed_and_removed(shelf: str, admin: Seat) -> None:
    path = f"{DATA}/items/{shelf}"
    key = {"articles": "articles", "departments": "departments", "places": "estates"}[shelf]
    facts = {
        "articles": {
            "id": "test_thing",
            "questions": ["测试怎么办"],
            "answer": "这样办",
            "valid_until": "2030-01-01",
        },
        "departments": {"id": "test_thing", "name": "测试局", "name_en": "Test", "short": "测试"},
        "places": {"name": "test_thing", "parent": "沿江街道", "aliases": ["测试园"]},
    }[shelf]
    count = (await admin.get(path))["total"]
    await admin.post(path, {"list": key, "facts": facts}, 201)
    await admin.post(path, {"list": key, "facts": facts}, 409)
    [row] = (await admin.get(path, search="test_thing"))["rows"]
    assert row["facts"] == facts
    change = {"list": key, "name": "test_thing", "etag": row["etag"], "facts": {"aliases": ["甲", "乙"]}}
    if shelf == "articles":
        change["facts"] = {"answer": "那样办", "links": [{"title": "说明", "url": "https://example.com/a"}]}
    await admin.send("PUT", path, change)
    refused = await admin.send("PUT", path, change, status=409)
    assert admin.me["name"] in refused["message"]
    [row] = (await admin.get(path, search="test_thing"))["rows"]
    assert row["facts"] == facts | change["facts"]
    await admin.post(f"{path}/remove", {"list": key, "name": "test_thing", "etag": row["etag"]})
    assert (await admin.get(path))["total"] == count


async def test_what_does_not_fit_is_refused_with_its_place(admin: Seat) -> None:
    wrong = {"list": "articles", "facts": {"id": "a", "questions": ["问"], "answer": "答", "service": "moon"}}
    fields = (await admin.post(f"{DATA}/items/articles", wrong, 422))["fields"]
    assert "knowledge/others.yml:" in next(iter(fields)) and "moon" in next(iter(fields.values()))
    for facts in ({"id": "a\nb"}, {"id": "a", "answer": {"x": {"y": {"z": {"w": 1}}}}}, {"id": ""}):
        await admin.post(f"{DATA}/items/articles", {"list": "articles", "facts": facts}, 422)
    await admin.post(f"{DATA}/items/articles", {"list": "moon", "facts": {"id": "a"}}, 422)
    await admin.get(f"{DATA}/items/moon", 404)


async def test_restoring_a_file(admin: Seat) -> None:
    made = await admin.post(f"{DATA}/phrases", {"phrases": [{"intent": "tax", "text": "发票抬头开错了重开"}]})
    await admin.post(f"{DATA}/restore", {"path": "services/tax.yml", "revision": made["revision"]}, 409)
    await admin.post(f"{DATA}/restore", {"path": "services/tax.yml", "revision": made["revision"] - 1})
    assert (await admin.get(f"{DATA}/phrases", search="发票抬头开错了重开"))["total"] == 0
    await admin.post(f"{DATA}/restore", {"path": "no/such.yml", "revision": 1}, 404)


async def test_roles(operator: Seat, supervisor: Seat) -> None:
    for path in (DATA, f"{DATA}/phrases", f"{DATA}/revisions", f"{DATA}/problems", f"{DATA}/choices"):
        await operator.get(path, 403)
        await supervisor.get(path)
    await supervisor.post(f"{DATA}/phrases", {"phrases": [{"intent": "tax", "text": "话"}]}, 403)
    await supervisor.post(f"{DATA}/services", NEW, 403)
    await supervisor.post(f"{DATA}/revisions/1/undo", None, 403)
    assert (await supervisor.get(DATA))["may_edit"] is False


async def test_our_own_data_has_no_errors(admin: Seat) -> None:
    found = await admin.get(f"{DATA}/problems", level="error", limit=200)
    assert found["rows"] == []


async def test_a_file_without_fields_is_changed_as_text(admin: Seat, supervisor: Seat) -> None:
    names = (await supervisor.get(f"{DATA}/files"))["rows"]
    assert {"city/calendar.yml", "city/deadlines.yml", "city/labels.yml", "safety/net.yml"} <= set(names)
    one = f"{DATA}/file?path=city/deadlines.yml"
    seen = await supervisor.get(one)
    words = {"path": seen["path"], "etag": seen["etag"]}
    text = seen["text"].replace("title: 紧急（2小时）", "title: 紧急（两小时）")
    await supervisor.send("PUT", f"{DATA}/file", words | {"text": text}, 403)
    broken = text.replace("answer: {hours: 2}", "answer: {weeks: 2}")
    refused = await admin.send("PUT", f"{DATA}/file", words | {"text": broken}, 422)
    [where] = refused["fields"]
    assert where.startswith("city/deadlines.yml:")
    made = await admin.send("PUT", f"{DATA}/file", words | {"text": text})
    assert made["changed"]
    assert (await admin.get(one))["text"] == text
    await admin.send("PUT", f"{DATA}/file", words | {"text": text + "#"}, 409)
    await admin.get(f"{DATA}/file?path=services/heating.yml", status=404)
