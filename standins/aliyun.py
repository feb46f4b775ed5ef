"""Aliyun's SendSms, which checks ACS3 signatures and templates, and a phone that answers it."""

from __future__ import annotations

import hashlib
import hmac
import itertools
import json
import re
import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from types import MappingProxyType
from typing import Any, Literal
from urllib.parse import quote

from aiohttp import web

from standins.base import Answered, Outlet, post

ALGORITHM = "ACS3-HMAC-SHA256"
MUST_SIGN = {
    "host",
    "x-acs-action",
    "x-acs-content-sha256",
    "x-acs-date",
    "x-acs-signature-nonce",
    "x-acs-version",
}
MOBILE = re.compile(r"1[3-9]\d{9}")
VARIABLE = re.compile(r"\$\{(\w+)\}")
CHINA = timezone(timedelta(hours=8))
Shape = Literal["current", "older", "2017", "mns"]

# Approved templates for trying the house, and the setting that names them.
TEMPLATES: Mapping[str, str] = MappingProxyType(
    {
        "SMS_1": "您反映的${service}已受理，工单号${number}，查询码${code}，${deadline}前答复您。",
        "SMS_2": "工单${number}目前：${state}。",
        "SMS_3": "一条短信说不清，请点这里接着说：${link}",
        "SMS_4": "您的请求（${number}）已转人工，工作人员会尽快联系您。",
        "SMS_5": "请马上拨打${call}！您的求助已收到，值班人员正在处理。",
    }
)
SETTING = "receipt=SMS_1,status=SMS_2,continue=SMS_3,person=SMS_4,alarm=SMS_5"

_sequence = itertools.count(1_234_567_890)


class Refusal(Exception):
    """Gateway errors have an HTTP status of their own, business errors come with 200."""

    def __init__(self, code: str, message: str, status: int = 200) -> None:
        super().__init__(message)
        self.code, self.status = code, status


@dataclass(frozen=True, slots=True)
class Texted:
    biz_id: str
    phone: str
    out_id: str


class AliyunStandIn:
    """One account with one signature and its approved templates."""

    def __init__(
        self,
        access_key_id: str,
        access_key_secret: str,
        sign_name: str,
        templates: Mapping[str, str] = TEMPLATES,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.access_key_id, self._secret = access_key_id, access_key_secret
        self.sign_name, self.templates, self.clock = sign_name, templates, clock
        self.outlet = Outlet()
        self.taken: dict[str, Texted] = {}
        self.fail_next: list[str] = []
        self._nonces: set[str] = set()

    def app(self) -> web.Application:
        app = web.Application()
        app.add_routes([web.post("", self._call), web.post("/", self._call)])
        return app

    async def _call(self, request: web.Request) -> web.Response:
        try:
            await self._authenticate(request)
            texted = self._send(dict(request.query))
        except Refusal as refusal:
            said = {"Code": refusal.code, "Message": str(refusal), "RequestId": _request_id()}
            if refusal.status != 200:
                said |= {"HostId": request.host, "Recommend": "https://api.aliyun.com/troubleshoot"}
            return web.json_response(said, status=refusal.status)
        return web.json_response(
            {"Code": "OK", "Message": "OK", "BizId": texted.biz_id, "RequestId": _request_id()}
        )

    async def _authenticate(self, request: web.Request) -> None:
        found = re.fullmatch(
            rf"{ALGORITHM} Credential=([^,]+),\s*SignedHeaders=([^,]+),\s*Signature=([0-9a-f]{{64}})",
            request.headers.get("Authorization", ""),
        )
        if found is None:
            raise Refusal("MissingAuthorization", "Authorization is mandatory for this action.", 400)
        key, names, signature = found.groups()
        if key != self.access_key_id:
            raise Refusal("InvalidAccessKeyId.NotFound", "Specified access key is not found.", 404)
        signed = names.split(";")
        must = MUST_SIGN | ({"content-type"} if "Content-Type" in request.headers else set())
        if not must <= set(signed) or hashlib.sha256(await request.read()).hexdigest() != request.headers.get(
            "x-acs-content-sha256"
        ):
            raise Refusal("IncompleteSignature", "The signature does not cover the request.", 400)
        if not hmac.compare_digest(self._signature(request, signed), signature):
            raise Refusal(
                "SignatureDoesNotMatch", "Specified signature is not matched with our calculation.", 400
            )
        self._fresh(request)

    def _signature(self, request: web.Request, signed: list[str]) -> str:
        query = "&".join(
            f"{quote(name, safe='-_.~')}={quote(value, safe='-_.~')}"
            for name, value in sorted(request.query.items())
        )
        lines = "".join(f"{name}:{request.headers.get(name, '').strip()}\n" for name in signed)
        parts = [
            request.method, request.rel_url.raw_path, query, lines, ";".join(signed),
            request.headers.get("x-acs-content-sha256", ""),
        ]  # fmt: skip
        hashed = hashlib.sha256("\n".join(parts).encode()).hexdigest()
        return hmac.new(self._secret.encode(), f"{ALGORITHM}\n{hashed}".encode(), "sha256").hexdigest()

    def _fresh(self, request: web.Request) -> None:
        try:
            at = datetime.strptime(request.headers["x-acs-date"], "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
        except ValueError:
            raise Refusal(
                "InvalidTimeStamp.Format", "Specified time stamp is not well formatted.", 400
            ) from None
        if abs(at.timestamp() - self.clock()) > 15 * 60:
            raise Refusal("InvalidTimeStamp.Expired", "Specified time stamp or date value is expired.", 400)
        nonce = request.headers["x-acs-signature-nonce"]
        if nonce in self._nonces:
            raise Refusal("SignatureNonceUsed", "Specified signature nonce was used already.", 400)
        self._nonces.add(nonce)

    def _send(self, query: dict[str, str]) -> Texted:
        if self.fail_next:
            raise Refusal(self.fail_next.pop(0), "触发云通信流控限制")
        if query.get("SignName") != self.sign_name:
            raise Refusal("isv.SMS_SIGNATURE_ILLEGAL", "短信签名不合法")
        template = self.templates.get(query.get("TemplateCode", ""))
        if template is None:
            raise Refusal("isv.SMS_TEMPLATE_ILLEGAL", "短信模板不合法")
        phone = query.get("PhoneNumbers", "")
        if not MOBILE.fullmatch(phone):
            raise Refusal("isv.MOBILE_NUMBER_ILLEGAL", "非法手机号")
        text = f"【{self.sign_name}】{_rendered(template, query.get('TemplateParam', '{}'))}"
        texted = Texted(f"{secrets.randbelow(10**12)}^0", phone, query.get("OutId", ""))
        self.taken[texted.biz_id] = texted
        self.outlet.put(f"+86{phone}", text, "sms", ref=texted.biz_id)
        return texted


def _rendered(template: str, parameters: str) -> str:
    try:
        values = json.loads(parameters)
    except ValueError:
        raise Refusal("isv.INVALID_JSON_PARAM", "参数格式错误，请修改为字符串值") from None
    if not isinstance(values, dict) or not all(isinstance(value, str) for value in values.values()):
        raise Refusal("isv.INVALID_JSON_PARAM", "参数格式错误，请修改为字符串值")
    if not set(VARIABLE.findall(template)) <= set(values):
        raise Refusal("isv.TEMPLATE_MISSING_PARAMETERS", "模板缺少变量")
    return VARIABLE.sub(lambda found: str(values[found[1]]), template)


class AliyunPhone:
    """A mainland phone; what it texts, Aliyun pushes to `webhook`, whose last part is the secret."""

    def __init__(self, standin: AliyunStandIn, webhook: str, number: str) -> None:
        self.standin, self.webhook, self.number = standin, webhook, number

    async def say(self, text: str, shape: Shape = "current") -> Answered:
        return await self.push(self.message(text, shape))

    def message(self, text: str, shape: Shape = "current") -> Any:
        """The body of a push, as it was at different times and through the message queue."""
        now, number = datetime.now(CHINA), self.number.removeprefix("+86")
        sequence = next(_sequence)
        item: dict[str, object] = {
            "phone_number": number,
            "content": text,
            "send_time": now.strftime("%Y%m%d%H%M%S" if shape == "2017" else "%Y-%m-%d %H:%M:%S"),
            "dest_code": "106812345",
            "sequence_id": str(sequence) if shape == "current" else sequence,
        }
        if shape in ("older", "2017"):
            item["sign_name"] = self.standin.sign_name
        if shape == "mns":
            return item | {"sequence_id": float(sequence)}
        return [item]

    async def report(self, biz_id: str, ok: bool = True, code: str = "DELIVERED") -> Answered:
        texted, now = self.standin.taken[biz_id], datetime.now(CHINA).strftime("%Y-%m-%d %H:%M:%S")
        item = {
            "phone_number": texted.phone, "send_time": now, "report_time": now, "success": ok,
            "err_code": code, "err_msg": "用户接收成功" if ok else "发送失败", "sms_size": "1",
            "biz_id": biz_id, "out_id": texted.out_id,
        }  # fmt: skip
        return await self.push([item])

    async def push(self, value: Any) -> Answered:
        body = json.dumps(value, ensure_ascii=False).encode()
        return await post(self.webhook, data=body, headers={"Content-Type": "application/json"})


def _request_id() -> str:
    return secrets.token_hex(16).upper()
