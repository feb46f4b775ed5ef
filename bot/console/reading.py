"""Query strings and JSON bodies into shapes. Whatever is wrong becomes a refusal that names the field."""

from __future__ import annotations

from typing import Any, TypeVar, get_origin

from aiohttp import web
from pydantic import ValidationError
from pydantic_core import from_json

from bot.console.problems import BadRequest
from bot.console.shapes import Shape, free_of_nul
from bot.errors import Invalid

S = TypeVar("S", bound=Shape)


def check(shape: type[S], values: Any) -> S:
    """Raises Invalid naming every wrong field."""
    if not free_of_nul(values):
        raise Invalid({"": "含有不能保存的字符 · contains characters that cannot be kept"})
    try:
        return shape.model_validate(values)
    except ValidationError as error:
        fields = {
            ".".join(map(str, e["loc"])): e["msg"].removeprefix("Value error, ") for e in error.errors()
        }
        raise Invalid(fields) from error


def read_query(shape: type[S], request: web.Request) -> S:
    values: dict[str, Any] = {}
    for name in request.query:
        field = shape.model_fields.get(name)
        many = field is not None and get_origin(field.annotation) is list
        every = request.query.getall(name)
        if not many and len(every) > 1:
            raise Invalid({name: "只能出现一次 · may be given once"})
        values[name] = every if many else every[0]
    return check(shape, values)


async def read_body(shape: type[S], request: web.Request, cap: int) -> S:
    if request.content_type != "application/json":
        raise BadRequest("需要 application/json · send application/json", 415)
    if (request.content_length or 0) > cap:
        raise BadRequest("内容过长 · too long", 413)
    try:
        values = from_json(await capped(request, cap), allow_inf_nan=False)
    except ValueError as error:
        raise BadRequest("不是有效的 JSON · this is not JSON") from error
    return check(shape, values)


async def capped(request: web.Request, cap: int) -> bytes:
    """The body, unless it is longer than `cap`: a length header may be absent or lie."""
    out = bytearray()
    try:
        async for chunk in request.content.iter_chunked(16 * 1024):
            out += chunk
            if len(out) > cap:
                raise BadRequest("内容过长 · too long", 413)
    except web.HTTPException as error:
        raise BadRequest("请求不完整 · the request is broken", error.status) from error
    return bytes(out)
