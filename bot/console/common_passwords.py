"""Whether a password is one that guessers try first: known words with a tail, runs of keys, repetitions,
birthdays and phone numbers, and the words of this very service."""

from __future__ import annotations

import re

# What lists of leaked passwords begin with, and what a hotline's staff would think of first.
WORDS = frozenset(
    """
    password passwd passw0rd pass admin administrator root user guest test tester demo default welcome login
    letmein master secret changeme qwerty qwertyuiop asdfgh asdfghjkl zxcvbn zxcvbnm iloveyou woaini woaiwojia
    woaiwoziji love lovely monkey dragon sunshine princess football baseball basketball superman batman
    shadow michael jordan ashley charlie freedom whatever trustno computer internet samsung huawei xiaomi
    tencent weixin wechat alibaba taobao baidu google hello helloworld nihao nihaoma haha hahaha china
    zhongguo beijing shanghai guangzhou shenzhen chengdu hangzhou linjiang linjiangshi lianxin hotline
    shimin rexian zhengfu zuoxi huawuyuan gongdan duty seat operator supervisor office service
    support manager company
    starwars pokemon naruto killer hunter ranger soccer hockey summer winter spring autumn january monday
    friday february march april november december cheese banana orange apple flower angel angels
    qazwsx qazwsxedc wsxedc aaaaaa abcabc asdasd zxczxc qweqwe qweasd qweasdzxc aini aiwo mima wodemima mi
    woshiwo caonima buzhidao jiushiwo laopo laogong baobei baobao xiaoming zhangwei wangwei wangfang liwei
    """.split()  # noqa: SIM905  # read as a list of words
)
RUNS = (
    "01234567890",
    "abcdefghijklmnopqrstuvwxyz",
    "qwertyuiop",
    "asdfghjkl",
    "zxcvbnm",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol0p",
    "147258369",
)
_SWAPS = str.maketrans("013457@$!", "oieastasi")
_TAIL = re.compile(r"[^a-z]+$|^[^a-z]+")


def common(password: str) -> bool:
    plain = password.lower().strip()
    return (
        re.fullmatch(r"\+?[\d\s-]{6,14}", plain) is not None  # a birthday, a phone number
        or _a_word(plain)
        or _repeats(plain)
        or _covered(plain) >= len(plain) - 2
    )


def _a_word(plain: str) -> bool:
    """A known word with digits and signs around it, read as written or with its letters swapped back."""
    for text in (plain, plain.translate(_SWAPS)):
        bare = _TAIL.sub("", _TAIL.sub("", text))
        if bare in WORDS or all(part in WORDS for part in re.split(r"[^a-z]+", bare)):
            return True
    bare = _TAIL.sub("", _TAIL.sub("", plain)).translate(_SWAPS)
    return bare in WORDS


def _repeats(plain: str) -> bool:
    """The same few characters over and over."""
    return any(
        len(plain) >= 2 * size and plain == (plain[:size] * len(plain))[: len(plain)] for size in range(1, 7)
    )


def _covered(plain: str) -> int:
    """How many of its characters lie in runs of neighbouring keys, letters or digits of three or more."""
    total = at = 0
    while at < len(plain):
        length = max(_run(plain, at, row) for line in RUNS for row in (line, line[::-1]))
        total += length
        at += length or 1
    return total


def _run(plain: str, at: int, row: str) -> int:
    length = 0
    while at + length < len(plain) and plain[at : at + length + 1] in row:
        length += 1
    return length if length >= 3 else 0
