"""From what was said to what a service asks for: which entity fills which detail, and whether it will do.

A detail's value is plain text, checked. What is still missing and how it is asked for is `collecting`'s.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.dialogue import checks, phrases, places
from bot.dialogue.types import Entity, Service

# Which details an entity may fill, in order of preference; the first that the service has is taken.
FILLS: Mapping[str, tuple[str, ...]] = {
    "org": ("employer", "shop", "school", "party", "project"),
    "person": ("party", "name"),
    "amount": ("amount",),
    "people": ("people",),
    "line": ("line",),
    "plate": ("plate",),
    "estate": ("estate",),
    "room": ("building",),
    "district": ("district",),
    "id_number": ("id_number",),
    "ticket": (),
}
GENERIC = ("place", "time", "party", "amount", "people", "line", "plate")  # while the service is unknown
FREE = frozenset({"matter", "wish", "extent", "proof", "source", "hours", "register", "party", "project"})
WHEN = ("time", "since", "hours", "period")
_ASKED = (
    "place district since time phone name party shop employer project people amount period proof source hours"
    " line plate estate building account extent school grade register id_number wish"
)
ALL = frozenset(_ASKED.split())
CONTACT = ("phone", "name", "id_number")
_LONGEST = 200
_NAME = re.compile(
    r"(?:我叫|我是|免贵姓|我姓|姓名[:：是]?|联系人[:：是]?|本人)\s*"
    r"([\u4e00-\u9fff]{1,3}?(?:先生|女士|小姐|师傅|老师)|[\u4e00-\u9fff]{2,3})(?=$|[，,。.；;\s、]|住|电话|手机)"
)
# As an answer to "请问怎么称呼您？": the name and nothing else, with or without the words around it.
_BARE_NAME = re.compile(
    r"(?:我?叫我?|我是|我?姓|免贵姓|是|my name is|i am|i'm|call me)?\s*"
    r"((?!.*[不没么啥吗呢？?])[\u4e00-\u9fff]{1,4}?|[\u4e00-\u9fff]{1,4}(?:先生|女士|小姐|师傅|老师|大爷|阿姨)"
    r"|[\u4e00-\u9fff]{1,10}(?:·[\u4e00-\u9fff]{1,10}){1,3}|[a-z][a-z.'-]*(?: [a-z.'-]+){0,3})"
    r"(?:就行|就好|就可以|吧)?",
    re.IGNORECASE,
)
_FILLER = re.compile(
    r"(?:您?你?好|尊敬的?领导|领导|请问|我们?(?:要|想|来)?|关于|的?(?:问题|情况|事情?|事儿)"
    r"|咨询|投诉|反映|举报|建议|求助|表扬|一下|一个|个|要|想|问|有"
    r"|(?:帮我|能)?(?:登记|处理|解决)(?:一下)?"
    r"|的|吗|呢|了|吧"
    r"|\b(?:i (?:want|would like) to|complain(?:t)?|report|about|an?|the)\b|[\s，,。.！!?？~、])+",
    re.IGNORECASE,
)
# One of these and the shortest words tell what is wrong: 灯不亮, 楼上漏水.
_DIGIT = re.compile(r"\d")
_CLAUSE = re.compile(r"[，,。；;！!？?]")
_TROUBLE = re.compile(
    "[不没坏乱差停漏断堵欠拖骗脏臭吵慢破塌假贵涨拒打死丢偷烂裂掉缺无冒溢响闹扰占违拆罚扣冷热挤险难]"
)


@dataclass(frozen=True, slots=True)
class Checked:
    """A value that will do, or the catalogue key of what is wrong with it."""

    value: str = ""
    problem: str = ""


def found(
    text: str, entities: Sequence[Entity], service: Service | None, now: datetime, area_code: str = ""
) -> dict[str, str]:
    """Every detail of the service that the text holds. `now` is in the city's time zone."""
    wanted = tuple(detail.name for detail in service.details) if service else GENERIC
    out: dict[str, str] = {}
    place = places.joined(text, entities)
    if place and not places.vague(place):
        out["place"] = place
    for entity in entities:
        if entity.name == "time":
            _when(out, entity.value, wanted, now)
            continue
        target = next((name for name in FILLS.get(entity.name, ()) if name in wanted and name not in out), "")
        if target and not (entity.name == "person" and target == "name"):
            out[target] = entity.value[:_LONGEST]
    out.update(_by_form(text, wanted, area_code, out))
    return out


def _when(out: dict[str, str], value: str, wanted: Sequence[str], now: datetime) -> None:
    """A time goes where it fits: since, hours, period or time, whichever the service knows."""
    if checks.ahead(value, now):
        return
    fits = "hours" if checks.periodic(value) else "since" if checks.duration(value) else "time"
    order = (fits, "period", *WHEN) if fits == "since" else (fits, *WHEN)
    target = next((name for name in order if name in wanted), "time")
    out.setdefault(target, checks.dated(value, now))


def _by_form(text: str, wanted: Sequence[str], area_code: str, known: Mapping[str, str]) -> dict[str, str]:
    """What can be told by its form alone, with or without a model."""
    out = {"phone": checks.phone(text, area_code)}
    if "plate" in wanted:
        out["plate"] = checks.plate(text)
    if "id_number" in wanted:
        out["id_number"] = checks.id_number(text)
    if "amount" in wanted and "amount" not in known:
        out["amount"] = checks.money(text)
    named = _NAME.search(text)
    out["name"] = named.group(1) if named else ""
    return {name: value for name, value in out.items() if value}


def adapted(details: Mapping[str, str], service: Service) -> dict[str, str]:
    """Details gathered before the service was known, under the names that it uses."""
    wanted = [detail.name for detail in service.details]
    out = dict(details)
    for generic, names in (("time", WHEN), ("party", ("employer", "shop", "school", "party"))):
        if generic in out and generic not in wanted:
            target = next((name for name in names if name in wanted), generic)
            out[target] = out.pop(generic)
    return out


def checked(name: str, answer: str, heard: Mapping[str, str], now: datetime, area_code: str) -> Checked:
    """An answer to the question for `name`. `heard` is what was found in the same words."""
    if name == "phone":
        value = checks.phone(answer, area_code, loose=True)
        return Checked(value) if value else Checked(problem="wrong-phone")
    if name == "place":
        return _place(answer, heard)
    if name in ("time", "since"):
        value = next((heard[n] for n in (name, *WHEN) if n in heard), "") or _short(answer)
        if checks.ahead(value, now):
            return Checked(problem="wrong-time")
        return Checked(checks.dated(value, now) if "（" not in value else value)
    if name == "plate":
        value = checks.plate(answer)
        return (
            Checked(value or _short(answer)) if value or len(answer) >= 4 else Checked(problem="wrong-plate")
        )
    if name == "id_number":
        value = checks.id_number(answer)
        return Checked(value) if value else Checked(problem="wrong-id")
    if name == "name":
        bare = _BARE_NAME.fullmatch(_short(checks.without_phone(answer)))
        return Checked(heard.get("name") or (bare.group(1) if bare else ""))
    if name in FREE:
        return Checked(_short(answer))
    return Checked(heard.get(name) or _short(answer))


def _place(answer: str, heard: Mapping[str, str]) -> Checked:
    """A short answer is the place as written; of a long one, what the model saw as a place."""
    bare = places.tidy(checks.without_phone(answer))
    seen = heard.get("place", "")
    one = bare.isascii() or (len(bare) <= 40 and not _CLAUSE.search(bare))
    first = bare if one else places.tidy(_CLAUSE.split(bare)[0])
    if (one or not seen) and places.looks_like(first) and not places.vague(first):
        return Checked(first)
    return Checked(seen) if seen and not places.vague(seen) else Checked(problem="wrong-place")


def _short(answer: str) -> str:
    return answer.strip().strip("，,。. ")[:_LONGEST]


def substantive(text: str, service: Service | None) -> bool:
    """Whether the words say what is the matter, and not only "我要投诉物业"."""
    rest = checks.without_phone(text)
    for word in (service.title, service.title_en) if service else ():
        rest = re.sub(re.escape(word), " ", rest, flags=re.IGNORECASE)
    rest = _FILLER.sub(" ", rest).strip()
    if rest.isascii():
        return len(rest.split()) >= 2
    rest = rest.replace(" ", "")
    return len(rest) >= 4 or bool(_TROUBLE.search(rest))


def trouble(text: str) -> bool:
    """Whether the words tell that something is wrong."""
    return bool(_TROUBLE.search(checks.without_phone(text)))


def bare(text: str) -> bool:
    """Whether there is nothing but the wish itself: "我要投诉", "想咨询一下"."""
    return bool(re.search(r"\w", text)) and not _FILLER.sub("", checks.without_phone(text)).strip()


def told(draft_text: str, values: Sequence[str], service: Service | None) -> str:
    """The matter for the summary: the citizen's words without lines that only answered a question."""
    lines = draft_text.splitlines()
    kept = [line for line in lines if _tells(line, values, service)]
    return " ".join(" ".join(kept or lines[:1]).split())


def _tells(line: str, values: Sequence[str], service: Service | None) -> bool:
    if len(line) <= 20 and (phrases.CORRECTION.search(line) or phrases.act_of(line)):
        return False
    bare = places.tidy(line)
    if any(_DIGIT.sub("", bare) in _DIGIT.sub("", value) for value in values):
        return False
    for value in values:
        bare = bare.replace(value.split("（")[0], "")
    return substantive(bare, service)
