"""Files in and out: what is checked, who may fetch, and how they are served."""

from __future__ import annotations

import io
import struct
import zlib
from typing import Any

from aiohttp import FormData

from bot.attachments import MAX_BYTES
from bot.world import World
from tests.console.seat import Seat, citizen, waits


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


PNG = (
    b"\x89PNG\r\n\x1a\n"
    + _chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 2, 0, 0, 0))
    + _chunk(b"IDAT", zlib.compress(b"\0\0\0\0"))
    + _chunk(b"IEND", b"")
)


FORM = "multipart/form-data; boundary=x"
BROKEN = [b"--x\r\nbroken", b"", b"--x--", b"--x\r\nContent-Type: multipart/mixed\r\n\r\nabc\r\n--x--"]
BROKEN += [b"--x\r\n" + b"A: b\r\n" * 5000 + b"\r\nabc\r\n--x--", b"--x\r\n\xff\xfe: b\r\n\r\nabc\r\n--x--"]
BROKEN += [b"--x\r\nContent-Disposition: form-data; name=file\r\n\r\nabc"]


async def put(
    seat: Seat, path: str, data: bytes, name: str = "照片.png", status: int = 200, field: str = "file"
) -> Any:
    form = FormData(quote_fields=False)  # as browsers do
    form.add_field(field, io.BytesIO(data), filename=name)
    return await seat.send("POST", path, status=status, data=form)


async def test_a_picture_is_sent_and_shown(world: World, operator: Seat, colleague: Seat) -> None:
    key = await citizen(world)
    await waits(world, key)
    await operator.post(f"/api/conversations/{key}/claim")
    kept = await put(operator, f"/api/conversations/{key}/attachments", PNG, name="..\\..\\x/照片.png")
    assert kept["name"] == "照片.png"
    line = await operator.post(
        f"/api/conversations/{key}/reply", {"attachments": [kept["id"]], "client_id": "abcdefgh-1"}
    )
    assert line["media"][0]["attachment"] == kept["id"]
    answer = await operator.raw("GET", f"/api/attachments/{kept['id']}")
    assert await answer.read() == PNG
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Disposition"] == "inline"
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    await colleague.get(f"/api/attachments/{kept['id']}", status=404)


async def test_what_is_no_picture_is_refused(world: World, operator: Seat) -> None:
    await put(operator, "/api/attachments", b"<svg onload=alert(1)>", name="x.png", status=415)
    await put(operator, "/api/attachments", b"", status=415)
    await put(operator, "/api/attachments", b"\x89PNG\r\n\x1a\n" + b"0" * MAX_BYTES, status=413)
    await put(operator, "/api/attachments", PNG, field="other", status=400)
    for form in BROKEN:
        answer = await operator.raw("POST", "/api/attachments", data=form, headers={"Content-Type": FORM})
        assert answer.status in (400, 415), form[:40]
    plain = await operator.raw("POST", "/api/attachments", {"file": "x"})
    assert plain.status == 415
    unbounded = await operator.raw(
        "POST", "/api/attachments", data=b"x", headers={"Content-Type": "multipart/form-data"}
    )
    assert unbounded.status == 400


async def test_a_file_of_another_conversation_is_not_sent(world: World, operator: Seat) -> None:
    mine, other = await citizen(world, address="a1"), await citizen(world, address="a2")
    for key in (mine, other):
        await waits(world, key)
        await operator.post(f"/api/conversations/{key}/claim")
    kept = await put(operator, f"/api/conversations/{other}/attachments", PNG)
    body = {"attachments": [kept["id"]], "client_id": "abcdefgh-1"}
    await operator.post(f"/api/conversations/{mine}/reply", body, status=422)
