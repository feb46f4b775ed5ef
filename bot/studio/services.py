"""What a service is beside its phrases: title, department, deadline, details, as its file says them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from bot.dialogue.types import Detail
from bot.errors import Conflict, Invalid
from bot.store.tables import Operator
from bot.store.teaching import Revision
from bot.studio import phrases, tree
from bot.studio.phrases import Phrase
from bot.studio.scalars import scalar

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
    for name in ("title", "title_en", "about", "category", "department", "deadline", "kind"):
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
