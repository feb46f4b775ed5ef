"""Limits on citizens: never by one person alone, never for good, and nothing that was written is lost."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from bot.store.tables import Audit
from bot.world import World
from tests.console.seat import Seat, citizen, waits


async def test_a_second_person_has_to_agree(
    world: World, operator: Seat, colleague: Seat, supervisor: Seat
) -> None:
    key = await citizen(world)
    await waits(world, key)
    await operator.post(f"/api/conversations/{key}/claim")
    wish = {"what": "block", "hours": 2, "reason": "连续辱骂，电话13812345678"}
    row = await operator.post(f"/api/conversations/{key}/limit", wish, status=201)
    assert (row["status"], row["until"]) == ("asked", None)
    assert "13812345678" not in str(row)
    await operator.post(f"/api/conversations/{key}/limit", wish, status=409)
    decide = f"/api/limits/{row['id']}/decide"
    await operator.post(decide, {"agree": True}, status=403)  # not oneself
    await colleague.post(decide, {"agree": True}, status=403)  # not without a supervisor
    assert (await colleague.get("/api/notices"))["wishes"] == []
    assert [one["id"] for one in (await supervisor.get("/api/notices"))["wishes"]] == [row["id"]]
    agreed = await supervisor.post(decide, {"agree": True})
    assert agreed["status"] == "active"
    await supervisor.post(decide, {"agree": True}, status=409)
    assert (await operator.get(f"/api/conversations/{key}"))["limit"]["status"] == "active"
    lifted = await operator.post(f"/api/limits/{row['id']}/lift")
    assert lifted["status"] == "lifted"
    assert (await operator.get(f"/api/conversations/{key}"))["limit"] is None
    async with world.session() as session:
        verbs = list(await session.scalars(select(Audit.verb).order_by(Audit.id)))
    assert [verb for verb in verbs if verb.startswith("limit")] == ["limit.ask", "limit.agree", "limit.lift"]


@pytest.mark.parametrize(
    "wish",
    [
        {"what": "forever", "hours": 2, "reason": "辱骂"},
        {"what": "block", "hours": 0, "reason": "辱骂"},
        {"what": "block", "hours": 24 * 7 + 1, "reason": "辱骂"},
        {"what": "block", "hours": 2, "reason": " "},
        {"what": "block", "hours": 2},
    ],
)
async def test_a_wish_is_checked(world: World, operator: Seat, wish: dict[str, Any]) -> None:
    key = await citizen(world)
    await waits(world, key)
    await operator.post(f"/api/conversations/{key}/limit", wish, status=422)
    await operator.post("/api/limits/999999/lift", status=404)
