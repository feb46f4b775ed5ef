"""New passwords: what guessers try first is refused, a sentence of one's own is not."""

from __future__ import annotations

import pytest

from bot.console.passwords import check
from bot.errors import Invalid


@pytest.mark.parametrize(
    ("password", "why"),
    [
        ("short1!", "at least"),
        ("aaaaaaaaaaaa", "too few"),
        ("zhangmin-2026", "login name"),
        ("Password2026", "common"),
        ("P@ssw0rd123!", "common"),
        ("1234567890", "common"),
        ("13812345678", "common"),
        ("1990-01-01", "common"),
        ("qwertyuiop12", "common"),
        ("1qaz2wsx3edc", "common"),
        ("abcdefghijkl", "common"),
        ("9876543210ab", "common"),
        ("abc1abc1abc1", "common"),
        ("Lianxin12345", "common"),
        ("iloveyou1314", "common"),
        ("woaini5201314", "common"),
        ("admin@admin.1", "common"),
    ],
)
def test_what_everybody_tries_first_is_refused(password: str, why: str) -> None:
    with pytest.raises(Invalid) as refused:
        check(password, "zhangmin")
    assert why in refused.value.fields["password"]


@pytest.mark.parametrize(
    "password",
    [
        "correct horse 7",
        "昨天下了三场雨还没停呢",
        "tk4-Wbq92mz",
        "spring rain 2026",
        "老猫爱吃鱼可是不爱洗澡",
        "Yu7!panda-tea",
    ],
)
def test_what_is_long_and_ones_own_is_taken(password: str) -> None:
    check(password, "zhangmin")


def test_the_least_length_is_a_setting() -> None:
    check("tk4-Wbq92mz", "zhangmin", shortest=8)
    with pytest.raises(Invalid):
        check("tk4-Wbq92mz", "zhangmin", shortest=15)
