"""Signatures and envelopes, against the examples that Tencent publishes and against garbage."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.base import BadPush
from channels.wechat.crypto import Envelopes, decode_key, genuine, signature
from channels.wechat.push import elements
from tests.channels.vectors import vector_json
from tests.channels.wechat.conftest import APPID, KEY, OLD_KEY

NEW, OLD = decode_key(KEY), decode_key(OLD_KEY)
BOTH = Envelopes(APPID, (NEW, OLD))


def test_published_handshake() -> None:
    case = vector_json("wechat_crypt.json")["url_verify_plain"]
    assert genuine(case["signature"], case["token"], case["timestamp"], case["nonce"])
    assert not genuine(case["signature"], case["token"] + "x", case["timestamp"], case["nonce"])


def test_published_plain_push() -> None:
    case = vector_json("wechat_crypt.json")["plain_post_json"]
    assert genuine(case["signature"], case["token"], case["timestamp"], case["nonce"])


def test_published_envelope() -> None:
    case = vector_json("wechat_crypt.json")["safe_xml"]
    encrypted = elements(case["body_xml"])["Encrypt"]
    query = case["query"]
    assert genuine(query["msg_signature"], case["token"], query["timestamp"], query["nonce"], encrypted)
    text, _ = Envelopes(case["appid"], (decode_key(case["aes_key"]),)).open(encrypted)
    assert case["plaintext_contains"] in text
    assert len(text.encode()) == case["plaintext_len"]


def test_published_reply() -> None:
    case = vector_json("wechat_crypt.json")["safe_xml"]
    reply = case["reply"]
    signed = signature(case["token"], reply["timestamp"], reply["nonce"], reply["encrypt"])
    assert signed == reply["msg_signature"]
    text, _ = Envelopes(case["appid"], (decode_key(case["aes_key"]),)).open(reply["encrypt"])
    assert text == reply["plaintext"]


def test_the_published_envelope_of_another_appid_is_refused() -> None:
    case = vector_json("wechat_crypt.json")["safe_xml"]
    envelopes = Envelopes("wx0000000000000000", (decode_key(case["aes_key"]),))
    with pytest.raises(BadPush, match="another appid") as refused:
        envelopes.open(elements(case["body_xml"])["Encrypt"])
    assert refused.value.status == 403


@pytest.mark.parametrize("key", [NEW, OLD])
def test_either_key_opens_and_is_told(key: bytes) -> None:
    sealed = BOTH.seal("<xml>您好</xml>", decode_key(KEY if key == NEW else OLD_KEY))
    assert BOTH.open(sealed) == ("<xml>您好</xml>", key)


def test_a_foreign_key_opens_nothing() -> None:
    with pytest.raises(BadPush, match="none of our keys"):
        Envelopes(APPID, (OLD,)).open(BOTH.seal("<xml/>", NEW))


def test_the_same_words_never_look_the_same() -> None:
    assert BOTH.seal("<xml/>", NEW) != BOTH.seal("<xml/>", NEW)


@given(st.text())
def test_what_is_sealed_opens(words: str) -> None:
    words = words.encode(errors="ignore").decode()
    assert BOTH.open(BOTH.seal(words, NEW)) == (words, NEW)


@given(st.one_of(st.text(), st.binary().map(lambda raw: base64.b64encode(raw).decode())))
def test_garbage_is_refused(garbage: str) -> None:
    with pytest.raises(BadPush):
        BOTH.open(garbage)


@given(st.text(), st.text())
def test_no_text_passes_as_a_signature(given_one: str, nonce: str) -> None:
    nonce = nonce.encode(errors="ignore").decode()
    assert genuine(given_one, "token", "1", nonce) == (given_one == signature("token", "1", nonce))


@pytest.mark.parametrize("wrong", ["", "short", KEY + "A", "*" * 43])
def test_keys_that_are_none(wrong: str) -> None:
    with pytest.raises(ValueError, match=r"EncodingAESKey|base64|[Ii]nvalid|characters"):
        decode_key(wrong)
