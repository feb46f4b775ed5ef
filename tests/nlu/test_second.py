"""The second opinion on danger: meaning decides where characters leave a doubt, and nowhere else."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from nlu.reading import second
from nlu.reading.reader import Reader
from nlu.reading.second import SecondOpinion, Slow, centre, meanings
from tests.nlu.small_model import make_reader

CRIES = ("我爸倒在地上叫不醒了", "房子塌了压着人", "有人掉河里了快沉下去了")
CALM = ("请问社保卡怎么补办", "小区停车费太贵了", "公交车等了半小时")


def make_opinion(gate: float) -> SecondOpinion:
    """Three cries against three ordinary requests; no characters."""
    raw = meanings([*CRIES, *CALM])
    mean = raw.mean(axis=0)
    weights = np.array([1.0] * len(CRIES) + [-1.0] * len(CALM), np.float32)
    words = np.zeros(100, np.float32)
    bias, gamma, slope, shift = map(np.asarray, (0.0, 1.0, 20.0, 0.0))
    gates = np.array([gate, gate])
    return SecondOpinion(centre(raw, mean), weights, words, bias, mean, gamma, gates, slope, shift)


def with_opinion(gate: float) -> Reader:
    plain = make_reader()
    return Reader(plain._vocabulary, plain._axes, plain._facts, second=make_opinion(gate))


def test_a_cry_in_new_words_is_nearer_to_cries() -> None:
    opinion = make_opinion(0.0)
    nothing = (np.zeros(0, np.int32), np.zeros(0, np.float32))
    assert opinion.danger("老人晕过去了没有反应", nothing) > 0.5
    assert opinion.danger("想问一下医保卡去哪里办", nothing) < 0.5


def test_who_cannot_wait_is_told_that_the_encoder_is_needed() -> None:
    nothing = (np.zeros(0, np.int32), np.zeros(0, np.float32))
    with pytest.raises(Slow):
        make_opinion(0.0).danger("老人晕过去了没有反应", nothing, at_once=True)


def test_meaning_speaks_only_where_characters_leave_a_doubt() -> None:
    cry = "我奶奶倒下了没有呼吸"
    assert with_opinion(-1.0).read(cry)["safety"], "the doubt lets the second opinion speak"
    assert with_opinion(1.5).read(cry)["safety"] == [], "no doubt, no alarm and not even a glimpse"


def test_of_a_letter_the_worst_sentence_is_shown() -> None:
    letter = "尊敬的领导您好，我想反映小区停车的问题。" * 6 + "现在楼下起火了。" + "谢谢您的帮助。" * 5
    score, piece = make_reader().telling(letter)
    assert piece == "现在楼下起火了。"
    assert score > 0
    assert make_reader().telling("起火了。快来。")[1] == "起火了。快来。", "a short message is taken whole"


def test_it_travels_in_the_folder(tmp_path: Path) -> None:
    reader = with_opinion(-1.0)
    reader.save(tmp_path)
    cry = "我奶奶倒下了没有呼吸"
    assert Reader.load(tmp_path).read(cry)["safety"] == reader.read(cry)["safety"]


def test_without_the_encoder_the_first_look_decides(tmp_path: Path) -> None:
    make_opinion(0.0).save(tmp_path)
    assert SecondOpinion.load(tmp_path, "no_such_package") is None
    assert SecondOpinion.load(tmp_path) is not None


def test_a_remembered_meaning_is_not_worked_out_again() -> None:
    fixed = np.full(384, 0.5, np.float32)
    second.remembered[second.key("此句独一无二")] = fixed
    try:
        assert second.meaning("此句独一无二") is fixed
    finally:
        second.remembered.clear()


@pytest.mark.parametrize("odd", ["", " ", "😀", "a", "\x00", "哈" * 5000])
def test_odd_texts_are_answered(odd: str) -> None:
    assert with_opinion(-9.0).read(odd)["intent"] is not None


def test_probabilities_stay_in_bounds() -> None:
    far = replace(make_opinion(0.0), slope=np.asarray(1e9))
    assert 0 <= far.danger("随便说说", (np.zeros(0, np.int32), np.zeros(0, np.float32))) <= 1
