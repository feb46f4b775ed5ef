"""Every way of writing comes to one form, and every span finds its way back."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlu.reading.normalise import normalise

# What people and machines send: scripts, marks, emoji, control characters, half surrogates.
ODD = st.text(
    st.characters() | st.sampled_from("ｈ１。！！\u200b\u0301\ufe0f👨‍👩‍👧🏽㎡㈱臺灣\ud800\x00\n　"),
    max_size=60,
)


@pytest.mark.parametrize(
    ("written", "normal"),
    [
        ("３８路公交車", "38路公交车"),
        ("暖氣不熱！！！！！", "暖气不热!!"),
        ("停水停水停水", "停水停水停水"),
        ("啊啊啊啊啊", "啊啊"),
        ("13800000000", "13800000000"),
        ("１００㎡", "100m2"),
        ("零\u200b宽\ufeff字", "零宽字"),
        ("e\u0301te\u0301", "été"),
        ("我 　 要", "我 要"),
        ("乾隆年间，衣服乾了", "乾隆年间,衣服干了"),
        ("", ""),
    ],
)
def test_ways_of_writing(written: str, normal: str) -> None:
    assert normalise(written).text == normal


def test_a_span_is_carried_back_to_what_was_written() -> None:
    found = normalise("在３８路公交車站！！！！等")
    start = found.text.index("38路")
    assert found.original[slice(*found.to_original(start, start + 3))] == "３８路"
    marks = found.text.index("!!")
    assert found.original[slice(*found.to_original(marks, marks + 2))] == "！！！！"


@given(ODD)
def test_offsets_cover_the_text_in_order(written: str) -> None:
    found = normalise(written)
    assert len(found.text) == len(found.starts) == len(found.ends)
    assert all(0 <= s < e <= len(written) for s, e in zip(found.starts, found.ends, strict=True))
    assert list(found.starts) == sorted(found.starts)


@given(ODD)
def test_normalising_twice_changes_nothing_more(written: str) -> None:
    once = normalise(written).text
    assert normalise(once).text == once


@given(ODD, st.integers(0, 60), st.integers(1, 10))
def test_a_span_goes_forward_and_comes_back_around_it(written: str, start: int, length: int) -> None:
    end = min(start + length, len(written))
    found = normalise(written)
    there = found.from_original(start, end)
    if start < end and there[0] < there[1]:
        back = found.to_original(*there)
        assert back[0] <= max(start, found.starts[there[0]]) and back[1] >= min(end, found.ends[there[1] - 1])
