"""What can be told by its form: phones, identity numbers, plates, ticket numbers, bus lines, money,
people.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from nlu.reading.entities.base import Found
from nlu.reading.entities.chinese_numbers import ABOUT, CHARS, NUMBER, digits, number

_ALONE = r"(?<![\dA-Za-z.])"
_END = r"(?![\dA-Za-z]|\.\d)"
_SEP = r"[\s\-.]{0,2}"

_MOBILE = re.compile(
    rf"(?<!\d)(?:\+?0{{0,2}}86{_SEP})?(1[3-9]\d{_SEP}\d{{4}}{_SEP}\d{{4}}|1[3-9]\d{{2}}{_SEP}\d{{3}}{_SEP}\d{{4}})(?!\d)"
)
_LANDLINE = re.compile(
    r"(?<!\d)(?:\+?86[\s-]?)?\(?(0(?:10|2\d|[3-9]\d{2}))\)?[\s\-]{0,2}([2-8]\d{2,3}[\s-]?\d{4})"
    r"(?:\s?(?:转|-|分机)\s?(\d{1,5}))?(?!\d)"
)
_SERVICE = re.compile(r"(?<!\d)([48]00)[\s-]?(\d{3})[\s-]?(\d{4})(?!\d)")
_LOCAL = re.compile(r"(?:电话|座机|固话|号码|联系方式|打)(?:是|为|:|号)?\s*([2-8]\d{2,3}[\s-]?\d{4})(?!\d)")
_SAID = "[零〇一幺二两三四五六七八九]"
_PAUSE = r"[\s,、-]{0,2}"
_SPOKEN = re.compile(
    rf"(?<!{_SAID})(?<!\d)[一幺][三四五六七八九]{_SAID}{_PAUSE}{_SAID}{{4}}{_PAUSE}{_SAID}{{4}}(?!{_SAID})"
)
_ABROAD = re.compile(r"(?<!\d)\+(?!86)([1-9]\d{0,2})[\s-]?(\d{2,4}(?:[\s-]?\d{2,4}){1,3})(?!\d)")

_ID = re.compile(
    r"(?<![\dA-Za-z])([1-9]\d{5}(?:18|19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}[\dXx])(?![\dA-Za-z])"
)
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)

_PROVINCES = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼临"
_PLATE = re.compile(
    rf"([{_PROVINCES}])\s?([A-HJ-NP-Za-hj-np-z])[·.\s-]?"
    r"((?:[A-HJ-NP-Za-hj-np-z0-9]{6}|[A-HJ-NP-Za-hj-np-z0-9]{4}[A-HJ-NP-Za-hj-np-z0-9挂学警港澳]))(?![A-Za-z0-9])"
)
_DATED = r"(?:20)?\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])"
_TICKET = re.compile(
    rf"(?<![\dA-Za-z])(?=[A-Za-z\s-]*\d{{10,16}}(?!\d))(?:[A-Za-z]{{2}}\s?-?{_DATED}|20\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01]))\d{{4,8}}(?![\dA-Za-z])"
)

_LINE = re.compile(
    rf"(?:(?:地铁|轻轨|轨道交通)\s?({NUMBER})\s?号?线|(?<![\d一-龥])({NUMBER})号线"
    rf"|((?:[BKTMbktm游快夜])?(?:\d{{1,3}}|[{CHARS}]{{1,4}}))路(?:公交|公共汽车|车|巴士)?(?=[^\d口段面灯]|$))"
)
_LINE_BEFORE = re.compile(r"(?:大道|[大小]?[街道路巷]|科创|[东西南北中经纬支])$")

_CURRENCY = "(?:块钱|元钱|元整|元|块|圆|人民币|RMB|rmb|¥)"
_MONEY = re.compile(
    rf"¥\s?({NUMBER})|({NUMBER}(?:{ABOUT}[万千百亿]?)?)\s?{_CURRENCY}(?!\w*路)(?:([\d一二三四五六七八九])(?!\d))?"
    rf"|((?:\d[\d.]*|[{CHARS}]+)[万wW](?:{ABOUT}|[一二三四五六七八九](?:千|百)?)?)(?![平方户人个名多余几来辆吨亩千公套株只家\w])"
    rf"|((?:\d[\d.]*|[{CHARS}]+){ABOUT}?万(?:{ABOUT}|[一二三四五六七八九](?:千|百)?)?)(?![平方户人个名多余几来辆吨亩千公套株只家棵字里米次])"
)
# A bare number is money after words of paying: "押金两千三", "花1299买的", "每人1900", "从150涨到400".
_PAYING = (
    "押金|定金|订金|首付|工资|月薪|月供|份子钱|学费|费用?|[车门发]?票|款|价格?|租金?|钱|保证金|补贴|补助|奖金|津贴|余额"
    "|只?收|扣|欠|罚|花|交|付|赔|退|要|给|拿|刷|充|骗走?|[多少](?:发|交|收)|涨到?|涨了|转账?|垫付|自费|送|买|卖|喊价|赚"
    "|每(?:人|户|月|年|天|平米?|平方米?|学期|台|个月?)|[一两三四五六七八九十几]个?(?:月|年|学期|次|套|天|副|车|瓶|罐|节课|位)"
    "|一共|总共|合计|共计|还有|还剩|平时"
)
_COUNTED = (
    "[个名位户人次年月日号天时分小点秒平米斤吨亩度字栋楼层路岁斗台辆张条家种项件本节页倍%成里处只头瓶条块元万亿千百级期届站口股栋间套周星米"
    "姓步余学毛角双对片根粒盒袋包吋寸公克]|[A-Za-z\\d.]|多?(?:个|名|户|人|平|年|天|块|元)"
)
_NUMBERS_TO_CALL = r"(?!12345|12\d{3}(?!\d)|1[012]\d(?!\d)|95\d{3}|100\d\d(?!\d)|(?:19|20)\d\d年)"
_PAID = re.compile(
    rf"(?:{_PAYING})(?:了|走|掉|到|成|我们?|你们?|他们?|人家|只|才|就|都|得|的是|是|个人|单位){{0,2}}"
    rf"({_NUMBERS_TO_CALL}(?:\d{{2,6}}(?![\d.])|\d万\d|[{CHARS}]*[百千万][{CHARS}]*){ABOUT}?)(?!{_COUNTED})"
)
_SMALL = re.compile(rf"({NUMBER})\s?([毛角])(?:钱)?(?![坯巾笔线发衣病不])(?<!山一角)")
_PEOPLE = re.compile(
    rf"((?:{NUMBER}|几|上百|上千|好几|数){ABOUT}?[十百千万]?{ABOUT}?)\s?"
    r"(个|名|位|口)?(人(?!民|社|行|工|事|才|均|力|大|员|次|家|生|物|群|气|口|脸|为|体|流)|户(?:业主|村民|居民|人家)?(?!口|型|籍|外|主?要)|业主|村民|居民|工人|农民工|民工|学生|老人|孩子|家长|员工|职工|师傅|兄弟|家庭|工友)"
)


def phones(text: str) -> Iterator[Found]:
    """Mobile and fixed numbers; normalised to E.164 where the area is known."""
    for match in _MOBILE.finditer(text):
        yield Found(match.start(), match.end(), "phone", "+86" + re.sub(r"\D", "", match[1]), 0.99)
    for match in _LANDLINE.finditer(text):
        extension = f";ext={match[3]}" if match[3] else ""
        normalized = "+86" + match[1][1:] + re.sub(r"\D", "", match[2]) + extension
        yield Found(match.start(), match.end(), "phone", normalized, 0.95)
    for match in _SERVICE.finditer(text):
        yield Found(match.start(), match.end(), "phone", "+86" + "".join(match.groups()), 0.95)
    for match in _LOCAL.finditer(text):
        yield Found(match.start(1), match.end(1), "phone", re.sub(r"\D", "", match[1]), 0.8)
    for match in _SPOKEN.finditer(text):
        said = re.sub(_PAUSE, "", match.group())
        yield Found(match.start(), match.end(), "phone", f"+86{digits(said)}", 0.9)
    for match in _ABROAD.finditer(text):
        yield Found(match.start(), match.end(), "phone", "+" + re.sub(r"\D", "", match.group()), 0.9)


def id_numbers(text: str) -> Iterator[Found]:
    """Citizens' identity numbers; a wrong check digit lowers the confidence and gives no value."""
    for match in _ID.finditer(text):
        value = match[1].upper()
        rest = sum(int(d) * w for d, w in zip(value, _WEIGHTS)) % 11  # noqa: B905  # the check digit has no weight
        right = "10X98765432"[rest] == value[-1]
        yield Found(
            match.start(1), match.end(1), "id_number", value if right else None, 0.999 if right else 0.97
        )


def plates(text: str) -> Iterator[Found]:
    """Number plates, ordinary and of electric cars."""
    for match in _PLATE.finditer(text):
        rest = match[3].upper()
        if sum(c.isdigit() for c in rest) >= 2:
            yield Found(match.start(), match.end(), "plate", match[1] + match[2].upper() + rest, 0.98)


def tickets(text: str) -> Iterator[Found]:
    """Ticket numbers of this and of other lines: two letters and the day, or the day and a counter."""
    for match in _TICKET.finditer(text):
        yield Found(match.start(), match.end(), "ticket", re.sub(r"[\s-]", "", match.group()).upper(), 0.96)


def lines(text: str) -> Iterator[Found]:
    """Bus and metro lines; "解放路12路" is a line, "科创二路" is a road."""
    for match in _LINE.finditer(text):
        if match[3] and _LINE_BEFORE.search(text[: match.start()]):
            continue
        if match[3] and (
            re.search(r"[一-龥]$", text[: match.start()]) and match[3][0] in CHARS and "车" not in match[0]
        ):
            continue
        said = match[1] or match[2] or match[3]
        value = None if re.search("[A-Za-z游快夜]", said) else number(said)
        shown = said.upper() if value is None else str(int(value))
        end = match.start() + len(match.group().rstrip("公交共汽车巴士"))
        yield Found(match.start(), end, "line", shown + ("号线" if not match[3] else "路"), 0.85)


def amounts(text: str) -> Iterator[Found]:
    """Sums of money, in yuan."""
    for match in _MONEY.finditer(text):
        said = match[1] or match[2] or match[4] or match[5]
        value = number(said)
        if value:
            value += (number(match[3]) or 0) / 10 if match[3] else 0
            yield Found(match.start(), match.end(), "amount", round(value, 2), 0.9)


def payments(text: str) -> Iterator[Found]:
    """Sums without a currency, and those below a yuan."""
    for match in _PAID.finditer(text):
        value = number(match[1])
        if value:
            yield Found(match.start(1), match.end(1), "amount", round(value, 2), 0.7)
    for match in _SMALL.finditer(text):
        if value := number(match[1]):
            yield Found(match.start(), match.end(), "amount", round(value / 10, 2), 0.8)


def people(text: str) -> Iterator[Found]:
    """How many are concerned."""
    for match in re.finditer(rf"一家([{CHARS}\d]{{1,2}})口", text):
        if value := number(match[1]):
            yield Found(match.start(), match.end(), "people", int(value), 0.9)
    for match in _PEOPLE.finditer(text):
        value = number(match[1])
        if value is None or (value <= 1 and match[3][0] != "户"):
            continue
        # "三十个" of "三十个农民工" is how many; "三十名工友" is said in one breath.
        end = match.end() if match[3][0] in "人户" or match[2] in ("名", "位") else match.start(3)
        yield Found(match.start(), end, "people", int(value), 0.85)
