"""Reply XML cannot be broken out of."""

from __future__ import annotations

import xmltodict
from hypothesis import given
from hypothesis import strategies as st

from channels.wechat.reply import cdata, text_reply
from channels.wild import clean


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
