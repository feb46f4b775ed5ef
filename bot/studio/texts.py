"""Files that no page has fields for — the city, its calendar and deadlines, labels, rules for danger,
synonyms of imported projects — as text, checked as a whole before they count."""

from __future__ import annotations

import hashlib

from sqlalchemy.ext.asyncio import AsyncSession

from bot.errors import Conflict, DataError, NotFound
from bot.store.operators import Operator
from bot.store.teaching import Revision
from bot.studio import phrase_file, shelves, tree

_FOLDERS = ("city/", "imports/")
_NET = "safety/net.yml"


def editable(path: str) -> bool:
    return path.endswith(".yml") and (path.startswith(_FOLDERS) or path == _NET)


def etag(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]


async def names(session: AsyncSession) -> list[str]:
    """The paths, in their order."""
    await tree.ready(session)
    found = [path for folder in (*_FOLDERS, _NET) for path in await tree.files(session, under=folder)]
    return [path for path in found if editable(path)]


async def read(session: AsyncSession, path: str) -> str:
    """Raises NotFound, also for files that have pages of their own."""
    text = await tree.content(session, path) if editable(path) else None
    if text is None:
        raise NotFound(f"没有文件 {path} · there is no file {path}")
    return text


async def write(session: AsyncSession, by: Operator, path: str, seen: str, text: str, why: str) -> Revision:
    """Raises Conflict naming who was faster, Invalid naming the line that cannot be read."""
    draft = await tree.begin(session)
    if etag(await read(session, path)) != seen:
        raise Conflict(await shelves.changed_by(session, path))
    text = text.replace("\r\n", "\n").rstrip("\n") + "\n"
    try:
        phrase_file.read(path, text)
    except DataError as error:
        raise tree.invalid(error) from error
    draft.write(path, text)
    return await tree.commit(draft, by, "edit", why or path) or await tree.present(session)
