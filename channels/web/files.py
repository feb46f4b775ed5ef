"""Photos and files of a web chat: up by multipart, down only to the citizen whose conversation holds them."""

from __future__ import annotations

from urllib.parse import quote
from uuid import UUID

from aiohttp import BodyPartReader, MultipartReader, web

from channels.base import AttachmentId, BadPush, JsonObject, MediaKind
from channels.web import frames
from channels.web.buckets import client_ip
from channels.web.chat import Chat, Guest
from channels.web.origins import Origins
from channels.web.poll import bearer

_UPLOAD_COST = 4
_SHOWN_INLINE = ("image/jpeg", "image/png", "image/gif", "image/webp")


class Files:
    def __init__(self, chat: Chat, origins: Origins) -> None:
        self._chat, self._origins = chat, origins

    async def upload(self, request: web.Request) -> web.Response:
        headers = self._origins.cors(request)
        guest = self._guest(request, headers)
        wait = self._chat.from_address(self._ip(request), _UPLOAD_COST) or self._chat.upload_wait(guest)
        if wait:
            return _answer(frames.slow_down(wait), headers, 429)
        try:
            data, name, declared = await self._part(request)
            media = await self._chat.keep(guest, data, _kind(declared), name)
        except BadPush as problem:
            code = {413: "too_large", 415: "wrong_type"}.get(problem.status, "bad_file")
            return _answer(frames.error(code, message=str(problem)), headers, problem.status)
        if media is None:
            return _answer(frames.error("bad_file"), headers, 400)
        body = {"attachment": self._chat.sealed(guest, media), "kind": media.kind, "mime": media.mime}
        return _answer({**body, "id": media.attachment, "name": name}, headers, 201)

    async def _part(self, request: web.Request) -> tuple[bytes, str, str]:
        """The bytes, name and declared type of the field `file`. Raises BadPush."""
        limit = self._chat.options.max_upload
        if (request.content_length or 0) > limit + 10_000:
            raise BadPush(f"file: larger than {limit} bytes", 413)
        if not request.content_type.startswith("multipart/"):
            raise BadPush("file: multipart/form-data expected")
        try:
            part = await (await request.multipart()).next()
        except ValueError as problem:
            raise BadPush("file: broken multipart body") from problem
        if part is None or isinstance(part, MultipartReader) or part.name != "file":
            raise BadPush("file: missing")
        return await _limited(part, limit), _safe_name(part.filename), part.headers.get("Content-Type", "")

    async def download(self, request: web.Request) -> web.Response:
        headers = self._origins.cors(request)
        guest = self._guest(request, headers)
        try:
            attachment = AttachmentId(str(UUID(request.match_info["id"])))
        except ValueError:
            raise web.HTTPNotFound(headers=headers) from None
        stored = (
            await self._chat.intake.stored(attachment) if await self._chat.owns(guest, attachment) else None
        )
        if stored is None:
            raise web.HTTPNotFound(headers=headers)
        shown = "inline" if stored.mime in _SHOWN_INLINE else "attachment"
        headers |= {
            "Content-Type": stored.mime,
            "Content-Disposition": f"{shown}; filename*=UTF-8''{quote(_file_name(stored.id, stored.mime))}",
            "Content-Security-Policy": "default-src 'none'; sandbox",
            "X-Content-Type-Options": "nosniff",
            "Cross-Origin-Resource-Policy": "cross-origin" if "Origin" in request.headers else "same-origin",
            "Cache-Control": "private, max-age=3600",
        }
        return web.Response(body=stored.data, headers=headers)

    async def options(self, request: web.Request) -> web.Response:
        """A browser asks before a page on another site uploads or polls."""
        return web.Response(status=204, headers=self._origins.cors(request))

    def _guest(self, request: web.Request, headers: dict[str, str]) -> Guest:
        guest = self._chat.guest(bearer(request))
        if guest is None:
            raise web.HTTPUnauthorized(headers=headers)
        return guest

    def _ip(self, request: web.Request) -> str:
        return client_ip(request, self._chat.options.trusted_proxies)


async def _limited(part: BodyPartReader, limit: int) -> bytes:
    data = bytearray()
    while chunk := await part.read_chunk():
        data += chunk
        if len(data) > limit:
            raise BadPush(f"file: larger than {limit} bytes", 413)
    if not data:
        raise BadPush("file: empty")
    return bytes(data)


def _kind(declared: str) -> MediaKind:
    """What the page says; the store looks at the bytes themselves."""
    family = declared.partition("/")[0]
    return {"image": "image", "audio": "voice", "video": "video"}.get(family, "file")  # type: ignore[return-value]  # literals all


def _safe_name(name: str | None) -> str:
    last = (name or "").replace("\\", "/").rsplit("/", 1)[-1]
    return "".join(char for char in last if char.isprintable())[:120]


def _file_name(id: str, mime: str) -> str:
    return f"{id[:8]}.{mime.rpartition('/')[2].split('+')[0]}"


def _answer(body: JsonObject, headers: dict[str, str], status: int) -> web.Response:
    return web.json_response(body, status=status, headers=headers, dumps=frames.dumps)
