"""Is this a phone, a day that has been, an identity number? Values in, a checked value or a complaint out."""

from __future__ import annotations

import contextlib
import io
import re
from datetime import date, datetime
from functools import lru_cache
from typing import Any

import phonenumbers

_REGION = "CN"
_LOCAL = re.compile(r"(?<!\d)[2-8]\d{6,7}(?!\d)")
_DIGITS = re.compile(r"(?<!\d)\+?\d[\d\- ()（）]{3,18}\d(?!\d)")
_RELATIVE = re.compile(
    r"今[天日早晚]|昨[天日晚]|前[天晚]|大前天|上(?:个?周|星期|个?月)|[一二三四五六七八九十两\d]{1,4}天前|刚才|yesterday|today"
)
_AHEAD = re.compile(
    r"明[天早晚]|后天|大后天|下(?:个?周|星期|个?月|个?礼拜)|明年|后年|tomorrow|next (?:week|month|year)", re.I
)
_DATED = re.compile(r"\d{4}\s*[年./-]\s*\d{1,2}|\d{1,2}月\d{1,2}[日号]?")
_NEAR = 20  # characters around a date that may belong to it
_LENGTH = re.compile(r"了|多久|[年月天周]前|开始|以来|至今|一直|已经|起|for|since")
_PHONE_WORD = re.compile(
    r"(?:我的?)?(?:联系)?(?:电话|手机|号码|手机号|电话号码|tel|phone)(?:\s*(?:是|为|:|：))?\s*$",
    re.IGNORECASE,
)
_PERIODIC = re.compile(r"每[天晚日周到]|天天|夜夜|经常|every|daily|到.{0,4}[点时]")
_PLATE = re.compile(
    r"[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼使领][A-Z][·\s]?[A-Z0-9]{4,5}[A-Z0-9挂学警港澳]",
    re.I,
)
_ID = re.compile(r"(?<![0-9A-Za-z])\d{17}[\dXx](?![0-9A-Za-z])")
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_MONEY = re.compile(
    # counted, not open-ended: a page full of digits would keep an open-ended pattern busy for minutes
    r"(?:约|大概|共计?|一共)?[\d一二三四五六七八九十百千万两半](?:[\d.,一二三四五六七八九十百千万两多余几]|(?<=\d)，(?=\d)){0,20}\s{0,3}(?:元|块钱?|万|千|百|w|k|rmb|yuan)(?:元|块|多|左右)*",
    re.I,
)


def phone(text: str, area_code: str = "", loose: bool = False) -> str:
    """The first phone in the text as E.164, "" if none. `loose`: a local number counts."""
    for match in phonenumbers.PhoneNumberMatcher(_spaced(text), _REGION):
        return phonenumbers.format_number(match.number, phonenumbers.PhoneNumberFormat.E164)
    local = _LOCAL.search(text.replace("-", "")) if loose and area_code else None
    if local:
        return phone(area_code + local.group())
    return ""


def _spaced(text: str) -> str:
    """Chinese characters that touch a number keep the matcher from seeing it."""
    return re.sub(r"(?<=[^\x00-\x7f])(?=[+\d])|(?<=\d)(?=[^\x00-\x7f])", " ", text)


def phone_like(text: str) -> bool:
    """Digits that were meant as a phone, right or wrong."""
    return bool(_DIGITS.search(text))


def without_phone(text: str) -> str:
    """The words around a phone number, everything else as it was written."""
    for match in phonenumbers.PhoneNumberMatcher(_spaced(text), _REGION):
        text = text.replace(match.raw_string, " ")
    return _PHONE_WORD.sub("", text).strip(" ，,。;；")


def national(e164: str) -> str:
    """As people here write it: 139 0000 1111 without the country."""
    try:
        number = phonenumbers.parse(e164, _REGION)
    except phonenumbers.NumberParseException:
        return e164
    if number.country_code != 86:
        return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.INTERNATIONAL)
    digits = phonenumbers.national_significant_number(number)
    if len(digits) == 11 and digits.startswith("1"):
        return digits
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.NATIONAL).replace(" ", "-")


def ahead(text: str, now: datetime) -> bool:
    """Whether it speaks of a day that has not come yet; `now` is in the city's time zone."""
    if _AHEAD.search(text):
        return True
    found = _DATED.search(text)
    day = _day(_around(text, found), now) if found else None
    return day is not None and day > now.date()


def dated(text: str, now: datetime) -> str:
    """The words with the date they meant: 昨天晚上（2025-11-21）. Next week nobody knows what "昨天" was."""
    found = _RELATIVE.search(text)
    day = _day(_around(text, found), now) if found else None
    return f"{text}（{day.isoformat()}）" if day and day.isoformat() not in text else text


def _around(text: str, found: re.Match[str]) -> str:
    """What is said about the day: the reader of times takes minutes for a page."""
    return text if len(text) <= 2 * _NEAR else text[max(0, found.start() - _NEAR) : found.end() + _NEAR]


def _day(text: str, now: datetime) -> date | None:
    base = {"year": now.year, "month": now.month, "day": now.day, "hour": now.hour, "minute": now.minute}
    try:
        found = _jionlp().parse_time(text, time_base=base)
        return datetime.strptime(found["time"][0], "%Y-%m-%d %H:%M:%S").date()  # noqa: DTZ007  # a day only
    except (ValueError, TypeError, KeyError, IndexError, AttributeError):
        return None  # what it raises for words that are no time


@lru_cache(maxsize=1)
def _jionlp() -> Any:
    """Imported late, it takes half a second; and it advertises itself on stdout."""
    with contextlib.redirect_stdout(io.StringIO()):
        import jionlp
    return jionlp


def duration(text: str) -> bool:
    """ "三天了", "从3月份开始": since when, rather than when."""
    return bool(_LENGTH.search(text))


def periodic(text: str) -> bool:
    """ "每天晚上10点到凌晨": at which hours."""
    return bool(_PERIODIC.search(text))


def plate(text: str) -> str:
    found = _PLATE.search(text)
    return re.sub(r"[·\s]", "", found.group()).upper() if found else ""


def id_number(text: str) -> str:
    """An identity number whose check digit is right, else ""."""
    for found in _ID.findall(text):
        rest = sum(int(digit) * weight for digit, weight in zip(found, _WEIGHTS, strict=False)) % 11
        if "10X98765432"[rest] == found[-1].upper():
            return str(found.upper())
    return ""


def money(text: str) -> str:
    found = _MONEY.search(text)
    return found.group().strip() if found else ""
