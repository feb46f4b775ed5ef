"""The axes of one message put together, and several requests taken apart."""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nlu.reading.features import Vocabulary, tokens
from nlu.reading.pooling import pieces
from nlu.reading.reader import Areas
from nlu.reading.requests import separate
from tests.nlu.small_model import make_reader

READER = make_reader()


def test_a_request_has_service_category_kind_and_department() -> None:
    found = READER.read("投诉暖气不热")
    assert found["intent"]["name"] == found["service"]["name"] == "heating"
    assert found["act"]["name"] == "request"
    assert found["category"]["name"] == "城乡建设"
    assert found["kind"]["name"] == "complaint"
    assert [one["name"] for one in found["department_ranking"]][:2] == ["gas_heat", "street"]
    assert found["safety"] == found["conduct"] == found["requests"] == []


def test_a_villages_matter_is_also_its_townships() -> None:
    shares = [
        {one["name"]: one["confidence"] for one in READER.read("暖气不热", areas)["department_ranking"]}[
            "street"
        ]
        for areas in (Areas(), Areas(town=True, village=True))
    ]
    assert shares[1] > shares[0]


def test_words_of_a_departments_field_speak_for_it_and_busy_departments_are_likelier() -> None:
    def shares(text: str) -> dict[str, float]:
        return {one["name"]: one["confidence"] for one in READER.read(text)["department_ranking"]}

    plain, spoken = shares("暖气不热"), shares("驾校暖气不热，工地")
    assert spoken["transport"] > plain["transport"] and "housing" not in plain
    assert spoken["transport"] > spoken["housing"] > 0
    assert max(spoken, key=spoken.__getitem__) == "gas_heat"  # a word is a hint, the service decides


def test_talk_is_no_request() -> None:
    found = READER.read("谢谢谢谢")
    assert found["act"]["name"] == found["intent"]["name"] == "thank"
    assert found["service"]["confidence"] < 0.5


def test_a_danger_comes_before_everything() -> None:
    found = READER.read("火火")
    assert found["intent"]["name"] == found["service"]["name"] == "emergency"
    assert found["safety"][0]["name"] == "fire" and found["safety"][0]["confidence"] >= 0.5


def test_one_sentence_of_a_long_letter_raises_the_alarm_or_insults() -> None:
    found = READER.read("投诉公交站。" * 20 + "火！" + "滚！")
    assert found["safety"][0]["name"] == "fire"
    assert found["conduct"][0]["name"] == "abuse"


@pytest.mark.parametrize("text", ["", "   ", "\n\n"])
def test_nothing_is_answered_as_nothing(text: str) -> None:
    found = READER.read(text)
    assert found["intent"] == {"name": None, "confidence": 0.0}
    assert found["intent_ranking"] == found["requests"] == []


@given(st.text(max_size=300))
@settings(deadline=None)
def test_probabilities_are_probabilities(text: str) -> None:
    found = READER.read(text)
    for one in (*found["intent_ranking"], *found["service_ranking"], *found["safety"], *found["conduct"]):
        assert 0 <= one["confidence"] <= 1 + 1e-9
    assert sum(one["confidence"] for one in found["intent_ranking"]) <= 1 + 1e-6


@given(st.text(max_size=400))
def test_pieces_lose_nothing_of_a_letter_but_its_endless_end(text: str) -> None:
    parts = pieces(text)
    assert all(len(part) <= 70 for part in parts) or any(
        len(part) > 70 and not part.strip() for part in parts
    )
    assert len(parts) <= 60


def test_time_grows_no_worse_than_linearly() -> None:
    def seconds(times: int) -> float:
        text = "投诉解放路公交站火灾隐患，暖气不热。" * times
        began = time.process_time()
        READER.read(text)
        return time.process_time() - began

    short, long = min(seconds(40) for _ in range(3)), min(seconds(320) for _ in range(3))
    assert long < short * 8 * 2.5 + 0.05


def judge(text: str) -> Mapping[str, float]:
    """What a sure reader thinks of a piece."""
    words = {"暖气": "heating", "公交": "bus", "工资": "unpaid_wages"}
    hits = [service for word, service in words.items() if word in text]
    shares = dict.fromkeys(words.values(), 0.02)
    for service in hits:
        shares[service] = 0.94 / len(hits)
    return shares


@pytest.mark.parametrize(
    ("text", "services"),
    [
        ("暖气不热三天了。另外公交车老是甩站。", ["heating", "bus"]),
        ("暖气不热，还有就是工资没发", ["heating", "unpaid_wages"]),
        ("我有三件事：一是暖气不热，二是公交不来，三是工资没发", ["heating", "bus", "unpaid_wages"]),
        ("第一，暖气不热；第二，公交不来；第三，工资没发", ["heating", "bus", "unpaid_wages"]),
        ("反映两个问题。其一：暖气不热。其二：楼下等了很久，公交不来。", ["heating", "bus"]),
        ("暖气不热，还有公交甩站", ["heating", "bus"]),
        ("暖气不热。暖气费还涨了。", []),
        ("暖气不热，找公交公司的人问也没人管", []),
        ("暖气不热，我给公交公司打电话一直不接", []),
        ("暖气不热。公交公司电话打了三天都不接。", ["heating", "bus"]),
        ("暖气不热", []),
        ("", []),
    ],
)
def test_requests_are_taken_apart(text: str, services: list[str]) -> None:
    parts = separate(text, judge)
    assert [part.service for part in parts] == services
    if parts:
        assert parts[0].start == 0 and parts[-1].end == len(text)


def test_a_long_story_that_names_other_things_stays_whole() -> None:
    story = (
        "我家暖气从上个月就不热，"
        + "老人孩子都冻感冒了，" * 6
        + "坐公交去热力公司问了三趟，工资都扣了，还是没人管。"
    )
    assert separate(story, judge) == []


def test_several_texts_in_one_pass_are_what_each_is_alone(tmp_path: Path) -> None:
    texts = ["暖气不热", "", "暖气暖气 HELLO 13800138000", "𠮷😀", "热不气暖" * 50]
    learnt = Vocabulary.learn([*texts, *texts])
    texts.append("\ud800暖")
    learnt.save(tmp_path)
    for vocabulary in (learnt, Vocabulary.load(tmp_path)):
        columns, rows = vocabulary.grid(texts)
        for text, row in zip(texts, rows, strict=True):
            alone = np.zeros(len(vocabulary.weights), np.float32)
            index, values = vocabulary.vector(text)
            alone[index] = values
            assert np.allclose(row, alone[columns], atol=1e-6)
            assert (
                np.count_nonzero(row) == np.count_nonzero(alone) == len(set(tokens(text)) & set(learnt.names))
            )


def test_a_vocabulary_without_words_reads_nothing() -> None:
    index, values = Vocabulary([], np.zeros(0, np.float32)).vector("暖气")
    assert len(index) == len(values) == 0
