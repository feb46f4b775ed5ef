"""What lists and logs may show."""

from __future__ import annotations

import pytest

from bot.dialogue.types import Entity
from bot.masking import hidden, mask


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("我电话13812345678请回", "我电话138****5678请回"),
        ("+86 138-1234-5678", "+86 138****5678"),
        ("身份证430102199001011234", "身份证430102****1234"),
        ("身份证43010219900101123X", "身份证430102****123X"),
        ("座机0731-88881234", "座机0731****1234"),
        ("卡号6222020200112233445", "卡号6222****3445"),
        ("邮箱 zhangsan@example.com", "邮箱 z***@example.com"),
        ("工单LJ2611220001什么进度", "工单LJ2611220001什么进度"),
        ("3栋1201暖气不热", "3栋1201暖气不热"),
    ],
)
def test_forms(text: str, shown: str) -> None:
    assert mask(text) == shown


def test_entities_that_only_the_model_can_tell() -> None:
    text = "我叫张三丰住3栋1201"
    entities = (
        Entity("person", "张三丰", 2, 5),
        Entity("room", "3栋1201", 6, 12),
        Entity("estate", "x", 0, 1),
    )
    shown = mask(text, entities)
    assert "张三丰" not in shown and "1201" not in shown and shown.startswith("我叫张")


@pytest.mark.parametrize("value", ["", "张", "张三", "13812345678", "430102199001011234"])
def test_hidden_never_shows_all(value: str) -> None:
    assert not value or hidden(value) != value
