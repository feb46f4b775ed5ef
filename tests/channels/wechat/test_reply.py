"""Reply XML cannot be broken out of, and choices always reach the citizen."""

from __future__ import annotations

import xmltodict
from hypothesis import given
from hypothesis import strategies as st

from channels.base import Choice
from channels.wechat.reply import MAX_BYTES, cdata, cut, numbered, text_reply
from channels.wild import clean

CHOICES = (Choice("供暖", "service:heating"), Choice("噪音", "service:noise"))


@given(st.text(alphabet=st.characters(codec="utf-8")))
def test_text_comes_back_as_it_went_in(words: str) -> None:
    raw = xmltodict.parse(text_reply("o", "gh", 1, words), strip_whitespace=False)["xml"]
    expected = clean(words).replace("\r\n", "\n").replace("\r", "\n")
    assert (raw["Content"] or "") == expected
    assert set(raw) == {"ToUserName", "FromUserName", "CreateTime", "MsgType", "Content"}


def test_nobody_adds_elements() -> None:
    attack = "]]></Content><MsgType>transfer_customer_service</MsgType><Content><![CDATA["
    raw = xmltodict.parse(text_reply("o", "gh", 1, attack))["xml"]
    assert (raw["MsgType"], raw["Content"]) == ("text", attack)
    assert xmltodict.parse(f"<a>{cdata(']]]]>>')}</a>") == {"a": "]]]]>>"}


def test_choices_are_numbered_lines() -> None:
    assert numbered("您要反映的是？", CHOICES, "回复数字：") == "您要反映的是？\n回复数字：\n1. 供暖\n2. 噪音"
    assert numbered("好的", (), "回复数字：") == "好的"


def test_words_give_way_to_choices() -> None:
    shown = numbered("长" * 700, CHOICES, "回复数字：")
    assert len(shown.encode()) <= MAX_BYTES
    assert shown.endswith("…\n回复数字：\n1. 供暖\n2. 噪音")


@given(st.text(alphabet=st.characters(codec="utf-8")), st.integers(3, 40))
def test_cutting_keeps_code_points_whole(words: str, room: int) -> None:
    short = cut(words, room)
    assert len(short.encode()) <= room
    assert short == words or (short.endswith("…") and words.startswith(short[:-1]))
