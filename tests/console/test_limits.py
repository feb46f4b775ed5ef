"""Limits on citizens: never by one person alone, never for good, and nothing that was written is lost."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from bot.store.conversations import Inbox
from bot.store.office import Audit
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


async def test_a_limit_holds_for_the_citizen_until_it_ends(
    world: World, operator: Seat, supervisor: Seat
) -> None:
    """Whatever becomes of the talk, and whichever of our numbers they write to."""
    phone = "+8613812345678"
    key = await citizen(world, channel="sms/aliyun", address=phone)
    other = await citizen(world, channel="sms/twilio", address=phone)
    stranger = await citizen(world, channel="sms/twilio", address="+8613900001111")
    await waits(world, key)
    await operator.post(f"/api/conversations/{key}/claim")
    wish = {"what": "mute", "hours": 2, "reason": "连续辱骂"}
    row = await operator.post(f"/api/conversations/{key}/limit", wish, status=201)
    await supervisor.post(f"/api/limits/{row['id']}/decide", {"agree": True})
    await operator.post(f"/api/conversations/{key}/close")
    await waits(world, key)
    shown = [(await supervisor.get(f"/api/conversations/{one}"))["limit"] for one in (key, other, stranger)]
    assert [limit and limit["id"] for limit in shown] == [row["id"], row["id"], None]
    await waits(world, other)
    await operator.post(f"/api/conversations/{other}/limit", wish, status=409)
    async with world.session.begin() as session:
        session.add(
            Inbox(
                channel="sms/twilio",
                provider_id="held-1",
                conversation_id=other,
                content={},
                status="waiting",
                due_at=datetime.now(UTC) + timedelta(hours=2),
            )
        )
    assert (await supervisor.get(f"/api/conversations/{key}"))["limit"]["held"] == 1
    await supervisor.post(f"/api/limits/{row['id']}/lift")
    async with world.session() as session:
        due = await session.scalar(select(Inbox.due_at).where(Inbox.provider_id == "held-1"))
        assert due is not None
        assert due < datetime.now(UTC) + timedelta(minutes=5)
    assert (await supervisor.get(f"/api/conversations/{other}"))["limit"] is None
