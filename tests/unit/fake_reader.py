"""A reader without a model: small rules that understand the sentences of our own transcripts.

It gives what the real one gives (an Understanding), so that dialogue can be tested without Rasa. Services are
told by key words, places and times by shape, dangers by the real net.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from bot.dialogue.types import Entity, Guess, Understanding
from bot.safety import load_net

DATA = Path(__file__).parents[2] / "nlu_data"
NET = load_net(DATA / "safety" / "net.yml")

# service → words that tell it. Only what the transcripts speak of.
SERVICES: Mapping[str, str] = {
    "heating": r"暖气|供暖|heating",
    "street_lights": r"路灯",
    "unpaid_wages": r"工资|工钱|薪水",
    "bus": r"公交",
    "manholes": r"井盖",
    "refuse": r"垃圾(?!热线)",
    "water_supply": r"停水|自来水|水压",
    "social_noise": r"广场舞|唱歌|太吵|音响",
    "construction_noise": r"工地.*(?:吵|施工|噪音)|夜间施工|半夜施工",
    "property_management": r"物业",
    "parking": r"停车位|乱停车",
    "school_admission": r"入学|上小学|报名.*小学",
    "household_register": r"户口|落户",
    "consumer": r"退款|退货|假货|饭店.*(?:骗|宰)",
    "official_conduct": r"干部|村支书|主任.*钱",
    "road_damage": r"坑|路面",
    "greenery": r"绿化|树枝|公园.*(?:椅|灯)",
    "government_services": r"窗口|办事大厅",
    "medical_insurance": r"医保",
}
ACTS: Mapping[str, str] = {
    "ask_progress": r"进度|办得怎么样|有结果|处理得怎么样|查.*工单",
    "urge": r"催|快点处理|还不处理",
    "add_detail": r"^(?:我)?补充|^忘了说",
    "withdraw": r"撤回|撤销|不用处理了",
    "not_solved": r"(?:没|没有|还没|根本没)(?:解决|修好|弄好)|not solved",
    "ask_redo": r"重新(?:办|处理)|重办",
    "rate": r"^(?:非常|很|不|基本)?满意|^\d星|^解决了",
    "correct": r"写错|说错|打错|不对，|不对,|应该是",
    "ask_person": r"转人工|找人工|人工客服",
    "stay_anonymous": r"匿名",
    "out_of_scope": r"天气|讲个笑话|股票|写首诗",
    "thank": r"^谢谢",
    "greet": r"^(?:你好|您好)$",
}
KINDS: Mapping[str, str] = {
    "praise": r"表扬|点赞",
    "tip": r"举报",
    "complaint": r"投诉",
    "suggestion": r"建议",
    "question": r"请问|咨询|怎么办理|怎么报名|什么材料|几点|多少钱|吗[？?]?$|[？?]$",
}
ABUSE = re.compile(r"傻[逼x]|废物|滚|妈的|垃圾热线|狗屁")
SHAPES: tuple[tuple[str, str], ...] = (
    ("district", r"[滨城东望][江北湖山]新?[区县]"),
    ("room", r"\d+(?:号楼|栋|幢)(?:\d+单元)?(?:\d+室)?"),
    ("road", r"(?:(?![在是到从的区县镇把])[\u4e00-\u9fff]){2,3}(?:路(?!灯|老)|街|大道|巷)(?:\d+号)?"),
    ("estate", r"[\u4e00-\u9fff]{2,3}(?:小区|花园|公园|市场|广场)"),
    (
        "time",
        r"(?:昨天|今天|前天|昨晚|上周|明天|每天|天天)(?:早上|上午|下午|晚上|半夜)?(?:\d+点(?:到\S{0,3}\d+点)?)?"
        r"|[一二三四五六两半\d]+(?:个多?月|天|周|年)(?:了|没)",
    ),
    ("amount", r"\d+(?:\.\d+)?(?:万|千)?(?:元|块钱?|万)|[一二三四五六七八九两]+万多?"),
    ("people", r"\d+多?(?:个人|人|名|个工友)"),
    ("line", r"\d+路"),
    ("org", r"[\u4e00-\u9fff]{2,6}(?:公司|饭店|餐馆|超市|厂|学校|健身房)"),
)  # fmt: skip
REQUESTS = re.compile(r"(?:[。；;]\s*)(?=另外|还有|第二)")


def read(text: str) -> Understanding:
    """What a good model would say of a transcript's line."""
    services = tuple(_services(text))
    act = next((name for name, pattern in ACTS.items() if re.search(pattern, text)), "")
    kind = next((name for name, pattern in KINDS.items() if re.search(pattern, text)), "")
    parts = tuple(part.strip() for part in REQUESTS.split(text) if part.strip())
    abuse = ABUSE.findall(text)
    return Understanding(
        text=text,
        services=services,
        act=Guess(act or "inform", 0.9) if act or not services else None,
        kind=Guess(kind, 0.9) if kind else None,
        alarms=NET.match(text),
        conduct=(Guess("abuse", 0.95 if len(abuse) > 1 else 0.7),) if abuse else (),
        entities=tuple(_entities(text)),
        requests=parts if len(parts) > 1 else (),
        model="rules",
    )


def _services(text: str) -> Iterator[Guess]:
    """The word that comes first is likelier; two close together leave a gap too small."""
    places = [
        (found.start(), name) for name, pattern in SERVICES.items() if (found := re.search(pattern, text))
    ]
    for rank, (_, name) in enumerate(sorted(places)):
        yield Guess(name, 0.9 if rank == 0 else 0.05)
    if not places and re.search(r"房子|小区", text) and len(text) > 3:
        yield from (Guess("property_management", 0.3), Guess("housing_quality", 0.28), Guess("parking", 0.1))


def _entities(text: str) -> Iterator[Entity]:
    taken: list[tuple[int, int]] = []
    for name, pattern in SHAPES:
        for found in re.finditer(pattern, text):
            if all(found.end() <= start or found.start() >= end for start, end in taken):
                taken.append(found.span())
                yield Entity(name, found.group(), found.start(), found.end())
