"""Files: put in by an operator, taken out by whoever may see what they belong to."""

from __future__ import annotations

import uuid

from aiohttp import BodyPartReader, web
from aiohttp.http_exceptions import HttpProcessingError
from sqlalchemy import ColumnElement, or_, select

from bot.attachments import MAX_BYTES
from bot.console import look, views
from bot.console.api import Call
from bot.console.problems import BadRequest
from bot.console.shapes import Nothing
from bot.errors import NotFound
from bot.store.conversations import Attachment, Conversation
from bot.store.tickets import TicketAttachment

# aiohttp's many ways to say that a form is none
BROKEN = (ValueError, RuntimeError, LookupError, AssertionError, HttpProcessingError, web.HTTPException)
_FORM = 64 * 1024  # of headers and boundaries around the file


async def upload(call: Call[Nothing, Nothing]) -> web.Response:
    """One file in the field `file`. With `{id}`, into that conversation; without, for a ticket by hand."""
    conversation: int | None = None
    async with call.session.begin():
        if "id" in call.request.match_info:
            conversation = (await look.one(call.session, call.operator, call.id)).id
    name, data = await _file(call.request)
    async with call.session.begin():
        row = await call.world.attachments.keep(call.session, data, conversation_id=conversation, name=name)
        view = views.FileView(
            id=str(row.id), kind=row.kind, mime=row.mime, name=row.name, size=row.size, status=row.status
        )
    return web.Response(body=view.model_dump_json().encode(), content_type="application/json")


async def _file(request: web.Request) -> tuple[str, bytes]:
    if request.content_type != "multipart/form-data":
        raise BadRequest("需要 multipart/form-data · send multipart/form-data", 415)
    if (request.content_length or 0) > MAX_BYTES + _FORM:
        raise BadRequest("文件不能超过 10 MB · files may have up to 10 MB", 413)
    try:
        form = await request.multipart()
        async for part in form:
            if isinstance(part, BodyPartReader) and part.name == "file":
                return _named(part.filename or ""), await _bytes(part)
    except BROKEN as error:
        raise BadRequest("上传内容不完整 · the upload is broken") from error
    raise BadRequest("缺少 file 字段 · the field `file` is missing")


async def _bytes(part: BodyPartReader) -> bytes:
    out = bytearray()
    while chunk := await part.read_chunk(64 * 1024):
        out += chunk
        if len(out) > MAX_BYTES:
            raise BadRequest("文件不能超过 10 MB · files may have up to 10 MB", 413)
    return bytes(out)


def _named(name: str) -> str:
    """The last part of the name, without what no file name needs."""
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    kept = "".join(c for c in last if c.isprintable() and not "\ud800" <= c <= "\udfff")
    return kept[:100]


async def download(call: Call[Nothing, Nothing]) -> web.Response:
    """Pictures are shown in the page, sound and video played; everything else is offered for saving."""
    async with call.session.begin():
        row = await call.session.scalar(
            select(Attachment).where(Attachment.id == uuid.UUID(call.path("key")), _seen_by(call))
        )
    kept = await call.world.attachments.read(row) if row else None
    if row is None or kept is None:
        raise NotFound("没有这个文件 · no such file")
    inline = kept.mime.startswith(("image/", "audio/", "video/"))
    return web.Response(
        body=kept.data,
        content_type=kept.mime,
        headers={
            "X-Content-Type-Options": "nosniff",
            "Content-Disposition": "inline" if inline else "attachment",
            "Content-Security-Policy": "default-src 'none'; sandbox",
            "Cache-Control": "private, max-age=3600",
            "Cross-Origin-Resource-Policy": "same-origin",
        },
    )


def _seen_by(call: Call[Nothing, Nothing]) -> ColumnElement[bool]:
    """Files of a conversation one may open, of any ticket, and fresh uploads that belong to nothing yet."""
    visible = select(Conversation.id).where(look.visible_to(call.operator))
    filed = select(TicketAttachment.attachment_id)
    return or_(
        Attachment.conversation_id.is_(None),
        Attachment.conversation_id.in_(visible),
        Attachment.id.in_(filed),
    )
