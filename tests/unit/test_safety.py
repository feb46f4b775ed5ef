"""The net as the app applies it: the same verdicts as its own data test, in order of gravity, and fast."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from bot.errors import DataError, NotFound
from bot.safety import load_net
from tests.unit import test_safety_net_data as data

NET = load_net(data.SAFETY / "net.yml")


@pytest.mark.parametrize("name", [*data.CLASSES, "hard_negatives"])
def test_the_app_applies_the_rules_as_their_header_says(name: str) -> None:
    for phrase in data.phrases(name):
        assert set(NET.match(phrase)) == data.raised(phrase), phrase


@pytest.mark.parametrize(
    "text",
    ["我不想活了", "我不想活了！！！！！", "我 不想活了……", "我真的不想活了，別攔我", "你好。\n我不想活了。"],
)
def test_a_cry_is_heard_in_every_way_of_writing(text: str) -> None:
    assert NET.match(text)[0] == "self_harm"


@pytest.mark.parametrize(
    "text", ["", "   ", "？？？", "😀😀😀", "楼道里堆了很多杂物，有消防隐患", "商场跳楼价大甩卖扰民"]
)
def test_no_danger_no_alarm(text: str) -> None:
    assert NET.match(text) == ()


def test_the_gravest_comes_first() -> None:
    raised = NET.match("楼下着火了！我妈晕倒没有呼吸了！")
    order = [one.id for one in NET.classes]
    assert len(raised) == 2
    assert sorted(raised, key=order.index) == list(raised)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_class_says_whom_to_call(language: str) -> None:
    for one in NET.classes:
        emergency = NET.emergency(one.id, language)
        assert emergency.call in emergency.advice
        assert "{" not in emergency.advice


def test_an_unknown_class_is_refused() -> None:
    with pytest.raises(NotFound):
        NET.emergency("dragons")


def test_a_long_letter_costs_next_to_nothing() -> None:
    letter = "我们小区的物业服务一直很差，多次沟通没有结果。" * 160
    started = time.perf_counter()
    assert NET.match(letter) == ()
    assert time.perf_counter() - started < 0.5


GOOD = """limits: {sentence: 90, message: 160, opening: 2}
classes:
  - id: fire
    title: 火
    title_en: Fire
    call: "119"
    advice: 打{call}
    advice_en: Call {call}
    always: [着火]
"""


@pytest.mark.parametrize(
    ("wrong", "right", "line", "said"),
    [
        ("[着火]", "['(着火']", 9, "regular expression"),
        ("id: fire", "id: flood", 3, "unknown safety class"),
        ("    call", "    ring", 6, "unknown key"),
        ("{sentence: 90, ", "{", 1, "'sentence' is missing"),
    ],
)
def test_a_mistake_is_named_by_line(tmp_path: Path, wrong: str, right: str, line: int, said: str) -> None:
    path = tmp_path / "net.yml"
    path.write_text(GOOD.replace(wrong, right), "utf-8")
    with pytest.raises(DataError, match=said) as caught:
        load_net(path)
    assert caught.value.line == line
