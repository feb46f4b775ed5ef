"""Aliyun on the wire: every shape of push in, ACS3-signed templates out, and what forgers try."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, get_args
from urllib.parse import parse_qsl

import pytest
from aiohttp import web
from hypothesis import given
from hypothesis import strategies as st

from channels.base import BadPush, DeliveryError, Refused, Report, Template, TryLater
from channels.sms import Aliyun, AliyunConfig
from channels.sms.aliyun import Signed, _read
from standins.aliyun import SETTING, AliyunPhone, AliyunStandIn, Shape
from standins.base import Answered, post
from tests.channels.conftest import Listen
from tests.channels.fake_intake import FakeIntake, saying
from tests.channels.vectors import vector_json

CITIZEN, SECRET = "+8613812345678", "hook-3f9a"
RECEIPT = Template(
    "receipt", {"number": "G1", "code": "4821", "service": "噪音/夜间", "deadline": "12月1日 17:00"}
)


@dataclass(frozen=True)
class Line:
    channel: Aliyun
    intake: FakeIntake
    standin: AliyunStandIn
    phone: AliyunPhone
    config: AliyunConfig


@pytest.fixture
async def line(listen: Listen, intake: FakeIntake) -> AsyncIterator[Line]:
    standin = AliyunStandIn("key-id", "key-secret", "某市12345")
    outer = web.Application()
    outer.add_subapp("/standins/aliyun", standin.app())
    api_url = f"{await listen(outer)}/standins/aliyun"
    config = AliyunConfig(SECRET, "key-id", "key-secret", "某市12345", SETTING, api_url=api_url)
    channel = Aliyun(config)
    app = web.Application()
    app.add_routes(channel.routes(intake))
    phone = AliyunPhone(standin, f"{await listen(app)}/channels/sms/aliyun/{SECRET}", CITIZEN)
    yield Line(channel, intake, standin, phone, config)
    await channel.close()


def acknowledged(answered: Answered) -> bool:
    return answered.status == 200 and json.loads(answered.body) == {"code": 0, "msg": "接收成功"}


@pytest.mark.parametrize("shape", get_args(Shape))
async def test_every_shape(line: Line, shape: Shape) -> None:
    assert acknowledged(await line.phone.say("停水了", shape))
    (turn,) = line.intake.turns
    assert (turn.channel, turn.sender, turn.text, turn.account) == (
        "sms/aliyun",
        CITIZEN,
        "停水了",
        "106812345",
    )
    assert abs((datetime.now(UTC) - turn.sent_at).total_seconds()) < 5


async def test_captured_shapes(line: Line) -> None:
    samples = vector_json("provider_callback_samples.json")
    shapes = ["smsup_http_current", "smsup_http_older", "smsup_http_2017", "smsup_mns_body"]
    for number, shape in enumerate(shapes):
        sample = samples[f"aliyun_{shape}"]
        for item in sample if isinstance(sample, list) else [sample]:
            # The documentation masks numbers, and all of its examples share theirs.
            item |= {"phone_number": f"1381234567{number}"}
        assert acknowledged(await line.phone.push(sample)), shape
    assert [turn.text for turn in line.intake.turns] == ["内容", "内容", "内容", "123456"]
    assert line.intake.turns[2].sent_at == datetime(2017, 8, 31, 16, tzinfo=UTC)
    assert acknowledged(await line.phone.push(samples["aliyun_smsreport_http"]))
    (report,) = line.intake.reports
    assert (report.ref, report.ok, report.code, report.outbox) == ("12345", True, "DELIVERED", None)
    answered = await line.phone.say("再来")
    assert json.loads(answered.body) == samples["aliyun_expected_ack"]


async def test_ids_are_the_same_as_number_and_as_text(line: Line) -> None:
    (item,) = line.phone.message("停水了")
    for sequence in (item["sequence_id"], int(item["sequence_id"]), float(item["sequence_id"])):
        assert acknowledged(await line.phone.push([item | {"sequence_id": sequence}]))
    assert len(line.intake.turns) == 1


async def test_opting_out(line: Line) -> None:
    await line.phone.say("ＴＤ")
    assert line.intake.turns[0].event == "opt_out"


async def test_messages_and_reports_in_one_push(line: Line) -> None:
    sent = await line.channel.send(saying(CITIZEN, "", template=RECEIPT))
    await line.standin.outlet.wait(CITIZEN)
    assert acknowledged(await line.phone.report(sent.ref, ok=False, code="UNDELIV"))
    (report,) = line.intake.reports
    assert (report.ref, report.ok, report.code, report.outbox) == (sent.ref, False, "UNDELIV", 7)
    assert acknowledged(await line.phone.push([]))


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"phone_number": "1381111****"}, "phone_number"),
        ({"phone_number": ["13812345678"]}, "phone_number"),
        ({"phone_number": None}, "phone_number"),
        ({"phone_number": 10**400}, "phone_number"),
        ({"sequence_id": 10**400}, "sequence_id"),
        ({"content": {"a": 1}}, "content"),
        ({"send_time": "soon"}, "send_time"),
        ({"sequence_id": ""}, "sequence_id"),
        ({"sequence_id": True}, "sequence_id"),
    ],
)
async def test_wrong_fields_are_named_and_take_nothing_with_them(
    line: Line, change: dict[str, object], field: str
) -> None:
    wrong, right = line.phone.message("错的")[0] | change, line.phone.message("对的")[0]
    answered = await line.phone.push([wrong, right])
    assert answered.status == 400
    assert answered.body.startswith(f"Aliyun: {field}")
    assert [turn.text for turn in line.intake.turns] == ["对的"]


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"\xff", b"null", b"1", b'"a"', b"[1]", b"[[]]", b"[null]", b"{}", b"[NaN]", b"[" * 100_000,
     b'[{"content": "a", "sequence_id": 1e999, "phone_number": "13812345678", "send_time": "x"}]'],
)  # fmt: skip
async def test_what_is_no_push(line: Line, body: bytes) -> None:
    answered = await post(line.phone.webhook, data=body)
    assert answered.status == 400
    assert answered.body.startswith("Aliyun: ")
    assert line.intake.accepted == 0


async def test_the_secret_is_the_door(line: Line) -> None:
    body = json.dumps(line.phone.message("停水了")).encode()
    for wrong in ("guessed", f"{SECRET}x", "%FF", "密"):
        assert (await post(line.phone.webhook.replace(SECRET, wrong), data=body)).status == 404
    assert line.intake.accepted == 0


async def test_a_store_that_is_down_is_not_acknowledged(line: Line) -> None:
    line.intake.down = True
    message = line.phone.message("停水了")
    assert (await line.phone.push(message)).status == 500
    line.intake.down = False
    assert acknowledged(await line.phone.push(message))
    assert len(line.intake.turns) == 1


async def test_odd_words_come_through(line: Line) -> None:
    body = json.dumps(
        line.phone.message("停\u0000水\ud83d🙂")
    ).encode()  # as escapes: UTF-8 has no half pairs
    assert acknowledged(await post(line.phone.webhook, data=body))
    assert line.intake.turns[0].text == "停水🙂"
    for words in vector_json("payloads/blns.json")[::10]:
        assert acknowledged(await line.phone.say(words))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=5,
)
KEYS = ["phone_number", "content", "send_time", "sequence_id", "success", "biz_id", "out_id", "err_code"]


@given(st.dictionaries(st.sampled_from(KEYS), JSON) | JSON)
def test_any_json_is_read_or_refused(raw: Any) -> None:
    try:
        _read(raw)
    except BadPush as refused:
        assert str(refused).startswith("Aliyun: ")


@pytest.mark.parametrize(
    "out_id", ["", "abc", "67890", "lianxin-", "lianxin-９", f"lianxin-{10**30}", "lianxin-1x"]
)
def test_a_report_whose_out_id_is_not_ours(out_id: str) -> None:
    report = _read({"biz_id": "1", "success": True, "out_id": out_id})
    assert isinstance(report, Report)
    assert report.outbox is None


# out


async def test_a_template_arrives_filled(line: Line) -> None:
    sent = await line.channel.send(saying(CITIZEN, "不用这句", template=RECEIPT))
    (shown,) = line.standin.outlet.of(CITIZEN)
    assert shown.text.startswith(
        "【某市12345】您反映的噪音/夜间已受理，工单号G1，查询码4821，12月1日 17:00前"
    )
    assert shown.ref == sent.ref != ""


async def test_words_alone_are_refused(line: Line) -> None:
    with pytest.raises(Refused, match="templates only"):
        await line.channel.send(saying(CITIZEN, "您好"))


async def test_free_text_goes_through_its_template(line: Line) -> None:
    line.standin.templates = {"SMS_9": "${text}"}
    channel = Aliyun(replace(line.config, templates="text=SMS_9", free_text=True))
    assert channel.limits.free_text is True
    await channel.send(saying(CITIZEN, "在湖滨路 12 号吗？+&%=~*"))
    assert line.standin.outlet.of(CITIZEN)[0].text == "【某市12345】在湖滨路 12 号吗？+&%=~*"
    await channel.close()


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"access_key_id": "other"}, "InvalidAccessKeyId.NotFound"),
        ({"access_key_secret": "guessed"}, "SignatureDoesNotMatch"),
        ({"sign_name": "别的市"}, "isv.SMS_SIGNATURE_ILLEGAL"),
        ({"templates": "receipt=SMS_404"}, "isv.SMS_TEMPLATE_ILLEGAL"),
    ],
)
async def test_a_wrong_account_is_told_to_operators(
    line: Line, change: dict[str, Any], code: str, caplog: pytest.LogCaptureFixture
) -> None:
    channel = Aliyun(replace(line.config, **change))
    with pytest.raises(TryLater) as later:
        await channel.send(saying(CITIZEN, "", template=RECEIPT))
    await channel.close()
    assert (later.value.code, later.value.after) == (code, 300)
    assert any(record.levelname == "ERROR" for record in caplog.records)


@pytest.mark.parametrize(
    ("code", "kind", "after"),
    [
        ("isv.BUSINESS_LIMIT_CONTROL", TryLater, 3600),
        ("Throttling.User", TryLater, None),
        ("isp.SYSTEM_ERROR", TryLater, None),
        ("isv.MOBILE_NUMBER_ILLEGAL", Refused, None),
        ("isv.SOMETHING_NEW", Refused, None),
    ],
)
async def test_what_errors_mean(
    line: Line, code: str, kind: type[DeliveryError], after: float | None
) -> None:
    line.standin.fail_next = [code]
    with pytest.raises(DeliveryError) as caught:
        await line.channel.send(saying(CITIZEN, "", template=RECEIPT))
    assert type(caught.value) is kind
    assert (caught.value.code, getattr(caught.value, "after", None)) == (code, after)


async def test_a_clock_that_is_wrong(line: Line) -> None:
    channel = Aliyun(line.config, clock=lambda: datetime(2017, 9, 1, tzinfo=UTC))
    with pytest.raises(TryLater) as later:
        await channel.send(saying(CITIZEN, "", template=RECEIPT))
    await channel.close()
    assert later.value.code == "InvalidTimeStamp.Expired"


def test_published_signature() -> None:
    case = vector_json("cloud_request_signing_vectors.json")["aliyun_acs3"]
    request = Signed(case["host"], "/", dict(parse_qsl(case["query"])), case["action"], case["version"])
    at = datetime.strptime(case["date"], "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    headers = request.headers(case["ak"], case["sk"], at, case["nonce"])
    assert headers["Authorization"].endswith(f"Signature={case['signature']}")
    assert f"Credential={case['ak']}," in headers["Authorization"]


def test_secrets_are_not_shown(line: Line) -> None:
    assert "key-secret" not in repr(line.config)
    assert SECRET not in repr(line.config)
