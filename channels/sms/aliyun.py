"""Aliyun: unsigned JSON pushes behind a secret path in, SendSms signed with ACS3-HMAC-SHA256 out."""

from __future__ import annotations

import hashlib
import hmac
import json
import logging
import re
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote, urlsplit

from aiohttp import web
from pydantic import Field
from yarl import URL

from channels.base import (
    BadPush,
    ChannelName,
    Inbound,
    Intake,
    Media,
    Outbound,
    OutboxId,
    ProviderId,
    Refused,
    Report,
    Sent,
    TryLater,
)
from channels.outgoing import Outgoing
from channels.sms.base import (
    Id,
    china_time,
    e164,
    event_of,
    filled_template,
    sms_limits,
    template_codes,
    webhook,
)
from channels.wild import Door, Text, Wild, tame

log = logging.getLogger(__name__)

NAME = ChannelName("sms/aliyun")
PATH = "/channels/sms/aliyun/{secret}"
ACKNOWLEDGED = {"code": 0, "msg": "接收成功"}
ALGORITHM = "ACS3-HMAC-SHA256"
MARK = "lianxin-"  # others may send through the same account and number theirs too

LATER: dict[str, float | None] = {
    "isv.BUSINESS_LIMIT_CONTROL": 3600,  # this number had its share for the hour or day
    "isv.DAY_LIMIT_CONTROL": 3600,
    "isv.MONTH_LIMIT_CONTROL": 3600,
    "isp.SYSTEM_ERROR": None,
    "isp.GATEWAY_ERROR": None,
}
OURS = (
    "InvalidAccessKeyId", "SignatureDoesNotMatch", "InvalidTimeStamp", "Forbidden", "isp.RAM_PERMISSION_DENY",
    "isv.ACCOUNT_ABNORMAL", "isv.ACCOUNT_NOT_EXISTS", "isv.AMOUNT_NOT_ENOUGH", "isv.OUT_OF_SERVICE",
    "isv.PRODUCT_UN_SUBSCRIPT", "isv.SMS_SIGNATURE_ILLEGAL", "isv.SMS_TEMPLATE_ILLEGAL",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class AliyunConfig:
    """`templates` as `name=code` pairs: receipt=SMS_1,status=SMS_2,continue=SMS_3 …"""

    secret: str = field(repr=False)  # last part of the webhook's path
    access_key_id: str
    access_key_secret: str = field(repr=False)
    sign_name: str
    templates: str = ""
    free_text: bool = False
    api_url: str = "https://dysmsapi.aliyuncs.com"


class _Up(Wild):
    phone_number: Id
    content: Text
    send_time: Id
    sequence_id: Id = Field(min_length=1, max_length=64)
    dest_code: Id = Field("", max_length=64)


class _Report(Wild):
    biz_id: Id = Field(min_length=1, max_length=64)
    success: bool
    err_code: Text = Field("", max_length=64)
    out_id: Id = ""


class Aliyun:
    """Implements `channels.base.Channel`."""

    def __init__(
        self, config: AliyunConfig, clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self.name = NAME
        self._config, self._clock = config, clock
        self._codes = template_codes(config.templates, config.free_text)
        self.limits = sms_limits(config.free_text, self._codes)
        self._http = Outgoing("Aliyun")
        self._door = Door("Aliyun")

    def routes(self, intake: Intake) -> Sequence[web.AbstractRouteDef]:
        handler = webhook(self._door, intake, self._config.secret, _read, ACKNOWLEDGED)
        return [web.post(PATH, self._door(handler))]

    async def send(self, message: Outbound) -> Sent:
        code, values = filled_template(message, self._codes, self._config.free_text, "Aliyun")
        query = {
            "PhoneNumbers": message.to.removeprefix("+86").removeprefix("+"),
            "SignName": self._config.sign_name,
            "TemplateCode": code,
            "TemplateParam": json.dumps(values, ensure_ascii=False),
            "OutId": f"{MARK}{message.id}",
        }
        url = urlsplit(self._config.api_url)
        request = Signed(
            host=url.netloc, path=url.path or "/", query=query, action="SendSms", version="2017-05-25"
        )
        key, secret = self._config.access_key_id, self._config.access_key_secret
        headers = request.headers(key, secret, self._clock(), secrets.token_hex(16))
        # As it was signed: left to itself, the client would write some escapes in another way.
        address = URL(f"{url.scheme}://{url.netloc}{request.path}?{request.query_string}", encoded=True)
        answer = await self._http.call("POST", address, headers=headers)
        found = answer.json("Aliyun")
        if found.get("Code") != "OK":
            raise _error(str(found.get("Code", answer.status)))
        return Sent(ref=str(found.get("BizId", "")))

    async def fetch(self, media: Media) -> bytes:
        raise Refused("Aliyun: messages carry no files", "no_media")

    async def close(self) -> None:
        await self._door.close()
        await self._http.close()


@dataclass(frozen=True, slots=True)
class Signed:
    """A request in the shape that ACS3 signs: everything in the query, nothing in the body."""

    host: str
    path: str
    query: Mapping[str, str]
    action: str
    version: str

    @property
    def query_string(self) -> str:
        return "&".join(f"{_quoted(name)}={_quoted(value)}" for name, value in sorted(self.query.items()))

    def headers(self, key: str, secret: str, at: datetime, nonce: str) -> dict[str, str]:
        signed = {
            "host": self.host,
            "x-acs-action": self.action,
            "x-acs-content-sha256": _sha256(""),
            "x-acs-date": at.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "x-acs-signature-nonce": nonce,
            "x-acs-version": self.version,
        }
        names = ";".join(signed)
        lines = "".join(f"{name}:{value}\n" for name, value in signed.items())
        canonical = "\n".join(
            ["POST", self.path, self.query_string, lines, names, signed["x-acs-content-sha256"]]
        )
        signature = hmac.new(
            secret.encode(), f"{ALGORITHM}\n{_sha256(canonical)}".encode(), "sha256"
        ).hexdigest()
        return {
            **signed,
            "Authorization": f"{ALGORITHM} Credential={key},SignedHeaders={names},Signature={signature}",
        }


def _quoted(text: str) -> str:
    return quote(text, safe="-_.~")


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _read(raw: Any) -> Inbound | Report:
    """Messages and reports may come to the same address; only a message has `content`."""
    if isinstance(raw, dict) and "content" in raw:
        return _inbound(tame(_Up, raw, "Aliyun"))
    if isinstance(raw, dict) and "success" in raw:
        report = tame(_Report, raw, "Aliyun")
        outbox = _outbox(report.out_id)
        return Report(NAME, report.biz_id, ok=report.success, code=report.err_code, outbox=outbox)
    raise BadPush("Aliyun: body: neither `content` of a message nor `success` of a report")


def _outbox(out_id: str) -> OutboxId | None:
    found = re.fullmatch(rf"{MARK}(\d{{1,18}})", out_id, re.ASCII)
    return OutboxId(int(found[1])) if found else None


def _inbound(up: _Up) -> Inbound:
    sender = e164(up.phone_number, "Aliyun", "phone_number")
    return Inbound(
        channel=NAME,
        provider_id=ProviderId(f"{up.sequence_id}:{sender}"),
        sender=sender,
        sent_at=china_time(up.send_time, "Aliyun", "send_time"),
        text=up.content,
        event=event_of(up.content),
        account=up.dest_code,
    )


def _error(code: str) -> TryLater | Refused:
    what = f"Aliyun refused with {code}"
    if code.startswith(OURS):
        log.error("Aliyun refuses our account, signature or template with %s", code)
        return TryLater(what, code, after=300)
    if code in LATER or code.startswith(("Throttling", "ServiceUnavailable", "InternalError")):
        return TryLater(what, code, LATER.get(code))
    return Refused(what, code)
