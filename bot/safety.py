"""The safety net: rules that see danger in a message before any model is asked, and whom to call then.

The rules are data, `nlu_data/safety/net.yml`; its header says how they are applied. Pure once read: it knows
no conversation and raises no alarm itself.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import opencc

from actions.base import Emergency
from bot.errors import NotFound
from bot.marks import Marked, read
from bot.services import SAFETY

_FIELDS = ("id", "title", "title_en", "call", "also", "advice", "advice_en", "always", "patterns", "unless")
_NEEDED = ("id", "title", "title_en", "call", "advice", "advice_en", "always")
_SENTENCES = re.compile(r"(?<=[。!?;…\n])")
_SPACES = re.compile(r"[ \t\r]+")
_RUNS = re.compile(r"(.)\1{2,}")


@dataclass(frozen=True, slots=True)
class Danger:
    """One class of the net. `any_of` patterns are overruled by the common exceptions, `always` are not."""

    id: str
    titles: Mapping[str, str]
    call: str
    advice: Mapping[str, str]
    always: re.Pattern[str] | None
    any_of: re.Pattern[str] | None
    unless: re.Pattern[str] | None

    def cried(self, sentence: str, sober: bool) -> bool:
        """Whether the sentence raises this class; `sober` says that only `always` counts."""
        if _found(self.unless, sentence):
            return False
        return _found(self.always, sentence) or (not sober and _found(self.any_of, sentence))


@dataclass(frozen=True, slots=True)
class Cries:
    """The classes that a message raises, gravest first; the `sure` ones by words that mean nothing else."""

    raised: tuple[str, ...] = ()
    sure: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SafetyNet:
    """All classes, gravest first."""

    classes: tuple[Danger, ...]
    unless: re.Pattern[str] | None
    sentence: int  # characters: people in danger are brief
    message: int
    opening: int

    def match(self, text: str) -> tuple[str, ...]:
        """The safety classes that a message raises, gravest first."""
        return self.cries(text).raised

    def cries(self, text: str) -> Cries:
        """The same, told apart by how sure the rules are."""
        folded = normalised(text)
        sentences = [part.strip() for part in _SENTENCES.split(folded) if part.strip()]
        opening = len(sentences) if len(folded) <= self.message else self.opening
        raised: set[str] = set()
        sure: set[str] = set()
        for place, sentence in enumerate(sentences):
            sober = place >= opening or len(sentence) > self.sentence or _found(self.unless, sentence)
            raised.update(one.id for one in self.classes if one.cried(sentence, sober))
            sure.update(one.id for one in self.classes if one.id in raised and one.cried(sentence, True))
        return Cries(self._by_gravity(raised), self._by_gravity(sure))

    def _by_gravity(self, ids: set[str]) -> tuple[str, ...]:
        return tuple(one.id for one in self.classes if one.id in ids)

    def emergency(self, safety_class: str, language: str = "zh") -> Emergency:
        """Whom to call and what to say. Raises NotFound for a class the net does not know."""
        found = next((one for one in self.classes if one.id == safety_class), None)
        if found is None:
            raise NotFound(f"There is no safety class '{safety_class}'.")
        language = language if language in found.advice else "zh"
        advice = found.advice[language].replace("{call}", found.call)
        return Emergency(found.id, found.titles[language], found.call, advice)


def _found(pattern: re.Pattern[str] | None, sentence: str) -> bool:
    return pattern is not None and pattern.search(sentence) is not None


@cache
def _simplifier() -> opencc.OpenCC:
    return opencc.OpenCC("t2s")


def normalised(text: str) -> str:
    """One way of writing for all: width, script, case, blanks and long runs folded."""
    folded = unicodedata.normalize("NFKC", text)
    if not folded.isascii():
        folded = _simplifier().convert(folded)
    return _RUNS.sub(r"\1\1", _SPACES.sub(" ", folded.lower()))


def load_net(path: Path) -> SafetyNet:
    """Read the rules. Raises DataError with file and line at the first mistake."""
    root = read(path).fields(("version", "limits", "unless", "classes"), ("limits", "classes"))
    limits = root["limits"].fields(needed=("sentence", "message", "opening"))
    classes = tuple(_danger(node) for node in root["classes"].items())
    ids = [one.id for one in classes]
    for node, name in zip(root["classes"].items(), ids, strict=True):
        if ids.count(name) > 1:
            node.fail(f"safety class '{name}' is there twice")
    return SafetyNet(
        classes=classes,
        unless=_joined(root.get("unless")),
        sentence=int(limits["sentence"].number()),
        message=int(limits["message"].number()),
        opening=int(limits["opening"].number()),
    )


def _danger(node: Marked) -> Danger:
    one = node.fields(_FIELDS, _NEEDED)
    return Danger(
        id=one["id"].one_of(SAFETY, "safety class"),
        titles={"zh": one["title"].text(), "en": one["title_en"].text()},
        call=one["call"].text(),
        advice={"zh": one["advice"].text(), "en": one["advice_en"].text()},
        always=_joined(one["always"]),
        any_of=_joined(one.get("patterns")),
        unless=_joined(one.get("unless")),
    )


def _joined(node: Marked | None) -> re.Pattern[str] | None:
    """A list of patterns as one; each is tried alone first, so that a slip is named by its line."""
    if node is None:
        return None
    patterns = []
    for item in node.items():
        try:
            re.compile(item.text())
        except re.error as error:
            item.fail(f"not a regular expression: {error}")
        patterns.append(f"(?:{item.text()})")
    return re.compile("|".join(patterns)) if patterns else None
