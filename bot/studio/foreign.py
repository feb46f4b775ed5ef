"""Rasa projects of others, and exports of our own, as they would come in: looked at first, then stored.

A foreign file stays as it is, synonyms, tables, expressions and comments included, and lies under imports/;
only the names of its intents become ours. Files of an export of ours take the place of the present ones.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.errors import Conflict, DataError, Invalid
from bot.marks import parse
from bot.services import ENTITIES
from bot.store.operators import Operator
from bot.store.teaching import PhraseRow, Revision
from bot.studio import index, markup, phrase_file, tree, uploads

OWN = frozenset({"category", "department", "teaches", "title", "deadline", "details"})
_EXAMPLES = 3


@dataclass
class Intent:
    """A foreign intent. `target`: what it would become with us, "" for left out."""

    name: str
    target: str = ""
    count: int = 0
    examples: list[str] = field(default_factory=list)
    known: int = 0  # phrases that we have already, under the same intent
    contradicts: Counter[str] = field(default_factory=Counter)  # phrases that we have under another


@dataclass(frozen=True)
class Wrong:
    path: str
    line: int
    what: str


@dataclass
class Preview:
    """`replaced`: files of an export of ours that differ from the present ones; else the intents count."""

    files: list[str]
    passed: list[str]
    replaced: dict[str, str]  # path → added · changed · removed
    intents: list[Intent]
    tags: dict[str, int]
    unknown_tags: list[str]
    synonyms: int = 0
    regexes: int = 0
    lookups: int = 0
    wrong: list[Wrong] = field(default_factory=list)


def of_ours(texts: Mapping[str, str]) -> bool:
    """Whether these are files of our own tree rather than somebody's project."""
    ours = [path for path in texts if path.split("/")[0] in uploads.KNOWN or path == "config.yml"]
    return any(path.startswith("services/") for path in ours) and len(ours) * 2 > len(texts)


async def preview(
    session: AsyncSession, texts: Mapping[str, str], passed: list[str], mapping: Mapping[str, str]
) -> Preview:
    await tree.ready(session)
    if of_ours(texts):
        present = await tree.files(session)
        how = {p: "changed" if p in present else "added" for p, t in texts.items() if present.get(p) != t}
        return Preview(sorted(texts), passed, how, [], {}, [])
    return await _foreign(session, texts, passed, mapping)


async def _foreign(
    session: AsyncSession, texts: Mapping[str, str], passed: list[str], mapping: Mapping[str, str]
) -> Preview:
    found = Preview([], list(passed), {}, [], {}, [])
    intents: dict[str, Intent] = {}
    tags: Counter[str] = Counter()
    said: dict[str, list[str]] = {}
    for path, text in sorted(texts.items()):
        try:
            blocks = _blocks(path, text, found)
        except DataError as error:
            found.wrong.append(Wrong(path, error.line, error.what))
            continue
        if blocks is None:
            found.passed.append(path)
            continue
        found.files.append(path)
        for block in blocks:
            _read(path, block, intents, tags, said, found)
    known = set(await session.scalars(select(PhraseRow.intent).distinct()))
    for one in intents.values():
        one.target = mapping.get(one.name, one.name if one.name in known else _near(one.name, known))
        if one.target and one.target not in known:
            found.wrong.append(
                Wrong("", 0, f"“{one.target}”不是已有的事项 · '{one.target}' is not known here")
            )
    await _compare(session, intents, said)
    found.intents = sorted(intents.values(), key=lambda one: (-one.count, one.name))
    found.tags = dict(tags.most_common())
    found.unknown_tags = sorted(set(tags) - ENTITIES)
    return found


def _blocks(path: str, text: str, found: Preview) -> tuple[phrase_file.Block, ...] | None:
    """None for a file of a Rasa project that holds no phrases (domain, stories, rules, configuration)."""
    phrase_file.refuse_odd_ends(path, text)
    root = parse(Path(path), text).fields()
    if "nlu" not in root:
        return None
    for item in root["nlu"].items():
        parts = item.fields()
        found.synonyms += "synonym" in parts
        found.regexes += "regex" in parts
        found.lookups += "lookup" in parts
        if not {"intent", "synonym", "regex", "lookup"} & set(parts):
            item.fail("a block is an intent, a synonym, a regex or a lookup")
        if "metadata" in parts and "intent" in parts and (own := OWN & _keys(parts["metadata"])):
            item.fail(f"metadata {', '.join(sorted(own))} has a meaning of its own here: rename it")
    return phrase_file.read(path, text)


def _keys(node: object) -> set[str]:
    value = getattr(node, "node", None)
    pairs = value.value if value is not None and isinstance(value.value, list) else []
    return {str(one[0].value) for one in pairs if isinstance(one, tuple)}


def _read(
    path: str,
    block: phrase_file.Block,
    intents: dict[str, Intent],
    tags: Counter[str],
    said: dict[str, list[str]],
    found: Preview,
) -> None:
    one = intents.setdefault(block.intent, Intent(block.intent))
    for example in block.examples:
        try:
            plain, spans = markup.parse(example.marked)
        except markup.BrokenMark as error:
            found.wrong.append(Wrong(path, example.line, str(error)))
            continue
        one.count += 1
        tags.update(span.tag for span in spans)
        said.setdefault(block.intent, []).append(index.same(plain))
        if len(one.examples) < _EXAMPLES:
            one.examples.append(plain)


def _near(name: str, known: set[str]) -> str:
    """The usual names of small talk in Rasa projects; anything else is for a person to say."""
    plain = re.sub(r"[^a-z]+", "_", name.lower()).strip("_")
    usual = {"goodbye": "bye", "thanks": "thank", "thankyou": "thank", "yes": "affirm", "no": "deny"}
    usual |= {"hello": "greet", "out_of_scope": "out_of_scope", "nlu_fallback": "", "handoff": "ask_person"}
    target = usual.get(plain, plain)
    return target if target in known else ""


async def _compare(
    session: AsyncSession, intents: Mapping[str, Intent], said: Mapping[str, list[str]]
) -> None:
    every = {words for one in said.values() for words in one}
    rows = await session.execute(
        select(PhraseRow.normalised, PhraseRow.intent).where(PhraseRow.normalised.in_(every)).distinct()
    )
    there: dict[str, set[str]] = {}
    for words, intent in rows:
        there.setdefault(words, set()).add(intent)
    for name, mine in said.items():
        one = intents[name]
        for words in mine:
            if one.target in there.get(words, ()):
                one.known += 1
            elif one.target:
                one.contradicts.update(there.get(words, ()))


async def store(
    session: AsyncSession, by: Operator, texts: Mapping[str, str], name: str, mapping: Mapping[str, str]
) -> Revision:
    """One revision. Raises Invalid where something is wrong, Conflict where the name is taken."""
    seen = await preview(session, texts, [], mapping)
    if seen.wrong:
        raise Invalid({f"{one.path}:{one.line}": one.what for one in seen.wrong[:50]})
    draft = await tree.begin(session)
    if of_ours(texts):
        for path, text in texts.items():
            draft.write(path, text)
    else:
        targets = {one.name: one.target for one in seen.intents}
        if not any(targets.values()):
            raise Invalid({"mapping": "没有一个意图对应到我们的事项 · no intent leads to one of ours"})
        for path in seen.files:
            own = f"imports/{_name(name, path, len(seen.files))}.yml"
            if await draft.get(own) is not None:
                raise Conflict(f"已经有一个叫“{name}”的导入，请换个名字 · an import of this name exists")
            if text := renamed(path, texts[path], targets):
                draft.write(own, text)
    done = await tree.commit(draft, by, "import", name)
    if done is None:
        raise Conflict("内容完全一样，没有可导入的 · it is all there already")
    return done


def _name(name: str, path: str, count: int) -> str:
    stem = re.sub(r"[^\w-]+", "_", Path(path).with_suffix("").as_posix()).strip("_")
    return name if count == 1 else f"{name}-{stem}"


def renamed(path: str, text: str, targets: Mapping[str, str]) -> str:
    """The file with our names of intents, without the blocks that lead nowhere; "" when nothing is left."""
    blocks = phrase_file.read(path, text)
    text = phrase_file.cut(text, [block for block in blocks if not targets.get(block.intent)])
    if not phrase_file.lists(path, text):
        return ""
    edits = []
    for item in parse(Path(path), text).fields()["nlu"].items():
        parts = item.fields()
        if "intent" in parts and (target := targets[parts["intent"].text()]) != parts["intent"].text():
            node = parts["intent"].node
            edits.append((node.start_mark.index, node.end_mark.index, target))
    for start, end, words in sorted(edits, reverse=True):
        text = text[:start] + words + text[end:]
    return text
