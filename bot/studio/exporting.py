"""The present data back to files: into a folder under version control, or as an archive."""

from __future__ import annotations

import asyncio
import io
import zipfile
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.store.teaching import DataFile
from bot.studio import tree


@dataclass(frozen=True, slots=True)
class Written:
    """What an export did to a folder."""

    revision: int
    files: int
    changed: list[str]
    removed: list[str]


async def to_folder(session: AsyncSession, folder: Path) -> Written:
    """Files that are the same stay untouched; one that was deleted here goes there too, and nothing else."""
    number = await tree.ready(session)
    present = await tree.files(session)
    ever = set(await session.scalars(select(DataFile.path).distinct()))
    changed, removed = await asyncio.to_thread(_write, folder, present, sorted(ever - set(present)))
    return Written(number, len(present), changed, removed)


def _write(folder: Path, present: tree.Files, gone: list[str]) -> tuple[list[str], list[str]]:
    changed = [path for path, text in present.items() if _bytes(folder / path) != text.encode()]
    tree.to_disk(folder, {path: present[path] for path in changed})
    removed = [path for path in gone if (folder / path).is_file()]
    for path in removed:
        (folder / path).unlink()
    return changed, removed


def _bytes(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None


async def archive(session: AsyncSession) -> tuple[int, bytes]:
    """The whole tree as a zip, the same bytes for the same revision."""
    number = await tree.ready(session)
    return number, await asyncio.to_thread(_zipped, await tree.files(session))


def _zipped(present: tree.Files) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        for path, text in sorted(present.items()):
            info = zipfile.ZipInfo(f"nlu_data/{path}", (1980, 1, 1, 0, 0, 0))
            info.compress_type = zipfile.ZIP_DEFLATED
            info.external_attr = 0o644 << 16
            packed.writestr(info, text.encode())
    return out.getvalue()
