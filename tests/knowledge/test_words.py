"""Answers found by words alone: the same question, a typo, a stranger, a day too late."""

from __future__ import annotations

from datetime import date

import pytest

from actions.base import ServiceId
from bot.knowledge import Entry, Knowledge
from bot.knowledge.words import Grams, Words
from tests.knowledge.sample import ENTRIES, TODAY, ids


def test_words_know_the_same_question_a_typo_and_a_stranger() -> None:
    grams = Grams([["暖气费怎么交"], ["老板不发工资怎么办", "拖欠工资找谁"]])
    assert grams.scores("暖气费怎么交")[0] == pytest.approx(1.0, abs=1e-5)
    near = grams.scores("暖汽费怎么交")
    assert near[0] > 0.3 > near[1] > 0
    assert grams.scores("月亮很远").max() == 0
    assert grams.scores("").max() == 0
    assert Grams([]).scores("什么").size == 0


def test_a_question_that_is_written_down_is_always_answered() -> None:
    crowd = [Entry(f"e{n}", (f"暖气第{n}号问题", "暖气" * n), "暖气。" * 20) for n in range(1, 20)]
    words = Words([*crowd, ENTRIES[1]])
    assert words.verbatim("暖气费怎么交呀").argmax() == 19
    assert words.verbatim("暖气").max() == pytest.approx(1.0, abs=1e-5)
    assert words.verbatim("暖气坏了很久没有人修").max() == 0
    assert ids(Knowledge([*crowd, ENTRIES[1]]), "暖气费怎么交")[0] == "heat"


def test_words_alone_answer_what_is_nearly_written_down() -> None:
    knowledge = Knowledge(ENTRIES)
    assert not knowledge.by_meaning
    assert ids(knowledge, "请问暖气费怎么交？") == ["heat"]
    assert ids(knowledge, "請問暖氣費怎麼交？") == ["heat"]
    assert ids(knowledge, "月亮离地球多远") == []
    assert ids(knowledge, "") == []
    assert ids(Knowledge(()), "暖气费怎么交") == []


def test_an_expired_answer_is_never_said() -> None:
    knowledge = Knowledge(ENTRIES)
    assert ids(knowledge, "户口怎么迁") == []
    assert ids(knowledge, "户口怎么迁", today=date(2026, 11, 24)) == ["old"]


def test_english_gets_the_english_answer_where_there_is_one() -> None:
    knowledge = Knowledge(ENTRIES)
    day = date(2026, 11, 24)
    assert knowledge.search("暖气费怎么交", None, "en", day)[0].answer == "Pay online."
    assert knowledge.search("户口怎么迁", None, "en", day)[0].answer == "旧答案。"


def test_the_understood_service_lifts_its_articles() -> None:
    knowledge = Knowledge(ENTRIES)
    plain = knowledge.search("暖气费怎么交", None, "zh", TODAY)[0].score
    assert knowledge.search("暖气费怎么交", ServiceId("heating"), "zh", TODAY)[0].score > plain
