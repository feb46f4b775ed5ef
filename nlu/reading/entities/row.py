"""The best row of candidates: they do not overlap, outer parts come before inner ones, and as much of the
text as possible is explained.
"""

from __future__ import annotations

import re

from nlu.reading.entities.candidates import LEVEL, Candidate
from nlu.reading.entities.forms import OPEN_ZONE, SECTION

_INWARDS, _SAME, _OUTWARDS = 0.2, -0.1, -0.95  # the next part lies in the last one, beside it, around it
_LEFT_OUT = 0.3  # of an address, per character
_BEHIND = 0.2  # a name after the room, per character
_REGION_INSIDE = 3.0  # a district after a road


def best(candidates: list[Candidate], start: int, end: int, loose: bool) -> list[Candidate]:
    """The row of candidates with the highest score; going back outwards costs."""
    if not candidates:
        return []
    ending: dict[int, list[Candidate]] = {}
    for one in candidates:
        ending.setdefault(one.end, []).append(one)
    skip = -_LEFT_OUT if loose else 0.0
    # position → last level → (score, row)
    found: dict[int, dict[int, tuple[float, tuple[Candidate, ...]]]] = {start: {-1: (0.0, ())}}
    for at in range(start + 1, end + 1):
        states = {level: (score + skip, row) for level, (score, row) in found[at - 1].items()}
        for one in ending.get(at, ()):
            level = LEVEL[one.part]
            for last, (score, row) in found.get(one.start, {}).items():
                total = score + one.score + _order(row, last, one, loose)
                if level not in states or total > states[level][0]:
                    states[level] = (total, (*row, one))
        found[at] = states
    return list(max(found[end].values(), key=lambda state: state[0])[1])


def _order(row: tuple[Candidate, ...], last: int, one: Candidate, loose: bool) -> float:
    """What speaks for this part after that row, whose innermost level is `last`."""
    level = LEVEL[one.part]
    adjacent = bool(row) and one.start - row[-1].end <= 1
    if loose and one.part == "estate" and last == LEVEL["room"]:
        return -_BEHIND * (one.end - one.start)  # who lives or works there, not where
    if loose and one.part == "district" and adjacent and last >= LEVEL["road"]:
        return -_REGION_INSIDE  # 解放路5号滨江区教育局: whose office it is
    if not adjacent:
        return 0.0
    numbered = one.part == "road" and row[-1].hamlet and all(each.part != "road" for each in row)
    if level > last or numbered:
        return _INWARDS
    return _SAME if level == last else _OUTWARDS


def merged(text: str, chosen: list[Candidate]) -> list[Candidate]:
    """Building, unit and room make one part, and so do an estate and its section."""
    out: list[Candidate] = []
    for one in chosen:
        last = out[-1] if out else None
        gap = text[last.end : one.start] if last else ""
        joins = last is not None and last.part == one.part and gap in ("", "-", " ")
        if (
            last
            and joins
            and (one.part == "room" or (one.part == "estate" and not gap and _one_estate(text, last, one)))
        ):
            out[-1] = Candidate(last.start, one.end, one.part, last.score + one.score, last.known)
        else:
            out.append(one)
    return out


def _one_estate(text: str, last: Candidate, one: Candidate) -> bool:
    """An estate and its section are one; after a name that is known anything else is another."""
    if any(each.known and each.end - each.start > 3 for each in (last, one)):
        return bool(SECTION.match(text, one.start)) and one.end - one.start <= 4
    return not _ends(OPEN_ZONE, text, last)


def _ends(pattern: re.Pattern[str], text: str, one: Candidate) -> bool:
    return any(match.end() == one.end for match in pattern.finditer(text, one.start, one.end))
