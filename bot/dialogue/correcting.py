"""Corrections in free words: "不对，是3栋", "电话写错了", "不是供暖，是供水"."""

from __future__ import annotations

import re
from dataclasses import replace

from actions.base import Draft
from bot.dialogue import checks, collecting, details, phrases, places, showing
from bot.dialogue.meaning import Meaning
from bot.dialogue.moment import Moment, say, understood
from bot.dialogue.types import Decision, Service

_FAINT = 0.2
_NEW = re.compile(r"改成|改为|换成|应该是|应该在|应是|是|为|:|：")
_TARGETS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("phone", re.compile(r"电话|手机|号码|联系方式|phone", re.I)),
    ("name", re.compile(r"姓名|称呼|(?:^|[，,。\s]|我的?|把|[改错上]|一下)名字|(?<!百)姓|\bname", re.I)),
    ("amount", re.compile(r"金额|钱|元|amount", re.I)),
    ("plate", re.compile(r"车牌|plate", re.I)),
    ("line", re.compile(r"线路|\d路车?|line", re.I)),
    ("time", re.compile(r"时间|日期|几点|time|date", re.I)),
    ("place", re.compile(r"地址|地点|位置|地方|小区|[路街栋幢楼室]|单元|\d号|address|place", re.I)),
)


def corrected(moment: Moment, draft: Draft, service: Service) -> Decision | None:
    """ "不对，是3栋": the new value replaces the old one, whichever detail it belongs to."""
    meaning, asked = moment.meaning, moment.state.asked
    text = meaning.text
    if not text or meaning.payload or meaning.by_rule:
        return None
    if meaning.act != "correct" and asked != "change" and not phrases.CORRECTION.search(phrases.plain(text)):
        return None
    fresh = _NEW.split(text)[-1].strip() or text
    new = moment.found(service)
    target = next((name for name, pattern in _TARGETS if pattern.search(text)), "")
    if target == "phone" and "phone" not in new and checks.phone_like(text):
        return understood(moment.state, say("wrong-phone"), draft=draft, asked="phone")
    if "place" in new or (target == "place" and not places.vague(fresh)):
        new["place"] = places.merged(
            draft.details.get("place", ""), fresh if target == "place" else new["place"]
        )
    elif target in ("name", "amount", "line") and fresh != text and target not in new:
        new[target] = fresh[:60]
    if new:
        draft = replace(draft, details={**draft.details, **new})
        open_question = asked in details.ALL and asked not in draft.details
        steps = (say("corrected"), showing.ask(moment, draft, asked)) if open_question else ()
        if steps:
            return understood(moment.state, *steps, draft=draft)
        return collecting.proceed(moment, draft, say("corrected"))
    return other_service(moment, draft) or _which_detail(moment, draft, target)


def other_service(moment: Moment, draft: Draft) -> Decision | None:
    """ "不是供暖，是供水": the whole service was wrong."""
    meaning = moment.meaning
    service = moment.service(meaning.service) if meaning.sure or _stands_out(meaning) else None
    if service is None or service.id == draft.service or moment.state.asked == "matter":
        return None
    moment = moment.with_state(refused=(*moment.state.refused, draft.service))
    return collecting.begin(moment, service, replace(draft, confidence=meaning.confidence))


def _stands_out(meaning: Meaning) -> bool:
    """A correction is short, so the model is unsure of it; far ahead of the next is enough."""
    second = meaning.services[1].confidence if len(meaning.services) > 1 else 0.0
    return meaning.confidence >= max(_FAINT, 3 * second)


def _which_detail(moment: Moment, draft: Draft, target: str) -> Decision | None:
    """ "电话错了" without the right one: ask for it. Nothing nameable to change: the words are kept."""
    if target and (target in draft.details or target in ("phone", "place", "name")):
        question = showing.ask(moment, draft, target)
        return understood(moment.state, question, draft=draft, asked=target)
    if moment.state.asked == "change":
        return collecting.proceed(moment, draft, say("corrected"))
    return None
