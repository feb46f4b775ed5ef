"""Tokens and seals: opaque, unforgeable, of limited age."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import tokens
from bot.store.sealing import Sealer
from channels.base import Address, ChannelName

SEALER = Sealer("a" * 40)
SMS, PHONE = ChannelName("sms/aliyun"), Address("+8613812345678")


def test_round_trip_and_opaque() -> None:
    token = tokens.make(SEALER, SMS, PHONE)
    assert tokens.read(SEALER, token, 60) == (SMS, PHONE)
    assert "138" not in token


def test_too_old_or_another_key(monkeypatch: pytest.MonkeyPatch) -> None:
    token = tokens.make(SEALER, SMS, PHONE)
    assert tokens.read(Sealer("b" * 40), token, 60) is None
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + 61)
    assert tokens.read(SEALER, token, 60) is None


@given(st.text(max_size=200))
def test_garbage_is_nobody(text: str) -> None:
    assert tokens.read(SEALER, text, 60) is None


@given(st.integers(0, 60), st.integers(1, 255))
def test_a_changed_byte_is_nobody(place: int, change: int) -> None:
    import base64

    raw = bytearray(base64.urlsafe_b64decode(tokens.make(SEALER, SMS, PHONE) + "=="))
    raw[place % len(raw)] ^= change
    assert tokens.read(SEALER, base64.urlsafe_b64encode(raw).decode().rstrip("="), 60) is None


def test_same_text_seals_differently_and_indexes_the_same() -> None:
    assert SEALER.seal("暖气") != SEALER.seal("暖气")
    assert SEALER.open(SEALER.seal("暖气")) == "暖气"
    assert SEALER.index(PHONE) == SEALER.index(PHONE) != Sealer("b" * 40).index(PHONE)
