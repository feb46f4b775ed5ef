"""Every route times every role: who is let in is what bot/roles.py says, and that says what it should."""

from __future__ import annotations

import re

import pytest

from bot.console.api import Route
from bot.console.table import ROUTES
from bot.console.users import add_user
from bot.roles import RIGHTS, ROLES, may
from tests.conftest import Running
from tests.console.conftest import browser
from tests.console.seat import Seat

REFUSED = "您的角色没有此权限 · your role does not permit this"
ENDS = ("/api/logout", "/api/logout-everywhere")  # tried last: they end what the others need

# Nobody gets these by the way: a new line for the press or the auditor is to be written here too.
FIGURES = {
    "GET /api/stats",
    "GET /api/wall",
    "GET /api/services",
    "GET /api/departments",
    "GET /api/dangers",
    "GET /api/states",
}
AUDIT = {"GET /api/audit", "GET /api/audit.csv", "GET /api/audit/verbs"}


SAMPLES = (
    "999999",
    "LX20990101000001",
    "00000000-0000-4000-8000-000000000000",
    "2099-01-01",
    "places",
    "0" * 16,
)
PLACE = re.compile(r"\{\w+(?::((?:[^{}]|\{[^{}]*\})*))?\}")


def address(route: Route) -> str:
    """Its path with things that do not exist."""
    return PLACE.sub(
        lambda found: next(one for one in SAMPLES if re.fullmatch(found[1] or ".*", one)), route.path
    )


def name(route: Route) -> str:
    return f"{route.method} {route.path}"


@pytest.mark.parametrize("role", ROLES)
async def test_every_route_lets_in_who_holds_its_right(running: Running, role: str) -> None:
    async with running.world.session.begin() as session:
        await add_user(session, "somebody", "某人", role, "spring rain 2026")
    async with browser(running) as client:
        seat = await Seat(client).enter("somebody", "spring rain 2026")
        for route in sorted(ROUTES, key=lambda route: route.path in ENDS):
            if route.path == "/api/logout-everywhere":
                await seat.enter("somebody", "spring rain 2026")
            answer = await seat.raw(route.method, address(route), headers={"Origin": running.url})
            text = (await answer.read()).decode(errors="replace")  # exports are archives
            refused = answer.status == 403 and REFUSED in text
            assert refused is not may(role, route.right), (name(route), answer.status, text)
            assert answer.status < 500, (name(route), text)


@pytest.mark.parametrize(("role", "more"), [("press", set()), ("auditor", AUDIT)])
def test_who_must_not_see_conversations_reaches_only_what_is_listed(role: str, more: set[str]) -> None:
    own = {name(route) for route in ROUTES if route.right in ("public", "self")}
    reached = {name(route) for route in ROUTES if may(role, route.right)}
    assert reached - own == FIGURES | more


def test_rights_grow_along_the_ranks() -> None:
    assert RIGHTS["operator"] < RIGHTS["reviewer"] < RIGHTS["supervisor"] < RIGHTS["admin"]
    assert RIGHTS["press"] < RIGHTS["auditor"] < RIGHTS["admin"]
    assert (
        not may("press", "operator") and not may("auditor", "operator") and not may("supervisor", "auditor")
    )
    assert not may("", "self") and not may("root", "public")
