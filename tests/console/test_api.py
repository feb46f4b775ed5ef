"""The layer under all routes: its document, its permissions, and that nothing a client sends is a 500."""

from __future__ import annotations

import json
import random
import re
from typing import Any

import pytest
from aiohttp import web
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from bot.console.api import Route
from bot.console.manual import openapi
from bot.console.reading import check
from bot.console.shapes import Nothing
from bot.console.table import ROUTES
from bot.errors import Invalid
from bot.world import World
from tests.conftest import Running
from tests.console.conftest import browser
from tests.console.seat import Seat, citizen, filed, waits

PLAIN = [route for route in ROUTES if route.produces != "websocket"]
KEY = "123e4567-e89b-42d3-a456-426614174000"
SPOILERS = ("/api/logout", "/api/logout-everywhere", "/api/me/password")


def address(route: Route, key: str = "1", number: str = "LJ2601010001") -> str:
    path = re.sub(r"\{id:.*?\}(?=/|$)", key, route.path)
    path = re.sub(r"\{number:.*?\}(?=/|$)", number, path)
    path = re.sub(r"\{day:.*?\}(?=/|$)", "2027-01-01", path)
    path = re.sub(r"\{session:.*?\}(?=/|$)", "0" * 16, path)
    path = re.sub(r"\{key:.*\}(?=/|$)", KEY, path)
    for name, value in (("name", "heating"), ("shelf", "places")):
        path = re.sub(rf"\{{{name}:.*?\}}(?=/|$)", value, path)
    return re.sub(r"\{\w+:.*?\}(?=/|$)", "1", path)


def test_the_document_holds_every_route_and_only_them() -> None:
    document = openapi()
    described = {(method.upper(), path) for path, methods in document["paths"].items() for method in methods}
    known = {(route.method, re.sub(r"\{(\w+):.*?\}(?=/|$)", r"{\1}", route.path)) for route in ROUTES}
    assert described == known
    assert document["openapi"] == "3.1.0"
    ids = [o["operationId"] for methods in document["paths"].values() for o in methods.values()]
    assert len(ids) == len(set(ids))


def test_every_reference_of_the_document_resolves() -> None:
    document = openapi()
    names = set(re.findall(r'"#/components/schemas/([^"]+)"', json.dumps(document)))
    assert names <= set(document["components"]["schemas"])
    assert {"Problem", "TicketView", "Reply"} <= names


async def test_the_document_and_its_page_are_served(anonymous: Seat) -> None:
    assert await anonymous.get("/api/openapi.json") == json.loads(json.dumps(openapi()))
    page = await anonymous.raw("GET", "/api/docs")
    text = await page.text()
    assert page.content_type == "text/html"
    assert "/api/conversations/{id}/reply" in text
    assert "http://" not in text
    assert "https://" not in text


@pytest.mark.parametrize("route", ROUTES, ids=lambda r: f"{r.method} {r.path.split('{')[0]}")
def test_a_route_says_what_it_takes_and_gives(route: Route) -> None:
    query, body, answer = route.types
    assert query.model_config.get("extra") == "forbid"
    assert body.model_config.get("extra") == "forbid"
    assert route.method != "GET" or body is Nothing
    assert answer is not None
    assert route.summary


async def test_nobody_gets_past_without_a_log_in(anonymous: Seat) -> None:
    for route in PLAIN:
        if route.right != "public":
            answer = await anonymous.raw(route.method, address(route))
            assert answer.status == 401, route.path


async def test_unknown_addresses_and_methods_are_json(operator: Seat) -> None:
    assert (await operator.get("/api/nothing", status=404))["error"] == "not_found"
    assert (await operator.send("DELETE", "/api/queue", status=405))["error"] == "wrong_method"
    answer = await operator.raw("PUT", "/api/me")
    assert answer.headers["Allow"] == "GET, PATCH"
    for path in ("/api/conversations/99999999999999999999", "/api/conversations/-1", "/api/conversations/١"):
        await operator.get(path, status=404)
    await operator.get("/api/conversations/999999999999999999", status=404)


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b"", "application/json", 400),
        (b"{", "application/json", 400),
        (b"\xff\xfe", "application/json", 400),
        (b'"\xed\xa0\x80"', "application/json", 400),
        (b"[" * 100_000, "application/json", 413),
        (b"[" * 5_000, "application/json", 400),
        (b"[]", "application/json", 422),
        (b"null", "application/json", 422),
        (b'{"presence": "online", "more": 1}', "application/json", 422),
        (b'{"presence": "on\\u0000line"}', "application/json", 422),
        (b'{"presence": 1e999}', "application/json", 422),
        (b'{"presence": ' + b"9" * 3000 + b"}", "application/json", 422),
        (b'{"presence": "online"}', "text/plain", 415),
        (b'{"presence": "online"}', "application/x-www-form-urlencoded", 415),
        (b"presence=online", "multipart/form-data", 415),
    ],
)
async def test_bodies_that_are_none(operator: Seat, body: bytes, kind: str, status: int) -> None:
    answer = await operator.raw("POST", "/api/me/presence", data=body, headers={"Content-Type": kind})
    assert answer.status == status
    problem = await answer.json()
    assert set(problem) == {"error", "message", "fields"}


async def test_queries_that_are_none(operator: Seat) -> None:
    wrong = ["limit=0", "limit=101", "limit=x", "nope=1", "q=a&q=b", "q=%00", "q=" + "a" * 200, "after=%FF"]
    wrong += ["after=x", "after=OTk5OTk5LTAxLTAxfDE", "since=2026-01-01", "since=99999-01-01T00:00:00Z"]
    for query in (*wrong, "kind=%ff%fe"):
        answer = await operator.raw("GET", f"/api/tickets?{query}")
        assert answer.status in (200, 422), (query, answer.status)
        if not query.startswith("kind"):
            assert answer.status == 422, query


values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats()
    | st.text(max_size=30)
    | st.sampled_from(["\0", "\ud800", "%_\\", "2026-01-01T00:00:00Z", "heating", KEY, "x" * 5000]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


@pytest.mark.parametrize("route", ROUTES, ids=lambda r: f"{r.method} {r.path.split('{')[0]}")
@settings(max_examples=60, deadline=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_whatever_is_given_is_taken_or_refused(route: Route, data: st.DataObject) -> None:
    for shape in route.types[:2]:
        fields = {name: data.draw(values) for name in shape.model_fields if data.draw(st.booleans())}
        try:
            check(shape, fields)
        except Invalid as refused:
            assert refused.fields


async def test_no_request_is_a_500(running: Running, world: World) -> None:
    """Every route, as admin, on a house with something in it, with hostile paths, queries and bodies."""
    conversation = await citizen(world)
    await waits(world, conversation)
    number = await filed(world, conversation_id=conversation)
    chance = random.Random(12345)
    async with browser(running) as client:
        seat = await Seat(client).enter("admin")
        for _ in range(4):
            for route in PLAIN:
                if route.path in SPOILERS:
                    continue
                await _throw(seat, route, number, chance)
        await seat.get("/api/me")


async def _throw(seat: Seat, route: Route, number: str, chance: random.Random) -> None:
    query, body, _ = route.types
    path = address(route, chance.choice(["1", "2", "0", "9" * 18]), chance.choice([number, "XX00000000"]))
    parameters = [
        (name, _junk(chance)) for name in query.model_fields for _ in range(chance.choice([0, 1, 1, 2]))
    ]
    options: dict[str, Any] = {"params": parameters}
    if body is not Nothing:
        plausible = {name: _plausible(name, chance) for name in body.model_fields if chance.random() < 0.85}
        options["data"] = json.dumps(plausible).encode("utf-8", "surrogatepass")
        options["headers"] = {"Content-Type": "application/json"}
    answer = await seat.raw(route.method, path, **options)
    assert answer.status < 500, (route.method, path, options, await answer.text())
    if answer.content_type == "application/json" and answer.status >= 400:
        assert set(await answer.json()) == {"error", "message", "fields"}


JUNK = [
    "",
    "1",
    "-1",
    "a",
    "%",
    "_",
    "\\",
    "暖气",
    "暖气不热怎么办",
    "'; --",
    "\x00",
    "9" * 30,
    "true",
    "bot",
]
JUNK += ["2026-01-01T00:00:00Z", "normal", "accepted", "13812345678", "all", "\t\x1c", "。", "LJ2601010001"]


def _junk(chance: random.Random) -> str:
    return chance.choice(JUNK)


def _plausible(name: str, chance: random.Random) -> Any:
    known: dict[str, list[Any]] = {
        "login": ["seat1", "new.one", "\u202e", "a" * 33],
        "password": ["lianxin-seat1", "long enough 1"],
        "service": ["heating", "nothing", ""],
        "kind": ["complaint", "x"],
        "text": ["暖气不热", "", "\ud800", "a\0b", "好" * 4001],
        "details": [{}, {"phone": "13812345678"}, {"phone": "x"}, {"nope": "x"}, {"place": "x" * 501}, []],
        "attachments": [[], [KEY], ["x"]],
        "conversation": [None, 1, 2, 2**63, -1],
        "version": [1, 2, 3, 2**64],
        "urgency": ["normal", "emergency", 1],
        "state": ["dispatched", "closed", "signed", "x"],
        "client_id": ["abcdefgh-9", "短", ""],
        "reason": ["检查", "x", None],
        "role": ["operator", "public"],
        "name": ["王", "", " "],
    }
    return chance.choice([*known.get(name, []), *known.get(name, []), None, True, "x", 5, [], {}, 1.5])


async def test_a_large_body_is_refused_while_it_arrives(operator: Seat) -> None:
    async def endless() -> Any:
        for _ in range(100):
            yield b" " * 10_000

    headers = {"Content-Type": "application/json"}
    answer = await operator.raw("POST", "/api/me/presence", data=endless(), headers=headers)
    assert answer.status == web.HTTPRequestEntityTooLarge.status_code
