"""One citizen must not be able to keep the house busy: whatever is written is read in a moment.

Patterns that look harmless take minutes over a page of digits or blanks, and meanwhile nobody is served.
"""

from __future__ import annotations

import time

import pytest

from bot.dialogue import checks, details, meaning, places
from bot.masking import mask
from tests.unit.fake_desk import NOW
from tests.unit.fake_reader import NET
from tests.unit.transcripts import catalogue

LONGEST = 5000  # characters that web chat takes
SLOW = 2.0  # seconds: ten times what a busy machine needs, and a fraction of what a bad pattern takes


@pytest.mark.parametrize("words", ["1", "12,", "1-", "1月", "昨天", "三", " ", "a", "a@", "选 ", "电话 "])
def test_a_page_of_the_same_is_read_in_a_moment(words: str) -> None:
    page = (words * LONGEST)[:LONGEST] + "x"
    wages = catalogue().service("unpaid_wages")  # asks for an amount, a place, a time and a phone
    began = time.monotonic()
    for text in (page, f"1{page}", f"2025年1月1日{page}昨天{page}"):
        mask(text)
        NET.match(text)
        meaning._PICK.match(text)
        places.merged("解放路128号3栋", text)
        details.found(text, (), wages, NOW)
        checks.dated(text, NOW)
        checks.ahead(text, NOW)
        checks.without_phone(text)
    assert time.monotonic() - began < 3 * SLOW


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("欠了1,200.50元", "1,200.50元"),
        ("一共3，500元左右", "一共3，500元左右"),
        ("拖欠我们20多人工资18万", "18万"),
        ("半年房租1万2千元", "1万2千元"),
    ],
)
def test_amounts_are_still_found_whole(text: str, amount: str) -> None:
    assert checks.money(text) == amount


def test_a_date_deep_in_a_letter_is_still_dated() -> None:
    letter = "情况是这样的。" * 30 + "昨天晚上又停水了" + "，请尽快处理" * 30
    assert "（" in checks.dated(letter, NOW)
