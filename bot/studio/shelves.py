"""Knowledge articles, departments and places: found, added, changed and removed, each change one revision."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.errors import Conflict, Invalid, NotFound
from bot.store.operators import Operator
from bot.store.teaching import DataFile, Revision
from bot.studio import items, tree
from bot.studio.items import Facts, Item
from bot.studio.kept import kept
from bot.studio.tree import Draft


@dataclass(frozen=True, slots=True)
class Shelf:
    """Where things of one sort stand. `key` names the list; `lists` are the sorts of one file."""

    folder: str
    name: str  # the fact that names a thing
    lists: tuple[str, ...]
    file: str = ""  # the only file, or "" for one per topic


SHELVES: Mapping[str, Shelf] = {
    "articles": Shelf("knowledge/", "id", ("articles",)),
    "departments": Shelf("city/", "id", ("departments",), "city/departments.yml"),
    "deadlines": Shelf("city/", "id", ("deadlines",), "city/deadlines.yml"),
    "places": Shelf(
        "city/", "name", ("districts", "towns", "communities", "roads", "estates", "pois"), "city/places.yml"
    ),
}


def shelf(name: str) -> Shelf:
    if name not in SHELVES:
        raise NotFound(f"没有“{name}” · no such list")
    return SHELVES[name]


@dataclass(frozen=True, slots=True)
class Found:
    """A thing and the list that it stands in."""

    item: Item
    list: str


async def every(session: AsyncSession, name: str) -> list[Found]:
    """All things of a shelf, in the order of the files."""
    number = await tree.ready(session)
    one = shelf(name)

    async def make() -> list[Found]:
        content = await tree.files(session, under=one.file or one.folder)
        return await asyncio.to_thread(_found, one, content)

    return await kept(session, number, name, make)


def _found(one: Shelf, content: tree.Files) -> list[Found]:
    return [found for path, text in content.items() for found in _in(one, path, text)]


def _in(one: Shelf, path: str, text: str) -> Iterator[Found]:
    if path.endswith(".yml"):
        for key in one.lists:
            yield from (Found(item, key) for item in items.listed(path, text, key))


async def _one(draft: Draft, name: str, key: str, which: str, etag: str) -> tuple[Found, str]:
    """The thing as the page saw it. Raises Conflict naming who changed it since."""
    one = shelf(name)
    content = await draft.files(one.file or one.folder)
    for path, text in content.items():
        for found in _in(one, path, text):
            if found.list == key and str(found.item.facts.get(one.name)) == which:
                if found.item.etag != etag:
                    raise Conflict(await changed_by(draft.session, path))
                return found, text
    raise NotFound(f"没有“{which}”，可能刚被删掉 · there is no '{which}'; it may just have been removed")


async def changed_by(session: AsyncSession, path: str) -> str:
    """Who was faster."""
    row = (
        await session.execute(
            select(Operator.name, Revision.at)
            .join(DataFile, DataFile.revision == Revision.number)
            .outerjoin(Operator, Operator.id == Revision.operator_id)
            .where(DataFile.path == path)
            .order_by(Revision.number.desc())
            .limit(1)
        )
    ).first()
    who = (row[0] if row else None) or "别人"
    return f"{who} 刚改过这里，请看过新内容再改 · {who} has just changed this: look at it again first"


async def add(
    session: AsyncSession, by: Operator, name: str, key: str, facts: Facts, file: str = ""
) -> Revision:
    one = shelf(name)
    if key not in one.lists:
        raise Invalid({"list": "没有这个列表 · no such list"})
    facts = {fact: value for fact, value in facts.items() if value not in ("", None, [])}
    which = str(facts.get(one.name, ""))
    if not which:
        raise Invalid({one.name: "不能为空 · must not be empty"})
    draft = await tree.begin(session)
    content = await draft.files(one.file or one.folder)
    for path, text in content.items():
        for found in _in(one, path, text):
            if found.list == key and str(found.item.facts.get(one.name)) == which:
                raise Conflict(f"“{which}”已经有了 · '{which}' exists already")
    path = one.file or f"{one.folder}{file or 'others'}.yml"
    draft.write(path, items.added(path, content.get(path) or f"version: 1\n{key}: []\n", key, facts))
    return await _done(draft, by, which)


async def change(
    session: AsyncSession, by: Operator, name: str, key: str, which: str, etag: str, facts: Facts
) -> Revision:
    draft = await tree.begin(session)
    found, text = await _one(draft, name, key, which, etag)
    new = {fact: None if value in ("", [], None) else value for fact, value in facts.items()}
    draft.write(found.item.path, items.changed(text, found.item, kept_empty(found.item.facts, new)))
    return await _done(draft, by, which)


def kept_empty(old: Mapping[str, Any], new: Mapping[str, Any]) -> Facts:
    """An empty list that was written down stays written down (`aliases: []`)."""
    return {key: [] if value is None and old.get(key) == [] else value for key, value in new.items()}


async def remove(session: AsyncSession, by: Operator, name: str, key: str, which: str, etag: str) -> Revision:
    draft = await tree.begin(session)
    found, text = await _one(draft, name, key, which, etag)
    draft.write(found.item.path, items.removed(text, found.item, key))
    return await _done(draft, by, which)


async def _done(draft: Draft, by: Operator, why: str) -> Revision:
    return await tree.commit(draft, by, "edit", why) or await tree.present(draft.session)
