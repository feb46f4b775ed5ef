"""The routes of models: who may, what they answer, and what the live feed says."""

from __future__ import annotations

import gzip
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.conftest import Running, until
from tests.console.conftest import browser
from tests.console.seat import Seat
from tests.studio.models.conftest import judged, register, serves


@pytest.fixture
async def boss(node: Running) -> AsyncIterator[Seat]:
    async with browser(node) as client:
        yield await Seat(client).enter("admin")


@pytest.fixture
async def lead(node: Running) -> AsyncIterator[Seat]:
    async with browser(node) as client:
        yield await Seat(client).enter("lead")


async def test_publish_try_and_go_back_over_http(
    node: Running, boss: Seat, lead: Seat, tmp_path: Path
) -> None:
    two = await register(node.world, tmp_path / "made", "two")
    await judged(node.world, two, passed=False)
    seen = await lead.get("/api/studio/models")
    assert [v["place"] for v in seen["versions"]] == ["", "live"] and seen["versions"][0]["passed"] is False
    await lead.send("POST", f"/api/studio/models/{two.id}/publish", {"how": "now"}, 403)
    await boss.send("POST", f"/api/studio/models/{two.id}/publish", {"how": "now"}, 422)
    await boss.post(f"/api/studio/models/{two.id}/publish", {"how": "shadow"})
    await boss.post(
        f"/api/studio/models/{two.id}/publish", {"how": "share", "share": 20, "reason": "只是试用一下"}
    )
    await boss.post("/api/studio/models/stop")
    await boss.send("POST", "/api/studio/models/stop", None, 409)
    await boss.post(f"/api/studio/models/{two.id}/publish", {"how": "now", "reason": "等不及了，先上"})
    await until(lambda: serves(node.world, "two"))
    await boss.post("/api/studio/models/rollback")
    await until(lambda: serves(node.world, "lianxin-one"))
    history = (await boss.get("/api/studio/models"))["history"]
    verbs = [one["verb"] for one in history]
    assert verbs == ["rollback", "publish", "stop", "stage", "shadow", "installed"]
    assert history[1]["reason"] == "等不及了，先上" and history[1]["by"]


async def test_files_and_rules(node: Running, boss: Seat, lead: Seat, tmp_path: Path) -> None:
    two = await register(node.world, tmp_path / "made", "two")
    answer = await boss.raw("GET", f"/api/studio/models/{two.id}/file?form=export")
    assert answer.status == 200 and gzip.decompress(await answer.read())
    await boss.get(f"/api/studio/models/{two.id}/file", 404, form="rasa")
    await boss.get(f"/api/studio/models/{two.id}/file", 422, form="x")
    rules = await lead.get("/api/studio/models/rules")
    rules["gates"]["safety_loss"] = 0.05
    rules["retention"]["keep"] = 3
    await lead.send("PUT", "/api/studio/models/rules", rules, 403)
    assert (await boss.send("PUT", "/api/studio/models/rules", rules)) == rules
    assert (await lead.get("/api/studio/models/rules")) == rules
    rules["gates"]["safety_loss"] = 7
    await boss.send("PUT", "/api/studio/models/rules", rules, 422)
    await boss.send("DELETE", f"/api/studio/models/{two.id}")
    await boss.get(f"/api/studio/models/{two.id}/file", 404, form="export")
    await boss.send("DELETE", "/api/studio/models/999999", status=404)


async def test_a_training_is_asked_for_seen_and_cancelled(node: Running, boss: Seat, lead: Seat) -> None:
    async with lead.client.ws_connect("/api/live", origin=node.url) as feed:
        assert (await feed.receive_json())["type"] == "hello"
        asked = await boss.post("/api/studio/trainings", {"note": "加了新服务"})
        assert asked["status"] == "queued" and asked["by"]
        await boss.send("POST", "/api/studio/trainings", {}, 409)
        await boss.post(f"/api/studio/trainings/{asked['id']}/cancel")
        seen: list[str] = []
        while len(seen) < 2:
            frame = await feed.receive_json(timeout=10)
            if frame["type"] == "training":
                seen.append(frame["training"]["status"])
        assert seen[-1] == "cancelled"
    rows = (await lead.get("/api/studio/trainings"))["rows"]
    assert [row["status"] for row in rows] == ["cancelled"]
    await boss.send("POST", f"/api/studio/trainings/{asked['id']}/cancel", None, 409)
    await boss.send("POST", "/api/studio/trainings/999/cancel", None, 404)


async def test_comparing_needs_two_kept_versions(node: Running, boss: Seat, tmp_path: Path) -> None:
    two = await register(node.world, tmp_path / "made", "two")
    await boss.send("POST", f"/api/studio/models/{two.id}/compare", {"against": two.id}, 409)
    await boss.send("POST", f"/api/studio/models/{two.id}/compare", {"against": 4711}, 404)
    job = await boss.post(f"/api/studio/models/{two.id}/compare", {})
    assert (job["kind"], job["model"]) == ("judge", two.id)
    detail = await boss.get(f"/api/studio/models/{two.id}")
    assert detail["judgement"] is None and detail["version"]["size"] > 1000
