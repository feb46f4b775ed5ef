"""What of a message is looked up, and whether it is looked up at all."""

from __future__ import annotations

import time

import pytest

from bot.dialogue.policy import Policy
from bot.dialogue.types import Guess, Understanding
from bot.knowledge.asked import MOST, asked
from bot.knowledge.asking import may_ask
from bot.services import Catalogue


@pytest.mark.parametrize(
    ("said", "question"),
    [
        ("您好，我想咨询一下，暖气费怎么交？谢谢！", "暖气费怎么交?"),
        ("請問暖氣費怎麼交", "暖气费怎么交"),
        ("我家孩子今年6岁。怎么报名上小学", "我家孩子今年6岁。怎么报名上小学"),
        (
            "我是幸福里小区的住户，"
            + "在这里住了好多年了，" * 9
            + "从来没遇到过。公租房怎么申请，要什么条件？盼复",
            "公租房怎么申请,要什么条件?",
        ),
        ("户口在外地，" * 6 + "社保一直交着。怎么报名？", "户口在外地," * 6 + "社保一直交着。怎么报名?"),
        ("你好", "你好"),
        ("请问", "请问"),
        ("", ""),
        ("？？？", "??"),
    ],
)
def test_courtesies_and_the_story_around_a_question_are_left_out(said: str, question: str) -> None:
    assert asked(said) == question


def test_a_very_long_letter_is_cut_quickly() -> None:
    for letter in ("我家楼上漏水" * 800, "怎么办，" * 1200, "我是" * 2500, "好" * 5000, "，" * 5000):
        began = time.monotonic()
        assert len(asked(letter)) <= MOST
        assert time.monotonic() - began < 0.2


@pytest.mark.parametrize(
    ("heard", "asks"),
    [
        (Understanding("暖气费怎么交", (Guess("heating", 0.9),)), True),
        (Understanding("社保转移的事", kind=Guess("question", 0.9)), True),
        (Understanding("社保转移的事"), True),  # nothing is known: better once too often
        (Understanding("我家暖气不热", (Guess("heating", 0.9),), kind=Guess("complaint", 0.9)), False),
        (Understanding("谢谢"), False),
        (Understanding("着火了怎么办", alarms=("fire",)), False),
        (Understanding("暖气费怎么交", failure="TimeoutError"), False),
    ],
)
def test_only_what_may_be_a_question_is_read_for_its_meaning(
    heard: Understanding, asks: bool, catalogue: Catalogue
) -> None:
    assert may_ask(heard, catalogue, Policy()) is asks
