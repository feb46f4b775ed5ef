"""An emergency at a seat: numbers, place, checklist, and a log of who did what when."""

from __future__ import annotations

from bot.services import SAFETY
from bot.world import World
from tests.console.seat import Seat, citizen, waits


async def test_numbers_place_checklist_and_log(world: World, operator: Seat, colleague: Seat) -> None:
    key = await citizen(world, text="我家着火了")
    path = f"/api/conversations/{key}/emergency"
    await operator.get(path, status=404)
    await waits(world, key, "emergency", reason="emergency", safety=["fire"])
    seen = await operator.get(path)
    assert [one["number"] for one in seen["numbers"]][:2] == ["119", "120"]
    assert seen["place"]["text"].startswith("城北区红旗社区")
    assert seen["place"]["area"] == "城北区"
    assert {"stay", "place", "call", "out", "trapped", "ticket"} <= {one["id"] for one in seen["steps"]}
    assert seen["advice"][0]["zh"]

    await operator.post(f"/api/conversations/{key}/claim")
    await operator.post(path, {"verb": "called", "step": "119", "text": "已报地址"})
    await operator.post(path, {"verb": "done", "step": "out"})
    await operator.post(path, {"verb": "done", "step": "stay"})
    after = await operator.post(path, {"verb": "undone", "step": "stay"})
    done = {one["id"]: one for one in after["steps"] if one["done"]}
    assert set(done) == {"out"}
    assert done["out"]["by"] == operator.me["name"]
    assert after["numbers"][0]["by"] == operator.me["name"]
    verbs = [one["verb"] for one in after["log"]]
    assert verbs == ["raised", "claimed", "called", "done", "done", "undone"]
    assert after["log"][2]["text"] == "已报地址"
    await colleague.post(path, {"verb": "done", "step": "out"}, status=404)  # not theirs


async def test_what_is_noted_is_checked(world: World, operator: Seat) -> None:
    key = await citizen(world)
    await waits(world, key, "emergency", reason="emergency", safety=["fire"])
    path = f"/api/conversations/{key}/emergency"
    await operator.post(path, {"verb": "done", "step": "nothing"}, status=422)
    await operator.post(path, {"verb": "called", "step": "10086"}, status=422)
    await operator.post(path, {"verb": "wrote", "text": " "}, status=422)
    await operator.post(path, {"verb": "danced", "step": "out"}, status=422)


async def test_every_danger_has_its_list(world: World) -> None:
    lists = world.catalogue.checklists
    assert set(lists.classes) == SAFETY
    for name in SAFETY:
        assert lists.numbers((name,))
        steps = lists.steps((name,))
        assert len(steps) > len(lists.first) + len(lists.last)
        assert all(step.text and step.text_en for step in steps)
