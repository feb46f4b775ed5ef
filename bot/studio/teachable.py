"""From what a citizen wrote to words that may be shown and taught: personal data is made up, the rest stays.

Stars instead of a phone number would teach the model stars, so a phone becomes a number that nobody has and a
name a name of the textbook. Numbers of documents and accounts teach nothing and go.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from bot.dialogue.types import Entity
from bot.masking import PERSONAL
from bot.services import ENTITIES
from bot.studio import naming

LONGEST = 400  # the beginning of a letter says what it is about; the rest costs training time and adds little
_READ = 2000
_ENDS = re.compile(r"[。！？!?；;，,\s]")
_NAMES = ("王建华", "李秀英", "张伟", "刘洋", "陈静")
_PHONE = "13800001234"
_PLATE = "苏A12345"
_FORMS: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"(?<![0-9A-Za-z])\d{17}[0-9Xx](?![0-9A-Za-z])"), ""),  # identity card
    (re.compile(r"(?<!\d)(?:\+?86[ -]?)?1[3-9]\d[ -]?\d{4}[ -]?\d{4}(?!\d)"), _PHONE),
    (re.compile(r"(?<!\d)\d{15,20}(?!\d)"), ""),  # cards and accounts
    (re.compile(r"(?<!\d)0\d{2,3}[ -]?\d{7,8}(?!\d)"), "010-80001234"),
    (re.compile(r"(?<![\w.+-])[\w.+-]+@[\w-]+(?:\.[\w-]+)+", re.ASCII), "a@example.com"),
    (re.compile(r"(?<=微信号)[:：是 ]{0,3}[A-Za-z][\w-]{5,19}|(?<=QQ)[:：号是 ]{0,3}\d{5,11}"), ""),
)
_BLANK = re.compile(r"[\s\x00-\x1f\x7f-\x9f\u2028\u2029\ufeff\ud800-\udfff\ufffe\uffff]")
_BLANKS = re.compile(" {2,}")
_DIGITS = re.compile(r"\d+")


@dataclass(frozen=True, slots=True)
class Mark:
    """An entity of a phrase."""

    start: int
    end: int
    tag: str


@dataclass(frozen=True, slots=True)
class _Piece:
    """A span of the original: what stands there instead, and its tag if it is worth a mark."""

    start: int
    end: int
    words: str
    tag: str = ""


def teachable(text: str, entities: Iterable[Entity] = ()) -> tuple[str, tuple[Mark, ...]]:
    """One line of words without personal data, and the entities in it."""
    text = _BLANK.sub(" ", text)[:_READ]
    out, at = "", 0
    marks: list[Mark] = []
    for piece in _apart([*_personal(text, entities), *_names(text), *_others(text, entities)]):
        out += text[at : piece.start]
        if piece.tag and piece.words:
            marks.append(Mark(len(out), len(out) + len(piece.words), piece.tag))
        out += piece.words
        at = piece.end
    out += text[at:]
    out, marks = _single(out, marks)
    lead = len(out) - len(out.lstrip())
    out = cut(out.strip())
    moved = (Mark(m.start - lead, m.end - lead, m.tag) for m in marks)
    return out, tuple(m for m in moved if m.end <= len(out))


def cut(text: str) -> str:
    """To the end of a clause."""
    if len(text) <= LONGEST:
        return text
    ends = [match.end() for match in _ENDS.finditer(text, LONGEST // 2, LONGEST)]
    return text[: ends[-1] if ends else LONGEST].rstrip()


def _single(text: str, marks: list[Mark]) -> tuple[str, list[Mark]]:
    """Without double blanks, which no phrase may have."""
    gone = [n for n in range(1, len(text)) if text[n] == " " == text[n - 1]]

    def moved(at: int) -> int:
        return at - bisect_left(gone, at)

    return _BLANKS.sub(" ", text), [Mark(moved(m.start), moved(m.end), m.tag) for m in marks]


def _apart(pieces: list[_Piece]) -> Iterator[_Piece]:
    """In order; of two that overlap the one that was named first, so personal data before all else."""
    taken: list[_Piece] = []
    for piece in pieces:
        if all(piece.end <= other.start or piece.start >= other.end for other in taken):
            taken.append(piece)
    yield from sorted(taken, key=lambda piece: piece.start)


def _personal(text: str, entities: Iterable[Entity]) -> Iterator[_Piece]:
    for pattern, words in _FORMS:
        for found in pattern.finditer(text):
            yield _Piece(found.start(), found.end(), words)
    for entity in _there(text, entities):
        if entity.name in PERSONAL:
            tag = entity.name if entity.name in ENTITIES else ""
            yield _Piece(entity.start, entity.end, _made_up(entity), tag)


def _names(text: str) -> Iterator[_Piece]:
    for start, end in naming.spans(text):
        yield _Piece(start, end, _NAMES[start % len(_NAMES)], "person")


def _others(text: str, entities: Iterable[Entity]) -> Iterator[_Piece]:
    for entity in _there(text, entities):
        if entity.name in ENTITIES and entity.name not in PERSONAL:
            yield _Piece(entity.start, entity.end, text[entity.start : entity.end], entity.name)


def _there(text: str, entities: Iterable[Entity]) -> Iterator[Entity]:
    """Those that stand where they say."""
    for entity in entities:
        if entity.value and text[entity.start : entity.end] == _BLANK.sub(" ", entity.value):
            yield entity


def _made_up(entity: Entity) -> str:
    if entity.name in ("person", "name"):
        return _NAMES[entity.start % len(_NAMES)]
    if entity.name == "phone":
        return _PHONE
    if entity.name == "plate":
        return _PLATE
    if entity.name == "room":  # its shape says that it is one, its numbers say whose
        return _DIGITS.sub(
            lambda found: "1001"[: len(found.group())].ljust(len(found.group()), "1"), entity.value
        )
    return ""
