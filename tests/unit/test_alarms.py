"""Whom to believe about danger: rules and model joined, each alone, and when they disagree."""

from __future__ import annotations

import json
from typing import Any

import pytest

from bot.safety import load_net
from bot.understanding import Words, joined, read_answer
from tests.unit import test_safety_net_data as data

NET = load_net(data.SAFETY / "net.yml")
WORDS = Words(frozenset({"air_pollution"}), frozenset())
WEAK, STRONG = "楼道里冒黑烟", "我不想活了"
UNSEEN: list[dict[str, Any]] = []


def alarms(text: str, safety: list[dict[str, Any]] | None) -> tuple[str, ...]:
    answer: dict[str, Any] = {"intent": {"name": "air_pollution", "confidence": 0.9}}
    answer |= {} if safety is None else {"safety": safety}
    return joined(text, read_answer(json.dumps(answer).encode()), NET.cries(text), WORDS).alarms


def test_the_rules_tell_sure_words_from_others() -> None:
    assert NET.cries(WEAK).raised == ("fire",) and NET.cries(WEAK).sure == ()
    assert NET.cries(STRONG).raised == NET.cries(STRONG).sure == ("self_harm",)


@pytest.mark.parametrize(
    ("text", "safety", "expected"),
    [
        (WEAK, None, ("fire",)),  # a stock server has no opinion
        (WEAK, [{"name": "fire", "confidence": 0.3}], ("fire",)),  # a glimpse is enough
        (WEAK, [{"name": "collapse", "confidence": 0.3}], ("fire",)),  # of whichever danger
        (WEAK, UNSEEN, ()),  # the model has heard it and sees nothing
        (STRONG, UNSEEN, ("self_harm",)),  # unmistakable words are believed whatever it says
        ("一切都好", [{"name": "fire", "confidence": 0.7}], ("fire",)),  # and so is the model alone
        ("一切都好", [{"name": "fire", "confidence": 0.45}], ()),
        ("一切都好", [{"name": "self_harm", "confidence": 0.45}], ("self_harm",)),  # hinted at
        ("the kid is missing", UNSEEN, ("missing_person",)),  # of English it knows less than the rules
        ("there is a man with a knife", [{"name": "violence", "confidence": 0.7}], ("violence",)),
        ("there is a man with a knife", [{"name": "abuse", "confidence": 0.45}], ()),  # no hints in English
        (
            "помогите мне",
            [{"name": "violence", "confidence": 0.9}],
            (),
        ),  # in a language that it was not taught
    ],
)
def test_who_is_believed(text: str, safety: list[dict[str, Any]] | None, expected: tuple[str, ...]) -> None:
    assert alarms(text, safety) == expected


@pytest.mark.parametrize(
    ("text", "repeated"),
    [
        ("人工 人工 人工", True),
        ("暖气不热，暖气不热，暖气不热！", True),
        ("暖气不热", False),
        ("哈哈哈哈哈哈", False),
    ],
)
def test_the_same_words_three_times_over_are_repeated(text: str, repeated: bool) -> None:
    answer = json.dumps({"intent": {"name": "heating", "confidence": 0.9}})
    found = joined(text, read_answer(answer.encode()), NET.cries(text), WORDS).conduct
    assert [guess.name for guess in found] == ["repeated"] * repeated
