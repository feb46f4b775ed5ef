"""The files of versions in the database: what a node lacks it finds there, wherever a model was trained."""

from __future__ import annotations

import gzip
import hashlib
import io
import tarfile
from pathlib import Path
from typing import Literal

from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from bot.errors import Conflict
from bot.store.models import ModelFile, ModelVersion

Form = Literal["export", "rasa", "data"]


async def keep(session: AsyncSession, model_id: int, form: Form, data: bytes) -> None:
    """Store once; the same version has the same files for ever."""
    values = {"size": len(data), "sha256": hashlib.sha256(data).hexdigest(), "data": data}
    statement = insert(ModelFile).values(model_id=model_id, form=form, **values)
    await session.execute(statement.on_conflict_do_nothing())


async def load(session: AsyncSession, model_id: int, form: Form) -> bytes | None:
    """None for what was deleted or never stored. Raises Conflict when the bytes are not what was stored."""
    row = await session.scalar(
        select(ModelFile).where(ModelFile.model_id == model_id, ModelFile.form == form)
    )
    if row is None:
        return None
    session.expunge(row)  # megabytes that nobody needs to keep
    if hashlib.sha256(row.data).hexdigest() != row.sha256:
        raise Conflict("模型文件已损坏 · the stored model is damaged")
    return row.data


async def sizes(session: AsyncSession) -> dict[int, int]:
    """Bytes of each version."""
    rows = await session.execute(
        select(ModelFile.model_id, func.sum(ModelFile.size)).group_by(ModelFile.model_id)
    )
    return {model: int(size) for model, size in rows}


async def retire(session: AsyncSession, version: ModelVersion) -> None:
    """Delete the bytes; what was measured stays."""
    await session.execute(delete(ModelFile).where(ModelFile.model_id == version.id))
    version.retired_at = func.clock_timestamp()


def packed(folder: Path) -> bytes:
    """A folder as tar.gz, the same bytes for the same files."""
    out = io.BytesIO()
    with (
        gzip.GzipFile(fileobj=out, mode="wb", mtime=0) as zipped,
        tarfile.open(fileobj=zipped, mode="w|") as tar,
    ):
        for path in sorted(folder.rglob("*")):
            if path.is_file() and not any(part.startswith(".") for part in path.relative_to(folder).parts):
                tar.add(path, path.relative_to(folder).as_posix(), recursive=False, filter=_plain)
    return out.getvalue()


def _plain(member: tarfile.TarInfo) -> tarfile.TarInfo:
    member.mtime, member.uid, member.gid, member.uname, member.gname = 0, 0, 0, "", ""
    return member


def unpacked(data: bytes, into: Path) -> Path:
    """What `packed` made, again as a folder."""
    with tarfile.open(fileobj=io.BytesIO(data), mode="r:gz") as tar:
        tar.extractall(into, filter="data")
    return into
