"""Knowledge articles, departments and places on their pages, and the history of everything."""

from __future__ import annotations

from collections import Counter
from typing import Any

from bot.console import audit
from bot.console.api import Call
from bot.console.data_shapes import (
    DifferenceView,
    FileChange,
    FileNames,
    FileQuery,
    FileText,
    History,
    HistoryQuery,
    ItemChange,
    ItemIn,
    ItemList,
    ItemQuery,
    ItemRemoval,
    ItemView,
    Made,
    Restore,
    RevisionDetail,
    RevisionView,
)
from bot.console.shapes import Nothing
from bot.errors import Invalid, NotFound
from bot.store.teaching import Revision
from bot.studio import history, shelves, texts, tree
from bot.studio.shelves import Found

_MOST = 20_000  # characters of one thing


async def listed(call: Call[ItemQuery, Nothing]) -> ItemList:
    query, name = call.query, call.path("shelf")
    shelf = shelves.shelf(name)
    found = [one for one in await shelves.every(call.session, name) if _holds(one, query.search.lower())]
    counts = Counter(one.list if shelf.file else one.item.path for one in found)
    wanted = [one for one in found if query.list in ("", one.list, one.item.path)]
    page = wanted[query.offset : query.offset + query.limit]
    return ItemList(rows=[_view(one, shelf.name) for one in page], total=len(wanted), counts=dict(counts))


def _holds(one: Found, search: str) -> bool:
    return not search or search in "\0".join(_texts(one.item.facts)).lower()


def _texts(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [text for one in value.values() for text in _texts(one)]
    if isinstance(value, list):
        return [text for one in value for text in _texts(one)]
    return [str(value)]


def _view(one: Found, name: str) -> ItemView:
    item = one.item
    return ItemView(
        list=one.list,
        name=str(item.facts.get(name, "")),
        path=item.path,
        line=item.line,
        etag=item.etag,
        facts=item.facts,
    )


async def add(call: Call[Nothing, ItemIn]) -> Made:
    body, name = call.body, call.path("shelf")
    _check(body.facts)
    made = await shelves.add(call.session, call.operator, name, body.list, body.facts, body.file)
    return _made(call, f"{name}.add", made)


async def change(call: Call[Nothing, ItemChange]) -> Made:
    body, name = call.body, call.path("shelf")
    _check(body.facts)
    made = await shelves.change(
        call.session, call.operator, name, body.list, body.name, body.etag, body.facts
    )
    return _made(call, f"{name}.change", made)


async def remove(call: Call[Nothing, ItemRemoval]) -> Made:
    body, name = call.body, call.path("shelf")
    made = await shelves.remove(call.session, call.operator, name, body.list, body.name, body.etag)
    return _made(call, f"{name}.remove", made)


def _check(facts: dict[str, Any], depth: int = 0) -> None:
    """Texts on one line, numbers, switches, and lists or mappings of these: what the files hold."""
    if sum(map(len, _texts(facts))) > _MOST:
        raise Invalid({"facts": "内容过长 · too long"})
    for key, value in facts.items():
        if not _fits(value, depth):
            raise Invalid(
                {str(key): "只能是文字、数字或列表，且不能换行 · text, numbers or lists, on one line"}
            )


def _fits(value: Any, depth: int) -> bool:
    if isinstance(value, str):
        return value.isprintable()
    if isinstance(value, list):
        return depth < 3 and all(_fits(one, depth + 1) for one in value)
    if isinstance(value, dict):
        return depth < 3 and all(str(k).isidentifier() and _fits(v, depth + 1) for k, v in value.items())
    return value is None or isinstance(value, (bool, int, float))


def _made(call: Call[Any, Any], verb: str, made: Revision) -> Made:
    audit.record(call.session, call.operator.id, f"data.{verb}", f"data:{made.number}")
    return Made(revision=made.number)


async def revisions(call: Call[HistoryQuery, Nothing]) -> History:
    query = call.query
    rows = await history.revisions(call.session, query.path, query.before, query.limit)
    return History(rows=[RevisionView.model_validate(one) for one in rows])


async def revision(call: Call[Nothing, Nothing]) -> RevisionDetail:
    rows = await history.revisions(call.session, before=call.id + 1, limit=1)
    if not rows or rows[0].number != call.id:
        raise NotFound("没有这个版本 · no such revision")
    files = await history.difference(call.session, call.id)
    return RevisionDetail(
        revision=RevisionView.model_validate(rows[0]),
        files=[DifferenceView.model_validate(one) for one in files],
    )


async def undo(call: Call[Nothing, Nothing]) -> Made:
    made = await tree.undo(call.session, call.operator, call.id)
    return _made(call, "undo", made)


async def files(call: Call[Nothing, Nothing]) -> FileNames:
    return FileNames(rows=await texts.names(call.session))


async def file(call: Call[FileQuery, Nothing]) -> FileText:
    text = await texts.read(call.session, call.query.path)
    return FileText(path=call.query.path, text=text, etag=texts.etag(text))


async def write(call: Call[Nothing, FileChange]) -> Made:
    body, before = call.body, await tree.ready(call.session)
    made = await texts.write(call.session, call.operator, body.path, body.etag, body.text, body.why)
    return _made(call, "file", made) if made.number != before else Made(revision=before, changed=False)


async def restore(call: Call[Nothing, Restore]) -> Made:
    made = await tree.restore(call.session, call.operator, call.body.path, call.body.revision)
    return _made(call, "restore", made)
