"""The tree of nlu_data in the database: every file in every revision, the newest of each is the present.

Revisions form one line: whoever changes something holds a lock until the end of the transaction, works on a
`Draft`, and `commit` stores what differs, provided that the whole tree still loads. Nothing is ever
rewritten; undoing is a further revision.
"""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import and_, func, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.ext.asyncio import AsyncSession

from bot.config import ROOT
from bot.errors import Conflict, DataError, Invalid, NotFound
from bot.knowledge.entries import load_entries
from bot.safety import load_net
from bot.services import load_catalogue
from bot.store.operators import Operator
from bot.store.session import notify
from bot.store.teaching import DataFile, Revision
from bot.studio import index, phrase_file
from bot.studio.merging import merged

TOPIC = "data"  # news: a revision was made
_LOCK = 1234505  # held while a revision is made
_SUFFIXES = (".yml", ".yaml", ".csv", ".txt", ".md")
_SEED = [ROOT / "nlu_data"]  # where a new installation's data comes from

Files = dict[str, str]


def use(folder: Path) -> None:
    """The files that seed an empty database. Called once at the start."""
    _SEED[0] = folder


@dataclass
class Draft:
    """The tree as it would be. Reads what it is asked for, remembers what was written."""

    session: AsyncSession
    base: int
    changed: dict[str, str | None] = field(default_factory=dict)

    async def get(self, path: str) -> str | None:
        return self.changed[path] if path in self.changed else await content(self.session, path)

    async def read(self, path: str) -> str:
        found = await self.get(path)
        if found is None:
            raise NotFound(f"没有文件 {path} · there is no file {path}")
        return found

    def write(self, path: str, text: str | None) -> None:
        self.changed[path] = text

    async def files(self, under: str = "") -> Files:
        """All files, or those of a folder, as they would be."""
        found: dict[str, str | None] = {**await files(self.session, under=under)}
        found |= {path: text for path, text in self.changed.items() if path.startswith(under)}
        return {path: text for path, text in sorted(found.items()) if text is not None}


async def begin(session: AsyncSession) -> Draft:
    """Lock, seed where nothing is yet, and start from the present."""
    await session.execute(select(func.pg_advisory_xact_lock(_LOCK)))
    return Draft(session, await _seeded(session))


async def ready(session: AsyncSession) -> int:
    """The number of the present revision; seeds an empty database."""
    number = await latest(session)
    return number or (await begin(session)).base


async def latest(session: AsyncSession) -> int:
    """0: there is none yet."""
    return int(await session.scalar(select(func.max(Revision.number))) or 0)


async def _seeded(session: AsyncSession) -> int:
    number = await latest(session)
    return number or await _seed(session, Draft(session, 0), await asyncio.to_thread(on_disk, _SEED[0]))


async def refresh(session: AsyncSession) -> None:
    """Follow files that changed on disk, as long as nobody has edited anything here. For the start."""
    last = await session.scalar(select(Revision).order_by(Revision.number.desc()).limit(1))
    if last is None or last.kind != "seed":
        return
    draft = await begin(session)
    disk = await asyncio.to_thread(on_disk, _SEED[0])
    if draft.base == last.number and disk != await files(session):
        await _seed(session, draft, disk)


async def _seed(session: AsyncSession, draft: Draft, disk: Files) -> int:
    if not disk:
        raise Invalid({"": f"{_SEED[0]} 里没有数据 · no data there"})
    for path, content_ in disk.items():
        draft.write(path, content_)
    for path in await files(session):
        if path not in disk:
            draft.write(path, None)
    made = await commit(draft, None, "seed", "")
    return made.number if made else draft.base


def on_disk(folder: Path) -> Files:
    """The text files of a folder by their path in it, line ends as they are."""
    paths = (path for path in folder.rglob("*") if path.suffix in _SUFFIXES and path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes().decode() for path in sorted(paths)}


def to_disk(folder: Path, tree: Mapping[str, str]) -> None:
    for path, content_ in tree.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content_.encode())


async def files(session: AsyncSession, at: int | None = None, under: str = "") -> Files:
    """The tree, present or as of a revision."""
    query = select(DataFile.path, DataFile.content).ext(distinct_on(DataFile.path))
    query = query.order_by(DataFile.path, DataFile.revision.desc())
    if at is not None:
        query = query.where(DataFile.revision <= at)
    if under:
        query = query.where(DataFile.path.startswith(under, autoescape=True))
    return {path: content_ for path, content_ in await session.execute(query) if content_ is not None}


async def content(session: AsyncSession, path: str, at: int | None = None) -> str | None:
    """One file, present or as of a revision; None where there is none."""
    query = select(DataFile.content).where(DataFile.path == path).order_by(DataFile.revision.desc()).limit(1)
    return await session.scalar(query.where(DataFile.revision <= at) if at is not None else query)


async def commit(
    draft: Draft, by: Operator | None, kind: str, why: str, undoes: int | None = None
) -> Revision | None:
    """Store what differs as one revision; None when nothing does. Raises Invalid naming file and line."""
    session = draft.session
    before = await files(session)
    differs = {path: new for path, new in draft.changed.items() if before.get(path) != new}
    if not differs:
        return None
    after = {path: new for path, new in ({**before, **differs}).items() if new is not None}
    await asyncio.to_thread(check, after)
    revision = Revision(operator_id=by.id if by else None, kind=kind, why=why, undoes=undoes)
    session.add(revision)
    await session.flush()
    session.add_all(
        DataFile(path=path, revision=revision.number, content=new) for path, new in differs.items()
    )
    await session.flush()
    await index.rebuild(session, revision.number, differs)
    await notify(session, TOPIC, revision=revision.number)
    return revision


def check(tree: Mapping[str, str]) -> None:
    """The whole tree must load as the app would load it. Raises Invalid: file:line → what to mend."""
    with tempfile.TemporaryDirectory(prefix="lianxin-data-") as name:
        folder = Path(name)
        to_disk(folder, {path: text_ for path, text_ in tree.items() if not path.startswith("tests/")})
        try:
            catalogue = load_catalogue(folder)
            load_net(folder / "safety" / "net.yml")
            load_entries(folder / "knowledge", catalogue)
            _check_imports(tree, {*catalogue.services, *catalogue.acts})
        except DataError as error:
            raise invalid(error, folder) from error


def _check_imports(tree: Mapping[str, str], known: Collection[str]) -> None:
    """Phrases from elsewhere must lead to what there is here."""
    for path, text_ in tree.items():
        if path.startswith("imports/"):
            for block in phrase_file.read(path, text_):
                if block.intent not in known:
                    raise DataError(Path(path), block.first, f"there is no service or act '{block.intent}'")


def invalid(error: DataError, folder: Path | None = None) -> Invalid:
    """A mistake in a file as a refusal whose field is `file:line`."""
    path = error.path.relative_to(folder) if folder and error.path.is_absolute() else error.path
    return Invalid({f"{path.as_posix()}:{error.line}": error.what})


async def present(session: AsyncSession) -> Revision:
    """The newest revision."""
    number = await ready(session)
    return await session.get_one(Revision, number)


async def before(session: AsyncSession, number: int) -> dict[str, tuple[str | None, str | None]]:
    """What a revision did: path → (content before, content after)."""
    rows = await session.scalars(select(DataFile).where(DataFile.revision == number).order_by(DataFile.path))
    return {row.path: (await content(session, row.path, number - 1), row.content) for row in rows}


async def undo(session: AsyncSession, by: Operator | None, number: int) -> Revision:
    """Take one revision back and keep what was done since. Raises Conflict where that cannot be."""
    draft = await begin(session)
    made = await session.get(Revision, number)
    if made is None:
        raise NotFound("没有这个版本 · no such revision")
    if made.kind == "seed":
        raise Conflict("这是初始数据，不能撤销 · the first data cannot be taken back")
    for path, (old, new) in (await before(session, number)).items():
        now = await draft.get(path)
        if now == new:
            draft.write(path, old)
            continue
        kept = merged(new, old, now) if None not in (old, new, now) else None
        if kept is None:
            raise Conflict(
                f"{path} 后来又改过，请先撤销较新的修改 · {path} was changed again since: undo that first"
            )
        draft.write(path, kept)
    done = await commit(draft, by, "undo", "", undoes=number)
    if done is None:
        raise Conflict("已经撤销过了 · it was taken back already")
    return done


async def restore(session: AsyncSession, by: Operator | None, path: str, number: int) -> Revision:
    """One file as it was after a revision."""
    draft = await begin(session)
    known = await session.scalar(
        select(func.count()).where(and_(DataFile.path == path, DataFile.revision <= number))
    )
    if not known:
        raise NotFound(f"{path} 当时还不存在 · there was no {path} then")
    draft.write(path, await content(session, path, number))
    done = await commit(draft, by, "restore", path)
    if done is None:
        raise Conflict("内容本来就一样 · it is the same already")
    return done


async def snapshot(session: AsyncSession, folder: Path, at: int | None = None) -> int:
    """Write the whole tree into a folder; returns its revision."""
    number = at if at is not None else await ready(session)
    await asyncio.to_thread(to_disk, folder, await files(session, number))
    return number
