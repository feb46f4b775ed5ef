"""Names that nobody marked are found where words around them say so, and other words stay words."""

from __future__ import annotations

import pytest

from bot.studio import naming
from bot.studio.teachable import teachable


def found(text: str) -> list[str]:
    return [text[start:end] for start, end in naming.spans(text)]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("王建国欠我工资不给", ["王建国"]),
        ("我是李秀兰的女儿", ["李秀兰"]),
        ("包工头刘大强跑了", ["刘大强"]),
        ("物业经理陈静态度恶劣", ["陈静"]),
        ("孩子李雨桐上不了学", ["李雨桐"]),
        ("举报人：赵敏", ["赵敏"]),
        ("找张大伟要说法", ["张大伟"]),
        ("房东欧阳正华不退押金", ["欧阳正华"]),
    ],
)
def test_a_name(text: str, names: list[str]) -> None:
    assert found(text) == names


@pytest.mark.parametrize(
    "text",
    [
        "路灯坏了三天没人修", "老板何时给钱", "邻居周末装修不停", "孩子许多天没上学", "物业经理严重失职",
        "向阳小区停水", "老师高高在上", "黄河路上打不到车", "学生家长被骗", "司机夏天不开空调",
    ],
)  # fmt: skip
def test_no_name(text: str) -> None:
    assert found(text) == []


def test_what_is_taught_names_nobody() -> None:
    words, marks = teachable("包工头刘大强跑了，电话13912345678")
    assert "刘大强" not in words and "139" not in words
    [mark] = marks
    assert mark.tag == "person" and words[mark.start : mark.end] in words


def test_a_letter_is_taught_by_its_beginning() -> None:
    words, marks = teachable("我家楼下的烧烤摊一直营业到凌晨。" * 60 + "联系人：赵敏")
    assert 200 < len(words) <= 400 and words.endswith("。") and not marks
