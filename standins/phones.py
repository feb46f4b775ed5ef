"""The phones of one newcomer on /try: a WeChat phone, and one number that may text through any SMS provider.

Everything that is said and delivered lands in one numbered list, with the facts of its journey beside it.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Coroutine, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal, Protocol

from standins.aliyun import AliyunPhone, AliyunStandIn
from standins.base import Answered, Delivery, Outlet, post
from standins.journey import NAMES, PROOFS, Provider, sms_facts, template, verdict
from standins.tencent import TencentPhone, TencentStandIn
from standins.twilio import TwilioPhone, TwilioStandIn
from standins.wechat import PER_MESSAGE, WeChatStandIn
from standins.wechat_phone import Account, Pushed, WeChatPhone

Event = dict[str, Any]
Wire = dict[str, str]
KEPT = 400
RECEIPT_AFTER = 1.0


class Accounts(Protocol):
    """The settings as far as the providers need them."""

    @property
    def port(self) -> int: ...
    @property
    def url(self) -> str: ...
    @property
    def wechat_appid(self) -> str: ...
    def text(self, name: str) -> str: ...


@dataclass(frozen=True, slots=True)
class Doors:
    """The stand-ins, and the accounts that house and stand-ins agreed on."""

    wechat: WeChatStandIn
    twilio: TwilioStandIn
    aliyun: AliyunStandIn
    tencent: TencentStandIn
    settings: Accounts

    def webhook(self, path: str) -> str:
        """Providers push to where the house listens, whatever name citizens know it by."""
        return f"http://127.0.0.1:{self.settings.port}/channels/{path}"

    def outlet(self, provider: Provider) -> Outlet:
        match provider:
            case "twilio":
                return self.twilio.outlet
            case "aliyun":
                return self.aliyun.outlet
            case "tencent":
                return self.tencent.outlet


class Phones:
    def __init__(self, doors: Doors, openid: str, number: str) -> None:
        self.doors, self.number = doors, number
        settings = doors.settings
        key = settings.text("wechat_aes_key")
        account = Account(
            push_url=doors.webhook("wechat"),
            token=settings.text("wechat_token"),
            appid=settings.wechat_appid,
            aes_key=key,
            mode="safe" if key else "plain",
        )
        self._wechat = WeChatPhone(doors.wechat, account, openid)
        self._log: list[Event] = []
        self._count = 0
        self._rung = asyncio.Event()
        self._collecting = asyncio.Lock()
        self._seen = {id(outlet): 0 for outlet in self._outlets}
        self._typing = False
        self._receipts: set[asyncio.Task[None]] = set()

    # what the newcomer does

    async def say(self, text: str) -> None:
        await self._push(self._wechat.say(text), text)

    async def choose(self, option: str, label: str) -> None:
        await self._push(self._wechat.choose(option, label), label)

    async def show(self, data: bytes, mime: str) -> None:
        await self._push(self._wechat.show(data, mime), "", image=True)

    async def point(self, latitude: float, longitude: float, label: str) -> None:
        place = label or f"{latitude:.4f}, {longitude:.4f}"
        await self._push(self._wechat.point(latitude, longitude, label), f"[位置] {place}")

    async def happen(self, event: Literal["subscribe", "unsubscribe"]) -> None:
        subscribing = event == "subscribe"
        what = "[关注公众号]" if subscribing else "[取消关注]"
        await self._push(self._wechat.follow() if subscribing else self._wechat.leave(), what)

    async def text(self, provider: Provider, text: str) -> None:
        """An SMS to the house's number at this provider."""
        await self.collect()
        event = self._add("sms", "citizen", text, provider=provider)
        answered = await self._texted(provider, text)
        self._know(event, sms_facts(provider, text), verdict(answered, PROOFS[provider]))

    async def _texted(self, provider: Provider, text: str) -> Answered:
        doors, secret = self.doors, self.doors.settings.text
        match provider:
            case "twilio":
                phone = TwilioPhone(doors.twilio, f"{doors.settings.url}/channels/sms/twilio", self.number)
                form = phone.form(text)  # signed for the address that Twilio knows, sent to where we listen
                headers = doors.twilio.sign(phone.webhook, form)
                return await post(doors.webhook("sms/twilio"), data=form, headers=headers)
            case "aliyun":
                webhook = doors.webhook(f"sms/aliyun/{secret('aliyun_secret')}")
                return await AliyunPhone(doors.aliyun, webhook, self.number).say(text)
            case "tencent":
                webhook = doors.webhook(f"sms/tencent/{secret('tencent_secret')}")
                return await TencentPhone(doors.tencent, webhook, self.number).say(text)

    async def _push(self, push: Coroutine[Any, Any, Pushed], text: str, image: bool = False) -> None:
        await self.collect()
        event = self._add("wechat", "citizen", text, **({"image": True} if image else {}))
        mode = {"safe": "安全模式（AES 加密）", "plain": "明文模式", "compatible": "兼容模式"}[
            self._wechat.account.mode
        ]
        pushed = await push
        how = "5 秒内直接回复" if pushed.reply else "先答 success，稍后由客服接口回复"
        facts = {
            "推送": "POST /channels/wechat",
            "方式": mode,
            "应答": how,
            "次数": str(pushed.answered.attempts),
        }
        self._know(
            event, facts, verdict(pushed.answered, "msg_signature" if mode[0] == "安" else "signature")
        )
        await self.collect()

    # what reaches the phones

    @property
    def _outlets(self) -> list[Outlet]:
        return [self.doors.wechat.outlet, *(self.doors.outlet(provider) for provider in NAMES)]

    async def collect(self) -> None:
        """Take over what was delivered since the last time, and confirm it as a carrier would."""
        async with self._collecting:
            for delivery in self._fresh(self.doors.wechat.outlet, self._wechat.openid):
                self._delivered(delivery)
            receipts = [
                self._texted_to(provider, delivery)
                for provider in NAMES
                for delivery in self._fresh(self.doors.outlet(provider), self.number)
            ]
        for receipt in receipts:
            task = asyncio.create_task(receipt)
            self._receipts.add(task)
            task.add_done_callback(self._receipts.discard)
        typing = self._wechat.openid in self.doors.wechat.typing
        if typing != self._typing:
            self._typing = typing
            self._add("wechat", "bot", "", typing=typing)

    def _fresh(self, outlet: Outlet, phone: str) -> list[Delivery]:
        found = outlet.of(phone, self._seen[id(outlet)])
        if found:
            self._seen[id(outlet)] = found[-1].number
        return found

    def _delivered(self, delivery: Delivery) -> None:
        facts = {
            "passive": {
                "接口": "被动回复，不占额度",
                "加密": "AES" if self._wechat.account.mode != "plain" else "无",
            },
            "api": {
                "接口": "客服消息 custom/send",
                "本轮额度": f"还剩 {self.doors.wechat.remaining(self._wechat.openid)} / {PER_MESSAGE} 条",
            },
            "error": {"接口": "超时或应答有误，微信显示故障提示"},
        }.get(delivery.via, {})
        facts = {**facts, "长度": f"{len(delivery.text.encode())} / 2048 字节"}
        choices = [{"id": option.id, "label": option.label} for option in delivery.options]
        author = "system" if delivery.via == "error" else "bot"
        more = {"media": delivery.media} if delivery.media else {}
        self._add("wechat", author, delivery.text, choices=choices, wire=facts, **more)

    def _texted_to(self, provider: Provider, delivery: Delivery) -> Coroutine[Any, Any, None]:
        facts = sms_facts(provider, delivery.text)
        if provider != "twilio":
            standin = self.doors.aliyun if provider == "aliyun" else self.doors.tencent
            facts["模板"] = template(standin.templates, delivery.text) or "?"
        else:
            facts["内容"] = "自由文本"
        event = self._add("sms", "bot", delivery.text, provider=provider, wire=facts)
        return self._confirm(event, provider, delivery.ref)

    async def _confirm(self, event: Event, provider: Provider, ref: str) -> None:
        """A carrier takes its time; a receipt that overtook the answer to SendSms would mean nothing."""
        facts: Wire = event["wire"]
        await asyncio.sleep(RECEIPT_AFTER)
        answered = await self._receipt(provider, ref)
        self._know(event, facts, {"送达回执": "已推送" if answered.status in (200, 204) else "未被接收"})

    async def _receipt(self, provider: Provider, ref: str) -> Answered:
        doors, secret = self.doors, self.doors.settings.text
        match provider:
            case "twilio":
                taken = doors.twilio.taken[ref]
                if not taken.callback:
                    return Answered(0)
                local = taken.callback.replace(
                    doors.settings.url, f"http://127.0.0.1:{doors.settings.port}", 1
                )
                form = {
                    "MessageSid": ref, "SmsSid": ref, "MessageStatus": "delivered", "SmsStatus": "delivered",
                    "To": taken.to, "From": doors.twilio.number, "AccountSid": doors.twilio.account_sid,
                    "ApiVersion": "2010-04-01",
                }  # fmt: skip
                return await post(local, data=form, headers=doors.twilio.sign(taken.callback, form))
            case "aliyun":
                webhook = doors.webhook(f"sms/aliyun/{secret('aliyun_secret')}")
                return await AliyunPhone(doors.aliyun, webhook, self.number).report(ref)
            case "tencent":
                webhook = doors.webhook(f"sms/tencent/{secret('tencent_secret')}")
                return await TencentPhone(doors.tencent, webhook, self.number).report(ref)

    # the list

    def _add(self, phone: str, author: str, text: str, **more: Any) -> Event:
        self._count += 1
        at = datetime.now(UTC).isoformat()
        event: Event = {"id": self._count, "phone": phone, "author": author, "text": text, "at": at, **more}
        self._log.append(event)
        del self._log[:-KEPT]
        self._rung.set()
        return event

    def _know(self, event: Event, *facts: Mapping[str, str]) -> None:
        """The journey of an earlier message is known now."""
        wire = {key: value for fact in facts for key, value in fact.items()}
        event["wire"] = wire
        self._add(event["phone"], event["author"], "", about=event["id"], wire=wire)

    async def events(self, after: int, keep_alive: float) -> AsyncGenerator[Event | None]:
        """What comes after the event numbered `after`, for ever; None now and then when nothing does."""
        while True:
            self._rung.clear()
            waits: list[asyncio.Future[Any]] = [
                asyncio.ensure_future(outlet.changed()) for outlet in self._outlets
            ]
            waits.append(asyncio.ensure_future(self._rung.wait()))
            try:
                await asyncio.sleep(0)  # listen first, then look
                await self.collect()
                fresh = [event for event in self._log if event["id"] > after]
                for event in fresh:
                    after = event["id"]
                    yield event
                if not fresh:
                    done, _ = await asyncio.wait(waits, timeout=keep_alive, return_when="FIRST_COMPLETED")
                    if not done:
                        yield None
            finally:
                for wait in waits:
                    wait.cancel()
