"""Several requests in one message, taken apart: "暖气不热。顺便问一下公积金怎么提取".

A new request begins where the service changes and the words say so ("另外", "二是"), or, in a short message,
where two sentences are each clearly about something else. A long story about one matter must stay whole.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

# Probabilities of services for a piece of text; the share that asks for nothing is left out.
Judge = Callable[[str], Mapping[str, float]]

_MARK = re.compile(
    r"另外|还有(?:就是|一件?事|个?问题|[,，])|(?<=[,，。;!?])还有(?!人|很多|一些|几|些|没|不)|再就是|再一个|再有|再者|此外|顺便|同时还|另[:：,，]|以及(?:咨询|反映)|还想|也想"
    r"|其[一二三四][是:：,，]|第[一二三四][,，、是:：]|[一二三四]是|(?<![\d.])[1-5][、.)](?!\d)|[①②③④]|[(（][一二三1-3][)）]"
)
_CUT = re.compile(r"[。！？!?；;\n]+|[,，]|\s{1,}")
_STOP = re.compile(r"[。!?;\n]")
_ENDS = "。！？!?；;\n"
# "我有三件事" announces requests and is none.
_FRAME = re.compile(
    r"[几两二三四]\s?(?:件事|个问题|点|方面|个事)[^。]{0,3}$|^.{0,6}(?:咨询|反映|投诉)[:：]?$"
)
# Whom one asked in vain belongs to the matter before: "暖气不热，打物业电话没人管".
_VAIN = re.compile(
    r"\W*(?:我们?|也|又|都|就|去|一直|多次|几次)*(?:[给跟向].{1,6}?)?(?:打|拨|找|问|联系|反映|报修|投诉|催|跑)[^。!?;]{0,12}?"
    r"(?:没人|不管|不接|不理|没用|不通|推[来三给诿]|踢皮球|不处理|不解决|没解决|没回|没反应|没动静|没下文|无果)"
)
_MARKED, _SURE, _SURER = 0.4, 0.7, 0.9
_SHARED = 0.1  # a service that the other half also thinks of is no change of subject
_LONG = 70
_LOOK_BACK = 200
_LEAST = 5
_LEAST_AFTER_COMMA = 8  # "…，轮椅过不去" says what comes of it


@dataclass(frozen=True)
class Part:
    """One request: its place in the text and its service."""

    start: int
    end: int
    service: str
    confidence: float


@dataclass(frozen=True)
class _Clause:
    start: int
    end: int
    marked: bool
    ended: bool


def _clauses(text: str) -> list[_Clause]:
    """Cut at sentence ends, before marking words, and at commas (which are weak)."""
    cuts: dict[int, tuple[bool, bool]] = {0: (False, True)}
    marks = list(_MARK.finditer(text))
    marked = {at for match in marks for at in range(match.start() + 1, match.end() + 1)}
    for match in _CUT.finditer(text):
        if match.start() not in marked:
            cuts[match.end()] = (False, any(c in _ENDS for c in match.group()))
    for match in marks:
        cuts[match.start()] = (True, cuts.get(match.start(), (False, False))[1])
    starts = sorted(at for at in cuts if at < len(text))
    ends = [*starts[1:], len(text)]
    return [_Clause(s, e, *cuts[s]) for s, e in zip(starts, ends, strict=True) if text[s:e].strip()]


def separate(text: str, judge: Judge) -> list[Part]:
    """The requests of a message in order; an empty list when there is only one (or none)."""
    groups: list[list[_Clause]] = []
    for clause in _clauses(text) if text.strip() else ():
        if groups and not _breaks(text, groups[-1], clause, judge):
            groups[-1].append(clause)
        else:
            groups.append([clause])
    if len(groups) < 2:
        return []
    parts = _joined([_part(text, group, judge) for group in groups])
    return parts if len({part.service for part in parts}) > 1 else []


def _breaks(text: str, group: list[_Clause], clause: _Clause, judge: Judge) -> bool:
    """Whether a new request begins with this clause."""
    said = text[max(group[0].start, group[-1].end - _LOOK_BACK) : group[-1].end]
    asked = text[clause.start : _sentence(text, clause) if clause.marked else clause.end]
    if not clause.marked and (len(text) > _LONG or _VAIN.match(asked)):
        return False
    least = _LEAST if clause.marked or clause.ended else _LEAST_AFTER_COMMA
    if len(asked) < least or _FRAME.search(said.rstrip(_ENDS)):
        return False
    before, after = judge(said), judge(asked)
    old, new = max(before, key=before.__getitem__), max(after, key=after.__getitem__)
    need = _MARKED if clause.marked else _SURE if clause.ended else _SURER
    different = old != new and before.get(new, 0) < _SHARED and after.get(old, 0) < _SHARED
    return different and after[new] >= need and before[old] >= need


def _sentence(text: str, clause: _Clause) -> int:
    """Where the sentence of a clause ends, or the next request begins: a mark announces all of it."""
    following = [m.start() for p in (_STOP, _MARK) if (m := p.search(text, clause.start + _LEAST))]
    return min([*following, clause.start + _LONG, len(text)])


def _part(text: str, group: list[_Clause], judge: Judge) -> Part:
    start, end = group[0].start, group[-1].end
    shares = judge(text[start:end])
    best = max(shares, key=shares.__getitem__)
    return Part(start, end, best, shares[best])


def _joined(parts: list[Part]) -> list[Part]:
    """Neighbours about the same service are one request."""
    out: list[Part] = []
    for part in parts:
        if out and out[-1].service == part.service:
            out[-1] = Part(out[-1].start, part.end, part.service, max(out[-1].confidence, part.confidence))
        else:
            out.append(part)
    return out
