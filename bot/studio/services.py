"""What a service is beside its phrases: title, department, deadline, details, as its file says them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.dialogue.types import Detail
from bot.errors import Conflict, Invalid, NotFound
from bot.services import EMERGENCY, FALLBACK
from bot.store.operators import Operator
from bot.store.teaching import PhraseRow, Revision
from bot.studio import items, phrases, shelves, tree
from bot.studio.items import Item
from bot.studio.phrases import Phrase
from bot.studio.scalars import scalar

FACTS = ("title", "title_en", "about", "category", "department", "deadline", "kind", "details")
_ID = re.compile(r"[a-z][a-z0-9_]{1,39}")


@dataclass(frozen=True, slots=True)
class ServiceSpec:
    """A new service. `phrases` are its first ones, at least one; their intent may be left empty."""

    id: str
    title: str
    title_en: str
    about: str
    category: str
    department: str
    deadline: str
    kind: str
    details: tuple[Detail, ...] = ()
    phrases: tuple[Phrase, ...] = ()


async def create(session: AsyncSession, by: Operator | None, spec: ServiceSpec, why: str) -> Revision:
    """Raises Conflict where the id is taken, Invalid where something does not fit the city."""
    if not _ID.fullmatch(spec.id):
        raise Invalid({"id": "用小写英文字母、数字和下划线 · small letters, digits and underscores"})
    if not spec.phrases:
        raise Invalid({"phrases": "至少写一条例句 · at least one phrase"})
    draft = await tree.begin(session)
    if await phrases.where(draft, spec.id) is not None:
        raise Conflict(f"“{spec.id}”已经有了 · '{spec.id}' exists already")
    own = [Phrase(spec.id, p.text, p.entities, p.kind, p.safety, p.conduct) for p in spec.phrases]
    first = [one for one in own if one.kind in ("", spec.kind) and not one.conduct and not one.safety]
    if not first:
        raise Invalid({"phrases": "至少要有一条常见类型的例句 · one phrase must be of the usual kind"})
    draft.write(f"services/{spec.id}.yml", "\n".join(_lines(spec, first)) + "\n")
    await phrases.put(draft, own)
    made = await tree.commit(draft, by, "edit", why)
    return made or await tree.present(session)


def _lines(spec: ServiceSpec, first: list[Phrase]) -> Iterator[str]:
    yield 'version: "3.1"'
    yield "nlu:"
    yield f"- intent: {spec.id}"
    yield "  metadata:"
    for name in FACTS[:-1]:
        yield f"    {name}: {scalar(getattr(spec, name))}"
    if spec.details:
        yield "    details:"
        yield from (f"      - {detail_line(one)}" for one in spec.details)
    else:
        yield "    details: []"
    yield "  examples: |"
    yield from (f"    - {one}" for one in dict.fromkeys(phrases.marked(p) for p in first))


def detail_line(one: Detail) -> str:
    """As in `{name: place, required: true}`."""
    more = [", required: true"] * one.required + [", ask: false"] * (not one.ask)
    return f"{{name: {one.name}{''.join(more)}}}"


async def described(session: AsyncSession, intent: str) -> Item:
    """The facts of a service or an act. Raises NotFound."""
    await tree.ready(session)
    draft = tree.Draft(session, 0)
    path = await phrases.where(draft, intent)
    if path is None:
        raise NotFound(f"没有“{intent}” · there is no service or act '{intent}'")
    return items.facts(path, await draft.read(path))


async def describe(
    session: AsyncSession, by: Operator, intent: str, etag: str, facts: Mapping[str, Any]
) -> Revision:
    """Other facts; what is not named stays. Raises Conflict where somebody was faster."""
    draft = await tree.begin(session)
    found = await described(session, intent)
    if found.etag != etag:
        raise Conflict(await shelves.changed_by(session, found.path))
    draft.write(found.path, items.changed(await draft.read(found.path), found, facts))
    return await tree.commit(draft, by, "edit", intent) or await tree.present(session)


async def remove(session: AsyncSession, by: Operator, name: str) -> Revision:
    """A service with all its phrases. Raises Conflict while other files speak of it."""
    draft = await tree.begin(session)
    path = f"services/{name}.yml"
    if await draft.get(path) is None:
        raise NotFound(f"没有“{name}” · there is no service '{name}'")
    if name in (EMERGENCY, FALLBACK):
        raise Conflict("这个事项不能删除，系统要用 · the house needs this service")
    elsewhere = await session.scalars(
        select(PhraseRow.path).where(PhraseRow.intent == name, PhraseRow.path != path).distinct()
    )
    if files := sorted(elsewhere):
        raise Conflict(
            f"这些文件里还有它的例句，请先移走：{', '.join(files)} · its phrases there must move first"
        )
    draft.write(path, None)
    return await tree.commit(draft, by, "edit", name) or await tree.present(session)
