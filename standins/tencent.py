"""Tencent's SendSms, which checks TC3 signatures and templates, and a phone that answers it."""

from __future__ import annotations

import hashlib
import hmac
import json
import re
import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from types import MappingProxyType
from typing import Any

from aiohttp import web

from standins.base import Answered, Outlet, post

ALGORITHM = "TC3-HMAC-SHA256"
MUST_SIGN = {"content-type", "host"}
E164 = re.compile(r"\+[1-9]\d{6,14}")
VARIABLE = re.compile(r"\{(\d+)\}")
CHINA = timezone(timedelta(hours=8))

# Approved templates for trying the house, and the setting that names them.
TEMPLATES: Mapping[str, str] = MappingProxyType(
    {
        "1001": "您反映的{3}已受理，工单号{1}，查询码{2}，{4}前答复您。",
        "1002": "工单{1}目前：{2}。",
        "1003": "一条短信说不清，请点这里接着说：{1}",
        "1004": "您的请求（{1}）已转人工，工作人员会尽快联系您。",
        "1005": "请马上拨打{1}！您的求助已收到，值班人员正在处理。",
    }
)
SETTING = "receipt=1001,status=1002,continue=1003,person=1004,alarm=1005"


class Refusal(Exception):
    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True, slots=True)
class Texted:
    sid: str
    phone: str


class TencentStandIn:
    """One account with one application, one signature and its approved templates."""

    def __init__(
        self,
        secret_id: str,
        secret_key: str,
        sdk_app_id: str,
        sign_name: str,
        templates: Mapping[str, str] = TEMPLATES,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._id, self._key = secret_id, secret_key
        self.sdk_app_id, self.sign_name = sdk_app_id, sign_name
        self.templates, self.clock = templates, clock
        self.outlet = Outlet()
        self.taken: dict[str, Texted] = {}
        self.fail_next: list[str] = []

    def app(self) -> web.Application:
        app = web.Application()
        app.add_routes([web.post("", self._call), web.post("/", self._call)])
        return app

    async def _call(self, request: web.Request) -> web.Response:
        """Every answer is a 200; errors are inside."""
        said: dict[str, object] = {"RequestId": secrets.token_hex(16)}
        try:
            body = await request.read()
            self._authenticate(request, body)
            said["SendStatusSet"] = [
                self._status(phone, wish) for wish in [_wish(body)] for phone in wish["PhoneNumberSet"]
            ]
        except Refusal as refusal:
            said["Error"] = {"Code": refusal.code, "Message": str(refusal)}
        return web.json_response({"Response": said})

    def _authenticate(self, request: web.Request, body: bytes) -> None:
        headers = request.headers
        if (headers.get("X-TC-Action"), headers.get("X-TC-Version")) != ("SendSms", "2021-01-11"):
            raise Refusal("InvalidAction", "The request action is invalid.")
        if not headers.get("X-TC-Region"):
            raise Refusal("MissingParameter", "The request is missing the parameter `Region`.")
        found = re.fullmatch(
            rf"{ALGORITHM} Credential=([^/]+)/([\d-]+)/sms/tc3_request, "
            r"SignedHeaders=([^,]+), Signature=([0-9a-f]+)",
            headers.get("Authorization", ""),
        )
        if found is None:
            raise Refusal("AuthFailure.InvalidAuthorization", "The authorization is malformed.")
        key, day, names, signature = found.groups()
        if key != self._id:
            raise Refusal("AuthFailure.SecretIdNotFound", "The SecretId is not found.")
        at = headers.get("X-TC-Timestamp", "")
        if not at.isdigit() or abs(int(at) - self.clock()) > 300:
            raise Refusal("AuthFailure.SignatureExpire", "The signature is expired.")
        today = datetime.fromtimestamp(int(at), UTC).strftime("%Y-%m-%d")
        expected = self._signature(request, body, names.split(";"), at, day)
        covered = set(names.split(";")) >= MUST_SIGN and day == today
        if not covered or not hmac.compare_digest(expected, signature):
            raise Refusal("AuthFailure.SignatureFailure", "The provided credentials could not be validated.")

    def _signature(self, request: web.Request, body: bytes, signed: list[str], at: str, day: str) -> str:
        lines = "".join(f"{name}:{request.headers.get(name, '').strip().lower()}\n" for name in signed)
        canonical = "\n".join(["POST", "/", "", lines, ";".join(signed), hashlib.sha256(body).hexdigest()])
        hashed = hashlib.sha256(canonical.encode()).hexdigest()
        text = f"{ALGORITHM}\n{at}\n{day}/sms/tc3_request\n{hashed}"
        key = f"TC3{self._key}".encode()
        for part in (day, "sms", "tc3_request"):
            key = hmac.digest(key, part.encode(), "sha256")
        return hmac.digest(key, text.encode(), "sha256").hex()

    def _status(self, phone: str, wish: dict[str, Any]) -> dict[str, object]:
        sid = f"{secrets.randbelow(10)}:{secrets.randbelow(10**20)}"
        try:
            text = self._rendered(phone, wish)
        except Refusal as refusal:
            return {
                "PhoneNumber": phone,
                "SerialNo": "",
                "Fee": 0,
                "Code": refusal.code,
                "Message": str(refusal),
            }
        self.taken[sid] = Texted(sid, phone)
        self.outlet.put(phone, text, "sms", ref=sid)
        context = wish.get("SessionContext", "")
        return {
            "PhoneNumber": phone, "SerialNo": sid, "Fee": 1, "SessionContext": context, "Code": "Ok",
            "Message": "send success", "IsoCode": "CN",
        }  # fmt: skip

    def _rendered(self, phone: str, wish: dict[str, Any]) -> str:
        if self.fail_next:
            raise Refusal(self.fail_next.pop(0), "the phone number had its share")
        if wish.get("SmsSdkAppId") != self.sdk_app_id:
            raise Refusal("InvalidParameterValue.SdkAppIdNotExist", "SmsSdkAppId does not exist")
        if wish.get("SignName") != self.sign_name:
            raise Refusal("FailedOperation.SignatureIncorrectOrUnapproved", "signature is not approved")
        template = self.templates.get(str(wish.get("TemplateId")))
        if template is None:
            raise Refusal("FailedOperation.TemplateIncorrectOrUnapproved", "template is not approved")
        if not E164.fullmatch(phone):
            raise Refusal("InvalidParameterValue.IncorrectPhoneNumber", "incorrect phone number")
        values = wish.get("TemplateParamSet", [])
        if len(values) != len(set(VARIABLE.findall(template))):
            raise Refusal("InvalidParameterValue.TemplateParameterFormatError", "wrong number of parameters")
        return f"【{self.sign_name}】{VARIABLE.sub(lambda found: str(values[int(found[1]) - 1]), template)}"


def _wish(body: bytes) -> dict[str, Any]:
    try:
        wish = json.loads(body)
    except (ValueError, RecursionError):
        raise Refusal("InvalidParameter", "The request body is no JSON.") from None
    if not isinstance(wish, dict) or not isinstance(wish.get("PhoneNumberSet"), list):
        raise Refusal("MissingParameter", "The request is missing the parameter `PhoneNumberSet`.")
    return wish


class TencentPhone:
    """A phone; what it texts, Tencent pushes to `webhook`, whose last part is the secret."""

    def __init__(self, standin: TencentStandIn, webhook: str, number: str) -> None:
        self.standin, self.webhook, self.number = standin, webhook, number

    async def say(self, text: str) -> Answered:
        return await self.push(self.message(text))

    def message(self, text: str) -> dict[str, object]:
        return {
            "extend": "01", "mobile": self.number.removeprefix("+86"), "nationcode": "86",
            "sign": self.standin.sign_name, "text": text, "time": int(self.standin.clock()),
        }  # fmt: skip

    async def report(self, sid: str, ok: bool = True, code: str = "DELIVRD") -> Answered:
        texted, now = self.standin.taken[sid], datetime.now(CHINA).strftime("%Y-%m-%d %H:%M:%S")
        item = {
            "user_receive_time": now, "nationcode": "86", "mobile": texted.phone.removeprefix("+86"),
            "report_status": "SUCCESS" if ok else "FAIL", "errmsg": code, "sid": sid,
            "description": "用户短信送达成功" if ok else "用户短信接收失败",
        }  # fmt: skip
        return await self.push([item])

    async def push(self, value: Any) -> Answered:
        body = json.dumps(value, ensure_ascii=False).encode()
        return await post(self.webhook, data=body, headers={"Content-Type": "application/json"})
