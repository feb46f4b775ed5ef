"""The attachment store: bytes lie as files under data_dir, named by a random id; the table knows the rest.

A file is checked by its first bytes, never by what the sender says it is. No SVG, no HTML.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
import uuid
from dataclasses import dataclass
from pathlib import Path

import filetype
from sqlalchemy.ext.asyncio import AsyncSession

from bot.store.conversations import Attachment
from channels.base import AttachmentId, BadPush, MediaKind, Stored

MAX_BYTES = 10 * 1024 * 1024
ALLOWED: dict[str, MediaKind] = {
    "image/jpeg": "image",
    "image/png": "image",
    "image/gif": "image",
    "image/webp": "image",
    "image/heic": "image",
    "audio/amr": "voice",
    "audio/mpeg": "voice",
    "audio/ogg": "voice",
    "audio/x-wav": "voice",
    "audio/mp4": "voice",
    "video/mp4": "video",
    "video/quicktime": "video",
    "video/webm": "video",
    "application/pdf": "file",
}


@dataclass(frozen=True, slots=True)
class Checked:
    mime: str
    kind: MediaKind
    data: bytes


def check(data: bytes) -> Checked:
    """Raises BadPush: 413 too large, 415 not one of ALLOWED."""
    if len(data) > MAX_BYTES:
        raise BadPush("文件不能超过 10 MB · files may have up to 10 MB", 413)
    mime = _mime(data)
    if mime not in ALLOWED:
        raise BadPush("只收照片、语音、视频和 PDF · photos, sound, video and PDF only", 415)
    return Checked(mime, ALLOWED[mime], data)


def _mime(data: bytes) -> str:
    if data[:6] == b"#!AMR\n" or data[:9] == b"#!AMR-WB\n":
        return "audio/amr"
    return str(filetype.guess_mime(data[:8192]) or "")


class Attachments:
    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    async def keep(
        self, session: AsyncSession, data: bytes, *, conversation_id: int | None = None, name: str = ""
    ) -> Attachment:
        """Check and store a file: bytes on disk first, then the row in the caller's transaction."""
        checked = check(data)
        row = Attachment(id=uuid.uuid4(), conversation_id=conversation_id, kind=checked.kind, name=name[:200])
        await self.fill(row, checked)
        session.add(row)
        await session.flush()
        return row

    async def fill(self, row: Attachment, checked: Checked) -> None:
        """Write the bytes of a row that was pending."""
        await asyncio.to_thread(self._write, row.id, checked.data)
        row.mime, row.kind, row.size = checked.mime, checked.kind, len(checked.data)
        row.sha256, row.status = hashlib.sha256(checked.data).hexdigest(), "stored"

    async def read(self, row: Attachment) -> Stored | None:
        """None while the file is still at the provider, or when it is lost."""
        if row.status != "stored":
            return None
        try:
            data = await asyncio.to_thread(self._path(row.id).read_bytes)
        except FileNotFoundError:
            return None
        return Stored(AttachmentId(str(row.id)), row.mime, row.size, data)

    def _path(self, key: uuid.UUID) -> Path:
        return self._folder / key.hex[:2] / key.hex

    def _write(self, key: uuid.UUID, data: bytes) -> None:
        path = self._path(key)
        path.parent.mkdir(exist_ok=True)
        fresh = path.with_suffix(".part")
        try:
            with fresh.open("wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            fresh.rename(path)
        except OSError:
            fresh.unlink(missing_ok=True)  # a disk that is full keeps no halves
            raise
