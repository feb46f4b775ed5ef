"""The door: who gets in, who is slowed down, what a cookie is worth without its token."""

from __future__ import annotations

import pytest
from aiohttp import WSServerHandshakeError
from sqlalchemy import select

from bot.console import throttle
from bot.store.office import Audit
from bot.store.operators import Login, Operator
from bot.world import World
from tests.conftest import Running
from tests.console.conftest import browser
from tests.console.seat import Seat


async def test_a_wrong_password_and_an_unknown_name_look_alike(anonymous: Seat) -> None:
    wrong = await anonymous.post("/api/login", {"login": "seat1", "password": "nonsense-1"}, status=401)
    nobody = await anonymous.post("/api/login", {"login": "nobody", "password": "nonsense-1"}, status=401)
    assert wrong == nobody


async def test_guessing_is_slowed_down_per_name(anonymous: Seat) -> None:
    for _ in range(throttle.PATIENCE["login"]):
        await anonymous.post("/api/login", {"login": "seat1", "password": "nonsense-1"}, status=401)
    answer = await anonymous.raw("POST", "/api/login", {"login": "seat1", "password": "lianxin-seat1"})
    assert answer.status == 429
    assert int(answer.headers["Retry-After"]) >= 1
    await anonymous.enter("seat2")  # another name is not held back


def test_the_delay_doubles_and_has_an_end() -> None:
    waits = [throttle.delay("login", n) for n in range(40)]
    assert waits[:7] == [0, 0, 0, 0, 1, 2, 4]
    assert max(waits) == throttle.LONGEST
    assert throttle.delay("ip", 20) == 0


async def test_the_cookie_is_locked_away_and_kept_only_as_a_hash(world: World, anonymous: Seat) -> None:
    answer = await anonymous.raw("POST", "/api/login", {"login": "seat1", "password": "lianxin-seat1"})
    cookie = answer.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    token = cookie.split("=", 1)[1].split(";")[0]
    async with world.session() as session:
        kept = (await session.scalars(select(Login))).one()
    assert token.encode() not in bytes(kept.token_hash)
    assert len(kept.token_hash) == 32


async def test_changes_need_the_token_and_our_own_origin(operator: Seat) -> None:
    body = {"presence": "away"}
    assert (await operator.raw("POST", "/api/me/presence", body, headers={"X-CSRF-Token": "x"})).status == 403
    assert (
        await operator.raw("POST", "/api/me/presence", body, headers={"X-CSRF-Token": "令牌"})
    ).status == 403
    elsewhere = {"Origin": "https://evil.example"}
    assert (await operator.raw("POST", "/api/me/presence", body, headers=elsewhere)).status == 403
    assert (await operator.raw("POST", "/api/me/presence", body)).status == 200


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://[", ""])
async def test_the_socket_checks_the_origin(running: Running, operator: Seat, origin: str) -> None:
    with pytest.raises(WSServerHandshakeError) as refused:
        await operator.client.ws_connect("/api/live", origin=origin)
    assert refused.value.status == 403


async def test_logging_out_ends_it(operator: Seat) -> None:
    await operator.post("/api/logout")
    await operator.get("/api/me", status=401)


async def test_logging_out_everywhere_ends_the_other_browser(running: Running, operator: Seat) -> None:
    async with browser(running) as client:
        other = await Seat(client).enter("seat1")
        await operator.post("/api/logout-everywhere")
        await other.get("/api/me", status=401)


async def test_a_new_password_ends_the_others_and_asks_for_the_old(running: Running, operator: Seat) -> None:
    async with browser(running) as client:
        other = await Seat(client).enter("seat1")
        fresh = {"old": "lianxin-seat1", "new": "correct horse 7"}
        wrong = await operator.post("/api/me/password", fresh | {"old": "no"}, status=422)
        assert "old" in wrong["fields"]
        weak = await operator.post("/api/me/password", fresh | {"new": "seat1"}, status=422)
        assert "new" in weak["fields"]
        await operator.post("/api/me/password", fresh)
        await operator.get("/api/me")
        await other.get("/api/me", status=401)
        await other.enter("seat1", "correct horse 7")


async def test_going_on_and_off_duty(world: World, operator: Seat) -> None:
    assert operator.me["presence"] == "online"
    await operator.post("/api/me/presence", {"presence": "away"})
    assert (await operator.get("/api/me"))["me"]["presence"] == "away"
    await operator.post("/api/logout")
    async with world.session() as session:
        row = await session.scalar(select(Operator).where(Operator.login == "seat1"))
    assert row is not None
    assert row.presence == "offline"


async def test_admins_keep_the_list_of_people(
    world: World, admin: Seat, operator: Seat, supervisor: Seat
) -> None:
    await operator.get("/api/users", status=403)
    assert len((await supervisor.get("/api/users"))["rows"]) == 4
    new = {"login": "seat9", "name": "新同事", "role": "operator", "password": "long enough 9"}
    await supervisor.post("/api/users", new, status=403)
    made = await admin.post("/api/users", new)
    assert (await admin.post("/api/users", new, status=409))["error"] == "conflict"
    short = await admin.post("/api/users", new | {"login": "seat8", "password": "short"}, status=422)
    assert "password" in short["fields"]
    await admin.send("PATCH", f"/api/users/{operator.me['id']}", {"active": False})
    await operator.get("/api/me", status=401)
    await admin.send("PATCH", f"/api/users/{admin.me['id']}", {"active": False}, status=409)
    await admin.send("PATCH", f"/api/users/{made['id']}", {"role": "supervisor"})
    await admin.send("PATCH", "/api/users/999999", {"name": "x"}, status=404)
    await admin.send("DELETE", f"/api/users/{made['id']}", status=405)
    async with world.session() as session:
        verbs = list(await session.scalars(select(Audit.verb).where(Audit.verb.like("user.%"))))
    assert sorted(verbs) == ["user.change", "user.change", "user.create"]


async def test_the_demo_log_ins_are_shown_only_in_the_demo(anonymous: Seat) -> None:
    shown = await anonymous.get("/api/front")
    assert {one["login"] for one in shown["demo"]} == {"seat1", "seat2", "lead", "admin"}
