"""Cutting what leaves: bytes, order, nothing lost."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bot.packing import pack, split
from channels.base import Address, Choice, Limits, Outbound, OutboxId, Template

WECHAT = Limits(max_bytes=2000, coalesce=True)


def message(text: str, **more: object) -> Outbound:
    return Outbound(id=OutboxId(0), to=Address("o1"), text=text, **more)  # type: ignore[arg-type]  # fields of Outbound


def test_short_sentences_of_a_turn_become_one_message() -> None:
    (one,) = pack([message("收到。"), message("请问在哪里？", choices=(Choice("跳过", "skip"),))], WECHAT)
    assert one.text == "收到。\n\n请问在哪里？"
    assert [c.payload for c in one.choices] == ["skip"]


def test_choices_are_answered_before_more_is_said() -> None:
    first, second = pack([message("这样对吗？", choices=(Choice("对", "yes"),)), message("另外，")], WECHAT)
    assert first.choices and not second.choices


def test_pictures_and_people_stay_apart() -> None:
    parts = pack(
        [message("看这里"), message("", attachment="a"), message("我是小王", author="operator")], WECHAT
    )
    assert [p.text for p in parts] == ["看这里", "", "我是小王"]


def test_a_template_only_account_sends_the_most_telling_sentence() -> None:
    said = [
        message("好的", template=Template("continue", {"link": "x"})),
        message("已受理", template=Template("receipt", {"number": "LJ2611220001"})),
        message("请打分"),
    ]
    (one,) = pack(said, Limits(free_text=False))
    assert one.template and one.template.name == "receipt"


@given(st.lists(st.text(min_size=1, max_size=1500), min_size=1, max_size=6))
def test_no_piece_is_too_long_and_no_word_is_lost(texts: list[str]) -> None:
    texts = [t.replace("\n", " ") for t in texts]
    pieces = pack([message(t) for t in texts], WECHAT)
    assert all(len(p.text.encode(errors="surrogatepass")) <= 2000 for p in pieces)
    assert "".join(p.text for p in pieces).replace("\n", "") == "".join(texts)


@given(st.text(max_size=5000), st.integers(8, 300))
def test_split_cuts_on_code_points(text: str, limit: int) -> None:
    text = text.replace("\n", "")
    parts = split(text, limit)
    assert all(len(p.encode()) <= limit for p in parts)
    assert "".join(parts) == text
