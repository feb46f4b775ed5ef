"""Pushes become frozen values, or BadPush naming the field; nothing else ever comes out."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from xml.sax.saxutils import escape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.base import BadPush, Inbound, Location, Media, Report
from channels.wechat.push import elements, read
from tests.channels.vectors import PAYLOADS, payload, vector, vector_json

HOSTILE = sorted((PAYLOADS / "wechat" / "hostile").glob("*.xml"))


def reading(name: str) -> Inbound | Report | None:
    return read(elements(payload(f"wechat/{name}.xml").encode()))


def inbound(name: str) -> Inbound:
    found = reading(name)
    assert isinstance(found, Inbound)
    return found


def text_push(content: str) -> str:
    return (
        "<xml><ToUserName>gh</ToUserName><FromUserName>o</FromUserName><CreateTime>1700000000</CreateTime>"
        f"<MsgType>text</MsgType><Content>{content}</Content><MsgId>1</MsgId></xml>"
    )


def test_text() -> None:
    found = inbound("text")
    assert found == Inbound(
        channel=found.channel,
        provider_id=found.provider_id,
        sender=found.sender,
        sent_at=datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC),
        text="楼下烧烤摊半夜还在吵",
        account="gh_city",
    )
    assert (found.channel, found.sender) == ("wechat", "o-citizen")


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("text_blank", {"text": ""}),
        ("menu_answer", {"text": "满意", "payload": "rate:5"}),
        ("image", {"text": "", "media": (Media("image", ref="picture-1"),)}),
        (
            "voice_heard",
            {"text": "路灯不亮了", "media": (Media("voice", ref="voice-16k", mime="audio/amr"),)},
        ),
        ("voice", {"text": "", "media": (Media("voice", ref="voice-8k", mime="audio/speex"),)}),
        ("video", {"media": (Media("video", ref="film-1"),)}),
        ("image_without_id", {"text": "", "media": ()}),
        ("shortvideo", {"media": (Media("video", ref="film-2"),)}),
        ("location", {"location": Location(30.251, 120.162, "湖滨路 12 号"), "text": ""}),
        ("link", {"text": "停水通知\nhttps://water.example.cn/n/1"}),
        ("file", {"text": "租房合同.pdf"}),
        ("subscribe", {"event": "subscribe", "payload": ""}),
        ("subscribe_scene", {"event": "subscribe", "payload": "hall-3"}),
        ("unsubscribe", {"event": "unsubscribe"}),
        ("scan", {"event": "scan", "payload": "hall-3"}),
        ("click", {"event": "menu", "payload": "progress"}),
    ],
)
def test_every_kind(name: str, expected: dict[str, Any]) -> None:
    found = inbound(name)
    assert {field: getattr(found, field) for field in expected} == expected


@pytest.mark.parametrize("name", ["view", "location_event", "unknown_event"])
def test_what_asks_for_no_answer_begins_no_turn(name: str) -> None:
    assert reading(name) is None


@pytest.mark.parametrize(
    ("name", "ref", "ok", "code"),
    [
        ("template_done", "300000001", True, "success"),
        ("template_blocked", "300000002", False, "failed:user block"),
        ("notice_done", "400000001", True, "success"),
    ],
)
def test_reports(name: str, ref: str, ok: bool, code: str) -> None:
    found = reading(name)
    assert isinstance(found, Report)
    assert (found.ref, found.ok, found.code) == (ref, ok, code)


def test_repeats_share_a_key_and_others_do_not() -> None:
    assert inbound("text").provider_id == inbound("text").provider_id
    names = ["text", "image", "voice", "subscribe", "unsubscribe", "scan", "click", "location", "link"]
    assert len({inbound(name).provider_id for name in names}) == len(names)


def test_the_same_message_id_of_two_citizens_is_two_messages() -> None:
    mine = text_push("在吗")
    theirs = mine.replace("<FromUserName>o<", "<FromUserName>p<")
    ids = {found.provider_id for push in (mine, theirs) if isinstance(found := read(elements(push)), Inbound)}
    assert len(ids) == 2


def test_messages_without_an_id_are_told_apart_by_what_they_say() -> None:
    one, two = (text_push(words).replace("<MsgId>1</MsgId>", "") for words in ("停水了", "停电了"))
    first, again, other = (read(elements(push)) for push in (one, one, two))
    assert isinstance(first, Inbound)
    assert isinstance(again, Inbound)
    assert isinstance(other, Inbound)
    assert first.provider_id == again.provider_id != other.provider_id


@pytest.mark.parametrize("path", HOSTILE, ids=lambda path: path.stem)
def test_hostile_pushes_are_refused(path: Any) -> None:
    with pytest.raises(BadPush, match="WeChat: ") as refused:
        read(elements(path.read_bytes()))
    assert refused.value.status == 400


@pytest.mark.parametrize(
    ("name", "field"),
    [
        ("doubled_text", "Content"),
        ("doubled_sender", "FromUserName"),
        ("no_sender", "FromUserName"),
        ("bad_time", "CreateTime"),
        ("bad_latitude", "Location_X"),
        ("no_event", "Event"),
    ],
)
def test_the_wrong_field_is_named(name: str, field: str) -> None:
    with pytest.raises(BadPush, match=f"WeChat: {field}"):
        reading(f"hostile/{name}")


def test_the_message_of_a_refusal_holds_no_words_of_the_citizen() -> None:
    with pytest.raises(BadPush) as refused:
        read(elements(text_push("<b>我的身份证号</b>")))
    assert "身份证" not in f"{refused.value}{refused.value.__cause__}"


def test_citizens_may_write_declarations() -> None:
    found = read(elements(text_push("<![CDATA[<!DOCTYPE html><!ENTITY a 'b'>]]>")))
    assert isinstance(found, Inbound)
    assert found.text == "<!DOCTYPE html><!ENTITY a 'b'>"


def test_control_characters_are_dropped_not_the_message() -> None:
    found = read(elements(text_push("停\x00水\x1b了\x08")))
    assert isinstance(found, Inbound)
    assert found.text == "停水了"


def test_other_encodings_cannot_smuggle_declarations() -> None:
    document = '<?xml version="1.0" encoding="utf-16"?><!DOCTYPE xml [<!ENTITY a "b">]><xml><A>&a;</A></xml>'
    for encoded in (document.encode("utf-16"), document.encode("utf-16-le"), document.encode("utf-7")):
        with pytest.raises(BadPush):
            elements(encoded)


def test_deep_nesting_is_survived() -> None:
    deep = "<a>" * 10_000 + "</a>" * 10_000
    assert read(elements(text_push("深").replace("<MsgId>1</MsgId>", f"<Else>{deep}</Else>")))


@given(st.text())
def test_any_text_comes_through(words: str) -> None:
    found = read(elements(text_push(escape(words.encode(errors="ignore").decode()))))
    assert isinstance(found, Inbound)


@given(st.binary())
def test_any_bytes_are_read_or_refused(body: bytes) -> None:
    with pytest.raises(BadPush):
        read(elements(body))


NAMES = ["ToUserName", "FromUserName", "CreateTime", "MsgType", "Event", "Content", "MediaId", "EventKey"]
MORE_NAMES = ["Location_X", "Location_Y", "MsgId", "MsgID", "Status", "SubscribeMsgSentEvent"]
VALUES = [
    "1",
    "text",
    "event",
    "image",
    "location",
    "SCAN",
    "subscribe_msg_sent_event",
    "templatesendjobfinish",
]
NESTED = st.dictionaries(st.just("List"), st.one_of(st.none(), st.text(), st.lists(st.text())))


@given(
    st.dictionaries(
        st.sampled_from(NAMES + MORE_NAMES),
        st.one_of(st.none(), st.text(), st.sampled_from(VALUES), st.lists(st.text()), NESTED),
    )
)
def test_any_elements_are_read_or_refused(raw: dict[str, Any]) -> None:
    try:
        read(raw)
    except BadPush as refused:
        assert str(refused).startswith("WeChat: ")


def test_captured_messages_are_read_or_acknowledged() -> None:
    paths = sorted(vector("wechat-messages").glob("*.xml"))
    assert len(paths) > 60
    turns = 0
    for path in paths:
        turns += isinstance(read(elements(path.read_bytes())), Inbound)
    assert 20 < turns < len(paths)


def test_captured_attacks_are_refused() -> None:
    for path in vector("xml-attacks").rglob("*.xml"):
        with pytest.raises(BadPush):
            read(elements(path.read_bytes()))
    for path in vector("xml-attacks").glob("*.txt"):
        for attack in path.read_bytes().splitlines():
            with pytest.raises(BadPush):
                read(elements(attack))


def test_naughty_strings_come_through_as_words() -> None:
    for words in vector_json("payloads/blns.json"):
        found = read(elements(text_push(escape(words))))
        assert isinstance(found, Inbound)
        assert "\x00" not in found.text
