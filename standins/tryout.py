"""Behind /try: a newcomer's phones. What they say goes through the real doors, as providers push it; what the
house sends comes back from the stand-ins. Each message also says how it travelled."""

from __future__ import annotations

import base64
import hashlib
import json
from collections import OrderedDict
from collections.abc import Sequence
from contextlib import aclosing
from typing import Annotated, Literal, TypeVar

from aiohttp import web
from pydantic import BaseModel, BeforeValidator, Field, ValidationError, model_validator

from standins.phones import Doors, Event, Phones

SESSIONS = 300
KEEP_ALIVE = 15.0
MAX_IMAGE = 8 * 1024 * 1024
SHOWN = {b"\xff\xd8\xff": "image/jpeg", b"\x89PNG": "image/png", b"RIFF": "image/webp", b"GIF8": "image/gif"}


def _decoded(value: object) -> bytes:
    if not isinstance(value, str):
        raise ValueError("must be base64 text")
    data = base64.b64decode(value, validate=True)
    if len(data) > MAX_IMAGE or _image_type(data) is None:
        raise ValueError("must be a picture of at most 8 MB")
    return data


def _image_type(data: bytes) -> str | None:
    return next((mime for magic, mime in SHOWN.items() if data.startswith(magic)), None)


Session = Annotated[str, Field(pattern=r"^[0-9a-f-]{36}$")]
Words = Annotated[str, Field(max_length=2000)]


class _Place(BaseModel):
    latitude: float = Field(ge=-90, le=90, allow_inf_nan=False)
    longitude: float = Field(ge=-180, le=180, allow_inf_nan=False)
    label: str = Field("", max_length=100)


class _Option(BaseModel):
    id: str = Field(max_length=200)
    label: str = Field(max_length=200)


class _WeChat(BaseModel):
    """One of them: words, a tapped option, a picture, a place, an event."""

    session: Session
    text: Words = ""
    choice: _Option | None = None
    image: Annotated[bytes, BeforeValidator(_decoded)] | None = None
    place: _Place | None = None
    event: Literal["subscribe", "unsubscribe"] | None = None

    @model_validator(mode="after")
    def _one(self) -> _WeChat:
        if sum(map(bool, (self.text.strip(), self.choice, self.image, self.place, self.event))) != 1:
            raise ValueError("say exactly one thing")
        return self


class _Sms(BaseModel):
    session: Session
    provider: Literal["twilio", "aliyun", "tencent"]
    text: Annotated[str, Field(min_length=1, max_length=1000)]


class _Listen(BaseModel):
    session: Session
    after: int = Field(0, ge=0)


Model = TypeVar("Model", bound=BaseModel)


class TryOut:
    """The newcomers' phones by session; the oldest is forgotten when there are too many."""

    def __init__(self, doors: Doors) -> None:
        self._doors = doors
        self._phones: OrderedDict[str, Phones] = OrderedDict()

    def phones(self, session: str) -> Phones:
        """A session is a random secret of the page; its numbers are made from it."""
        if session not in self._phones:
            digest = hashlib.sha256(session.encode()).hexdigest()
            self._phones[session] = Phones(
                self._doors, f"o{digest[:27]}", f"+86139{int(digest, 16) % 10**8:08d}"
            )
            if len(self._phones) > SESSIONS:
                self._phones.popitem(last=False)
        self._phones.move_to_end(session)
        return self._phones[session]

    async def wechat(self, request: web.Request) -> web.Response:
        said = await _read(request, _WeChat)
        phone = self.phones(said.session)
        if said.choice:
            await phone.choose(said.choice.id, said.choice.label)
        elif said.image:
            await phone.show(said.image, _image_type(said.image) or "image/jpeg")
        elif said.place:
            await phone.point(said.place.latitude, said.place.longitude, said.place.label)
        elif said.event:
            await phone.happen(said.event)
        else:
            await phone.say(said.text)
        return web.json_response({"ok": True})

    async def sms(self, request: web.Request) -> web.Response:
        said = await _read(request, _Sms)
        await self.phones(said.session).text(said.provider, said.text)
        return web.json_response({"ok": True})

    async def events(self, request: web.Request) -> web.StreamResponse:
        """Server-sent events; a page that reconnects says the last number it has seen."""
        try:
            query = dict(request.query)
            if "Last-Event-ID" in request.headers:
                query["after"] = request.headers["Last-Event-ID"]
            wish = _Listen.model_validate(query)
        except ValidationError as problem:
            raise _bad(problem) from None
        stream = web.StreamResponse(
            headers={
                "Content-Type": "text/event-stream",
                "Cache-Control": "no-store",
                "X-Accel-Buffering": "no",
            }
        )
        await stream.prepare(request)
        try:
            async with aclosing(self.phones(wish.session).events(wish.after, KEEP_ALIVE)) as events:
                async for event in events:
                    await stream.write(_line(event))
        except ConnectionResetError:
            pass  # the page was closed
        return stream

    async def media(self, request: web.Request) -> web.Response:
        """Pictures that the house sent to a WeChat phone; the id is a secret of 64 characters."""
        file = self._doors.wechat.media.get(request.match_info["id"])
        mime = _image_type(file.data) if file else None
        if file is None or mime is None:
            raise web.HTTPNotFound
        headers = {"X-Content-Type-Options": "nosniff", "Content-Security-Policy": "default-src 'none'"}
        return web.Response(body=file.data, content_type=mime, headers=headers)


def try_routes(doors: Doors) -> Sequence[web.AbstractRouteDef]:
    """The page's backend; the page itself is web/try/dist."""
    tryout = TryOut(doors)
    return [
        web.post("/try/api/wechat", tryout.wechat),
        web.post("/try/api/sms", tryout.sms),
        web.get("/try/api/events", tryout.events),
        web.get("/try/api/media/{id}", tryout.media),
    ]


def _line(event: Event | None) -> bytes:
    if event is None:
        return b": still here\n\n"
    return f"id: {event['id']}\ndata: {json.dumps(event, ensure_ascii=False)}\n\n".encode()


async def _read(request: web.Request, model: type[Model]) -> Model:
    try:
        return model.model_validate_json(await request.read())
    except ValidationError as problem:
        raise _bad(problem) from None


def _bad(problem: ValidationError) -> web.HTTPBadRequest:
    first = problem.errors(include_url=False, include_context=False, include_input=False)[0]
    body = {"error": str(first["msg"]), "field": ".".join(map(str, first["loc"]))}
    return web.HTTPBadRequest(text=json.dumps(body, ensure_ascii=False), content_type="application/json")
