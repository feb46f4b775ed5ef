"""The phrases read out of the files, for search, counts and likeness: derived, never changed by itself."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import asdict
from pathlib import PurePosixPath
from typing import Any

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from bot.errors import DataError
from bot.safety import normalised
from bot.store.teaching import PhraseRow
from bot.studio import markup, phrase_file

TAUGHT = ("services", "acts", "safety", "conduct", "imports")  # folders whose phrases are trained on
_NOISE = re.compile(r"[\W_]+")
_INSERT = text(
    "INSERT INTO phrases"
    " (path, line, intent, axis, text, marked, normalised, entities, kind, safety, conduct, revision)"
    " SELECT path, line, intent, axis, text, marked, normalised, entities, kind, safety, conduct, :revision"
    " FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS r(path text, line int, intent text, axis text,"
    " text text, marked text, normalised text, entities jsonb, kind text, safety text, conduct text)"
)
_MOVE = text(
    "UPDATE phrases SET line = r.line FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS r(id bigint, line int)"
    " WHERE phrases.id = r.id AND phrases.line <> r.line"
)


def taught(path: str) -> bool:
    """Whether a file holds phrases that the model is trained on."""
    parts = PurePosixPath(path).parts
    return len(parts) == 2 and parts[0] in TAUGHT and parts[1].endswith(".yml") and parts[1] != "net.yml"


def same(said: str) -> str:
    """What two phrases have in common that teach the same: no width, case, punctuation or spaces."""
    whole = normalised(said.strip())
    return _NOISE.sub("", whole) or whole


def rows(path: str, content: str, acts: Collection[str] = ()) -> Iterator[dict[str, Any]]:
    """The phrases of one file. What cannot be read is no phrase here; the checks name it."""
    try:
        blocks = phrase_file.read(path, content)
    except DataError:
        return
    for block in blocks:
        for example in block.examples:
            row = _row(path, block, example)
            yield {**row, "axis": "act"} if block.intent in acts else row


def _row(path: str, block: phrase_file.Block, example: phrase_file.Example) -> dict[str, Any]:
    try:
        plain, spans = markup.parse(example.marked)
    except markup.BrokenMark:
        plain, spans = example.marked, ()
    return {
        "path": path,
        "line": example.line,
        "intent": block.intent,
        "axis": "act" if path.startswith("acts/") else "service",
        "text": plain,
        "marked": example.marked,
        "normalised": same(plain),
        "entities": [{key: value for key, value in asdict(span).items() if value != ""} for span in spans],
        **block.labels,
    }


Key = tuple[str, str, str, str, str]


def _key(row: Mapping[str, Any]) -> Key:
    return (row["intent"], row["kind"], row["safety"], row["conduct"], row["marked"])


async def rebuild(session: AsyncSession, revision: int, changed: Mapping[str, str | None]) -> None:
    """Read the changed files anew; a phrase that stayed keeps its row."""
    acts = set(await session.scalars(select(PhraseRow.intent).where(PhraseRow.axis == "act").distinct()))
    for path, content in sorted(changed.items()):  # acts/ comes before the files that only mention acts
        if not taught(path):
            continue
        old: dict[Key, list[int]] = {}
        for row in await session.scalars(select(PhraseRow).where(PhraseRow.path == path)):
            key = (row.intent, row.kind, row.safety, row.conduct, row.marked)
            old.setdefault(key, []).append(row.id)
        fresh, stays = [], []
        for one in rows(path, content or "", acts):
            if one["axis"] == "act":
                acts.add(one["intent"])
            ids = old.get(_key(one))
            if ids:
                stays.append({"id": ids.pop(0), "line": one["line"]})
            else:
                fresh.append(one)
        gone = [one for ids in old.values() for one in ids]
        if gone:
            await session.execute(text("DELETE FROM phrases WHERE id = ANY(:ids)"), {"ids": gone})
        if stays:
            await session.execute(_MOVE, {"rows": json.dumps(stays)})
        if fresh:
            await session.execute(_INSERT, {"rows": json.dumps(fresh), "revision": revision})
