"""How the app gets the console: `plug` adds the routes and lets the live feed end in good order."""

from __future__ import annotations

import re
from collections.abc import Sequence

from aiohttp import web

from bot.console.arrivals import Usual
from bot.console.live import HUB, Hub
from bot.console.problems import problem
from bot.console.table import ROUTES
from bot.console.wall import USUAL
from bot.world import World


def plug(app: web.Application, world: World) -> None:
    """Call once, before the app starts. `app[WORLD]` must be set."""
    app[HUB] = Hub(world)
    app[USUAL] = Usual()
    app.add_routes(routes(world))
    app.on_shutdown.append(_shut)


def routes(world: World) -> Sequence[web.AbstractRouteDef]:
    """The table as aiohttp takes it; what is under /api and not in it is a JSON 404 or 405."""
    known = [web.route(route.method, route.path, route.__call__) for route in ROUTES]
    return [*known, web.route("*", "/api/{rest:.*}", _unknown)]


_PATTERNS = [
    (
        re.compile(re.sub(r"\{\w+:(.*?)\}(?=/|$)", r"(?:\1)", route.path).replace(".csv", r"\.csv")),
        route.method,
    )
    for route in ROUTES
]


async def _unknown(request: web.Request) -> web.Response:
    allowed = sorted({method for pattern, method in _PATTERNS if pattern.fullmatch(request.path)})
    if not allowed:
        return problem(404, "没有这个接口 · no such route")
    response = problem(405, "不支持这种请求方式 · this method is not supported here")
    response.headers["Allow"] = ", ".join(allowed)
    return response


async def _shut(app: web.Application) -> None:
    await app[HUB].close()
