"""Adding, changing, moving and removing phrases: each call is one revision of the files.

Which file and block a phrase belongs in follows from what it says of itself; the answer is the same one that
a person editing nlu_data by hand would give.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.errors import Conflict, Invalid
from bot.services import CONDUCT, EMERGENCY, ENTITIES, KINDS, SAFETY
from bot.store.operators import Operator
from bot.store.teaching import PhraseRow, Revision
from bot.studio import markup, phrase_file, tree
from bot.studio.phrase_file import Block
from bot.studio.tree import Draft

GONE = "其中有例句刚被别人改过或删掉了，请刷新后再试 · somebody has changed or removed one of these: reload"
LONGEST = 2000  # characters of one phrase: more teaches nothing and slows training down


@dataclass(frozen=True, slots=True)
class Carried:
    """What a Rasa project says of some words beyond their tag; no page changes it."""

    words: str
    tag: str
    role: str = ""
    group: str = ""
    value: str = ""


@dataclass(frozen=True, slots=True)
class Phrase:
    """What a citizen might write, and what it means. `entities`: (start, end, tag).

    `carried` comes from the phrase that this one replaces, and stays with the same words and tag."""

    intent: str
    text: str
    entities: tuple[tuple[int, int, str], ...] = ()
    kind: str = ""
    safety: str = ""
    conduct: str = ""
    carried: tuple[Carried, ...] = ()


def marked(phrase: Phrase) -> str:
    """As it is written into the file. Raises Invalid."""
    said = markup.tame(phrase.text)
    if not said:
        raise Invalid({"text": "不能为空 · must not be empty"})
    if len(said) > LONGEST:
        raise Invalid({"text": f"最多 {LONGEST} 个字 · at most {LONGEST} characters"})
    for name, known in (("kind", KINDS), ("safety", SAFETY), ("conduct", CONDUCT)):
        if getattr(phrase, name) and getattr(phrase, name) not in known:
            raise Invalid({name: f"没有“{getattr(phrase, name)}” · unknown {name}"})
    unknown = {tag for _, _, tag in phrase.entities} - ENTITIES
    if unknown:
        raise Invalid({"entities": f"没有标签 {', '.join(sorted(unknown))} · unknown entity"})
    if phrase.entities and len(said) != len(phrase.text):
        raise Invalid(
            {"entities": "句子里有多余的空白，请先去掉再标注 · take out extra blanks before marking"}
        )
    try:
        return markup.render(said, _spans(phrase))
    except markup.BrokenMark as error:
        raise Invalid({"entities": str(error)}) from error


def _spans(phrase: Phrase) -> Iterator[markup.Span]:
    left = list(phrase.carried)
    for start, end, tag in sorted(phrase.entities):
        words = phrase.text[start:end]
        more = next((one for one in left if (one.words, one.tag) == (words, tag)), None)
        if more is None:
            yield markup.Span(start, end, tag)
        else:
            left.remove(more)
            yield markup.Span(start, end, tag, more.role, more.group, more.value)


async def add(
    session: AsyncSession, by: Operator | None, phrases: Sequence[Phrase], why: str, kind: str = "edit"
) -> Revision:
    """What is there already is not added again; when all is, the present revision is returned."""
    draft = await tree.begin(session)
    await put(draft, phrases)
    return await tree.commit(draft, by, kind, why) or await tree.present(session)


async def put(draft: Draft, phrases: Sequence[Phrase]) -> None:
    """Write phrases into the draft's files."""
    wanted: dict[str, dict[tuple[str, str, str, str], list[str]]] = {}
    for phrase in phrases:
        path = await home(draft, phrase)
        key = (phrase.intent, phrase.kind, phrase.safety, phrase.conduct)
        wanted.setdefault(path, {}).setdefault(key, []).append(marked(phrase))
    for path, groups in wanted.items():
        for (intent, said_kind, safety, conduct), said in groups.items():
            text = await draft.get(path) or ""
            labels = {"kind": said_kind, "safety": safety, "conduct": conduct}
            draft.write(path, _with(path, text, intent, labels, list(dict.fromkeys(said))))


def _with(path: str, text: str, intent: str, labels: Mapping[str, str], said: Sequence[str]) -> str:
    blocks = phrase_file.read(path, text) if text.strip() else ()
    there = {one.marked for block in blocks if _fits(blocks, block, intent, labels) for one in block.examples}
    fresh = [one for one in said if one not in there]
    if not fresh:
        return text
    fitting = [block for block in blocks if _fits(blocks, block, intent, labels)]
    block = next((block for block in fitting if block.indent and block.examples), None)
    if block:
        return phrase_file.add(text, block, fresh)
    return phrase_file.append(text, intent, labels, fresh)


def _fits(blocks: Sequence[Block], block: Block, intent: str, labels: Mapping[str, str]) -> bool:
    """Without a kind the usual one is meant: that of the intent's first block."""
    if block.intent != intent or any(block.label(name) != labels[name] for name in ("safety", "conduct")):
        return False
    usual = next(one for one in blocks if one.intent == intent).label("kind")
    return block.label("kind") == (labels["kind"] or usual)


async def home(draft: Draft, phrase: Phrase) -> str:
    """The file that a phrase belongs in. Raises Invalid where its intent is unknown."""
    if phrase.safety:
        if phrase.intent != EMERGENCY:
            raise Invalid({"safety": "有危险的说法一律属于“紧急情况” · danger now is always 'emergency'"})
        return f"safety/{phrase.safety}.yml"
    own = await where(draft, phrase.intent)
    if own is None:
        raise Invalid(
            {"intent": f"没有“{phrase.intent}”这个事项 · there is no service or act '{phrase.intent}'"}
        )
    return f"conduct/{phrase.conduct}.yml" if phrase.conduct else own


async def where(draft: Draft, intent: str) -> str | None:
    """The file that describes a service or an act."""
    path = f"services/{intent}.yml"
    if await draft.get(path) is not None:
        return path
    for path, text in (await draft.files("acts/")).items():
        if any(block.intent == intent for block in phrase_file.read(path, text)):
            return path
    return None


async def remove(session: AsyncSession, by: Operator | None, phrases: Sequence[Phrase], why: str) -> Revision:
    """Whatever is written like these under the same labels; what is gone already is passed over."""
    draft = await tree.begin(session)
    rows: list[PhraseRow] = []
    for phrase in phrases:
        query = select(PhraseRow).where(
            PhraseRow.intent == phrase.intent,
            PhraseRow.text == phrase.text,
            PhraseRow.safety == phrase.safety,
            PhraseRow.conduct == phrase.conduct,
        )
        if phrase.kind:
            query = query.where(PhraseRow.kind == phrase.kind)
        rows += await session.scalars(query)
    await take_out(draft, rows)
    return await tree.commit(draft, by, "edit", why) or await tree.present(session)


async def found(session: AsyncSession, ids: Sequence[int]) -> list[PhraseRow]:
    """The rows of what a page shows. Raises Conflict when somebody changed or removed one meanwhile."""
    query = select(PhraseRow).where(PhraseRow.id.in_(ids)).order_by(PhraseRow.path, PhraseRow.line)
    rows = list(await session.scalars(query))
    if len(rows) < len(set(ids)):
        raise Conflict(GONE)
    return rows


async def remove_ids(session: AsyncSession, by: Operator, ids: Sequence[int], why: str) -> Revision:
    draft = await tree.begin(session)
    await take_out(draft, await found(session, ids))
    return await tree.commit(draft, by, "edit", why) or await tree.present(session)


async def change(session: AsyncSession, by: Operator, row_id: int, new: Phrase) -> Revision:
    """Other words, entities or labels for one phrase."""
    draft = await tree.begin(session)
    [row] = await found(session, [row_id])
    new = replace(new, carried=_carried(row))
    same_place = (new.intent, new.safety, new.conduct) == (row.intent, row.safety, row.conduct)
    if same_place and new.kind in ("", row.kind):
        text = await literal(draft, row.path)
        [line] = lines_of(row.path, text, [row])
        draft.write(row.path, phrase_file.change(text, {line: marked(new)}))
    else:
        await put(draft, [new])
        await take_out(draft, [row])
    return await tree.commit(draft, by, "edit", "") or await tree.present(session)


async def move(
    session: AsyncSession, by: Operator, ids: Sequence[int], labels: Mapping[str, str]
) -> Revision:
    """Give phrases another intent, kind, safety or conduct; what `labels` does not name stays."""
    draft = await tree.begin(session)
    rows = await found(session, ids)
    await put(draft, [of(row, **labels) for row in rows])
    await take_out(draft, rows)
    return await tree.commit(draft, by, "edit", "") or await tree.present(session)


def of(row: PhraseRow, **labels: str) -> Phrase:
    """A row as a phrase."""
    entities = tuple((int(e["start"]), int(e["end"]), str(e["tag"])) for e in row.entities)
    facts = {"intent": row.intent, "kind": row.kind, "safety": row.safety, "conduct": row.conduct} | labels
    return Phrase(text=row.text, entities=entities, carried=_carried(row), **facts)


def _carried(row: PhraseRow) -> tuple[Carried, ...]:
    def one(e: Mapping[str, Any]) -> Carried:
        more = {key: str(e.get(key) or "") for key in ("role", "group", "value")}
        return Carried(row.text[int(e["start"]) : int(e["end"])], str(e["tag"]), **more)

    return tuple(one(e) for e in row.entities if {"role", "group", "value"} & set(e))


async def take_out(draft: Draft, rows: Iterable[PhraseRow]) -> None:
    """Raises Invalid where a service would be left without a single phrase."""
    paths: dict[str, list[PhraseRow]] = {}
    for row in rows:
        paths.setdefault(row.path, []).append(row)
    for path, mine in paths.items():
        text = await literal(draft, path)
        numbers = lines_of(path, text, mine)
        blocks = phrase_file.read(path, text)
        first = blocks[0] if path.startswith(("services/", "acts/")) else None
        if first and {one.line for one in first.examples} <= numbers:
            raise Invalid(
                {"": f"{path}：主要例句至少要留一条 · at least one phrase must stay in the first block"}
            )
        left = phrase_file.remove(text, blocks, numbers)
        draft.write(path, left if phrase_file.read(path, left) else None)


def lines_of(path: str, text: str, rows: Sequence[PhraseRow]) -> set[int]:
    """Where these phrases stand now: lines may have moved since the rows were read. Raises Conflict."""
    wanted = Counter((row.intent, row.kind, row.safety, row.conduct, row.marked) for row in rows)
    numbers = set()
    for block in phrase_file.read(path, text):
        for one in block.examples:
            kind, safety, conduct = block.labels.values()
            key = (block.intent, kind, safety, conduct, one.marked)
            if wanted[key] > 0:
                wanted[key] -= 1
                numbers.add(one.line)
    if wanted.total():
        raise Conflict(GONE)
    return numbers


async def literal(draft: Draft, path: str) -> str:
    """The file with every block in the form that can be changed line by line."""
    text = await draft.read(path)
    while odd := next((b for b in phrase_file.read(path, text) if b.examples and not b.indent), None):
        text = phrase_file.literal(path, text, odd)
    return text
