"""When: a point of time, since when, or how long; normalised against the moment of reading.

Values are ISO 8601: a date, a minute, or a period (P3M). The day is the finest unit unless an hour is said.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Iterator
from datetime import date, timedelta

from nlu.reading.entities.base import Found
from nlu.reading.entities.chinese_numbers import CHARS, digits, number
from nlu.reading.entities.lunar import latest, solar

_N = rf"(?:\d{{1,4}}|[{CHARS}]{{1,5}})"
_YEAR = r"(?:(?:19|20)\d{2}|[一二]?[九〇零二][〇零一二三四五六七八九]{2,3}|[七八九][〇零一二三四五六七八九]|\d{2})年(?:[度底初末中]|年底|年初)?"
_SAID_YEAR = "(?:今年|去年|前年|大前年|明年|上年|当年)(?:[底初末]|年底|年初)?"
_MONTH = rf"(?:{_N}月(?:份|初|底|中旬|上旬|下旬|末)?|(?:上上?个?|这个?|本|下个?)月(?:份|初|底|中旬)?)"
_DAY = rf"{_N}[日号](?!线|楼|院|门|栋|机|码|令|召|称|桥|井|库|馆|[A-Za-z])"
_SAID_DAY = "(?:今天|昨天|前天|大前天|明天|后天|今日|昨日|当天|当日|今晚|昨晚|前晚|今早|昨夜|今晨|前些天|前几天|这几天|最近|近期|近日|刚才|刚刚)"
_WEEK = (
    "(?:(?:上上?|这|本|下)个?(?:周|星期|礼拜)(?:[一二三四五六日天末])?|(?:周|星期|礼拜)[一二三四五六日天末])"
)
_PART = "(?:凌晨|清晨|早上|早晨|上午|中午|下午|傍晚|晚上|夜里|夜间|半夜|深夜|晚间|早(?![高餐饭点班教市])|晚(?![高餐饭点班年]))"
_CLOCK = rf"(?:{_N}(?:点钟?|时|:\d{{2}}(?::\d{{2}})?)(?:半|整|[一三]刻|{_N}分?)?(?:左右|多|钟)?)"
_LUNAR = "(?:(?:农历|阴历|旧历|老历)(?:[一二三四五六七八九十冬腊正]{1,2}|\\d{1,2})月|[腊冬正]月)(?:(?:初|廿)[一二三四五六七八九十]|[一二三]?十[一二三四五六七八九]?|\\d{1,2})?(?![月个])"
_SEASON = r"(?:春节|元旦|清明节?|五一(?!广场|路|大道|村|街)|端午节?|中秋节?|国庆节?(?!路|村)|十一(?![点月号层楼路栋幢个年人中万千百])|除夕|元宵节?|过年|(?<![\d半几多来一两二三四五六七八九十百])年[前后]|春天|夏天|秋天|冬天|入冬|入夏|暑假|寒假|开学)(?:期间|前后|以来|前|后)?"
_NUMERIC = r"(?<![\d.-])(?:19|20)\d{2}[-./](?:0?[1-9]|1[0-2])[-./](?:0?[1-9]|[12]\d|3[01])(?![\d])|(?<![\d.-])(?:19|20)\d{2}[-./](?:0[1-9]|1[0-2])(?![\d.-])"
_GAP = r"[\s,的]?"
_POINT = re.compile(
    rf"(?:{_NUMERIC}|(?:{_YEAR}|{_SAID_YEAR}){_GAP}(?:{_MONTH}|{_SEASON})?(?:{_DAY})?|{_MONTH}(?:{_DAY})?|{_DAY}|{_SAID_DAY}|{_WEEK}(?:[到至~-]{_WEEK})?|{_LUNAR}|{_SEASON})"
    rf"(?:{_GAP}{_PART})?(?:{_GAP}{_CLOCK})?|{_PART}{_GAP}{_CLOCK}(?:[到至~-](?:{_PART})?{_CLOCK})?|{_CLOCK}(?:[到至~-](?:{_PART})?{_CLOCK})|(?<!\d){_CLOCK}(?!\d)"
)
_LONG = re.compile(
    rf"(?:将?近|快|整整|大概|大约|已经?)?((?:{_N}|半|几|好几|数|一两|两三|三四|四五|五六)(?:多|来|几)?)(?:个(?!月)|(?=个月))?(?:半)?(多)?"
    r"(年|个月|星期|礼拜|周|天(?!两头|到晚)|日(?=[以来内之])|小时|钟头|分钟)(?:半|多|左右)?(?!级|级的|制|薪|租|历|费|报|嫂|饼|球|亮|底|初|[一二三四五六七八九十\d]+[日号])"
)
_ALSO_NAME = re.compile(rf"{_N}[号时点日月]|{_SEASON}|[{CHARS}]+[点时].*")
_SINCE = re.compile("以来|至今|开始|起(?![来火诉])|到现在|到今天")
_AGO = re.compile("之?前|以前")
_UNITS = {
    "年": "Y",
    "个月": "M",
    "星期": "W",
    "礼拜": "W",
    "周": "W",
    "天": "D",
    "日": "D",
    "小时": "H",
    "钟头": "H",
    "分钟": "m",
}
_PARTS = {"Y": (12, "M"), "M": (30, "D"), "D": (24, "H"), "H": (60, "m")}
_FEASTS = {"元旦": (1, 1), "五一": (5, 1), "国庆": (10, 1), "十一": (10, 1), "清明": (4, 5)}
_LUNAR_FEASTS = {"春节": (1, 1), "过年": (1, 1), "元宵": (1, 15), "端午": (5, 5), "中秋": (8, 15)}
_LUNAR_MONTHS = {"正": 1, "冬": 11, "腊": 12}
_WEEKDAY = {c: i for i, c in enumerate("一二三四五六日")} | {"天": 6, "末": 5}
_DAYS_AGO = {"今": 0, "昨": 1, "前": 2, "大前": 3, "明": -1, "后": -2, "当": 0}


def times(text: str, today: date) -> Iterator[Found]:
    """Points, beginnings and periods."""
    for match in _POINT.finditer(text):
        said = match.group()
        if not _worth(said, text, match.start()):
            continue
        since = _SINCE.match(text, match.end())
        role = "since" if since else "point"
        # "5号" and "春天" are houses and estates as well (湖畔春天): beside a place they are no time.
        sure = 0.6 if _ALSO_NAME.fullmatch(said) else 0.9
        end = match.start() + len(said.rstrip(" ,的"))
        yield Found(match.start(), end, "time", _point(said, today), sure, role)
    for match in _LONG.finditer(text):
        if re.search(r"[第\d]$", text[: match.start()]):
            continue
        ago = _AGO.match(text, match.end())
        role, end = ("point", ago.end()) if ago else ("period", match.end())
        yield Found(match.start(1), end, "time", _period(match, today, bool(ago)), 0.75, role)


def _worth(said: str, text: str, start: int) -> bool:
    """A bare "3号" or "5点" is a time only where nothing says otherwise."""
    if re.match(rf"{_N}号", said) and re.search(
        r"[路街道巷弄区楼栋幢村苑园府厦城庭寓坊里湾镇乡店厂\d-]$", text[:start]
    ):
        return False  # a house: 解放路15号晚上施工
    if re.fullmatch(rf"{_N}号", said):
        return 1 <= (number(said[:-1]) or 0) <= 31 and not re.search(
            r"[路街道巷弄区楼栋幢\d-]$", text[:start]
        )
    if re.fullmatch(rf"{_N}(?:点|时)", said):
        return not re.match("[建意问心滴儿半]", text[start + len(said) :]) and not re.search(
            "[有第好差早晚快慢一]$", text[:start]
        )
    return not re.fullmatch(rf"{_N}:\d\d", said) or True


def _period(match: re.Match[str], today: date, ago: bool) -> str | None:
    said = match[1]
    amount = 0.5 if said.startswith("半") else number(said.replace("几", "")) or None
    if amount is None:
        return None
    if "半" in match.group() and not said.startswith("半"):
        amount += 0.5
    unit = _UNITS[match[3]]
    if ago and unit in "YMWD":
        return _back(amount, unit, today).isoformat()
    if amount % 1 and unit in _PARTS:  # 半年 is six months, 一个半小时 is ninety minutes
        whole, unit = _PARTS[unit]
        amount *= whole
    shown = f"{amount:g}"
    return f"PT{shown}{'H' if unit == 'H' else 'M'}" if unit in "Hm" else f"P{shown}{unit}"


def _back(amount: float, unit: str, today: date) -> date:
    """So long ago: by the calendar where it is whole years or months."""
    if amount % 1 or unit in "WD":
        return today - timedelta(days=int(amount * {"Y": 365, "M": 30, "W": 7, "D": 1}[unit]))
    index = today.year * 12 + today.month - 1 - int(amount) * (12 if unit == "Y" else 1)
    year, month = index // 12, index % 12 + 1
    return date(year, month, min(today.day, monthrange(year, month)[1]))


def _point(said: str, today: date) -> str | None:
    try:
        day = _day(said, today)
    except ValueError:  # 2月30日
        return None
    clock = _hour(said)
    if clock is None:
        return day
    hour, minute = clock
    return f"{day or today.isoformat()}T{hour:02d}:{minute:02d}" if (day is None or len(day) == 10) else day


def _day(said: str, today: date) -> str | None:
    """The date as exact as it was said: 2025, 2025-03 or 2025-03-01."""
    numeric = re.match(r"((?:19|20)\d{2})[-./](\d{1,2})(?:[-./](\d{1,2}))?", said)
    if numeric:
        written, day = (int(numeric[1]), int(numeric[2])), numeric[3]
        return date(*written, int(day)).isoformat() if day else f"{written[0]}-{written[1]:02d}"
    if named := (_lunar(said, today) or _feast(said, today)):
        return named.isoformat()
    year = _year(said, today)
    month = _month(said, today, year)
    found = re.search(rf"({_N})[日号]", said)
    if found and (value := number(found[1])):
        at = month or (today.year, today.month)
        return date(at[0], at[1], int(value)).isoformat()
    if month:
        return f"{month[0]}-{month[1]:02d}"
    if year:
        return str(year)
    return _relative(said, today)


def _lunar(said: str, today: date) -> date | None:
    """腊月二十八, 农历八月十五; a month alone has no date of ours."""
    found = re.search(r"(?:[农阴旧老]历)?([一二三四五六七八九十冬腊正]{1,2}|\d{1,2})月(?:初|廿)?(.*)", said)
    if not found or not re.search("历|[腊冬正]月", said):
        return None
    month = _LUNAR_MONTHS.get(found[1]) or int(number(found[1]) or 0)
    day = int(number(found[2]) or 0) + (20 if "廿" in said else 0)
    return latest(month, day, today) if month and day else None


def _feast(said: str, today: date) -> date | None:
    """The latest feast of this name, or that of the year that is said."""
    year = _year(said, today)
    for name, (month, day) in _FEASTS.items():
        if name in said and "月" not in said:
            fixed = date(year or today.year, month, day)
            return fixed if year or fixed <= today else fixed.replace(year=fixed.year - 1)
    for name, (month, day) in _LUNAR_FEASTS.items():
        if name in said:
            return solar(year, month, day) if year else latest(month, day, today)
    return None


def _year(said: str, today: date) -> int | None:
    for word, back in (("大前年", 3), ("前年", 2), ("去年", 1), ("上年", 1), ("今年", 0), ("明年", -1)):
        if word in said:
            return today.year - back
    found = re.match(r"(\d{4}|\d{2}|[〇零一二三四五六七八九]{2,4})年", said)
    if not found:
        return None
    value = int(digits(found[1]) or 0)
    if value >= 100:
        return value if value >= 1900 else None
    return 1900 + value if value > today.year % 100 + 10 else 2000 + value


def _month(said: str, today: date, year: int | None) -> tuple[int, int] | None:
    if found := re.search(r"(上上|上|这|本|下)个?月", said):
        back = {"上上": 2, "上": 1, "这": 0, "本": 0, "下": -1}[found[1]]
        index = today.year * 12 + today.month - 1 - back
        return index // 12, index % 12 + 1
    found = re.search(rf"({_N})月", said)
    if not found or not (value := number(found[1])) or not 1 <= value <= 12:
        return None
    if year is None:  # a month to come was last year's
        year = today.year if value <= today.month else today.year - 1
    return year, int(value)


def _relative(said: str, today: date) -> str | None:
    if re.match("刚[才刚]", said):
        return today.isoformat()
    if re.search(f"[到至~-]{_WEEK}", said):  # every week
        return None
    if found := re.match("(大前|今|昨|前|明|后|当)(?:天|日|晚|早|夜|晨)", said):
        return (today - timedelta(days=_DAYS_AGO[found[1]])).isoformat()
    if found := re.match("(上上|上|这|本|下)?个?(?:周|星期|礼拜)([一二三四五六日天末])", said):
        weeks = {"上上": -2, "上": -1, "下": 1}.get(found[1] or "", 0)
        monday = today - timedelta(days=today.weekday())
        return (monday + timedelta(weeks=weeks, days=_WEEKDAY[found[2]])).isoformat()
    return None


def _hour(said: str) -> tuple[int, int] | None:
    found = re.search(rf"({_N})(?:点|时|:(\d\d))(半|[一三]刻|{_N}(?=分|$))?", said)
    if not found or (hour := number(found[1])) is None or hour > 24:
        return None
    rest = found[3] or ""
    minute = (
        30
        if rest == "半"
        else {"一刻": 15, "三刻": 45}.get(rest) or int(number(found[2] or rest or "0") or 0)
    )
    before = said[: found.start()]
    late = re.search("下午|傍晚|晚|夜", before) and not re.search("凌晨|半夜|深夜", before)
    return int(hour + 12 if late and hour < 12 else hour) % 24, min(minute, 59)
