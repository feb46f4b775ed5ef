"""Bring every way of writing to one form, and remember where each character came from.

The same function runs before training and before every parse; entities are found in the normalised text and
carried back to the citizen's own characters with the offsets kept here. It knows nothing of meaning.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

import opencc

# Characters that show nothing: zero-width marks, direction marks, variation selectors, byte-order mark.
_INVISIBLE = frozenset(
    [
        *range(0x200B, 0x2010),
        *range(0x202A, 0x202F),
        *range(0x2060, 0x2065),
        *range(0xFE00, 0xFE10),
        0xFEFF,
        0xAD,
    ]
)
_LONGEST_RUN = 2
_SPOKEN_DIGITS = "零〇一幺二两三四五六七八九"
_MARKS = "".join(chr(c) for c in range(0x300, 0x20000) if unicodedata.combining(chr(c)))
_COMBINED = re.compile(f".[{re.escape(_MARKS)}]+", re.DOTALL)
# Signs of which people type several spellings, and which NFKC leaves alone.
_SAME = {
    "—": "-",
    "–": "-",
    "―": "-",
    "−": "-",
    "〜": "~",
    "·": "·",
    "•": "·",
    "“": '"',
    "”": '"',
    "‘": "'",
    "’": "'",
}


@dataclass(frozen=True)
class Normalised:
    """The normalised text; character i of it stands for original[starts[i]:ends[i]]."""

    original: str
    text: str
    starts: Sequence[int]
    ends: Sequence[int]

    def to_original(self, start: int, end: int) -> tuple[int, int]:
        """Carry a span of the normalised text back to the original."""
        if start >= end:
            at = self.starts[start] if start < len(self.starts) else len(self.original)
            return at, at
        return self.starts[start], self.ends[end - 1]

    def from_original(self, start: int, end: int) -> tuple[int, int]:
        """Carry a span of the original forward (training data is annotated on the original)."""
        inside = [i for i in range(len(self.text)) if self.starts[i] < end and self.ends[i] > start]
        return (inside[0], inside[-1] + 1) if inside else (0, 0)


@lru_cache(maxsize=1)
def _simplifier() -> opencc.OpenCC:
    return opencc.OpenCC("t2s")


def _clusters(text: str) -> Iterator[tuple[int, int]]:
    """Base characters with the combining marks that follow them: what has to be normalised together."""
    start = 0
    for match in _COMBINED.finditer(text):
        yield from ((i, i + 1) for i in range(start, match.start()))
        yield match.start(), match.end()
        start = match.end()
    yield from ((i, i + 1) for i in range(start, len(text)))


@lru_cache(maxsize=50_000)
def _one(cluster: str) -> str:
    if len(cluster) == 1 and ord(cluster) in _INVISIBLE:
        return ""
    folded = "".join(_SAME.get(c, c) for c in unicodedata.normalize("NFKC", cluster))
    return "".join(" " if c.isspace() and c != "\n" else c for c in folded if c == "\n" or not _is_control(c))


def _is_control(char: str) -> bool:
    return unicodedata.category(char) in ("Cc", "Cs", "Cn") and not char.isspace()


def _simplify(text: str) -> str:
    """Traditional to simplified, one character for one: the offsets must survive."""
    if text.isascii():
        return text
    whole: str = _simplifier().convert(text)
    if len(whole) == len(text):
        return whole
    return "".join(one if len(one := _simplifier().convert(c)) == 1 else c for c in text)


def _collapsible(char: str) -> bool:
    """Digits and Latin letters repeat with meaning (phones, plates); "！！！！！" and "啊啊啊啊" do not."""
    return not (char.isascii() and char.isalnum()) and char not in _SPOKEN_DIGITS


# What most messages consist of: each such character stands for exactly one, so that offsets stay as they are.
_PLAIN_CHARS = (
    "".join(map(chr, range(0x20, 0x7F)))
    + "\n，。！？；：（）【】《》、“”‘’·—…￥"
    + "".join(map(chr, range(0xFF10, 0xFF5B)))
)
_PLAIN = re.compile(f"[{re.escape(_PLAIN_CHARS)}\u4e00-\u9fff]*")
_RUN = re.compile(r"([^0-9A-Za-z零〇一幺二两三四五六七八九])\1\1|  ")


@lru_cache(maxsize=1)
def _single() -> dict[int, str]:
    return {ord(char): _one(char) for char in _PLAIN_CHARS if len(_one(char)) == 1}


def normalise(original: str) -> Normalised:
    """Fold width, compatibility forms, script, invisible characters and long runs."""
    if _PLAIN.fullmatch(original):
        folded = original.translate(_single())
        if len(folded) == len(original) and not _RUN.search(folded):
            every = range(len(original) + 1)
            return Normalised(original, _simplify(folded), every[:-1], every[1:])
    return _thoroughly(original)


def _thoroughly(original: str) -> Normalised:
    """Character by character, where one may become several or none."""
    chars: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    run = 0
    for start, end in _clusters(original):
        for char in _one(original[start:end]):
            run = run + 1 if chars and chars[-1] == char else 1
            limit = 1 if char == " " else _LONGEST_RUN
            if run > limit and _collapsible(char):
                ends[-1] = end
                continue
            chars.append(char)
            starts.append(start)
            ends.append(end)
    return Normalised(original, _simplify("".join(chars)), tuple(starts), tuple(ends))
