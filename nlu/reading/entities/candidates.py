"""What in a text may be a part of a place: known names, names by their endings, numbers of houses and rooms.

Every candidate has a worth; `row` chooses among those that overlap.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from nlu.reading.entities.endings import (
    ALLEY,
    COMMUNITY,
    ESTATE,
    MOST,
    NO_NAME,
    ORDINARY,
    ROAD,
    SPOKEN,
    TOWN,
    WEAK_ESTATE,
    ZONE,
    beginning,
    joined_on,
)
from nlu.reading.entities.forms import (
    BARE_NO,
    CROSSING,
    FIRM,
    GROUP,
    HAMLET,
    HAN,
    HIGHWAY,
    IN_LANE,
    INNER,
    LANE,
    MORE_AHEAD,
    NAME_GOES_ON,
    NEAR,
    NO,
    NO_START,
    ON_ROAD,
    ROAD_AHEAD,
    ROOM,
    ROOM_CODE,
    SECTION,
    TEAM,
    TOWNSHIP,
)
from nlu.reading.entities.gazetteer import LEVELS, Gazetteer

LEVEL = {name: i for i, name in enumerate(LEVELS)} | {
    "org": LEVELS.index("estate"),
    "landmark": LEVELS.index("room"),
}


@dataclass(frozen=True)
class Candidate:
    """A span that may be a part of a place, and how much speaks for it."""

    start: int
    end: int
    part: str
    score: float
    known: bool = False
    hamlet: bool = False  # may be a village by its name: its houses are numbered as on a road


# A part is worth something by itself and for each character it explains.
_PER_CHAR = 0.3
_WORTH = {
    "road": 2.0,
    "town": 2.15,
    "community": 1.6,
    "estate": 1.5,
    "district": 1.0,
    "zone": 1.6,
    "weak": 0.8,
}
_NUMBERED = 1.9
_UNUSUAL, _VERY_SHORT = 0.4, 1.8  # names are two or three characters long
_HOUSE_ON_ROAD, _HOUSE_IN_ESTATE, _BARE = 1.3, 1.0, 0.1
_ROOM_WORTH, _CODE_WORTH = 1.5, 0.52
_TOWN_BRIEF, _ROAD_INSIDE = 0.8, 1.5
_NAMELESS, _FIRM_NAME, _HAMLET_WORTH = 0.1, 0.75, -0.5


def known(text: str, start: int, end: int, gazetteer: Gazetteer, loose: bool = False) -> list[Candidate]:
    """Names of the gazetteer, full and short."""
    sure: list[Candidate] = []
    brief: list[Candidate] = []
    for i, stop in gazetteer.beginnings(text, start, end):
        name, length = text[i:stop], stop - i
        if name in gazetteer.own:
            part = str(gazetteer.own[name]["part"])
            stop = _with_number(text, stop, end) if part == "road" else stop
            # In an address a name of our own may be the end of a longer one: 临江卫生[职业技术学院].
            # And a short one may begin it: 翠湖[名都二期].
            goes_on = part == "estate" and length <= 3 and NAME_GOES_ON.match(text, stop)
            ends_it = loose and part == "org" and not _opens(text, i, start)
            worth = 1.0 if goes_on or ends_it else 3.5
            sure.append(Candidate(i, stop, part, worth + _PER_CHAR * (stop - i), known=True))
        elif name in gazetteer.country:
            worth = 3.0 if length > 2 else 1.0
            part = gazetteer.country[name]
            sure.append(Candidate(i, stop, part, worth + _PER_CHAR * length, known=True))
        elif name in gazetteer.short and not NAME_GOES_ON.match(text, stop):
            part = gazetteer.short[name]
            worth = (0.1 if i == start else _TOWN_BRIEF) if part == "town" else 0.5
            brief.append(Candidate(i, stop, part, worth + _PER_CHAR * length))
    sure = [one for one in sure if not any(inside(one, other) for other in sure)]
    return [*sure, *_standing(text, start, sure, brief, gazetteer, loose)]


def _standing(
    text: str, start: int, sure: list[Candidate], brief: list[Candidate], gazetteer: Gazetteer, loose: bool
) -> list[Candidate]:
    """The short names (杭州, 萧山) that are more than ordinary words: in an address those at its beginning or
    after an outer part, and towns only where their district or city is named before; else those beside
    another part.
    """
    every = [*sure, *brief]
    if loose:
        outer = {one.end: LEVEL[one.part] for one in every if one.part in ("province", "city", "district")}
        return [
            one
            for one in brief
            if (_opens(text, one.start, start) or outer.get(one.start, 99) < LEVEL[one.part])
            and (one.part != "town" or _belongs(text, one, start, gazetteer))
        ]
    inwards = {one.end: LEVEL[one.part] for one in every}
    outwards = {one.start: LEVEL[one.part] for one in every}
    return [
        one
        for one in brief
        if one.part != "town"
        and (
            inwards.get(one.start, 99) < LEVEL[one.part]
            or outwards.get(one.end, -1) > LEVEL[one.part]
            or (one.start == start and ROAD_AHEAD.match(text, one.end))
        )
    ]


def _opens(text: str, at: int, start: int) -> bool:
    """Whether an address or a further piece of it begins here."""
    return at == start or not re.match(rf"[{HAN}\dA-Za-z]", text[at - 1])


def _belongs(text: str, town: Candidate, start: int, gazetteer: Gazetteer) -> bool:
    if town.start == start:
        return bool(MORE_AHEAD.match(text, town.end))
    before = text[: town.start]
    above = gazetteer.within.get(text[town.start : town.end], "").split()
    return any(name in before for name in above)


def inside(one: Candidate, other: Candidate) -> bool:
    """Whether one is a true part of the other."""
    longer = other.end - other.start > one.end - one.start
    return longer and other.start <= one.start and one.end <= other.end


def _with_number(text: str, at: int, end: int) -> int:
    number = NO.match(text, at, end)
    return number.end() if number else at


_ENDINGS = (
    (ROAD, "road"),
    (TOWN, "town"),
    (COMMUNITY, "community"),
    (ZONE, "zone"),
    (ESTATE, "estate"),
    (WEAK_ESTATE, "weak"),
)


def by_ending(
    text: str, start: int, end: int, sure: list[Candidate], loose: bool = False
) -> Iterator[Candidate]:
    """Names told by their endings: with the beginning that language allows, or in an address with any."""
    ends = {one.end for one in sure}
    for pattern, kind in _ENDINGS:
        part = "estate" if kind in ("zone", "weak") else kind
        for match in pattern.finditer(text, start, end):
            lowest = max(start, match.start() - MOST[part])
            firsts = (
                set(range(lowest, match.start())) if loose else {beginning(text, start, match.start(), part)}
            )
            firsts |= {at for at in ends if lowest <= at < match.start()}
            if kind == "weak" and not loose:
                firsts &= ends
            for first in firsts:
                if one := _named(text, first, match, kind, end, loose):
                    yield one
                    ends.add(one.end)
    for match in HIGHWAY.finditer(text, start, end):
        yield Candidate(match.start(), match.end(), "road", 2 + _PER_CHAR * len(match.group()))
    for match in TEAM.finditer(text, start, end) if loose else ():
        yield Candidate(match.start(1), match.end(1), "road", 1.2 + _PER_CHAR * len(match[1]))
    for match in GROUP.finditer(text, start, end):
        yield Candidate(match.start(), match.end(), "road", 2 + _PER_CHAR * len(match.group()))


def _named(
    text: str, first: int, ending: re.Match[str], kind: str, end: int, loose: bool
) -> Candidate | None:
    part = "estate" if kind in ("zone", "weak") else kind
    name, stem = text[first : ending.end()], ending.start() - first
    if stem < 1 or ORDINARY.fullmatch(name) or (SPOKEN if loose else NO_NAME).search(name[:stem]):
        return None
    if stem == 1 and not (part == "road" and name[0] in "东西南北中前后横正"):
        return None
    if part != "estate" and re.search(r"[\d_-]", name[:stem]) and not re.match(r"\d+号", name):
        return None
    if NO_START.match(text, first):
        return None
    if "_" in name or "与" in name[:stem] or joined_on(text, first):
        return None
    stop = _with_number(text, ending.end(), end) if part == "road" else ending.end()
    if loose and (lane := LANE.match(text, ending.end(), stop)):
        stop = lane.end()
    if loose and part == "road" and stop == ending.end() and (bare := BARE_NO.match(text, stop, end)):
        stop = bare.end()
    if ending.group() in ALLEY and stop == ending.end():
        return None
    unusual = _UNUSUAL * max(0, stem - (5 if part == "estate" else 3)) + (_VERY_SHORT if stem == 1 else 0)
    numbered = _NUMBERED if stop > ending.end() else 0.0
    if loose and part == "estate" and ON_ROAD.search(name[:stem]):
        unusual += _ROAD_INSIDE
    return Candidate(first, stop, part, _WORTH[kind] + numbered - unusual + _PER_CHAR * (stop - first))


def rooms(text: str, start: int, end: int) -> Iterator[Candidate]:
    """Buildings, units, floors and rooms."""
    for match in ROOM.finditer(text, start, end):
        if match.start() and re.match(r"[\dA-Za-z.¥]", text[match.start() - 1]):
            continue
        yield Candidate(match.start(), match.end(), "room", _ROOM_WORTH + _PER_CHAR * len(match.group()))


def crossings(text: str, start: int, end: int) -> Iterator[Candidate]:
    """The second of two roads that meet, though "路口" is a word."""
    for match in CROSSING.finditer(text, start, end):
        yield Candidate(match.start(1), match.end(1), "road", 3 + _PER_CHAR * len(match[1]))


def between(text: str, start: int, end: int) -> Iterator[Candidate]:
    """In an address alone: any run of characters may be a name, any number a house."""
    for run in re.finditer(rf"[{HAN}A-Za-z]+(?:[{HAN}A-Za-z0-9()·]*[{HAN}A-Za-z])?", text[start:end]):
        first, last = start + run.start(), start + run.end()
        for i in (i for i in range(first, last - 1) if not text[i].isdigit()):
            for j in range(i + 2, min(last, i + 18) + 1):
                if not INNER.search(text, i, j) and not NO_START.match(text, i):
                    yield Candidate(
                        i,
                        j,
                        "estate",
                        _PER_CHAR * (j - i) + (_FIRM_NAME if FIRM.search(text, i, j) else _NAMELESS),
                    )
    for match in TOWNSHIP.finditer(text, start, end):
        for length in (2, 3):
            if match.start() - length >= start:
                yield Candidate(match.start() - length, match.end(), "district", 1 + _PER_CHAR * (length + 1))
    for match in SECTION.finditer(text, start, end):
        yield Candidate(match.start(), match.end(), "estate", 0.8 + _PER_CHAR * len(match.group()))
    for match in NEAR.finditer(text, start, end):
        yield Candidate(match.start(), match.end(), "landmark", _PER_CHAR * len(match.group()))
    for match in IN_LANE.finditer(text, start, end):
        yield Candidate(match.start(), match.end(), "room", _HOUSE_IN_ESTATE + _PER_CHAR * len(match.group()))
    for match in NO.finditer(text, start, end):
        for part, worth in (("road", _HOUSE_ON_ROAD), ("room", _HOUSE_IN_ESTATE)):
            yield Candidate(match.start(), match.end(), part, worth + _PER_CHAR * len(match.group()))
    for match in ROOM_CODE.finditer(text, start, end):
        yield Candidate(match.start(), match.end(), "room", _CODE_WORTH + _PER_CHAR * len(match.group()))
    for match in HAMLET.finditer(text, start, end):
        if INNER.search(match[1]) or NO_START.match(match[1]):
            continue
        worth = _PER_CHAR * len(match[1])
        yield Candidate(match.start(1), match.end(1), "community", _HAMLET_WORTH + worth)
        yield Candidate(match.start(1), match.end(1), "estate", _NAMELESS + 0.01 + worth, hamlet=True)
    for match in BARE_NO.finditer(text, start, end):
        for part in ("road", "room"):
            yield Candidate(match.start(), match.end(), part, _BARE + _PER_CHAR * len(match.group()))
