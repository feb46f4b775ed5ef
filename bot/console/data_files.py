"""Files in and out of the training data: foreign Rasa projects, past tickets, and the export.

An import is sent twice, first to be looked at and then to be stored; nothing is kept between the two.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any

from aiohttp import BodyPartReader, web
from pydantic import Field, StringConstraints
from pydantic_core import from_json

from bot.attachments import MAX_BYTES
from bot.console import audit
from bot.console.api import Call
from bot.console.files import BROKEN
from bot.console.problems import BadRequest
from bot.console.reading import check
from bot.console.shapes import Nothing, Shape, Short
from bot.errors import Invalid
from bot.studio import exporting, foreign, tickets_in, uploads

_FORM = 64 * 1024
_OPTIONS = 256 * 1024
Target = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,39}$|^$")]
Label = Annotated[str, StringConstraints(min_length=1, max_length=200)]


class ProjectOptions(Shape):
    """`mapping`: foreign intent → ours, "" to leave it out."""

    store: bool = False
    name: Annotated[str, StringConstraints(pattern=r"^[\w-]{1,40}$")] = "import"
    mapping: dict[Label, Target] = Field(default={}, max_length=2000)


class TicketOptions(Shape):
    store: bool = False
    name: Annotated[str, StringConstraints(pattern=r"^[\w-]{1,40}$")] = "tickets"
    columns: dict[Short, list[Label]] = Field(default={}, max_length=10)
    labels: dict[Label, Label] = Field(default={}, max_length=2000)
    most: Annotated[int, Field(ge=1, le=5000)] = 300


async def project(call: Call[Nothing, Nothing]) -> web.Response:
    """One or more files (YAML or ZIP) in `file`, JSON in `options`."""
    files, raw = await _form(call.request)
    options = check(ProjectOptions, raw)
    texts, passed = uploads.texts(files)
    if not texts:
        raise Invalid({"file": "里面没有 YAML 文件（Rasa 3 的 nlu.yml） · no YAML file of Rasa 3 in it"})
    async with call.session.begin():
        if options.store:
            made = await foreign.store(call.session, call.operator, texts, options.name, options.mapping)
            audit.record(
                call.session, call.operator.id, "data.import", f"data:{made.number}", files=len(texts)
            )
            return web.json_response({"revision": made.number})
        seen = await foreign.preview(call.session, texts, passed, options.mapping)
    return web.json_response(asdict(seen))


async def tickets(call: Call[Nothing, Nothing]) -> web.Response:
    """A CSV in `file`, JSON in `options`."""
    files, raw = await _form(call.request)
    options = check(TicketOptions, raw)
    if len(files) != 1:
        raise Invalid({"file": "一次一个文件 · one file at a time"})
    for role, names in options.columns.items():
        if role not in tickets_in.ROLES or any(
            name.startswith("-") and name != tickets_in.NONE for name in names
        ):
            raise Invalid({"columns": f"没有“{role}”这种列 · unknown column"})
    [content] = files.values()
    wish = tickets_in.Wish(options.columns, options.labels, options.most)
    async with call.session.begin():
        facts, text = await tickets_in.read(call.session, call.world.settings, content, wish)
    if not options.store:
        return web.json_response(facts)
    if "accepted" not in facts:
        raise Invalid({"columns": tickets_in.MISSING})
    async with call.session.begin():
        made = await tickets_in.store(call.session, call.operator, options.name, text)
        audit.record(
            call.session, call.operator.id, "data.import", f"data:{made.number}", rows=facts["accepted"]
        )
    return web.json_response({"revision": made.number, "accepted": facts["accepted"]})


async def _form(request: web.Request) -> tuple[dict[str, bytes], Any]:
    if request.content_type != "multipart/form-data":
        raise BadRequest("需要 multipart/form-data · send multipart/form-data", 415)
    files: dict[str, bytes] = {}
    options: Any = {}
    left = MAX_BYTES + _FORM
    try:
        form = await request.multipart()
        async for part in form:
            if not isinstance(part, BodyPartReader):
                continue
            content = await _bytes(part, left if part.name == "file" else _OPTIONS)
            left -= len(content)
            if part.name == "file":
                files[part.filename or f"file{len(files)}"] = content
            elif part.name == "options":
                options = from_json(content, allow_inf_nan=False)
    except BROKEN as error:
        raise BadRequest("上传内容不完整 · the upload is broken") from error
    if not files:
        raise BadRequest("缺少 file 字段 · the field `file` is missing")
    return files, options


async def _bytes(part: BodyPartReader, cap: int) -> bytes:
    out = bytearray()
    while chunk := await part.read_chunk(64 * 1024):
        out += chunk
        if len(out) > cap:
            raise BadRequest("文件不能超过 10 MB · files may have up to 10 MB", 413)
    return bytes(out)


async def export(call: Call[Nothing, Nothing]) -> web.Response:
    number, packed = await exporting.archive(call.session)
    audit.record(call.session, call.operator.id, "data.export", f"data:{number}")
    return web.Response(
        body=packed,
        content_type="application/zip",
        headers={
            "Content-Disposition": f'attachment; filename="nlu_data-{number}.zip"',
            "Cache-Control": "no-store",
        },
    )
