"""Cues of a letter's kind: what is found, where, and that they travel with the model."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import pytest

from nlu.reading.cues import NAMES, cues
from nlu.reading.kinds import LETTER, SHORT, Kinds

_STORY = "我们小区的路灯坏了很久,晚上一片漆黑。" * 6


def _on(text: str) -> set[str]:
    return {name for name, value in zip(NAMES, cues(text), strict=True) if value > 0}


@pytest.mark.parametrize(
    ("text", "cue"),
    [
        ("请问身份证丢了怎么补办?", "asks"),
        (f"{_STORY}请问什么时候能修好?", "asks>"),
        (f"我要投诉物业。{_STORY}", "complains<"),
        (f"{_STORY}恳请领导帮忙解决", "begs>"),
        (f"建议增设红绿灯。{_STORY}", "proposes<"),
        ("举报有人开设赌场", "crime"),
        (f"{_STORY}请问什么时候能修好?", "ends_asking"),
    ],
)
def test_a_cue_is_found_where_it_stands(text: str, cue: str) -> None:
    assert cue in _on(text)


def test_the_middle_of_a_letter_is_neither_beginning_nor_end() -> None:
    found = _on(f"{_STORY}我要投诉物业。{_STORY}")
    assert "complains" in found
    assert not found & {"complains<", "complains>"}


def test_endless_letters_take_no_longer() -> None:
    began = time.perf_counter()
    cues(_STORY * 1000)
    assert time.perf_counter() - began < 0.5


def test_cues_count_in_letters_and_not_in_lines(tmp_path: Path) -> None:
    weights = np.zeros((len(NAMES), 2), dtype=np.float32)
    weights[NAMES.index("proposes"), 1] = 5.0
    Kinds(weights, np.zeros(2, dtype=np.float32), line=2.0, letter=1.0).save(tmp_path)
    kinds = Kinds.load(tmp_path)
    assert kinds is not None
    characters = np.array([1.0, 0.0])
    line, letter = "建议修路".ljust(SHORT, "路"), "建议修路".ljust(LETTER, "路")
    assert kinds.scores(line, characters).tolist() == [2.0, 0.0]
    assert kinds.scores(letter, characters).tolist() == [1.0, 5.0]


def test_a_model_without_cues_is_read(tmp_path: Path) -> None:
    assert Kinds.load(tmp_path) is None
