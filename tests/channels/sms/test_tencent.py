"""Tencent Cloud on the wire: replies and reports in, TC3-signed templates out, and what forgers try."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import pytest
from aiohttp import web
from hypothesis import given
from hypothesis import strategies as st

from channels.base import BadPush, DeliveryError, Refused, Template, TryLater
from channels.sms import Tencent, TencentConfig
from channels.sms.tencent import _read, authorization
from standins.base import Answered, post
from standins.tencent import SETTING, TencentPhone, TencentStandIn
from tests.channels.conftest import Listen
from tests.channels.fake_intake import FakeIntake, saying
from tests.channels.vectors import vector_json

CITIZEN, SECRET = "+8613812345678", "hook-77c1"
STATUS = Template("status", {"state": "已派单", "number": "G1"})


@dataclass(frozen=True)
class Line:
    channel: Tencent
    intake: FakeIntake
    standin: TencentStandIn
    phone: TencentPhone
    config: TencentConfig


@pytest.fixture
async def line(listen: Listen, intake: FakeIntake) -> AsyncIterator[Line]:
    standin = TencentStandIn("secret-id", "secret-key", "1400000000", "某市12345")
    outer = web.Application()
    outer.add_subapp("/standins/tencent", standin.app())
    api_url = f"{await listen(outer)}/standins/tencent"
    config = TencentConfig(
        SECRET, "secret-id", "secret-key", "1400000000", "某市12345", SETTING, api_url=api_url
    )
    channel = Tencent(config)
    app = web.Application()
    app.add_routes(channel.routes(intake))
    phone = TencentPhone(standin, f"{await listen(app)}/channels/sms/tencent/{SECRET}", CITIZEN)
    yield Line(channel, intake, standin, phone, config)
    await channel.close()


def acknowledged(answered: Answered) -> bool:
    return answered.status == 200 and json.loads(answered.body) == {"result": 0, "errmsg": "OK"}


async def test_a_reply(line: Line) -> None:
    assert acknowledged(await line.phone.say("停水了"))
    (turn,) = line.intake.turns
    assert (turn.channel, turn.sender, turn.text, turn.account) == ("sms/tencent", CITIZEN, "停水了", "01")


async def test_a_repeat_is_one_turn_and_other_words_are_another(line: Line) -> None:
    message = line.phone.message("停水了")
    for item in (message, message, message | {"text": "停电了"}):
        assert acknowledged(await line.phone.push(item))
    assert [turn.text for turn in line.intake.turns] == ["停水了", "停电了"]


async def test_captured_shapes(line: Line) -> None:
    samples = vector_json("provider_callback_samples.json")
    # The documentation masks numbers.
    assert acknowledged(await line.phone.push(samples["tencent_reply"] | {"mobile": "13812345678"}))
    (turn,) = line.intake.turns
    assert (turn.text, turn.sender) == ("用户回复的内容", CITIZEN)
    assert turn.sent_at == datetime.fromtimestamp(1457336869, UTC)
    answered = await line.phone.push(samples["tencent_status"])
    assert json.loads(answered.body) == samples["tencent_expected_ack"]
    (report,) = line.intake.reports
    assert (report.ref, report.ok, report.code) == ("xxxxxxx", True, "DELIVRD")


async def test_foreign_numbers(line: Line) -> None:
    message = line.phone.message("hello") | {"nationcode": "1", "mobile": "4158675309"}
    assert acknowledged(await line.phone.push(message))
    assert line.intake.turns[0].sender == "+14158675309"


async def test_lists_of_replies_and_opting_out(line: Line) -> None:
    items = [line.phone.message("退订"), line.phone.message("恢复")]
    assert acknowledged(await line.phone.push(items))
    assert {turn.event for turn in line.intake.turns} == {"opt_out", "opt_in"}


async def test_reports(line: Line) -> None:
    sent = await line.channel.send(saying(CITIZEN, "", template=STATUS))
    assert acknowledged(await line.phone.report(sent.ref, ok=False, code="UNDELIV"))
    (report,) = line.intake.reports
    assert (report.ref, report.ok, report.code) == (sent.ref, False, "UNDELIV")


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"mobile": "13xxxxxxxxx"}, "mobile"),
        ({"mobile": None}, "mobile"),
        ({"text": ["a"]}, "text"),
        ({"time": "soon"}, "time"),
        ({"time": 10**15}, "time"),
        ({"nationcode": "86868"}, "nationcode"),
    ],
)
async def test_wrong_fields_are_named(line: Line, change: dict[str, object], field: str) -> None:
    answered = await line.phone.push(line.phone.message("停水了") | change)
    assert answered.status == 400
    assert answered.body.startswith(f"Tencent: {field}")
    assert line.intake.accepted == 0


@pytest.mark.parametrize(
    "body", [b"", b"{", b"\xff", b"null", b"[1]", b"{}", b"[[]]", b'{"report_status": 1}']
)
async def test_what_is_no_push(line: Line, body: bytes) -> None:
    answered = await post(line.phone.webhook, data=body)
    assert answered.status == 400
    assert answered.body.startswith("Tencent: ")


async def test_the_secret_is_the_door(line: Line) -> None:
    body = json.dumps(line.phone.message("停水了")).encode()
    assert (await post(line.phone.webhook.replace(SECRET, "guessed"), data=body)).status == 404
    assert line.intake.accepted == 0


JSON = st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.lists(st.integers())


KEYS = ["mobile", "text", "time", "nationcode", "extend", "sid", "report_status", "errmsg"]


@given(st.dictionaries(st.sampled_from(KEYS), JSON) | JSON)
def test_any_json_is_read_or_refused(raw: Any) -> None:
    try:
        _read(raw)
    except BadPush as refused:
        assert str(refused).startswith("Tencent: ")


# out


async def test_a_template_arrives_filled(line: Line) -> None:
    sent = await line.channel.send(saying(CITIZEN, "不用这句", template=STATUS))
    (shown,) = line.standin.outlet.of(CITIZEN)
    assert (shown.text, shown.ref) == ("【某市12345】工单G1目前：已派单。", sent.ref)


async def test_words_alone_are_refused(line: Line) -> None:
    with pytest.raises(Refused, match="templates only"):
        await line.channel.send(saying(CITIZEN, "您好"))


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"secret_id": "other"}, "AuthFailure.SecretIdNotFound"),
        ({"secret_key": "guessed"}, "AuthFailure.SignatureFailure"),
        ({"sign_name": "别的市"}, "FailedOperation.SignatureIncorrectOrUnapproved"),
        ({"templates": "status=404"}, "FailedOperation.TemplateIncorrectOrUnapproved"),
        ({"sdk_app_id": "1"}, "InvalidParameterValue.SdkAppIdNotExist"),
    ],
)
async def test_a_wrong_account_is_told_to_operators(
    line: Line, change: dict[str, Any], code: str, caplog: pytest.LogCaptureFixture
) -> None:
    channel = Tencent(replace(line.config, **change))
    with pytest.raises(TryLater) as later:
        await channel.send(saying(CITIZEN, "", template=STATUS))
    await channel.close()
    assert (later.value.code, later.value.after) == (code, 300)
    assert any(record.levelname == "ERROR" for record in caplog.records)


@pytest.mark.parametrize(
    ("code", "kind", "after"),
    [
        ("LimitExceeded.PhoneNumberThirtySecondLimit", TryLater, 30),
        ("RequestLimitExceeded", TryLater, None),
        ("InternalError.OtherError", TryLater, None),
        ("FailedOperation.PhoneNumberInBlacklist", Refused, None),
    ],
)
async def test_what_errors_mean(
    line: Line, code: str, kind: type[DeliveryError], after: float | None
) -> None:
    line.standin.fail_next = [code]
    with pytest.raises(DeliveryError) as caught:
        await line.channel.send(saying(CITIZEN, "", template=STATUS))
    assert type(caught.value) is kind
    assert (caught.value.code, getattr(caught.value, "after", None)) == (code, after)


async def test_a_clock_that_is_wrong(line: Line) -> None:
    channel = Tencent(line.config, clock=lambda: 1_500_000_000.0)
    with pytest.raises(TryLater) as later:
        await channel.send(saying(CITIZEN, "", template=STATUS))
    await channel.close()
    assert later.value.code == "AuthFailure.SignatureExpire"


@pytest.mark.parametrize(
    "body", [{}, {"Response": {}}, {"Response": {"SendStatusSet": [1]}}, {"Response": 1}]
)
async def test_nonsense_is_for_later(listen: Listen, body: Any) -> None:
    async def answer(request: web.Request) -> web.Response:
        return web.json_response(body)

    app = web.Application()
    app.router.add_post("/", answer)
    config = TencentConfig(SECRET, "i", "k", "1", "市", SETTING, api_url=await listen(app))
    channel = Tencent(config)
    with pytest.raises(TryLater):
        await channel.send(saying(CITIZEN, "", template=STATUS))
    await channel.close()


def test_published_signatures() -> None:
    first, second = vector_json("cloud_request_signing_vectors.json")["tencent_tc3"]
    for case in (first, first | second):
        known = {
            "content-type": case["content_type"],
            "host": case["host"],
            "x-tc-action": case["action"].lower(),
        }
        signed = {name: known[name] for name in case["signed_headers"].split(";")}
        header = authorization("id", case["sk"], case["service"], case["timestamp"], signed, case["payload"])
        assert header.endswith(f"Signature={case['signature']}")
        assert f"Credential=id/{first['date']}/{case['service']}/tc3_request" in header


def test_secrets_are_not_shown(line: Line) -> None:
    assert "secret-key" not in repr(line.config)
    assert SECRET not in repr(line.config)
