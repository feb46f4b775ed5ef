"""Outside text is wild until tamed: what every channel needs to read a push safely and answer it.

It knows nothing of any provider. A field that is missing, doubled or of the wrong kind becomes a `BadPush`
that names provider and field and never repeats the value: values are citizens' words and numbers.
"""

from __future__ import annotations

import asyncio
import json
import logging
import re
from collections.abc import Awaitable, Callable, Coroutine
from typing import Annotated, Any, Never, TypeVar

from aiohttp import web
from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError

from channels.base import BadPush

log = logging.getLogger(__name__)

M = TypeVar("M", bound=BaseModel)
T = TypeVar("T")
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

# What neither XML nor PostgreSQL can hold: control characters, halves of surrogate pairs, non-characters.
UNSAYABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")


def clean(text: str) -> str:
    """`text` without what no screen shows and no store keeps."""
    return UNSAYABLE.sub("", text)


def _text(value: object) -> object:
    """None (an empty element, a JSON null) is the empty text; everything else must already be text."""
    if value is None:
        return ""
    return clean(value) if isinstance(value, str) else value


Text = Annotated[str, BeforeValidator(_text)]


class Wild(BaseModel):
    """Base of the models through which outside values enter: unknown fields ignored, inputs never shown."""

    model_config = ConfigDict(extra="ignore", frozen=True, hide_input_in_errors=True)


def tame(kind: type[M], raw: object, provider: str) -> M:
    """`raw` as `kind`, or BadPush naming the first field that is wrong."""
    try:
        return kind.model_validate(raw)
    except ValidationError as error:
        problem = error.errors(include_input=False, include_url=False, include_context=False)[0]
        field = ".".join(str(part) for part in problem["loc"]) or "body"
        raise BadPush(f"{provider}: {field}: {problem['msg']}") from error


async def read_body(request: web.Request, cap: int, provider: str) -> bytes:
    """The body, never more than `cap` bytes of it in memory (compressed ones are counted unpacked)."""
    body = bytearray()
    try:
        async for chunk in request.content.iter_chunked(16 * 1024):
            body += chunk
            if len(body) > cap:
                raise BadPush(f"{provider}: body: larger than {cap} bytes", 413)
    except web.RequestPayloadError as error:
        raise BadPush(f"{provider}: body: cannot be unpacked") from error
    return bytes(body)


def json_value(body: bytes, provider: str) -> object:
    """`body` as JSON; NaN and Infinity are no JSON."""

    def refuse(constant: str) -> Never:
        raise ValueError(constant)

    try:
        value: object = json.loads(body.decode(), parse_constant=refuse)
    except (ValueError, RecursionError) as error:
        raise BadPush(f"{provider}: body: is not JSON") from error
    return value


class Door:
    """The way in of one provider: BadPush becomes its HTTP answer, and work once begun is finished.

    A provider that hangs up may cancel the handler; what was going to be stored is stored all the same.
    """

    def __init__(self, provider: str) -> None:
        self.provider = provider
        self._running: set[asyncio.Task[Any]] = set()

    def __call__(self, handler: Handler) -> Handler:
        async def guarded(request: web.Request) -> web.StreamResponse:
            try:
                return await handler(request)
            except BadPush as error:
                log.warning("push refused (%s): %s", error.status, error)
                return web.Response(status=error.status, text=str(error))

        return guarded

    def start(self, work: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
        """Run `work` beside the request, held until it is done."""
        task = asyncio.get_running_loop().create_task(work)
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        return task

    async def finish(self, work: Coroutine[Any, Any, T]) -> T:
        """Wait for `work`, which goes on when the waiting is cancelled."""
        return await asyncio.shield(self.start(work))

    async def close(self, patience: float = 5) -> None:
        if self._running:
            await asyncio.wait(self._running, timeout=patience)
