"""Phrases as people wrote them in Rasa's YAML, read without Rasa: for evaluation, the gate and the tools.

Rasa's own reader stays the one that trains; a test holds the two to the same texts, intents and spans.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

_SPAN = re.compile(r"\[(?P<text>[^\]]+)\](?:\((?P<tag>[^)]*)\)|(?P<facts>\{[^}]*\}))")
_ITEM = re.compile(r"^\s*-\s?", re.MULTILINE)


@dataclass(frozen=True)
class Span:
    """An annotated piece of a phrase."""

    start: int
    end: int
    entity: str
    text: str


@dataclass(frozen=True)
class Phrase:
    """One training or test phrase with what its block says about it."""

    text: str
    intent: str
    metadata: dict[str, Any] = field(default_factory=dict)
    spans: tuple[Span, ...] = ()
    source: str = ""


def parse_markup(marked: str) -> tuple[str, tuple[Span, ...]]:
    """Take Rasa's inline annotations out of a phrase."""
    text = ""
    spans: list[Span] = []
    last = 0
    for match in _SPAN.finditer(marked):
        text += marked[last : match.start()]
        tag = match["tag"] if match["tag"] is not None else json.loads(match["facts"])["entity"]
        spans.append(Span(len(text), len(text) + len(match["text"]), tag, match["text"]))
        text += match["text"]
        last = match.end()
    return text + marked[last:], tuple(spans)


def _examples(block: str) -> Iterator[str]:
    pieces = _ITEM.split(block)
    yield from (piece.strip() for piece in pieces if piece.strip())


def read_file(path: Path) -> list[Phrase]:
    """All phrases of one file."""
    content = yaml.safe_load(path.read_text(encoding="utf-8"))
    if not isinstance(content, dict):  # other lists of test messages lie beside the phrases
        return []
    phrases = []
    for block in content.get("nlu") or []:
        for marked in _examples(block.get("examples") or ""):
            text, spans = parse_markup(marked)
            phrases.append(Phrase(text, block["intent"], dict(block.get("metadata") or {}), spans, path.name))
    return phrases


def read(paths: Iterable[Path]) -> list[Phrase]:
    """All phrases of several files, in order."""
    return [phrase for path in paths for phrase in read_file(path)]
