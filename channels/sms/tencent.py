"""Tencent Cloud: unsigned JSON pushes behind a secret path in, SendSms signed with TC3-HMAC-SHA256 out."""

from __future__ import annotations

import hashlib
import hmac
import json
import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from aiohttp import web
from pydantic import Field

from channels.base import (
    BadPush,
    ChannelName,
    Inbound,
    Intake,
    JsonObject,
    Media,
    Outbound,
    ProviderId,
    Refused,
    Report,
    Sent,
    TryLater,
)
from channels.outgoing import Outgoing
from channels.sms.base import Id, e164, event_of, filled_template, sms_limits, template_codes, webhook
from channels.wild import Door, Text, Wild, tame

log = logging.getLogger(__name__)

NAME = ChannelName("sms/tencent")
PATH = "/channels/sms/tencent/{secret}"
ACKNOWLEDGED = {"result": 0, "errmsg": "OK"}
ALGORITHM = "TC3-HMAC-SHA256"
CONTENT_TYPE = "application/json; charset=utf-8"
SERVICE, ACTION, VERSION = "sms", "SendSms", "2021-01-11"

LATER: dict[str, float] = {
    "LimitExceeded.PhoneNumberThirtySecondLimit": 30,
    "LimitExceeded.PhoneNumberOneHourLimit": 3600,
    "LimitExceeded.PhoneNumberDailyLimit": 3600,
    "LimitExceeded.PhoneNumberSameContentDailyLimit": 3600,
    "LimitExceeded.AppDailyLimit": 3600,
    "LimitExceeded.DailyLimit": 3600,
    "LimitExceeded.DeliveryFrequencyLimit": 60,
    "FailedOperation.InsufficientBalanceInSmsPackage": 300,
}
OURS = (
    "AuthFailure", "UnauthorizedOperation", "FailedOperation.InsufficientBalance",
    "FailedOperation.SignatureIncorrectOrUnapproved", "FailedOperation.TemplateIncorrectOrUnapproved",
    "FailedOperation.TemplateUnapprovedOrNotExist", "InvalidParameterValue.SdkAppIdNotExist",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class TencentConfig:
    """`templates` as `name=code` pairs: receipt=1001,status=1002,continue=1003,person=1004,alarm=1005."""

    secret: str = field(repr=False)  # last part of the webhook's path
    secret_id: str
    secret_key: str = field(repr=False)
    sdk_app_id: str
    sign_name: str
    templates: str = ""
    free_text: bool = False
    region: str = "ap-guangzhou"
    api_url: str = "https://sms.tencentcloudapi.com"


class _Reply(Wild):
    mobile: Id
    text: Text
    time: int = Field(ge=0, le=4_102_444_800)
    nationcode: Id = Field("86", max_length=4)
    extend: Id = Field("", max_length=64)


class _Status(Wild):
    sid: Id = Field(min_length=1, max_length=64)
    report_status: Text = Field(min_length=1)
    errmsg: Text = Field("", max_length=64)


class Tencent:
    """Implements `channels.base.Channel`."""

    def __init__(self, config: TencentConfig, clock: Callable[[], float] = time.time) -> None:
        self.name = NAME
        self._config, self._clock = config, clock
        self._codes = template_codes(config.templates, config.free_text)
        self.limits = sms_limits(config.free_text, self._codes)
        self._http = Outgoing("Tencent")
        self._door = Door("Tencent")

    def routes(self, intake: Intake) -> Sequence[web.AbstractRouteDef]:
        handler = webhook(self._door, intake, self._config.secret, _read, ACKNOWLEDGED)
        return [web.post(PATH, self._door(handler))]

    async def send(self, message: Outbound) -> Sent:
        code, values = filled_template(message, self._codes, self._config.free_text, "Tencent")
        payload = json.dumps(
            {
                "PhoneNumberSet": [message.to],
                "SmsSdkAppId": self._config.sdk_app_id,
                "SignName": self._config.sign_name,
                "TemplateId": code,
                "TemplateParamSet": list(values.values()),
                "SessionContext": str(message.id),
            },
            ensure_ascii=False,
        )
        answer = await self._http.call(
            "POST", f"{self._config.api_url}/", data=payload.encode(), headers=self._headers(payload)
        )
        return _sent(answer.json("Tencent"))

    def _headers(self, payload: str) -> dict[str, str]:
        at, host = int(self._clock()), urlsplit(self._config.api_url).netloc
        signed = {"content-type": CONTENT_TYPE, "host": host, "x-tc-action": ACTION.lower()}
        return {
            "Content-Type": CONTENT_TYPE,
            "Host": host,
            "X-TC-Action": ACTION,
            "X-TC-Version": VERSION,
            "X-TC-Region": self._config.region,
            "X-TC-Timestamp": str(at),
            "Authorization": authorization(
                self._config.secret_id, self._config.secret_key, SERVICE, at, signed, payload
            ),
        }

    async def fetch(self, media: Media) -> bytes:
        raise Refused("Tencent: messages carry no files", "no_media")

    async def close(self) -> None:
        await self._door.close()
        await self._http.close()


def authorization(key: str, secret: str, service: str, at: int, signed: dict[str, str], payload: str) -> str:
    """The TC3 header; `signed` holds the headers that are signed, in the order of their names."""
    day = datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d")
    names, lines = ";".join(signed), "".join(f"{name}:{value}\n" for name, value in signed.items())
    canonical = "\n".join(["POST", "/", "", lines, names, _sha256(payload)])
    scope = f"{day}/{service}/tc3_request"
    derived = f"TC3{secret}".encode()
    for step in (day, service, "tc3_request"):
        derived = hmac.new(derived, step.encode(), "sha256").digest()
    text = "\n".join([ALGORITHM, str(at), scope, _sha256(canonical)])
    signature = hmac.new(derived, text.encode(), "sha256").hexdigest()
    return f"{ALGORITHM} Credential={key}/{scope}, SignedHeaders={names}, Signature={signature}"


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _read(raw: Any) -> Inbound | Report:
    """Replies come one by one, reports as a list; only a report has `report_status`."""
    if isinstance(raw, dict) and "report_status" in raw:
        status = tame(_Status, raw, "Tencent")
        return Report(NAME, status.sid, ok=status.report_status == "SUCCESS", code=status.errmsg)
    if isinstance(raw, dict) and "text" in raw:
        return _inbound(tame(_Reply, raw, "Tencent"))
    raise BadPush("Tencent: body: neither `text` of a reply nor `report_status` of a report")


def _inbound(reply: _Reply) -> Inbound:
    sender = e164(reply.mobile, "Tencent", "mobile", reply.nationcode)
    words = hashlib.sha256(reply.text.encode()).hexdigest()[:16]  # replies have no id
    return Inbound(
        channel=NAME,
        provider_id=ProviderId(f"{sender}:{reply.time}:{reply.extend}:{words}"),
        sender=sender,
        sent_at=datetime.fromtimestamp(reply.time, UTC),
        text=reply.text,
        event=event_of(reply.text),
        account=reply.extend,
    )


def _sent(found: JsonObject) -> Sent:
    response = found.get("Response")
    if not isinstance(response, dict):
        raise TryLater("Tencent answered without a Response")
    if isinstance(error := response.get("Error"), dict):
        raise _error(str(error.get("Code", "")))
    statuses = response.get("SendStatusSet")
    if not isinstance(statuses, list) or not statuses or not isinstance(statuses[0], dict):
        raise TryLater("Tencent answered without a SendStatusSet")
    if statuses[0].get("Code") != "Ok":
        raise _error(str(statuses[0].get("Code", "")))
    return Sent(ref=str(statuses[0].get("SerialNo", "")))


def _error(code: str) -> TryLater | Refused:
    what = f"Tencent refused with {code}"
    if code.startswith(OURS):
        log.error("Tencent refuses our account, signature or template with %s", code)
        return TryLater(what, code, after=300)
    if code in LATER or code.startswith(("RequestLimitExceeded", "InternalError", "ResourceUnavailable")):
        return TryLater(what, code, LATER.get(code))
    return Refused(what, code)
