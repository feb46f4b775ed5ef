"""Twilio on the wire: signed pushes in, messages out, and what forgers try."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

import pytest
from aiohttp import web
from hypothesis import given
from hypothesis import strategies as st
from multidict import MultiDict
from twilio.request_validator import RequestValidator  # type: ignore[import-untyped]  # ships no types

from channels.base import BadPush, Choice, DeliveryError, Media, Refused, Template, TryLater
from channels.sms import Twilio, TwilioConfig
from channels.sms.twilio import _inbound, _report
from standins.base import post
from standins.twilio import TwilioPhone, TwilioStandIn
from tests.channels.conftest import Listen
from tests.channels.fake_intake import FakeIntake, saying
from tests.channels.vectors import vector_json

ACCOUNT, TOKEN, OURS, CITIZEN = "AC0123456789abcdef", "auth-token", "+8657112345000", "+8613812345678"


@dataclass(frozen=True)
class Line:
    channel: Twilio
    intake: FakeIntake
    standin: TwilioStandIn
    phone: TwilioPhone
    config: TwilioConfig


@pytest.fixture
async def line(listen: Listen, intake: FakeIntake) -> AsyncIterator[Line]:
    standin = TwilioStandIn(ACCOUNT, TOKEN, OURS)
    api_url = await listen(standin.app())
    app = web.Application()
    public_url = await listen(outer(app))
    config = TwilioConfig(ACCOUNT, TOKEN, OURS, public_url, api_url=api_url)
    channel = Twilio(config)
    app.add_routes(channel.routes(intake))
    phone = TwilioPhone(standin, f"{public_url}/channels/sms/twilio", CITIZEN, api_url)
    yield Line(channel, intake, standin, phone, config)
    await channel.close()


def outer(app: web.Application) -> web.Application:
    """The address is known before the routes are: they are looked up in `app` when asked for."""

    async def forward(request: web.Request) -> web.StreamResponse:
        found = await app.router.resolve(request)
        return await found.handler(request)

    served = web.Application()
    served.router.add_route("*", "/{path:.*}", forward)
    return served


async def test_a_text(line: Line) -> None:
    answered = await line.phone.say("小区停水两天了 🙂")
    assert (answered.status, answered.body) == (200, "<Response></Response>")
    (turn,) = line.intake.turns
    assert (turn.channel, turn.sender, turn.account) == ("sms/twilio", CITIZEN, OURS)
    assert (turn.text, turn.event, turn.media) == ("小区停水两天了 🙂", None, ())


async def test_a_repeat_is_one_turn(line: Line) -> None:
    form = line.phone.form("停水了")
    assert [(await line.phone.push(form)).status for _ in range(2)] == [200, 200]
    assert len(line.intake.turns) == 1


async def test_an_empty_text(line: Line) -> None:
    assert (await line.phone.say("")).status == 200
    assert line.intake.turns[0].text == ""


async def test_pictures_are_fetched_with_our_credentials(line: Line) -> None:
    await line.phone.say("看图", [("image/jpeg", b"jpeg"), ("audio/amr", b"amr"), ("text/vcard", b"vcf")])
    media = line.intake.turns[0].media
    assert [(one.kind, one.mime) for one in media] == [
        ("image", "image/jpeg"),
        ("voice", "audio/amr"),
        ("file", "text/vcard"),
    ]
    assert await line.channel.fetch(media[0]) == b"jpeg"


async def test_credentials_stay_at_twilio(line: Line, listen: Listen) -> None:
    """Files are handed out by another host, to which a redirect leads."""
    seen: list[str | None] = []

    async def store(request: web.Request) -> web.Response:
        seen.append(request.headers.get("Authorization"))
        return web.Response(body=b"jpeg")

    app = web.Application()
    app.router.add_get("/mms/{id}", store)
    line.standin.media_host = await listen(app)
    await line.phone.say("看图", [("image/jpeg", b"jpeg")])
    assert await line.channel.fetch(line.intake.turns[0].media[0]) == b"jpeg"
    assert seen == [None]


async def test_files_elsewhere_are_not_fetched(line: Line) -> None:
    for url in (
        "http://169.254.169.254/",
        "https://twilio.com.attacker.example/",
        "http://[",
        "file:///etc/passwd",
    ):
        with pytest.raises(Refused, match="not Twilio's"):
            await line.channel.fetch(Media("image", ref=url))
    with pytest.raises(Refused):
        await line.channel.fetch(Media("image", ref=f"{line.config.api_url}/mms/gone"))


@pytest.mark.parametrize("word", ["退订", "td", "STOP", "Unsubscribe"])
async def test_opting_out_and_in(line: Line, word: str) -> None:
    await line.phone.say(word)
    await line.phone.say("开通")
    assert [turn.event for turn in line.intake.turns] == ["opt_out", "opt_in"]


async def test_twilios_own_word_on_opting_out(line: Line) -> None:
    await line.phone.push(line.phone.form("arrêt") | {"OptOutType": "STOP"})
    assert line.intake.turns[0].event == "opt_out"


# forgers and hostile pushes


async def test_forged_pushes(line: Line) -> None:
    form = line.phone.form("停水了")
    good = line.standin.sign(line.phone.webhook, form)
    assert (await post(line.phone.webhook, data=form)).status == 403
    assert (await post(line.phone.webhook, data=form | {"Body": "改了"}, headers=good)).status == 403
    assert (await post(f"{line.phone.webhook}?a=1", data=form, headers=good)).status == 403
    assert (await post(f"{line.phone.webhook}/status", data=form, headers=good)).status == 403
    other = {"X-Twilio-Signature": RequestValidator("guessed").compute_signature(line.phone.webhook, form)}
    assert (await post(line.phone.webhook, data=form, headers=other)).status == 403
    assert line.intake.accepted == 0


async def test_a_query_is_part_of_what_is_signed(line: Line) -> None:
    url, form = f"{line.phone.webhook}?foo=1&bar=%E4%BD%A0", line.phone.form("停水了")
    assert (await post(url, data=form, headers=line.standin.sign(url, form))).status == 200


@pytest.mark.parametrize("change", [{"From": "12345"}, {"From": ""}, {"MessageSid": ""}, {"NumMedia": "many"},
    {"NumMedia": "11"}, {"NumMedia": "1"}, {"NumMedia": "1", "MediaUrl0": "file:///etc/passwd"}])  # fmt: skip
async def test_wrong_fields_are_named(line: Line, change: dict[str, str]) -> None:
    answered = await line.phone.push(line.phone.form("停水了") | change)
    assert answered.status == 400
    assert answered.body.startswith("Twilio: ")
    assert any(answered.body.split(": ")[1] in name for name in (*change, "MediaUrl0"))
    assert line.intake.accepted == 0


async def test_doubled_fields_and_no_forms(line: Line) -> None:
    form = line.phone.form("a")
    doubled = MultiDict([*form.items(), ("Body", "b")])
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    for fields, status in ((form, 403), (doubled, 400)):
        signed = line.standin.sign(line.phone.webhook, fields)
        body = urlencode(list(doubled.items())).encode()
        assert (await post(line.phone.webhook, data=body, headers=headers | signed)).status == status
    for body in (b"\xff\xfe=1", b"a=%FF", urlencode([("a", "1")] * 300).encode()):
        assert (await post(line.phone.webhook, data=body, headers=headers | signed)).status == 400
    assert (await post(line.phone.webhook, data=b"a" * 1_100_000, headers=headers)).status == 413


async def test_naughty_strings(line: Line) -> None:
    for words in vector_json("payloads/blns.json")[::10]:
        assert (await line.phone.say(words)).status == 200
    assert all("\x00" not in turn.text for turn in line.intake.turns)


FIELDS = [
    "MessageSid",
    "From",
    "To",
    "Body",
    "NumMedia",
    "MediaUrl0",
    "OptOutType",
    "MessageStatus",
    "ErrorCode",
]
VALUES = st.text() | st.sampled_from(["1", CITIZEN, "https://a", "delivered"])


@given(st.dictionaries(st.sampled_from(FIELDS), VALUES))
def test_any_form_is_read_or_refused(form: dict[str, str]) -> None:
    for reader in (_inbound, _report):
        try:
            reader(form)
        except BadPush as refused:
            assert str(refused).startswith("Twilio: ")


def test_published_signatures() -> None:
    case = vector_json("twilio_signature_vectors.json")
    validator = RequestValidator(case["token"])
    for accepted in case["accept"]:
        assert validator.validate(accepted["uri"], case["params"], accepted["signature"]), accepted["why"]
    assert not validator.validate(case["uri"], case["params"], "wrong")


async def test_published_signature_at_our_door(listen: Listen, intake: FakeIntake) -> None:
    """Behind a proxy: what is signed is the public address, not the one we listen on."""
    case = vector_json("twilio_signature_vectors.json")
    channel = Twilio(TwilioConfig(ACCOUNT, case["token"], OURS, "https://mycompany.com"))
    app = web.Application()
    (message, _) = channel.routes(intake)
    assert isinstance(message, web.RouteDef)
    app.router.add_post("/myapp.php", message.handler)
    url = f"{await listen(app)}/myapp.php?foo=1&bar=2"
    signed = {"X-Twilio-Signature": case["signature"]}
    answered = await post(url, data=case["params"], headers=signed)
    assert (answered.status, answered.body) == (
        400,
        "Twilio: MessageSid: Field required",
    )  # genuine, but a call
    assert (await post(url, data=case["params"] | {"Digits": "1"}, headers=signed)).status == 403
    await channel.close()


# reports


async def test_delivery_reports(line: Line) -> None:
    sent = await line.channel.send(saying(CITIZEN, "已受理"))
    for status, error in (("sent", ""), ("delivered", ""), ("undelivered", "30003")):
        assert (await line.standin.report(sent.ref, status, error)).status == 200
    assert [(report.ref, report.ok, report.code) for report in line.intake.reports] == [
        (sent.ref, True, "delivered"),
        (sent.ref, False, "30003"),
    ]


# out


async def test_sending(line: Line) -> None:
    sent = await line.channel.send(saying(CITIZEN, "您好，已受理 🙂 & 100%"))
    (shown,) = line.standin.outlet.of(CITIZEN)
    assert (shown.text, shown.ref) == ("您好，已受理 🙂 & 100%", sent.ref)
    assert line.standin.taken[sent.ref].callback == f"{line.config.public_url}/channels/sms/twilio/status"


async def test_choices_are_numbered(line: Line) -> None:
    choices = (Choice("满意", "rate:5"), Choice("不满意", "rate:1"))
    await line.channel.send(saying(CITIZEN, "办得怎么样？", choices=choices))
    assert line.standin.outlet.of(CITIZEN)[0].text == "办得怎么样？\n回复数字选择：\n1. 满意\n2. 不满意"


@pytest.mark.parametrize(
    ("to", "text", "code"),
    [("12345", "您好", "21211"), (CITIZEN, "长" * 1601, "21617"), (CITIZEN, "", "no_text")],
)
async def test_what_twilio_refuses(line: Line, to: str, text: str, code: str) -> None:
    with pytest.raises(Refused) as refused:
        await line.channel.send(saying(to, text))
    assert refused.value.code == code


async def test_who_opted_out_gets_nothing(line: Line) -> None:
    await line.phone.say("STOP")
    with pytest.raises(Refused) as refused:
        await line.channel.send(saying(CITIZEN, "您好"))
    assert refused.value.code == "21610"


async def test_wrong_credentials_are_told_to_operators(line: Line, caplog: pytest.LogCaptureFixture) -> None:
    channel = Twilio(replace(line.config, auth_token="guessed"))
    with pytest.raises(TryLater) as later:
        await channel.send(saying(CITIZEN, "您好"))
    await channel.close()
    assert (later.value.code, later.value.after) == ("20003", 300)
    assert any(record.levelname == "ERROR" for record in caplog.records)
    assert "guessed" not in caplog.text + repr(channel._config)


@pytest.mark.parametrize(
    ("status", "body", "kind", "code", "after"),
    [
        (429, {"code": 20429}, TryLater, "429", 7),
        (503, {}, TryLater, "503", 7),
        (400, {"code": 21611}, TryLater, "21611", 60),
        (400, {"code": 21606}, TryLater, "21606", 300),
        (400, {"code": 99999}, Refused, "99999", None),
    ],
)
async def test_what_errors_mean(
    listen: Listen, status: int, body: Any, kind: type[DeliveryError], code: str, after: float | None
) -> None:
    async def answer(request: web.Request) -> web.Response:
        return web.json_response(body, status=status, headers={"Retry-After": "7"})

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", answer)
    channel = Twilio(TwilioConfig(ACCOUNT, TOKEN, OURS, "https://city.example.cn", api_url=await listen(app)))
    with pytest.raises(DeliveryError) as caught:
        await channel.send(saying(CITIZEN, "您好"))
    await channel.close()
    assert type(caught.value) is kind
    assert (caught.value.code, getattr(caught.value, "after", None)) == (code, after)


async def test_an_account_for_templates_only(line: Line) -> None:
    channel = Twilio(replace(line.config, free_text=False))
    assert channel.limits.free_text is False
    with pytest.raises(Refused, match="templates only"):
        await channel.send(saying(CITIZEN, "您好"))
    await channel.send(saying(CITIZEN, "工单 G1 已受理", template=Template("person", {"number": "G1"})))
    assert line.standin.outlet.of(CITIZEN)[0].text == "工单 G1 已受理"
    await channel.close()
