"""Where: the parts of an address inside a sentence, or an address standing alone.

Candidates come from the gazetteer and from the endings of Chinese place names (路, 小区, 栋 …); the best row of
candidates that do not overlap is chosen, outer parts before inner ones. In a sentence a name needs an
ending and a clean beginning; when the whole clause is an address, whatever stands between the parts is a
name too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from nlu.reading.entities.base import Found
from nlu.reading.entities.candidates import Candidate, between, by_ending, crossings, inside, known, rooms
from nlu.reading.entities.endings import SENTENCE, SPOKEN, VERBS
from nlu.reading.entities.forms import (
    CLAUSE,
    CODE,
    FIRM,
    FIRM_WORDS,
    HOUSE,
    JUNK,
    LEAD,
    LONGEST_ADDRESS,
    MOBILE,
    NEAR,
    SAID,
    TAIL,
    THINGS,
    WHOLE,
)
from nlu.reading.entities.gazetteer import LEVELS, Gazetteer
from nlu.reading.entities.row import best, merged


def places(text: str, gazetteer: Gazetteer) -> Iterator[Found]:
    """Parts of places in order."""
    alone = len(text) <= LONGEST_ADDRESS and _no_sentence(JUNK.sub("", text))
    for start, end in _clauses(text):
        yield from _clause(text, start, end, gazetteer, alone)


def _clauses(text: str) -> Iterator[tuple[int, int]]:
    """Between marks, and between mobile numbers: "3栋1201 13812345678" is an address and a number."""
    for clause in CLAUSE.finditer(text):
        lead = LEAD.match(text, clause.start(), clause.end())
        start = lead.end() if lead else clause.start()
        for mobile in MOBILE.finditer(text, clause.start(), clause.end()):
            if start < mobile.start():
                yield start, mobile.start()
            start = mobile.end()
        if start < clause.end():
            yield start, clause.end()


def _no_sentence(text: str) -> bool:
    """Nothing that only a sentence has; where a house is numbered, 都 and 跑 may be part of a name (银都路, 虎跑路)."""
    if HOUSE.search(text):
        return not SPOKEN.search(text)
    return not SENTENCE.search(text)


def _clause(text: str, start: int, end: int, gazetteer: Gazetteer, alone: bool) -> Iterator[Found]:
    sure = [*known(text, start, end, gazetteer), *rooms(text, start, end)]
    chosen = best([*sure, *by_ending(text, start, end, sure)], start, end, loose=False)
    whole = alone and _address(text, start, end, chosen)
    if not whole and chosen and (stretch := _stretch(text, end, chosen)):
        first, last = stretch
        loose = _loosely(text, first, last, gazetteer)
        chosen = [*(one for one in chosen if one.start >= last), *loose]
        chosen.sort(key=lambda one: one.start)
    if whole:
        end = junk.start() if (junk := JUNK.search(text, start, end)) else end
        chosen = _loosely(text, start, end, gazetteer)
    chosen = merged(text, chosen)
    for i, one in enumerate(chosen):
        if (one.part == "room" and not _roomy(text, chosen, i)) or (one.part == "landmark" and i == 0):
            continue
        yield _found(text, one, gazetteer)
        near = NEAR.match(text, one.end)
        if near and (i + 1 == len(chosen) or chosen[i + 1].start >= near.end()):
            yield Found(near.start(), near.end(), "landmark", None, 0.7)


def _loosely(text: str, start: int, end: int, gazetteer: Gazetteer) -> list[Candidate]:
    """The parts of what is an address from beginning to end."""
    sure = [*known(text, start, end, gazetteer, loose=True), *rooms(text, start, end)]
    named = [*by_ending(text, start, end, sure, loose=True), *between(text, start, end)]
    # A name that the city pack knows is not swallowed by a longer one that only looks like a name.
    ours = [one for one in sure if one.known and text[one.start : one.end] in gazetteer.own]
    named = [one for one in named if not any(inside(name, one) for name in ours)]
    whole = _uncut(text, start, end, [*sure, *named])
    return best([*whole, *crossings(text, start, end)], start, end, loose=True)


def _stretch(text: str, end: int, chosen: list[Candidate]) -> tuple[int, int] | None:
    """In a sentence: from a sure beginning to the last house or firm before anything that is said about it."""
    first, last = chosen[0].start, chosen[-1].end
    if not (chosen[0].known or len(chosen) > 1):
        return None
    parts = {at for one in chosen for at in range(one.start, one.end)}
    said = next((m.start() for m in SAID.finditer(text, first, end) if m.start() not in parts), end)
    ends = [m.end() for m in TAIL.finditer(text, first, min(said, first + LONGEST_ADDRESS))]
    last = max([one.end for one in chosen if one.end <= said] + ends, default=first)
    inside = [one for one in chosen if one.end <= last]
    return (first, last) if inside and sum(one.end - one.start for one in inside) < last - first else None


def _uncut(text: str, start: int, end: int, candidates: list[Candidate]) -> list[Candidate]:
    """Without those that begin or end inside a word."""
    inside = {
        at for match in WHOLE.finditer(text, start, end) for at in range(match.start() + 1, match.end())
    }
    inside |= {match.start() + 1 for match in CODE.finditer(text, start, end)}
    return [one for one in candidates if one.start not in inside and one.end not in inside]


def _address(text: str, start: int, end: int, chosen: list[Candidate]) -> bool:
    """Whether a clause is nothing but an address: it begins with a part, and no verb stands between the
    parts.
    """
    if HOUSE.search(text, start, end):
        return True
    if not chosen or chosen[0].start - start > 8:
        return False
    rest, at = "", start
    for one in chosen:
        rest += text[at : one.start] + " "
        at = one.end
    rest += text[at:end]
    if not any(c.isdigit() for c in text[start:end]) and any(
        len(run) > 4 and not FIRM.search(run) for run in rest.split()
    ):
        return False
    certain = len(chosen) > 1 or chosen[0].known or any(c.isdigit() for c in text[start:end])
    return certain and not VERBS.search(FIRM_WORDS.sub("", rest))


def _roomy(text: str, chosen: list[Candidate], i: int) -> bool:
    """ "12楼" is a place beside an address or where somebody lives; "三栋楼" is a number of things."""
    one = chosen[i]
    if (i > 0 and one.start - chosen[i - 1].end <= 2) or text[max(0, one.start - 1) : one.start] == "住":
        return True
    said = text[one.start : one.end]
    if THINGS.fullmatch(said) and not re.fullmatch(r"\d+[栋幢座]", said):
        return False
    return bool(re.search("栋|幢|号楼|单元|室|座", said)) or len(text) <= 12


def _found(text: str, one: Candidate, gazetteer: Gazetteer) -> Found:
    name = text[one.start : one.end]
    place = (
        gazetteer.own.get(name) or gazetteer.own.get(re.sub(r"\d.*$", "", name))
        if one.part != "room"
        else None
    )
    normalized = (
        {"value": place.get("name", name), **{k: v for k, v in place.items() if k in LEVELS}}
        if place
        else None
    )
    return Found(one.start, one.end, one.part, normalized, 0.97 if one.known else 0.8)
