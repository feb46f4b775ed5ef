"""Who changed what and when: revisions with the lines that each took out and put in."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from difflib import SequenceMatcher

from sqlalchemy import exists, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.errors import NotFound
from bot.store.operators import Operator
from bot.store.teaching import DataFile, Revision
from bot.studio import tree

_AROUND = 2  # unchanged lines shown beside a change
_MOST = 400  # lines of one file's difference that are shown


@dataclass(frozen=True, slots=True)
class Told:
    """A revision as a list shows it."""

    number: int
    at: datetime
    operator: str
    kind: str
    why: str
    undoes: int | None
    undone_by: int | None
    files: list[str]


@dataclass(frozen=True, slots=True)
class Line:
    """`sign`: "+" came, "-" went, " " stayed, "…" left out. `line`: in the file after, or before if gone."""

    sign: str
    line: int
    text: str


@dataclass(frozen=True, slots=True)
class Difference:
    path: str
    how: str  # added · changed · removed
    plus: int
    minus: int
    lines: list[Line]


async def revisions(
    session: AsyncSession, path: str = "", before: int | None = None, limit: int = 30
) -> list[Told]:
    """Newest first."""
    await tree.ready(session)
    query = select(Revision, Operator.name).outerjoin(Operator, Operator.id == Revision.operator_id)
    if before is not None:
        query = query.where(Revision.number < before)
    if path:
        touched = exists().where(DataFile.revision == Revision.number, DataFile.path == path)
        query = query.where(touched)
    rows = list(await session.execute(query.order_by(Revision.number.desc()).limit(limit)))
    numbers = [revision.number for revision, _ in rows]
    files: dict[int, list[str]] = {}
    listed = select(DataFile.revision, DataFile.path).where(DataFile.revision.in_(numbers))
    for number, name in await session.execute(listed.order_by(DataFile.path)):
        files.setdefault(number, []).append(name)
    undone = await session.execute(
        select(Revision.undoes, func.max(Revision.number))
        .where(Revision.undoes.in_(numbers))
        .group_by(Revision.undoes)
    )
    by = dict(list(undone))
    return [
        Told(
            row.number,
            row.at,
            name or "",
            row.kind,
            row.why,
            row.undoes,
            by.get(row.number),
            files[row.number],
        )
        for row, name in rows
    ]


async def difference(session: AsyncSession, number: int) -> list[Difference]:
    """What a revision did to each file."""
    if await session.get(Revision, number) is None:
        raise NotFound("没有这个版本 · no such revision")
    changed = await tree.before(session, number)
    return [_difference(path, old, new) for path, (old, new) in changed.items()]


def _difference(path: str, old: str | None, new: str | None) -> Difference:
    how = "added" if old is None else "removed" if new is None else "changed"
    lines = list(_lines((old or "").splitlines(), (new or "").splitlines()))
    plus, minus = (sum(line.sign == sign for line in lines) for sign in "+-")
    return Difference(path, how, plus, minus, lines[:_MOST])


def _lines(old: list[str], new: list[str]) -> Iterator[Line]:
    groups = SequenceMatcher(None, old, new, autojunk=False).get_grouped_opcodes(_AROUND)
    for number, group in enumerate(groups):
        if number:
            yield Line("…", 0, "")
        for tag, i, j, k, m in group:
            if tag == "equal":
                yield from (Line(" ", k + n + 1, text) for n, text in enumerate(new[k:m]))
                continue
            yield from (Line("-", i + n + 1, text) for n, text in enumerate(old[i:j]))
            yield from (Line("+", k + n + 1, text) for n, text in enumerate(new[k:m]))
