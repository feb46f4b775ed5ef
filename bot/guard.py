"""What holds for every request, whatever its route: an honest answer when the house cannot serve just now,
and an end to bodies that never come. It knows no route and no citizen.

A provider that gets 503 sends its push again; a page waits and asks again. 500 means that we have a mistake.
"""

from __future__ import annotations

import asyncio
import json

import structlog
from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError
from aiohttp.typedefs import Handler

from bot.store.session import AWAY

log = structlog.get_logger()
BODY_SECONDS = 30.0  # for the first byte to the last …
BODY_RATE = 32 * 1024  # … and a second more for each so many bytes that were announced
RETRY_AFTER = "5"


@web.middleware
async def guard(request: web.Request, handler: Handler) -> web.StreamResponse:
    patience = BODY_SECONDS + min(request.content_length or 0, request.client_max_size) / BODY_RATE
    bell = asyncio.get_running_loop().call_later(patience, _give_up, request)
    try:
        return await handler(request)
    except (web.RequestPayloadError, HttpProcessingError):  # a broken body, or broken parts in it
        if _answered(request):
            raise
        return _problem(400, "bad_request", "请求不完整 · the request is broken")
    except ConnectionError:
        raise  # the other end is gone
    except AWAY as error:
        if _answered(request):
            raise
        log.warning("request.postponed", route=_route(request), error=type(error).__name__)
        return _problem(503, "unavailable", "暂时繁忙，请稍后再试 · please try again in a moment")
    finally:
        bell.cancel()


def _give_up(request: web.Request) -> None:
    """Whoever reads the body is told that it is broken; a body that arrived long ago is not touched."""
    if not request.content.is_eof():
        request.content.set_exception(web.RequestPayloadError("too slow"))


def _answered(request: web.Request) -> bool:
    """Whether a part of the answer is out already: a second one would follow it on the same line."""
    return request.writer.output_size > 0


def _route(request: web.Request) -> str:
    """The pattern, never the address: addresses hold tokens."""
    resource = request.match_info.route.resource
    return resource.canonical if resource else ""


def _problem(status: int, code: str, message: str) -> web.Response:
    body = json.dumps({"error": code, "message": message, "fields": {}}, ensure_ascii=False)
    headers = {"Cache-Control": "no-store"} | ({"Retry-After": RETRY_AFTER} if status == 503 else {})
    return web.Response(text=body, status=status, content_type="application/json", headers=headers)
