"""Rasa's inline annotations: `[解放路](road)`, `[今晚](time:20:00)`, `[北京]{"entity": …, "role": …}`.

The text that a citizen would have written and the marks in it, to and fro. What looks like an annotation and
is none is found here too, because Rasa would train on its brackets without a word.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

# As Rasa 3 reads them (rasa.shared.nlu.training_data.entities_parser).
_MARK = re.compile(
    r"\[(?P<text>[^\]]+?)\](?:\((?P<tag>[^:)]+?)(?::(?P<value>[^)]+))?\)|\{(?P<facts>[^}]+?)\}|\[(?P<several>.*?)\])"
)
_HALF = re.compile(r"\]\s*[({]|\[[^\]]*\([a-z_]+\)")
_WILD = re.compile(r"[\s\x00-\x1f\x7f-\x9f\u2028\u2029\ufeff\ud800-\udfff\ufffe\uffff]+")


class BrokenMark(ValueError):
    """An annotation that Rasa would misread; the text says what to do."""


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """An annotated piece. Where several meanings lie on one piece they are several spans."""

    start: int
    end: int
    tag: str
    role: str = ""
    group: str = ""
    value: str = ""


def parse(marked: str) -> tuple[str, tuple[Span, ...]]:
    """Plain text and spans. Raises BrokenMark."""
    text, last = "", 0
    spans: list[Span] = []
    for match in _MARK.finditer(marked):
        text += marked[last : match.start()]
        for facts in _facts(match):
            spans.append(_span(len(text), len(text) + len(match["text"]), facts))
        text += match["text"]
        last = match.end()
    text += marked[last:]
    if _HALF.search(_MARK.sub("\0", marked)):
        raise BrokenMark("方括号标注不完整，应写成 [文字](标签) · broken annotation, write [text](tag)")
    return text, tuple(spans)


def _facts(match: re.Match[str]) -> Iterator[dict[str, str]]:
    if match["tag"] is not None:
        yield {"entity": match["tag"].strip(), "value": match["value"] or ""}
        return
    try:
        found = json.loads(
            f"[{match['several']}]" if match["several"] is not None else f"[{{{match['facts']}}}]"
        )
    except ValueError as error:
        raise BrokenMark(
            f"“{match['text']}”后面的标注不是有效的 JSON · the annotation is not JSON"
        ) from error
    for one in found:
        if not isinstance(one, dict) or not isinstance(one.get("entity"), str):
            raise BrokenMark(f"“{match['text']}”的标注没有 entity · the annotation names no entity")
        yield {key: str(value) for key, value in one.items()}


def _span(start: int, end: int, facts: dict[str, str]) -> Span:
    more = {key: facts.get(key) or "" for key in ("role", "group", "value")}
    return Span(start, end, facts["entity"], **more)


def render(text: str, spans: Iterable[Span]) -> str:
    """The text with its annotations. Raises BrokenMark where spans overlap or leave the text."""
    out, last = "", 0
    for start, end, group in _grouped(text, spans):
        if start < last:
            raise BrokenMark("标注互相重叠 · annotations overlap")
        out += text[last:start] + f"[{text[start:end]}]" + _shown(group)
        last = end
    return out + text[last:]


def _grouped(text: str, spans: Iterable[Span]) -> Iterator[tuple[int, int, list[Span]]]:
    places: dict[tuple[int, int], list[Span]] = {}
    for span in sorted(spans):
        if not 0 <= span.start < span.end <= len(text):
            raise BrokenMark("标注超出了句子 · an annotation leaves the text")
        places.setdefault((span.start, span.end), []).append(span)
    for (start, end), group in places.items():
        yield start, end, group


def _shown(spans: Sequence[Span]) -> str:
    [first, *more] = spans
    if not more and not (first.role or first.group or first.value):
        return f"({first.tag})"
    facts = [
        {"entity": s.tag} | {key: value for key in ("role", "group", "value") if (value := getattr(s, key))}
        for s in spans
    ]
    told = ", ".join(json.dumps(one, ensure_ascii=False) for one in facts)
    return f"[{told}]" if more else told


def tame(text: str) -> str:
    """One line that YAML and Rasa read as text alone: brackets that would annotate become 【】."""
    line = _WILD.sub(" ", text).strip()
    if _MARK.search(line) or _HALF.search(line):
        return line.translate(str.maketrans("[]", "【】"))
    return line
