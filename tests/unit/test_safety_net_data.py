"""The rules of nlu_data/safety/net.yml against the phrases beside them, by rules alone.

Reads the files as the header of net.yml describes them and knows nothing of the app, so that a mistake in the
data shows up as one of the data.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

SAFETY = Path(__file__).parents[2] / "nlu_data" / "safety"
LEAST_MATCHED = 0.80
MOST_FALSE = 0.02
_TAG = re.compile(r"\[([^\]]+)\]\(\w+\)")


@cache
def net() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((SAFETY / "net.yml").read_text(encoding="utf-8"))
    return loaded


@cache
def compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)


def found(patterns: list[str] | None, sentence: str) -> bool:
    return any(compiled(pattern).search(sentence) for pattern in patterns or ())


def normalised(text: str) -> str:
    text = re.sub(r"[ \t\r]+", " ", unicodedata.normalize("NFKC", text).lower())
    return re.sub(r"(.)\1{2,}", r"\1\1", text)


def raised(message: str) -> set[str]:
    """The classes that a message raises; the four steps are those of the header."""
    rules, text = net(), normalised(message)
    limits = rules["limits"]
    sentences = [part.strip() for part in re.split(r"(?<=[。!?;…\n])", text) if part.strip()]
    opening = len(sentences) if len(text) <= limits["message"] else limits["opening"]
    classes = set()
    for place, sentence in enumerate(sentences):
        wordy = len(sentence) > limits["sentence"]
        common = place >= opening or wordy or found(rules["unless"], sentence)
        for one in rules["classes"]:
            if found(one.get("unless"), sentence):
                continue
            if found(one["always"], sentence) or (not common and found(one["patterns"], sentence)):
                classes.add(one["id"])
    return classes


def phrases(name: str) -> Iterator[str]:
    return lines(SAFETY / f"{name}.yml")


def lines(path: Path) -> Iterator[str]:
    for block in yaml.safe_load(path.read_text(encoding="utf-8"))["nlu"]:
        for line in block["examples"].splitlines():
            yield _TAG.sub(r"\1", line.removeprefix("- ").strip())


NOT_A_CLASS = {"net", "hard_negatives", "other_words", "other_words_harmless", "hints", "hints_harmless"}
NOT_A_CLASS |= {"english", "english_harmless"}
CLASSES = sorted(path.stem for path in SAFETY.glob("*.yml") if path.stem not in NOT_A_CLASS)


def test_every_class_has_rules_and_every_rule_a_class() -> None:
    assert sorted(one["id"] for one in net()["classes"]) == CLASSES


@pytest.mark.parametrize("one", net()["classes"], ids=lambda one: str(one["id"]))
def test_a_class_says_whom_to_call_in_both_languages(one: dict[str, Any]) -> None:
    assert re.fullmatch(r"\d{3,5}", one["call"])
    for advice in (one["advice"], one["advice_en"]):
        assert "{call}" in advice
        assert len(advice) <= 240
    assert one["title"] and one["title_en"]
    assert one["patterns"] or one["always"]


@pytest.mark.parametrize("name", CLASSES)
def test_most_cries_are_heard_by_rules_alone(name: str) -> None:
    cries = list(phrases(name))
    missed = [cry for cry in cries if not raised(cry)]
    own = sum(name in raised(cry) for cry in cries) / len(cries)
    share = 1 - len(missed) / len(cries)
    print(f"{name}: {len(cries)} phrases, {share:.1%} heard, {own:.1%} as this class; missed {missed}")
    assert len(cries) >= 60
    assert share >= LEAST_MATCHED
    assert own >= LEAST_MATCHED


def test_hazards_tales_and_figures_of_speech_stay_quiet() -> None:
    harmless = list(phrases("hard_negatives"))
    false = [phrase for phrase in harmless if raised(phrase)]
    print(f"{len(harmless)} hard negatives, {len(false) / len(harmless):.1%} matched: {false}")
    assert len(harmless) >= 300
    assert len(false) <= MOST_FALSE * len(harmless)


@pytest.mark.parametrize("ending", ["", "！！！！", "。", "……", "\n", " 🙏", "快快快快快"])
def test_signs_and_repeats_hide_nothing(ending: str) -> None:
    assert "fire" in raised("着火了" + ending)
    assert "self_harm" in raised("我不想活了" + ending)


def test_a_long_letter_is_not_searched_for_every_word() -> None:
    letter = "尊敬的领导您好。" + "我们小区的物业服务一直很差，多次沟通没有结果。" * 20
    assert raised(letter + "去晚了楼道里全是烟味。") == set()
    assert "self_harm" in raised(letter + "我真的不想活了。")


def test_ordinary_requests_stay_quiet() -> None:
    services = sorted(path for path in (SAFETY.parent / "services").glob("*.yml") if path.stem != "emergency")
    requests = [line for path in services for line in lines(path)]
    false = [request for request in requests if raised(request)]
    print(f"{len(requests)} ordinary requests, {len(false) / len(requests):.1%} matched: {false}")
    assert len(false) <= MOST_FALSE * len(requests)


def test_a_breathless_cry_without_a_comma_is_heard() -> None:
    assert "self_harm" in raised("我已经想了很久很久" * 10 + "我真的不想活了" + "你们谁也不用劝我" * 3)
