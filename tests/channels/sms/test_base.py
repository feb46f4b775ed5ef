"""What the SMS providers share: numbers, opt-out words, parts, templates."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.base import BadPush, Refused, Template, TemplateName
from channels.sms.base import (
    FIELDS,
    china_time,
    e164,
    event_of,
    filled_template,
    parts,
    template_codes,
)
from tests.channels.fake_intake import saying
from tests.channels.vectors import vector_json

CODES = template_codes("receipt=SMS_1, status=SMS_2,continue=SMS_3")


@pytest.mark.parametrize(
    ("raw", "country", "number"),
    [
        ("13812345678", "", "+8613812345678"),
        ("+8613812345678", "", "+8613812345678"),
        ("8613812345678", "", "+8613812345678"),
        ("13812345678", "86", "+8613812345678"),
        ("14158675309", "", "+14158675309"),
        ("4158675309", "1", "+14158675309"),
        ("+44 20 7946 0958", "", "+442079460958"),
        ("85251234567", "", "+85251234567"),
    ],
)
def test_numbers(raw: str, country: str, number: str) -> None:
    assert e164(raw, "Some", "mobile", country) == number


@pytest.mark.parametrize(
    "raw", ["", "1381111****", "13xxxxxxxxx", "停水", "+", "12", "1" * 30, "１３８１２３４５６７８"]
)
def test_no_numbers(raw: str) -> None:
    with pytest.raises(BadPush, match="Some: mobile"):
        e164(raw, "Some", "mobile")


@given(st.text(), st.text(max_size=4))
def test_any_text_is_a_number_or_refused(raw: str, country: str) -> None:
    try:
        assert e164(raw, "Some", "mobile", country).startswith("+")
    except BadPush as refused:
        assert "mobile" in str(refused)


@pytest.mark.parametrize("word", ["TD", "td", " Td\n", "ＴＤ", "T", "n", "R", "退订", "ｔ"])
def test_opting_out(word: str) -> None:
    assert event_of(word) == "opt_out"


@pytest.mark.parametrize("word", ["start", "开通", "恢复", "ＳＴＡＲＴ"])
def test_opting_in(word: str) -> None:
    assert event_of(word) == "opt_in"


@pytest.mark.parametrize("words", ["", "TD吧", "退订 有线电视怎么办", "not", "1", "T D", "开通宽带没人管"])
def test_words_that_only_look_like_it(words: str) -> None:
    assert event_of(words) is None


def test_parts_as_the_providers_count_them() -> None:
    cases = vector_json("segmentation_vectors.json")
    for length, lengths in cases["ucs2"]:
        assert parts("汉" * length) == lengths
        assert parts("a" * length) == lengths  # mainland carriers know no GSM alphabet
    for length, lengths in cases["gsm7"]:
        assert parts("a" * length, gsm=True) == lengths
    for signed, length in cases["signature_counts"]:
        assert parts(signed) == [length]


def test_parts_of_odd_texts() -> None:
    assert parts("") == []
    assert parts("🙂" * 35) == [70]
    assert parts("🙂" * 36) == [66, 6]  # an emoji is two units and never cut in two
    assert parts("€" * 80, gsm=True) == [160]
    assert parts("汉" + "a" * 70, gsm=True) == [67, 4]


@given(st.text())
def test_parts_lose_nothing(text: str) -> None:
    assert sum(parts(text)) == sum(2 if ord(char) > 0xFFFF else 1 for char in text)


@pytest.mark.parametrize("raw", ["2017-09-01 08:00:00", "20170901080000"])
def test_chinese_time(raw: str) -> None:
    assert china_time(raw, "Some", "send_time") == datetime(2017, 9, 1, tzinfo=UTC)


@pytest.mark.parametrize("raw", ["", "soon", "2017-13-01 00:00:00", "1" * 40, "0001-01-01 00:00:00"])
def test_no_time(raw: str) -> None:
    with pytest.raises(BadPush, match="Some: send_time"):
        china_time(raw, "Some", "send_time")


def test_every_template_has_its_fields() -> None:
    assert set(FIELDS) == set(get_args(TemplateName))


def test_template_settings() -> None:
    assert CODES == {"receipt": "SMS_1", "status": "SMS_2", "continue": "SMS_3"}
    assert template_codes("") == {}


@pytest.mark.parametrize(
    ("setting", "why"),
    [
        ("receipt", "needs the code"),
        ("receipt=", "needs the code"),
        ("receipt=SMS 1", "needs the code"),
        ("reciept=SMS_1", "must be one of alarm, receipt"),
        ("receipt=1,receipt=2", "given twice"),
    ],
)
def test_wrong_template_settings_are_named(setting: str, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        template_codes(setting)


def test_free_text_needs_its_template() -> None:
    with pytest.raises(ValueError, match="text=<code>"):
        template_codes("receipt=SMS_1", free_text=True)
    codes = template_codes("text=SMS_9", free_text=True)
    assert filled_template(saying("+8613812345678", "您好"), codes, True, "Some") == (
        "SMS_9",
        {"text": "您好"},
    )


def test_a_template_is_filled_in_order() -> None:
    values = {"deadline": "12月1日", "number": "G1", "service": "噪音", "code": "4821", "more": "x"}
    message = saying("+8613812345678", "", template=Template("receipt", values))
    code, filled = filled_template(message, CODES, False, "Some")
    assert (code, list(filled.values())) == ("SMS_1", ["G1", "4821", "噪音", "12月1日"])


@pytest.mark.parametrize(
    ("template", "why"),
    [
        (None, "templates only"),
        (Template("person", {"number": "G1"}), "no template is set for person"),
        (Template("status", {"number": "G1"}), "lacks state"),
    ],
)
def test_what_no_template_can_say(template: Template | None, why: str) -> None:
    with pytest.raises(Refused, match=why):
        filled_template(saying("+8613812345678", "您好", template=template), CODES, False, "Some")
