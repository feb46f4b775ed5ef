"""A citizen's phone with WeChat: signs, encrypts and sends pushes as WeChat's servers do, hangs up after five
seconds, comes three times, and shows the passive reply or the error that a citizen would see."""

from __future__ import annotations

import itertools
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import urlencode
from xml.parsers.expat import ExpatError
from xml.sax.saxutils import escape

import xmltodict
from wechatpy.crypto import WeChatCrypto
from wechatpy.exceptions import WeChatException
from wechatpy.utils import WeChatSigner

from standins.base import Answered, Delivery, post
from standins.wechat import TEXT_CAP, WeChatStandIn

Mode = Literal["plain", "compatible", "safe"]

HANGS_UP_AFTER = 5.0
ATTEMPTS = 3
FAULT = "该公众号提供的服务出现故障，请稍后再试"

_ids = itertools.count(24_000_000_000_000_000)


@dataclass(frozen=True, slots=True)
class Account:
    """The account as it is set up at WeChat."""

    push_url: str
    token: str
    appid: str
    aes_key: str = ""
    mode: Mode = "plain"
    name: str = "gh_lianxin"


@dataclass(frozen=True, slots=True)
class Pushed:
    """`reply` is the passive answer, or the error shown; None after "success"."""

    answered: Answered
    reply: Delivery | None


class WeChatPhone:
    def __init__(
        self, standin: WeChatStandIn, account: Account, openid: str, patience: float = HANGS_UP_AFTER
    ) -> None:
        self.standin, self.account, self.openid = standin, account, openid
        self.patience = patience

    # what a citizen can do

    async def say(self, text: str) -> Pushed:
        return await self.push(self.message("text", Content=text))

    async def choose(self, option: str, label: str) -> Pushed:
        return await self.push(self.message("text", Content=label, bizmsgmenuid=option))

    async def show(self, data: bytes, mime: str = "image/jpeg") -> Pushed:
        media_id = self.standin.keep(data, mime)
        return await self.push(self.message("image", PicUrl="http://mmbiz.qpic.cn/x", MediaId=media_id))

    async def speak(self, data: bytes, recognition: str = "") -> Pushed:
        heard = {"Recognition": recognition} if recognition else {}
        media_id = self.standin.keep(data, "audio/amr")
        return await self.push(self.message("voice", MediaId=media_id, Format="amr", **heard))

    async def film(self, data: bytes) -> Pushed:
        media_id = self.standin.keep(data, "video/mp4")
        return await self.push(self.message("video", MediaId=media_id, ThumbMediaId="thumb"))

    async def point(self, latitude: float, longitude: float, label: str = "") -> Pushed:
        where = {"Location_X": str(latitude), "Location_Y": str(longitude), "Scale": "16", "Label": label}
        return await self.push(self.message("location", **where))

    async def follow(self, scene: str = "") -> Pushed:
        scanned = {"EventKey": f"qrscene_{scene}", "Ticket": "ticket"} if scene else {"EventKey": ""}
        return await self.push(self.event("subscribe", **scanned))

    async def leave(self) -> Pushed:
        self.standin.left(self.openid)
        return await self.push(self.event("unsubscribe", EventKey=""))

    async def scan(self, scene: str) -> Pushed:
        return await self.push(self.event("SCAN", EventKey=scene, Ticket="ticket"))

    async def click(self, key: str) -> Pushed:
        return await self.push(self.event("CLICK", EventKey=key))

    # what WeChat makes of it

    def message(self, kind: str, **more: str) -> dict[str, str]:
        return {**self._head(kind), **more, "MsgId": str(next(_ids))}

    def event(self, event: str, **more: str) -> dict[str, str]:
        return {**self._head("event"), "Event": event, **more}

    def _head(self, kind: str) -> dict[str, str]:
        return {
            "ToUserName": self.account.name,
            "FromUserName": self.openid,
            "CreateTime": str(int(self.standin.clock())),
            "MsgType": kind,
        }

    async def push(self, fields: Mapping[str, str]) -> Pushed:
        """Send until answered, at most three times; then the citizen sees an error."""
        event = fields.get("Event", "").lower()
        if event != "unsubscribe":
            self.standin.heard(self.openid, tap=bool(event))
        answered = Answered(0)
        for attempt in range(1, ATTEMPTS + 1):
            answered = await self.send_once(fields)
            if answered.status == 200:
                answered = Answered(200, answered.body, attempt)
                break
        return Pushed(answered, self._shown(answered, mute=event in ("unsubscribe", "view", "location")))

    async def send_once(self, fields: Mapping[str, str]) -> Answered:
        url, body = self.sealed(fields)
        headers = {"Content-Type": "text/xml"}
        return await post(url, data=body.encode(), headers=headers, patience=self.patience)

    def sealed(self, fields: Mapping[str, str]) -> tuple[str, str]:
        """Address and body of a push in the account's mode."""
        at, nonce = str(int(time.time())), str(secrets.randbelow(10**10))
        query = {
            "signature": _signature(self.account.token, at, nonce),
            "timestamp": at,
            "nonce": nonce,
            "openid": self.openid,
        }
        body = _xml(fields)
        if self.account.mode != "plain":
            encrypted = self._encrypt(body, nonce, at)
            query |= {
                "encrypt_type": "aes",
                "msg_signature": _signature(self.account.token, at, nonce, encrypted),
            }
            open_part = fields if self.account.mode == "compatible" else {"ToUserName": self.account.name}
            body = _xml({**open_part, "Encrypt": encrypted})
        return f"{self.account.push_url}?{urlencode(query)}", body

    def _crypto(self) -> WeChatCrypto:
        return WeChatCrypto(self.account.token, self.account.aes_key, self.account.appid)

    def _encrypt(self, body: str, nonce: str, at: str) -> str:
        return str(xmltodict.parse(self._crypto().encrypt_message(body, nonce, at))["xml"]["Encrypt"])

    def _shown(self, answered: Answered, mute: bool) -> Delivery | None:
        if mute or (answered.status == 200 and answered.body in ("", "success")):
            return None
        try:
            text = self.read_reply(answered.body) if answered.status == 200 else ""
        except (ValueError, KeyError, TypeError, ExpatError, WeChatException):
            text = ""
        if not text:
            return self.standin.outlet.put(self.openid, FAULT, "error")
        self.standin.typing.discard(self.openid)
        return self.standin.outlet.put(self.openid, text, "passive")

    def read_reply(self, body: str) -> str:
        """The text of a passive reply: encrypted exactly when the pushes are, and addressed to this phone."""
        raw: dict[str, Any] = xmltodict.parse(body)["xml"]
        if self.account.mode == "plain" and "Encrypt" in raw:
            raise ValueError("encrypted reply to a plain push")
        if self.account.mode != "plain":
            signed = (raw["MsgSignature"], raw["TimeStamp"], raw["Nonce"])
            raw = xmltodict.parse(self._crypto().decrypt_message(body, *signed))["xml"]
        if (raw["ToUserName"], raw["FromUserName"]) != (self.openid, self.account.name):
            raise ValueError("addressed to somebody else")
        if raw["MsgType"] != "text" or not 0 < len(raw["Content"].encode()) <= TEXT_CAP:
            raise ValueError("no text, or too long")
        return str(raw["Content"])


def _signature(*parts: str) -> str:
    signer = WeChatSigner()
    signer.add_data(*parts)
    return str(signer.signature)


def _xml(fields: Mapping[str, str]) -> str:
    """CDATA where it can be, as WeChat writes it."""
    written = (
        f"<{name}>{escape(value) if ']]>' in value else f'<![CDATA[{value}]]>'}</{name}>"
        for name, value in fields.items()
    )
    return f"<xml>{''.join(written)}</xml>"
