"""Takes personal data out of past tickets before anything is kept.

What is replaced keeps its form (zeros for digits), so that the model still learns that people write phones
and rooms, and never whose. A name that nothing introduces cannot be told from other words: what stands in
the ticket's own personal columns is struck out by value, the rest is for the eye that reads the preview.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from nlu.reading.entities import names, numbers
from nlu.reading.entities.base import Found, apart
from nlu.reading.entities.gazetteer import Gazetteer
from nlu.reading.entities.places import places

_NUMERALS = "零〇一二三四五六七八九十百幺两"
_N = rf"(?:[A-Za-z]?\d{{1,5}}[A-Za-z]?|[A-Z]|[{_NUMERALS}]{{1,4}})"
_ROOM = re.compile(
    rf"(?:{_N}(?:号楼|幢楼?|栋楼?|座|号院)[,\s-]?)?{_N}单元(?:[,\s-]?{_N}(?:号|室|楼|层|户)?)?(?:\d{{2,4}}(?:室|号)?)?"
    rf"|{_N}(?:号楼|幢楼?|栋楼?|座)[,\s-]?\d{{2,5}}(?:室|号|户)?|\d{{1,4}}(?:-\d{{1,4}}){{1,3}}(?:室|号|户)?(?![\d年月日-])"
    rf"|\d{{2,5}}(?:室|房)(?!内|外|间|温)|(?:门牌号?|住)\s?{_N}号"
)
_LONG = re.compile(r"(?<!\d)\d(?:[\s-]?\d){6,}[Xx]?(?!\d)")  # accounts, cards, chat numbers, contract numbers
_MAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+", re.ASCII)
_LINK = re.compile(r"(?:https?://|www\.)[\w./?=&%#:~+-]+", re.ASCII | re.IGNORECASE)
_CHAT = re.compile(
    r"(?:微信号?|[vV]信|QQ号?|qq号?|wechat|抖音号?)[\s:是为]*([A-Za-z][\w-]{4,19}|\d{5,})", re.ASCII
)
_NAMED = re.compile(
    r"(?:我叫|我的名字[是叫]?|本人(?:姓名|叫|是)|姓名[是为:]?|联系人[是为:]?|联系人姓名:?|[投反申举来]\w人:|名叫|免贵姓|户主|署名:?"
    r"|敬礼[!。\s]*)[\s:]*"
)
_NAME = re.compile(
    rf"(?:欧阳|上官|司马|诸葛|[{names.SURNAMES}])[\u4e00-\u9fff]{{1,2}}(?![\u4e00-\u9fff]{{0,2}}[市县区镇])"
)
_TITLE = re.compile(names.TITLES + r"$")
_SHORTEST_VALUE = 2
_NOBODY = re.compile("匿名|不详|未知|保密|市民|网友|群众|先生|女士|用户|业主|居民|村民|本人|没有")


@dataclass(frozen=True)
class Masked:
    """The text without personal data, and what was found in it."""

    text: str
    found: Counter[str]


def _persons(text: str) -> Iterator[Found]:
    yield from names.persons(text)
    for match in _NAMED.finditer(text):
        name = _NAME.match(text, match.end())
        if name:
            yield Found(name.start(), name.end(), "person", None, 0.8)


def _by_form(text: str) -> Iterator[Found]:
    for pattern, entity, sure in (
        (_MAIL, "mail", 1.0),
        (_LINK, "link", 1.0),
        (_LONG, "number", 0.7),
        (_ROOM, "room", 0.6),
    ):
        yield from (Found(m.start(), m.end(), entity, None, sure) for m in pattern.finditer(text))
    yield from (Found(m.start(1), m.end(1), "chat", None, 0.9) for m in _CHAT.finditer(text))


def _by_value(text: str, values: Iterable[str]) -> Iterator[Found]:
    for value in dict.fromkeys(part for whole in values for part in (whole, *re.split(r"[\s,;、/]+", whole))):
        if len(value) < _SHORTEST_VALUE or _NOBODY.fullmatch(value):
            continue
        for match in re.finditer(re.escape(value), text):
            yield Found(match.start(), match.end(), "own", None, 2.0)


def mask(text: str, values: Iterable[str] = ()) -> Masked:
    """Strike out what identifies a person in a normalised text; `values` are the ticket's own cells."""
    found = [
        *_by_value(text, values),
        *numbers.phones(text),
        *numbers.id_numbers(text),
        *numbers.plates(text),
        *numbers.tickets(text),
        *_persons(text),
        *(one for one in places(text, Gazetteer()) if one.entity == "room"),
        *_by_form(text),
    ]
    out, last = "", 0
    kept = apart(found)
    for one in kept:
        out += text[last : one.start] + _blank(text[one.start : one.end], one.entity)
        last = one.end
    return Masked(out + text[last:], Counter(one.entity for one in kept))


def _blank(value: str, entity: str) -> str:
    if entity in ("mail", "link"):
        return "邮箱" if entity == "mail" else "网址"
    if entity == "person":
        title = _TITLE.search(value)
        return "某" + title.group() if title else "某某"
    if entity == "own" and re.search("[\u4e00-\u9fff]", value):
        return "某某"
    shape = re.sub(r"\d", "0", re.sub(f"[{_NUMERALS}]", "零", re.sub("[A-Za-z]", "x", value)))
    return "某某" if shape == value else shape
