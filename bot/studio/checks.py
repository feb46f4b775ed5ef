"""What is wrong or weak in the training data, each with its place and what to do about it.

`of_phrase` judges one phrase while it is typed; `of_all` goes through everything. Both only speak: what must
not be is refused elsewhere (`tree.check`).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Literal

from bot.services import ENTITIES
from bot.store.teaching import PhraseRow
from bot.studio import markup

Level = Literal["error", "warning", "hint"]
FEW = 30  # phrases of a service below which it is hardly learnt
MANY = 4  # times the median, or a part of it, from which the classes count as unbalanced
_EDGE = re.compile(r"^[\s，。！？、；：,.!?;:]|[\s，。！？、；：,.!?;:]$")
_SURE = 5  # times a name carries one tag before another tag is doubted


@dataclass(frozen=True, slots=True)
class Problem:
    """`code` is worded by the pages; `about` fills the gaps in the wording."""

    code: str
    level: Level
    intent: str = ""
    path: str = ""
    line: int = 0
    phrase: int = 0  # id of its row
    text: str = ""
    about: str = ""


Row = PhraseRow


def of_all(rows: Sequence[Row], services: Sequence[str], acts: Sequence[str]) -> list[Problem]:
    """Everything, gravest first."""
    found = [
        *contradictions(rows),
        *duplicates(rows),
        *broken(rows),
        *odd_spans(rows),
        *_two_tags(rows),
        *few(rows, [*services, *acts]),
        *unbalanced(rows, services),
    ]
    order = {"error": 0, "warning": 1, "hint": 2}
    return sorted(found, key=lambda one: (order[one.level], one.code, one.path, one.line))


def _problem(row: Row, code: str, level: Level, about: str = "") -> Problem:
    return Problem(code, level, row.intent, row.path, row.line, row.id, row.text, about)


def _same(rows: Iterable[Row]) -> Iterator[list[Row]]:
    groups: dict[str, list[Row]] = {}
    for row in rows:
        groups.setdefault(row.normalised, []).append(row)
    yield from (group for group in groups.values() if len(group) > 1)


def contradictions(rows: Iterable[Row]) -> Iterator[Problem]:
    """The same words under two services: the model can only guess. An act may share words with a service."""
    for group in _same(row for row in rows if row.axis == "service"):
        intents = sorted({row.intent for row in group})
        if len(intents) > 1:
            for row in group:
                others = ", ".join(intent for intent in intents if intent != row.intent)
                yield _problem(row, "contradiction", "error", others)
    for group in _same(rows):
        for name in ("safety", "conduct"):
            said = sorted({getattr(row, name) for row in group if row.axis == group[0].axis})
            if len(said) > 1 and len({row.intent for row in group}) == 1:
                level: Level = "error" if name == "safety" else "warning"
                yield _problem(group[0], f"two_{name}", level, " / ".join(one or "—" for one in said))


def duplicates(rows: Iterable[Row]) -> Iterator[Problem]:
    """The same words twice under one intent and label teach nothing new."""
    groups: dict[tuple[str, ...], list[Row]] = {}
    for row in rows:
        key = (row.normalised, row.intent, row.kind, row.safety, row.conduct)
        groups.setdefault(key, []).append(row)
    for first, *more in groups.values():
        for row in more:
            yield _problem(row, "duplicate", "hint", f"{first.path}:{first.line}")


def broken(rows: Iterable[Row]) -> Iterator[Problem]:
    for row in rows:
        try:
            _, spans = markup.parse(row.marked)
        except markup.BrokenMark as error:
            yield _problem(row, "broken_mark", "error", str(error))
            continue
        for tag in sorted({span.tag for span in spans} - ENTITIES):
            yield _problem(row, "unknown_tag", "warning", tag)


def odd_spans(rows: Iterable[Row]) -> Iterator[Problem]:
    """A mark that takes a comma or a blank along teaches the wrong border."""
    for row in rows:
        for entity in row.entities:
            said = row.text[entity["start"] : entity["end"]]
            if _EDGE.search(said):
                yield _problem(row, "odd_span", "warning", said)


def _two_tags(rows: Iterable[Row]) -> Iterator[Problem]:
    """A name that nearly always carries one tag, and here another."""
    tags: dict[str, Counter[str]] = {}
    marked = [(row, e["tag"], row.text[e["start"] : e["end"]]) for row in rows for e in row.entities]
    for _, tag, said in marked:
        tags.setdefault(said, Counter())[tag] += 1
    for row, tag, said in marked:
        [(usual, count), *_] = tags[said].most_common(1)
        if tag != usual and count >= _SURE and tags[said][tag] * _SURE <= count:
            yield _problem(row, "other_tag", "hint", f"{said}: {tag} / {usual} × {count}")


def few(rows: Iterable[Row], intents: Iterable[str]) -> Iterator[Problem]:
    counts = Counter(row.intent for row in rows if not row.conduct and not row.safety)
    counts["emergency"] = FEW  # its phrases stand under their dangers
    for intent in intents:
        if counts[intent] < FEW:
            yield Problem("too_few", "warning", intent, about=f"{counts[intent]} / {FEW}")


def unbalanced(rows: Iterable[Row], services: Iterable[str]) -> Iterator[Problem]:
    known = set(services) - {"emergency"}
    counts = Counter(row.intent for row in rows if row.intent in known)
    if not counts:
        return
    middle = median(counts.values())
    for intent, count in sorted(counts.items()):
        if count > MANY * middle or count * MANY < middle:
            yield Problem("unbalanced", "hint", intent, about=f"{count} / {middle:.0f}")


def of_phrase(
    text: str, intent: str, same: Iterable[Row], near: Iterable[tuple[Row, float]], me: int = 0
) -> list[Problem]:
    """While it is typed: what the data already says about these words. `me` is the phrase being changed."""
    found: list[Problem] = []
    for row in same:
        if row.id == me:
            continue
        if row.intent == intent:
            found.append(_problem(row, "duplicate", "warning", f"{row.path}:{row.line}"))
        else:
            found.append(_problem(row, "contradiction", "error", row.intent))
    for row, score in near:
        if row.id != me:
            code, level = ("alike", "hint") if row.intent == intent else ("alike_elsewhere", "warning")
            found.append(_problem(row, code, level, f"{score:.0%}"))  # type: ignore[arg-type]  # of the pair above
    if len(re.sub(r"[\W_]+", "", text)) < 2:
        found.append(Problem("too_short", "warning", intent, text=text))
    return found


def variety(texts: Sequence[str]) -> float:
    """How many different pairs of characters per phrase, 0–1: the same sentence over and over is near 0.

    Counted on at most 40 phrases spread over all, so that long services and short ones can be compared.
    """
    step = max(1, len(texts) // 40)
    sample = texts[::step][:40]
    pairs = [text[i : i + 2] for text in sample for i in range(min(len(text), 40) - 1)]
    return round(len(set(pairs)) / len(pairs), 2) if pairs else 0.0


def per_intent(rows: Iterable[Row]) -> Mapping[str, list[Row]]:
    groups: dict[str, list[Row]] = {}
    for row in rows:
        groups.setdefault(row.intent, []).append(row)
    return groups
