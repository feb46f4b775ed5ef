"""Where it is: joining the parts of a place, telling a vague one, mending one that was wrong."""

from __future__ import annotations

import re
from collections.abc import Sequence

from bot.dialogue.types import Entity

PARTS = frozenset(
    {"city", "district", "town", "community", "road", "estate", "poi", "landmark", "room", "place"}
)
_EXACT = PARTS - {"city", "district", "town"}  # without one of these nobody could go there
_BREAKS = re.compile(r"[，,、\s]+")
_APART = re.compile(r"[到至和与或往。；;]")
_NEAR = 4  # characters between two parts that still make one place: "幸福里小区的3栋"
_LONGEST = 60

_LEAD = re.compile(
    r"^(?:(?:我们?家?)?(?:就|是|住)?在|我们?(?:这里|这边|这儿)?(?:是|住)|(?:具体)?(?:地址|位置|地点)(?:就)?(?:是|在|:|：)"
    r"|位于|住|就是|是|它在|it'?s (?:at|in|on)|at |in )\s*"
)
_EMPTY = re.compile(
    r"(?:我们?|你们?|咱们?|自己|家|的|这里|这边|这儿|那里|那边|那儿|这个|那个|就|是|在|住|附近|旁边?|边上|楼上|楼下|门口|路边|路上|里面?|外面?|对面"
    r"|小区|学校|单位|公司|村里?|街上|马路|城里|本市|市里|here|there|my|home|house|near(?:by)?|the|street|downstairs|upstairs|[\s，,。.！!~])+",
    re.IGNORECASE,
)
_ROOM = re.compile(
    r"\d{1,6}\s{0,3}[-－]\s{0,3}\d{1,6}(?:\s{0,3}[-－]\s{0,3}\d{1,6})?|[一二三四五六七八九十百\d]{1,8}\s{0,3}(?:号楼|栋|幢|座|单元|层|楼|室|号|期)"
)
_SENTENCE = re.compile(r"[了吗吧呢不没我你他您]|还有|什么|怎么|在家|孩子|老人")
_UNIT = re.compile(r"号楼|栋|幢|座|单元|层|楼|室|号|期")
_SUFFIX = re.compile(r"[路街道巷弄村镇乡县区园苑里城厦院校店场站桥湾庭府居轩阁墅寓楼栋号口]|\d")


def joined(text: str, entities: Sequence[Entity]) -> str:
    """The place of a message: parts that stand together are taken as written, a lone district goes before."""
    parts = sorted((e for e in entities if e.name in PARTS), key=lambda e: e.start)
    groups: list[list[Entity]] = []
    for part in parts:
        if groups and _together(text[groups[-1][-1].end : part.start]):
            groups[-1].append(part)
        else:
            groups.append([part])
    if not groups:
        return ""
    best = max(groups, key=lambda group: (len({e.name for e in group} & _EXACT), len(group)))
    place = tidy(
        _BREAKS.sub("", text[best[0].start : max(e.end for e in best)]) or "".join(e.value for e in best)
    )
    outer = [
        e.value for e in parts if e.name in ("district", "town") and e not in best and e.value not in place
    ]
    has_outer = {e.name for e in best} & {"district", "town"}
    return place if has_outer else "".join(dict.fromkeys(outer[:1])) + place


def _together(between: str) -> bool:
    return len(between) <= _NEAR and not _APART.search(between)


def tidy(answer: str) -> str:
    """An answer to "where?" without its "我家就在 …"."""
    place = answer.strip().strip("，,。.！!~；; ")
    place = _LEAD.sub("", place, count=1)
    return place.strip("，,。.！!~；;的 ")[:_LONGEST]


def vague(place: str) -> bool:
    """Whether nobody could find it: empty, "我家楼下", or a single character."""
    return len(_EMPTY.sub("", tidy(place))) < 2


def coarse(place: str, areas: Sequence[str]) -> bool:
    """Whether it is no more than the name of a district or town."""
    rest = place
    for area in sorted(areas, key=len, reverse=True):
        rest = rest.replace(area, "")
    return vague(rest) or rest in ("区", "县", "市", "镇", "街道")


def looks_like(text: str) -> bool:
    """Whether a bare answer could be a place at all: it names something, and is no sentence."""
    if len(text) > _LONGEST:
        return False
    core = _EMPTY.sub("", text)
    return bool(_SUFFIX.search(core)) or text.isascii() or (len(text) <= 8 and not _SENTENCE.search(text))


def merged(old: str, new: str) -> str:
    """A corrected place: "不对，是3栋" changes the building and keeps the rest."""
    new = tidy(new)
    if not old or not _only_room(new):
        return new if new not in old else old
    place = old
    for piece in _ROOM.findall(new):
        unit = _UNIT.search(piece)
        same = (
            re.compile(r"[一二三四五六七八九十百\d]{1,8}\s{0,3}(?:" + _alike(unit.group()) + ")")
            if unit
            else _ROOM
        )
        place = same.sub(piece, place, count=1) if same.search(place) else place + piece
    return place


def refined(old: str, new: str, areas: Sequence[str]) -> str:
    """A place said again without any "不对": it may be more exact than the old one, never less."""
    new = tidy(new)
    if not old or old in new:
        return new
    if not new or new in old or vague(new):
        return old
    if coarse(old, areas):
        return new if coarse(new, areas) else old + new
    if _only_room(new) and not _ROOM.search(old):
        return old + new
    return old


def _alike(unit: str) -> str:
    """Words for the same thing: a correction "3栋" replaces "2号楼"."""
    for group in (("号楼", "栋", "幢", "座"), ("层", "楼"), ("室",), ("单元",), ("号",), ("期",)):
        if unit in group:
            return "|".join(group)
    return unit


def _only_room(place: str) -> bool:
    return bool(_ROOM.search(place)) and len(_EMPTY.sub("", _ROOM.sub("", place))) < 2
