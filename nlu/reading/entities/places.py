"""Where: the parts of an address inside a sentence, or an address standing alone.

Candidates come from the gazetteer and from the endings of Chinese place names (路, 小区, 栋 …); the best row of
candidates that do not overlap is chosen, outer parts before inner ones. In a sentence a name needs an
ending and a clean beginning; when the whole clause is an address, whatever stands between the parts is a
name too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from nlu.reading.entities.base import Found
from nlu.reading.entities.chinese_numbers import CHARS
from nlu.reading.entities.endings import (
    ALLEY,
    COMMUNITY,
    ESTATE,
    MOST,
    NO_NAME,
    ORDINARY,
    ROAD,
    SENTENCE,
    SPOKEN,
    TOWN,
    VERBS,
    WEAK_ESTATE,
    ZONE,
    beginning,
    joined_on,
)
from nlu.reading.entities.gazetteer import LEVELS, Gazetteer

_LEVEL = {name: i for i, name in enumerate(LEVELS)} | {
    "org": LEVELS.index("estate"),
    "landmark": LEVELS.index("room"),
}
_CLAUSE = re.compile(r"[^,。!?;:\n、，！？；]+")
_HAN = r"\u4e00-\u9fff"
_N = rf"(?:[A-Za-z]{{0,2}}\d{{1,5}}[A-Za-z]?|[A-Za-z]{{1,2}}(?![A-Za-z])|[{CHARS}甲乙丙丁戊]{{1,4}})"
_NO = re.compile(
    rf"(?:第)?(?:\d+[A-Za-z]?|[{CHARS}]{{1,5}})(?:(?:[-之~]|号[之附-])\d+)*(?:弄(?:\d+号)?|号(?!楼|院|线|门(?!口)|馆|地块|机|码|桥)(?:附\d+号?)?|#)"
)
_ON_ROAD = re.compile("[路街巷弄]|大道")
_IN_LANE = re.compile(r"(?<=\d弄)\d+号")
_LANE = re.compile(r"\d+弄")
_BARE_NO = re.compile(r"\d+(?:-\d+)?(?![\d栋幢座撞单室楼层期号弄#组队区路街年月日户档米公-])")
_ROOM = re.compile(
    rf"(?:(?:{_N}-)?{_N}(?:号楼|幢楼?|栋楼?|撞|排|座|#楼?|号院)(?:[东西南北]?(?:{_N}(?:单元|门|-)))?[,\s]?(?:{_N}(?:号|室|房(?!产|屋)|楼|层|户|F|#)?(?:\d{{2,4}}[A-Za-z]?(?:号|室|房(?!产|屋))?)?)?(?:[东西]户)?"
    rf"|{_N}单元(?:-?{_N}(?:号|室|楼|层)?(?:\d{{2,4}}(?:室|号)?)?)?|[A-Za-z]?\d{{1,4}}[A-Za-z]?(?:[-一][A-Za-z]?\d{{1,5}}[A-Za-z]?){{1,3}}(?:室|号)?(?!\d)|[A-Za-z]-\d{{1,4}}[A-Za-z]?室?|{_N}(?:室|楼(?![上下顶房市道梯宇盘栋])|层|F(?![A-Za-z]))(?:_?[A-Za-z]?\d{{2,6}}[A-Za-z]?(?:室|号|房)?)?)"
)
_HIGHWAY = re.compile(r"(?:[GSXY]?\d{1,3}(?:国道|省道|县道|乡道)|[GS]\d{1,4}(?:[\u4e00-\u9fff]{2,4}高速)?)")
_INNER = re.compile(
    r"(?<!新)村(?=.)(?![民庄镇])|路|与|对面|隔壁|门口|街道|[镇乡](?!.{0,4}府)|社区|附近|交叉|叉口|中间|电联|办事处|\d(?:室|房|栋|幢|单元|号|弄|排|楼)|[一二三四五六七八九十](?:楼|单元|幢|栋)"
)
_CODE = re.compile(r"[A-Za-z\d](?=\d)|\d(?=[A-Za-z](?![座栋幢区楼]))")
# Words that no part of an address may cut in two.
_WHOLE = re.compile(
    "街道|附近|对面|交叉口|路口|办事处|医院|单元|公司|工业|开发区|村委|社区|中间|门口|园区|功能区|交易区|住宅区|商务区|新区|大厦|花园|市场|小区|广场|学校|大学|中学|小学|公寓|中心"
)
_FIRM = re.compile(
    ".(?:公司|厂|店|医院|学校|[小中大]学|学院|中心|超市|酒店|宾馆|银行|营业厅|幼儿园|集团|大酒店|城|厦|园|苑|局|所|院|部|馆|站)$"
)
_TOWNSHIP = re.compile(
    rf"市(?!区|场|政|府|人民)|(?<![小社校园厂街片山景地业发新东西南北中务济能港库流A-Za-z\d{CHARS}])区|县"
)
_SECTION = re.compile(rf"(?:[东西南北]|{_N})(?:期|区|苑|组团)")
_NO_START = re.compile(
    "小区|街道|社区|[路号镇村栋幢室楼口与]|对面|旁|隔壁|门口|附近|交叉口|交[汇界]处|以[东西南北]"
)
_JUNK = re.compile("(?:电联|电话联系|联系电话|电话|收货?)+$")
_ROOM_CODE = re.compile(
    r"(?<![A-Za-z\d-])(?=[A-Za-z\d-]*\d)[A-Za-z\d]+(?:[-一][A-Za-z\d]+)*(?:室|房间?)?(?![A-Za-z\d号路街弄座幢栋区楼层期组队年月日公米-])"
)
# A village may have a name without an ending: 茅桥埭939号.
_HAMLET = re.compile(
    rf"(?=((?:[{_HAN}]{{2,4}}))(?<![路街道巷弄段线园苑城厦楼区庭院寓坊厂店场期市县镇乡湾府居里馆司心院校学行站所部座幢栋室层])\d+(?:号(?!楼|院)|$))"
)
_GROUP = re.compile(rf"(?:\d{{1,2}}|[{CHARS}]{{1,3}})(?:组|队)(?:\d+号)?(?![织员成长])")
_TEAM = re.compile(rf"(?=([{_HAN}]{{1,4}}(?:村民)?小?组)(?!织|成|长|团))")
_OPEN_ZONE = re.compile("开发区|[新园]区|高新区")
_NAME_GOES_ON = re.compile(
    rf"[东西南北中门]?(?:[{CHARS}]?路|大道|大?街)|经济|高新|工业|轻纺|商业城|商务|住宅|人民医院|中心医院|农贸|批发|火车|汽车[东西南北]?站|客运|大学|[一二三]中|[{CHARS}]?[区期园]|[市县镇]|酒店|集团|公司|新?村|{ESTATE.pattern}"
)
_MORE_AHEAD = re.compile(
    rf"[{_HAN}]{{2,6}}(?:路|大道|街(?!道)|小区|花园|家园|公寓|村|社区|大厦|苑|工业|广场)"
)
_ROAD_AHEAD = re.compile(rf"[{_HAN}]{{2,6}}(?:路|大道|大?街|镇|街道|区)")
_FIRM_WORDS = re.compile("有限|合作社|能源|电动|医院|大会堂|开发|热力|多功能|来[福利宝]")
_THINGS = re.compile(rf"(?:[{CHARS}]{{1,3}}|\d)(?:栋|幢|座|层)楼?")
_HOUSE = re.compile(r"\d+(?:号|弄|室|幢|栋|组)(?!线)|(?<=[园苑村城区厦期寓])\d+[-一]\d+")
_LONGEST_ADDRESS = 60
_SAID = re.compile(f"{SENTENCE.pattern}|{SPOKEN.pattern}|{VERBS.pattern}")
_TAIL = re.compile(
    r"\d+(?:号楼?|室|弄|幢|栋|单元|楼|层|组)(?![线\d])|(?<=[路街道村苑园区城湾里期-])\d+(?![\d年月日天个人点分元块路])"
    rf"|(?:有限公司|公司|集团|[{_HAN}]厂|店|医院|学校|[小中大]学|学院|幼儿园|超市|酒店|宾馆|银行|{ESTATE.pattern})(?![员长主工生们费里内外旁边])"
)
_NEAR = re.compile(
    "(?:的)?(?:口|交叉路?口|交[汇界]处|路口|十字路口|丁字路口|[东西南北]?(?:门|大门|出口|入口)(?:口|处|外)?|旁边?|对面|附近|隔壁|楼下|周边|[东西南北前后左右侧背]{1,2}[面边侧])"
)


@dataclass(frozen=True)
class _Candidate:
    start: int
    end: int
    part: str
    score: float
    known: bool = False
    hamlet: bool = False  # may be a village by its name: its houses are numbered as on a road


def places(text: str, gazetteer: Gazetteer) -> Iterator[Found]:
    """Parts of places in order."""
    alone = len(text) <= _LONGEST_ADDRESS and _no_sentence(_JUNK.sub("", text))
    for clause in _CLAUSE.finditer(text):
        yield from _clause(text, clause.start(), clause.end(), gazetteer, alone)


def _no_sentence(text: str) -> bool:
    """Nothing that only a sentence has; where a house is numbered, 都 and 跑 may be part of a name (银都路, 虎跑路)."""
    if _HOUSE.search(text):
        return not SPOKEN.search(text)
    return not SENTENCE.search(text)


def _clause(text: str, start: int, end: int, gazetteer: Gazetteer, alone: bool) -> Iterator[Found]:
    sure = [*_known(text, start, end, gazetteer), *_rooms(text, start, end)]
    chosen = _best([*sure, *_by_ending(text, start, end, sure)], start, end, loose=False)
    whole = alone and _address(text, start, end, chosen)
    if not whole and chosen and (stretch := _stretch(text, end, chosen)):
        first, last = stretch
        loose = _loosely(text, first, last, gazetteer)
        chosen = [*(one for one in chosen if one.start >= last), *loose]
        chosen.sort(key=lambda one: one.start)
    if whole:
        end = junk.start() if (junk := _JUNK.search(text, start, end)) else end
        chosen = _loosely(text, start, end, gazetteer)
    chosen = _merged(text, chosen)
    for i, one in enumerate(chosen):
        if (one.part == "room" and not _roomy(text, chosen, i)) or (one.part == "landmark" and i == 0):
            continue
        yield _found(text, one, gazetteer)
        near = _NEAR.match(text, one.end)
        if near and (i + 1 == len(chosen) or chosen[i + 1].start >= near.end()):
            yield Found(near.start(), near.end(), "landmark", None, 0.7)


def _loosely(text: str, start: int, end: int, gazetteer: Gazetteer) -> list[_Candidate]:
    """The parts of what is an address from beginning to end."""
    sure = [*_known(text, start, end, gazetteer, loose=True), *_rooms(text, start, end)]
    named = [*_by_ending(text, start, end, sure, loose=True), *_between(text, start, end)]
    # A name that the city pack knows is not swallowed by a longer one that only looks like a name.
    ours = [one for one in sure if one.known and text[one.start : one.end] in gazetteer.own]
    named = [one for one in named if not any(_inside(name, one) for name in ours)]
    return _best(_uncut(text, start, end, [*sure, *named]), start, end, loose=True)


def _stretch(text: str, end: int, chosen: list[_Candidate]) -> tuple[int, int] | None:
    """In a sentence: from a sure beginning to the last house or firm before anything that is said about it."""
    first, last = chosen[0].start, chosen[-1].end
    if not (chosen[0].known or len(chosen) > 1):
        return None
    parts = {at for one in chosen for at in range(one.start, one.end)}
    said = next((m.start() for m in _SAID.finditer(text, first, end) if m.start() not in parts), end)
    ends = [m.end() for m in _TAIL.finditer(text, first, min(said, first + _LONGEST_ADDRESS))]
    last = max([one.end for one in chosen if one.end <= said] + ends, default=first)
    inside = [one for one in chosen if one.end <= last]
    return (first, last) if inside and sum(one.end - one.start for one in inside) < last - first else None


def _uncut(text: str, start: int, end: int, candidates: list[_Candidate]) -> list[_Candidate]:
    """Without those that begin or end inside a word."""
    inside = {
        at for match in _WHOLE.finditer(text, start, end) for at in range(match.start() + 1, match.end())
    }
    inside |= {match.start() + 1 for match in _CODE.finditer(text, start, end)}
    return [one for one in candidates if one.start not in inside and one.end not in inside]


def _address(text: str, start: int, end: int, chosen: list[_Candidate]) -> bool:
    """Whether a clause is nothing but an address: it begins with a part, and no verb stands between the
    parts.
    """
    if _HOUSE.search(text, start, end):
        return True
    if not chosen or chosen[0].start - start > 8:
        return False
    rest, at = "", start
    for one in chosen:
        rest += text[at : one.start] + " "
        at = one.end
    rest += text[at:end]
    if not any(c.isdigit() for c in text[start:end]) and any(
        len(run) > 4 and not _FIRM.search(run) for run in rest.split()
    ):
        return False
    certain = len(chosen) > 1 or chosen[0].known or any(c.isdigit() for c in text[start:end])
    return certain and not VERBS.search(_FIRM_WORDS.sub("", rest))


def _merged(text: str, chosen: list[_Candidate]) -> list[_Candidate]:
    """Building, unit and room make one part, and so do an estate and its section."""
    out: list[_Candidate] = []
    for one in chosen:
        last = out[-1] if out else None
        gap = text[last.end : one.start] if last else ""
        joins = last is not None and last.part == one.part and gap in ("", "-", " ")
        if (
            last
            and joins
            and (one.part == "room" or (one.part == "estate" and not gap and _one_estate(text, last, one)))
        ):
            out[-1] = _Candidate(last.start, one.end, one.part, last.score + one.score, last.known)
        else:
            out.append(one)
    return out


def _one_estate(text: str, last: _Candidate, one: _Candidate) -> bool:
    """An estate and its section are one; after a name that is known anything else is another."""
    if any(each.known and each.end - each.start > 3 for each in (last, one)):
        return bool(_SECTION.match(text, one.start)) and one.end - one.start <= 4
    return not _ends(_OPEN_ZONE, text, last)


def _ends(pattern: re.Pattern[str], text: str, one: _Candidate) -> bool:
    return any(match.end() == one.end for match in pattern.finditer(text, one.start, one.end))


def _found(text: str, one: _Candidate, gazetteer: Gazetteer) -> Found:
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
_BEHIND = 0.2
_INWARDS, _SAME, _OUTWARDS = 0.2, -0.1, -0.95  # the next part lies in the last one, beside it, around it
_LEFT_OUT = 0.3  # of an address, per character
_UNUSUAL, _VERY_SHORT = 0.4, 1.8  # names are two or three characters long
_HOUSE_ON_ROAD, _HOUSE_IN_ESTATE, _BARE = 1.3, 1.0, 0.1
_ROOM_WORTH, _CODE_WORTH = 1.5, 0.8
_TOWN_BRIEF, _ROAD_INSIDE, _REGION_INSIDE = 0.8, 1.5, 3.0
_NAMELESS, _FIRM_NAME, _HAMLET_WORTH = 0.1, 0.75, -0.5


def _known(text: str, start: int, end: int, gazetteer: Gazetteer, loose: bool = False) -> list[_Candidate]:
    known: list[_Candidate] = []
    brief: list[_Candidate] = []
    for i, stop in gazetteer.beginnings(text, start, end):
        name, length = text[i:stop], stop - i
        if name in gazetteer.own:
            part = str(gazetteer.own[name]["part"])
            stop = _with_number(text, stop, end) if part == "road" else stop
            # In an address a name of our own may be the end of a longer one: 宁波卫生[职业技术学院].
            worth = 1.0 if loose and part == "org" and not _opens(text, i, start) else 3.5
            known.append(_Candidate(i, stop, part, worth + _PER_CHAR * (stop - i), known=True))
        elif name in gazetteer.country:
            worth = 3.0 if length > 2 else 1.0
            part = gazetteer.country[name]
            known.append(_Candidate(i, stop, part, worth + _PER_CHAR * length, known=True))
        elif name in gazetteer.short and not _NAME_GOES_ON.match(text, stop):
            part = gazetteer.short[name]
            worth = (0.1 if i == start else _TOWN_BRIEF) if part == "town" else 0.5
            brief.append(_Candidate(i, stop, part, worth + _PER_CHAR * length))
    known = [one for one in known if not any(_inside(one, other) for other in known)]
    return [*known, *_standing(text, start, known, brief, gazetteer, loose)]


def _standing(
    text: str, start: int, known: list[_Candidate], brief: list[_Candidate], gazetteer: Gazetteer, loose: bool
) -> list[_Candidate]:
    """The short names (杭州, 萧山) that are more than ordinary words: in an address those at its beginning or
    after an outer part, and towns only where their district or city is named before; else those beside
    another part.
    """
    every = [*known, *brief]
    if loose:
        outer = {one.end: _LEVEL[one.part] for one in every if one.part in ("province", "city", "district")}
        return [
            one
            for one in brief
            if (_opens(text, one.start, start) or outer.get(one.start, 99) < _LEVEL[one.part])
            and (one.part != "town" or _belongs(text, one, start, gazetteer))
        ]
    ends, starts = {one.end for one in every}, {one.start for one in every}
    return [
        one
        for one in brief
        if one.part != "town"
        and (
            one.start in ends
            or one.end in starts
            or (one.start == start and _ROAD_AHEAD.match(text, one.end))
        )
    ]


def _opens(text: str, at: int, start: int) -> bool:
    """Whether an address or a further piece of it begins here."""
    return at == start or not re.match(rf"[{_HAN}\dA-Za-z]", text[at - 1])


def _belongs(text: str, town: _Candidate, start: int, gazetteer: Gazetteer) -> bool:
    if town.start == start:
        return bool(_MORE_AHEAD.match(text, town.end))
    before = text[: town.start]
    above = gazetteer.within.get(text[town.start : town.end], "").split()
    return any(name in before for name in above)


def _inside(one: _Candidate, other: _Candidate) -> bool:
    longer = other.end - other.start > one.end - one.start
    return longer and other.start <= one.start and one.end <= other.end


def _with_number(text: str, at: int, end: int) -> int:
    number = _NO.match(text, at, end)
    return number.end() if number else at


_ENDINGS = (
    (ROAD, "road"),
    (TOWN, "town"),
    (COMMUNITY, "community"),
    (ZONE, "zone"),
    (ESTATE, "estate"),
    (WEAK_ESTATE, "weak"),
)


def _by_ending(
    text: str, start: int, end: int, sure: list[_Candidate], loose: bool = False
) -> Iterator[_Candidate]:
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
    for match in _HIGHWAY.finditer(text, start, end):
        yield _Candidate(match.start(), match.end(), "road", 2 + _PER_CHAR * len(match.group()))
    for match in _TEAM.finditer(text, start, end) if loose else ():
        yield _Candidate(match.start(1), match.end(1), "road", 1.2 + _PER_CHAR * len(match[1]))
    for match in _GROUP.finditer(text, start, end):
        yield _Candidate(match.start(), match.end(), "road", 2 + _PER_CHAR * len(match.group()))


def _named(
    text: str, first: int, ending: re.Match[str], kind: str, end: int, loose: bool
) -> _Candidate | None:
    part = "estate" if kind in ("zone", "weak") else kind
    name, stem = text[first : ending.end()], ending.start() - first
    if stem < 1 or ORDINARY.fullmatch(name) or (SPOKEN if loose else NO_NAME).search(name[:stem]):
        return None
    if stem == 1 and not (part == "road" and name[0] in "东西南北中前后横正"):
        return None
    if part != "estate" and re.search(r"[\d_-]", name[:stem]) and not re.match(r"\d+号", name):
        return None
    if _NO_START.match(text, first):
        return None
    if "_" in name or "与" in name[:stem] or joined_on(text, first):
        return None
    stop = _with_number(text, ending.end(), end) if part == "road" else ending.end()
    if loose and (lane := _LANE.match(text, ending.end(), stop)):
        stop = lane.end()
    if loose and part == "road" and stop == ending.end() and (bare := _BARE_NO.match(text, stop, end)):
        stop = bare.end()
    if ending.group() in ALLEY and stop == ending.end():
        return None
    unusual = _UNUSUAL * max(0, stem - (5 if part == "estate" else 3)) + (_VERY_SHORT if stem == 1 else 0)
    numbered = _NUMBERED if stop > ending.end() else 0.0
    if loose and part == "estate" and _ON_ROAD.search(name[:stem]):
        unusual += _ROAD_INSIDE
    return _Candidate(first, stop, part, _WORTH[kind] + numbered - unusual + _PER_CHAR * (stop - first))


def _rooms(text: str, start: int, end: int) -> Iterator[_Candidate]:
    for match in _ROOM.finditer(text, start, end):
        if match.start() and re.match(r"[\dA-Za-z.¥]", text[match.start() - 1]):
            continue
        yield _Candidate(match.start(), match.end(), "room", _ROOM_WORTH + _PER_CHAR * len(match.group()))


def _roomy(text: str, chosen: list[_Candidate], i: int) -> bool:
    """ "12楼" is a place beside an address or where somebody lives; "三栋楼" is a number of things."""
    one = chosen[i]
    if (i > 0 and one.start - chosen[i - 1].end <= 2) or text[max(0, one.start - 1) : one.start] == "住":
        return True
    said = text[one.start : one.end]
    if _THINGS.fullmatch(said) and not re.fullmatch(r"\d+[栋幢座]", said):
        return False
    return bool(re.search("栋|幢|号楼|单元|室|座", said)) or len(text) <= 12


def _between(text: str, start: int, end: int) -> Iterator[_Candidate]:
    """In an address alone: any run of characters may be a name, any number a house."""
    for run in re.finditer(rf"[{_HAN}A-Za-z]+(?:[{_HAN}A-Za-z0-9()·]*[{_HAN}A-Za-z])?", text[start:end]):
        first, last = start + run.start(), start + run.end()
        for i in (i for i in range(first, last - 1) if not text[i].isdigit()):
            for j in range(i + 2, min(last, i + 18) + 1):
                if not _INNER.search(text, i, j) and not _NO_START.match(text, i):
                    yield _Candidate(
                        i,
                        j,
                        "estate",
                        _PER_CHAR * (j - i) + (_FIRM_NAME if _FIRM.search(text, i, j) else _NAMELESS),
                    )
    for match in _TOWNSHIP.finditer(text, start, end):
        for length in (2, 3):
            if match.start() - length >= start:
                yield _Candidate(
                    match.start() - length, match.end(), "district", 1 + _PER_CHAR * (length + 1)
                )
    for match in _SECTION.finditer(text, start, end):
        yield _Candidate(match.start(), match.end(), "estate", 0.8 + _PER_CHAR * len(match.group()))
    for match in _NEAR.finditer(text, start, end):
        yield _Candidate(match.start(), match.end(), "landmark", _PER_CHAR * len(match.group()))
    for match in _IN_LANE.finditer(text, start, end):
        yield _Candidate(
            match.start(), match.end(), "room", _HOUSE_IN_ESTATE + _PER_CHAR * len(match.group())
        )
    for match in _NO.finditer(text, start, end):
        for part, worth in (("road", _HOUSE_ON_ROAD), ("room", _HOUSE_IN_ESTATE)):
            yield _Candidate(match.start(), match.end(), part, worth + _PER_CHAR * len(match.group()))
    for match in _ROOM_CODE.finditer(text, start, end):
        yield _Candidate(match.start(), match.end(), "room", _CODE_WORTH + _PER_CHAR * len(match.group()))
    for match in _HAMLET.finditer(text, start, end):
        if _INNER.search(match[1]) or _NO_START.match(match[1]):
            continue
        worth = _PER_CHAR * len(match[1])
        yield _Candidate(match.start(1), match.end(1), "community", _HAMLET_WORTH + worth)
        yield _Candidate(match.start(1), match.end(1), "estate", _NAMELESS + 0.01 + worth, hamlet=True)
    for match in _BARE_NO.finditer(text, start, end):
        for part in ("road", "room"):
            yield _Candidate(match.start(), match.end(), part, _BARE + _PER_CHAR * len(match.group()))


def _best(candidates: list[_Candidate], start: int, end: int, loose: bool) -> list[_Candidate]:
    """The row of candidates with the highest score; going back outwards costs."""
    if not candidates:
        return []
    ending: dict[int, list[_Candidate]] = {}
    for one in candidates:
        ending.setdefault(one.end, []).append(one)
    skip = -_LEFT_OUT if loose else 0.0
    # position → last level → (score, row)
    best: dict[int, dict[int, tuple[float, tuple[_Candidate, ...]]]] = {start: {-1: (0.0, ())}}
    for at in range(start + 1, end + 1):
        states = {level: (score + skip, row) for level, (score, row) in best[at - 1].items()}
        for one in ending.get(at, ()):
            level = _LEVEL[one.part]
            for last, (score, row) in best.get(one.start, {}).items():
                adjacent = bool(row) and one.start - row[-1].end <= 1
                order = (
                    0.0
                    if not adjacent
                    else _INWARDS
                    if level > last
                    else (_SAME if level == last else _OUTWARDS)
                )
                if adjacent and one.part == "road" and row[-1].hamlet and all(c.part != "road" for c in row):
                    order = _INWARDS
                if loose and one.part == "district" and adjacent and last >= _LEVEL["road"]:
                    order = -_REGION_INSIDE  # 解放路5号西湖区教育局: whose office it is
                if loose and one.part == "estate" and last == _LEVEL["room"]:
                    order = -_BEHIND * (one.end - one.start)  # who lives or works there, not where
                total = score + one.score + order
                if level not in states or total > states[level][0]:
                    states[level] = (total, (*row, one))
        best[at] = states
    return list(max(best[end].values(), key=lambda state: state[0])[1])
