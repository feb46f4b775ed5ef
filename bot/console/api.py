"""A small typed layer over aiohttp: a route says who may call it, its handler's type what it takes and gives.

`async def search(call: Call[TicketQuery, Nothing]) -> Page[TicketRow]` is all that the layer, the OpenAPI
document and the tests need. Every outside value is checked here, and every refusal is a JSON problem
`{error, message, fields}`; nothing that a client can send becomes a 500.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Generic, Literal, TypeVar, get_args, get_type_hints

from aiohttp import web
from pydantic import TypeAdapter
from sqlalchemy.ext.asyncio import AsyncSession

from bot.console import entrance, problems
from bot.console.reading import read_body, read_query
from bot.console.shapes import Nothing, Shape
from bot.errors import NotAllowed
from bot.roles import Right, may
from bot.store.operators import Login, Operator
from bot.world import WORLD, World

Q = TypeVar("Q", bound=Shape)
B = TypeVar("B", bound=Shape)
BODY_CAP = 64 * 1024
UNSAFE = frozenset({"POST", "PUT", "PATCH", "DELETE"})


@dataclass(frozen=True, slots=True)
class Call(Generic[Q, B]):
    """One request, checked. `session` is an open transaction that commits when the handler returns."""

    world: World
    request: web.Request
    session: AsyncSession
    query: Q
    body: B
    caller: tuple[Operator, Login] | None = None

    @property
    def operator(self) -> Operator:
        if self.caller is None:
            raise NotAllowed("请先登录 · please log in")
        return self.caller[0]

    @property
    def login(self) -> Login:
        if self.caller is None:
            raise NotAllowed("请先登录 · please log in")
        return self.caller[1]

    def path(self, name: str) -> str:
        return self.request.match_info[name]

    @property
    def id(self) -> int:
        """`{id}` of the path: its pattern keeps it inside a bigint."""
        return int(self.request.match_info["id"])

    def may(self, right: Right) -> bool:
        return may(self.operator.role, right)


Handler = Callable[[Call[Any, Any]], Awaitable[Any]]


@dataclass(frozen=True)
class Route:
    """One line of the table. `kind` is how its body travels; the rest is read from the handler's type.

    `own` routes open their transactions themselves (a refused log-in must still be counted; a download or
    a socket must not hold one).
    """

    method: str
    path: str
    right: Right
    handler: Handler
    summary: str
    tag: str
    own: bool = False
    consumes: Literal["application/json", "multipart/form-data"] = "application/json"
    produces: str = "application/json"
    status: int = 200

    @cached_property
    def types(self) -> tuple[type[Shape], type[Shape], Any]:
        """Query, body and answer as the handler declares them."""
        hints = get_type_hints(self.handler)
        answer = hints.pop("return")
        query, body = get_args(next(iter(hints.values())))
        return query, body, answer

    @cached_property
    def adapter(self) -> TypeAdapter[Any] | None:
        answer = self.types[2]
        return (
            None
            if isinstance(answer, type) and issubclass(answer, web.StreamResponse)
            else TypeAdapter(answer)
        )

    async def __call__(self, request: web.Request) -> web.StreamResponse:
        try:
            return await self._answer(request)
        except problems.KNOWN as error:
            return problems.response(error)

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        world = request.app[WORLD]
        caller = await self._caller(world, request)
        query_type, body_type, _ = self.types
        query = read_query(query_type, request)
        body = Nothing() if body_type is Nothing else await read_body(body_type, request, BODY_CAP)
        if self.own:
            async with world.session() as session:
                call = Call(world, request, session, query, body, caller)
                return self._wrap(await self.handler(call))
        async with world.session.begin() as session:
            call = Call(world, request, session, query, body, caller)
            result = await self.handler(call)
        return self._wrap(result)

    async def _caller(self, world: World, request: web.Request) -> tuple[Operator, Login] | None:
        if request.method in UNSAFE:
            entrance.check_origin(world, request)
        if self.right == "public":
            return None
        caller = await entrance.caller(world, request)
        if request.method in UNSAFE:
            entrance.check_csrf(request, caller[1])
        if not may(caller[0].role, self.right):
            raise NotAllowed("您的角色没有此权限 · your role does not permit this")
        if self.right != "self" and (what := entrance.owed(world, caller[0])):
            raise problems.Owed(what)
        return caller

    def _wrap(self, result: Any) -> web.StreamResponse:
        if isinstance(result, web.StreamResponse):
            return result
        assert self.adapter is not None  # noqa: S101 - the handler's type says it gives JSON
        response = web.Response(
            body=self.adapter.dump_json(result), content_type="application/json", status=self.status
        )
        response.headers["Cache-Control"] = "no-store"
        return response
