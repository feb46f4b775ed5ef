"""Choices always reach the citizen, whatever must give way."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from channels.base import Choice
from channels.choices import cut, numbered

CHOICES = (Choice("供暖", "service:heating"), Choice("噪音", "service:noise"))


def test_choices_are_numbered_lines() -> None:
    assert numbered("您要反映的是？", CHOICES, 2000) == "您要反映的是？\n回复数字选择：\n1. 供暖\n2. 噪音"
    assert numbered("好的", (), 2000) == "好的"


def test_words_give_way_to_choices() -> None:
    shown = numbered("长" * 700, CHOICES, 2000)
    assert len(shown.encode()) <= 2000
    assert shown.endswith("…\n回复数字选择：\n1. 供暖\n2. 噪音")


@given(st.text(alphabet=st.characters(codec="utf-8")), st.integers(3, 40))
def test_cutting_keeps_code_points_whole(words: str, room: int) -> None:
    short = cut(words, room)
    assert len(short.encode()) <= room
    assert short == words or (short.endswith("…") and words.startswith(short[:-1]))
