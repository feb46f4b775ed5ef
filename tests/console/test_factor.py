"""Two factors, over real HTTP: set-up, log-in, recovery codes, what is owed first; and open log-ins."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pyotp
import pytest
from sqlalchemy import select, update

from bot.config import Settings, load
from bot.errors import ConfigError
from bot.store.office import Audit
from bot.store.operators import LoginFailure, RecoveryCode, SecondFactor
from bot.world import World
from tests.conftest import Running, start
from tests.console.conftest import browser
from tests.console.seat import Seat

PASSWORD = {"password": "lianxin-seat1"}
LOGIN = {"login": "seat1", "password": "lianxin-seat1"}


async def turned_on(world: World, seat: Seat) -> tuple[pyotp.TOTP, list[str]]:
    """The second factor of seat1; its app and its codes on paper."""
    offer = await seat.post("/api/me/factor", PASSWORD)
    app = pyotp.TOTP(offer["secret"])
    codes = (await seat.post("/api/me/factor/confirm", {"code": app.now()}))["codes"]
    await half_a_minute_later(world)
    return app, codes


async def half_a_minute_later(world: World) -> None:
    """As if the last code had been used before: tests do not wait for the next one."""
    async with world.session.begin() as session:
        await session.execute(update(SecondFactor).values(last_step=0))


async def verbs(world: World) -> list[str]:
    async with world.session() as session:
        return list(await session.scalars(select(Audit.verb).order_by(Audit.id)))


async def test_from_setting_it_up_to_logging_in(running: Running, operator: Seat) -> None:
    world = running.world
    assert (await operator.get("/api/me/factor"))["on"] is False
    wrong = await operator.post("/api/me/factor", {"password": "nonsense-1"}, status=422)
    assert "password" in wrong["fields"]
    offer = await operator.post("/api/me/factor", PASSWORD)
    assert offer["uri"].startswith("otpauth://totp/") and "seat1" in offer["uri"]
    assert offer["qr"].startswith("data:image/svg+xml")
    app = pyotp.TOTP(offer["secret"])

    async with browser(running) as client:
        other = await Seat(client).enter("seat1")  # not asked before a first code was right
        await operator.post("/api/me/factor/confirm", {"code": "000000"}, status=422)
        codes = (await operator.post("/api/me/factor/confirm", {"code": app.now()}))["codes"]
        assert len(set(codes)) == 10
        await other.get("/api/me", status=401)  # whoever was in without it is out

        asked = await other.post("/api/login", LOGIN, status=401)
        assert asked["error"] == "code_needed"
        refused = await other.post("/api/login", LOGIN | {"code": app.now()}, status=401)
        assert refused["error"] == "logged_out"  # that code was used to turn it on
        await half_a_minute_later(world)
        await other.post("/api/login", LOGIN | {"code": app.now()})
        await other.post("/api/login", LOGIN | {"code": app.now()}, status=401)  # good once
    assert (await operator.get("/api/me/factor")) | {"since": None} == {
        "on": True,
        "since": None,
        "obligatory": False,
        "codes_left": 10,
    }
    async with world.session() as session:
        kept = (await session.scalars(select(RecoveryCode))).all()
    assert all(codes[0].replace("-", "").encode() not in row.code_index for row in kept)
    assert [verb for verb in await verbs(world) if verb.startswith("factor")] == ["factor.on"]


async def test_a_wrong_password_does_not_tell_that_a_code_is_asked(running: Running, operator: Seat) -> None:
    await turned_on(running.world, operator)
    async with browser(running) as client:
        wrong = await Seat(client).post("/api/login", LOGIN | {"password": "nonsense-1"}, status=401)
        nobody = await Seat(client).post("/api/login", LOGIN | {"login": "nobody"}, status=401)
    assert wrong == nobody


async def test_codes_cannot_be_tried_through(running: Running, operator: Seat) -> None:
    await turned_on(running.world, operator)
    async with browser(running) as client:
        seat = Seat(client)
        for guess in range(4):
            await seat.post("/api/login", LOGIN | {"code": f"{guess:06}"}, status=401)
        assert (await seat.raw("POST", "/api/login", LOGIN | {"code": "000004"})).status == 429
    assert "login.refused" in await verbs(running.world)


async def test_the_same_code_twice_at_once_lets_in_one(running: Running, operator: Seat) -> None:
    app, _ = await turned_on(running.world, operator)
    async with browser(running) as one, browser(running) as two:
        body = LOGIN | {"code": app.now()}
        answers = await asyncio.gather(*(Seat(it).raw("POST", "/api/login", body) for it in (one, two)))
    assert sorted(answer.status for answer in answers) == [200, 401]


async def test_an_old_code_is_too_old(running: Running, operator: Seat) -> None:
    app, _ = await turned_on(running.world, operator)
    async with browser(running) as client:
        stale = app.at(int(time.time()) - 120)
        await Seat(client).post("/api/login", LOGIN | {"code": stale}, status=401)


async def test_a_code_on_paper_is_good_once(running: Running, operator: Seat) -> None:
    _, codes = await turned_on(running.world, operator)
    async with browser(running) as client:
        seat = Seat(client)
        await seat.post("/api/login", LOGIN | {"code": codes[3].upper()})
        await seat.post("/api/login", LOGIN | {"code": codes[3]}, status=401)
    assert (await operator.get("/api/me/factor"))["codes_left"] == 9
    fresh = (await operator.post("/api/me/factor/codes", PASSWORD))["codes"]
    async with running.world.session.begin() as session:
        await session.execute(update(LoginFailure).values(at=datetime.now(UTC) - timedelta(hours=1)))
    async with browser(running) as client:
        await Seat(client).post("/api/login", LOGIN | {"code": codes[4]}, status=401)
        await Seat(client).post("/api/login", LOGIN | {"code": fresh[0]})


async def test_it_is_turned_off_with_the_password_or_by_an_admin(
    running: Running, operator: Seat, admin: Seat, supervisor: Seat
) -> None:
    await turned_on(running.world, operator)
    await operator.post("/api/me/factor", PASSWORD, status=409)
    await operator.post("/api/me/factor/off", {"password": "nonsense-1"}, status=422)
    await operator.post("/api/me/factor/off", PASSWORD)
    async with browser(running) as client:
        await Seat(client).enter("seat1")
    await turned_on(running.world, operator)
    await supervisor.post(f"/api/users/{operator.me['id']}/factor/reset", status=403)
    await admin.post(f"/api/users/{operator.me['id']}/factor/reset")
    await admin.post("/api/users/999999/factor/reset", status=404)
    await operator.get("/api/me", status=401)
    await operator.enter("seat1")
    assert [verb for verb in await verbs(running.world) if verb.startswith("factor")] == [
        "factor.on",
        "factor.off",
        "factor.on",
        "factor.reset",
    ]


@pytest.fixture
async def strict(settings: Settings) -> AsyncIterator[Running]:
    """The app where operators must have a second factor."""
    running, runner = await start(settings.model_copy(update={"two_factor_roles": "operator,admin"}))
    yield running
    await runner.cleanup()


async def test_a_role_that_must_have_it_can_do_nothing_before(strict: Running) -> None:
    async with browser(strict) as client, browser(strict) as second:
        seat = await Seat(client).enter("seat1")
        assert (await seat.get("/api/me"))["owed"] == "factor"
        refused = await seat.get("/api/queue", status=403)
        assert refused["error"] == "owed"
        await seat.get("/api/live", status=403)
        await turned_on(strict.world, seat)
        assert (await seat.get("/api/me"))["owed"] == ""
        await seat.get("/api/queue")
        await seat.post("/api/me/factor/off", PASSWORD, status=409)
        lead = await Seat(second).enter("lead")
        assert (await lead.get("/api/me"))["owed"] == ""


def test_a_misspelt_role_stops_the_start() -> None:
    with pytest.raises(ConfigError, match="TWO_FACTOR_ROLES"):
        load(_env_file=None, two_factor_roles="boss")


async def test_a_password_that_an_admin_chose_is_changed_first(running: Running, admin: Seat) -> None:
    new = {"login": "seat9", "name": "新同事", "role": "operator", "password": "just for today 9"}
    await admin.post("/api/users", new | {"password": "Password2026"}, status=422)
    made = await admin.post("/api/users", new)
    async with browser(running) as client:
        seat = await Seat(client).enter("seat9", new["password"])
        assert (await seat.get("/api/me"))["owed"] == "password"
        await seat.get("/api/queue", status=403)
        change = {"old": new["password"], "new": new["password"]}
        assert "new" in (await seat.post("/api/me/password", change, status=422))["fields"]
        await seat.post("/api/me/password", change | {"new": "rice and tea 4 me"})
        await seat.get("/api/queue")
        await admin.send("PATCH", f"/api/users/{made['id']}", {"password": "just for today 10"})
        await seat.get("/api/me", status=401)
        await seat.enter("seat9", "just for today 10")
        assert (await seat.get("/api/me"))["owed"] == "password"


async def test_open_log_ins_are_listed_and_ended(running: Running, operator: Seat, admin: Seat) -> None:
    async with browser(running) as a, browser(running) as b:
        others = [await Seat(a).enter("seat1"), await Seat(b).enter("seat1")]
        rows = (await operator.get("/api/me/sessions"))["rows"]
        assert len(rows) == 3
        assert [row["current"] for row in rows].count(True) == 1
        assert all(row["address"] and row["agent"] for row in rows)
        key = next(row["key"] for row in (await others[0].get("/api/me/sessions"))["rows"] if row["current"])
        await admin.post(f"/api/me/sessions/{key}/end", status=404)  # not theirs
        await others[0].post(f"/api/me/sessions/{key}/end", status=404)  # that is logging out
        await operator.post(f"/api/me/sessions/{key}/end")
        await others[0].get("/api/me", status=401)
        await operator.post("/api/me/sessions/end-others")
        await others[1].get("/api/me", status=401)
        assert len((await operator.get("/api/me/sessions"))["rows"]) == 1
    theirs = f"/api/users/{operator.me['id']}/sessions"
    await operator.get(theirs, status=403)
    assert len((await admin.get(theirs))["rows"]) == 1
    await admin.post(f"{theirs}/end")
    await operator.get("/api/me", status=401)
    assert (await verbs(running.world)).count("session.end") == 3
