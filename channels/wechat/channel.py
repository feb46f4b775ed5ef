"""The WeChat official account: pushes in, passive replies and customer-service messages out.

It knows how WeChat speaks and nothing of what is said. Counting messages and hours is the house's.
"""

from __future__ import annotations

import logging
import re
import secrets
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from aiohttp import web

from channels.base import (
    Address,
    BadPush,
    DeliveryError,
    Inbound,
    Intake,
    JsonObject,
    Limits,
    Media,
    Outbound,
    Refused,
    Report,
    Sent,
    Stored,
)
from channels.choices import numbered
from channels.outgoing import Outgoing
from channels.wechat.api import Api, Tokens
from channels.wechat.crypto import AesKey, Envelopes, decode_key, genuine, signature
from channels.wechat.push import NAME, Elements, elements, read
from channels.wechat.reply import MAX_BYTES, sealed_reply, text_reply
from channels.wild import Door, clean, read_body

log = logging.getLogger(__name__)

PATH = "/channels/wechat"
BODY_CAP = 64 * 1024
MEDIA_CAPS = {"image": 10, "voice": 2, "video": 10, "file": 10}  # megabytes
MIMES = {
    "image/jpeg": "image", "image/png": "image", "image/gif": "image", "image/bmp": "image",
    "audio/amr": "voice", "audio/mpeg": "voice", "video/mp4": "video",
}  # fmt: skip
SIGNED = ("timestamp", "nonce")
TYPING_LASTS = 10  # seconds
MARK = re.compile(r"[\x21-\x7e]{1,128}")


@dataclass(frozen=True, slots=True)
class WeChatConfig:
    """With `aes_key` the account is in compatible or safe mode and every push must be encrypted; without it
    plain pushes are read, and the plain half of compatible ones."""

    token: str = field(repr=False)
    appid: str
    secret: str = field(repr=False)
    aes_key: str = field(default="", repr=False)
    aes_key_previous: str = field(default="", repr=False)
    api_url: str = "https://api.weixin.qq.com"
    passive_seconds: float = 4.5
    max_skew: int = 600  # seconds a push's timestamp may be off: an old signature is no key for new words


class WeChat:
    """Implements `channels.base.Channel`."""

    def __init__(self, config: WeChatConfig, clock: Callable[[], float] = time.time) -> None:
        self.name = NAME
        self.limits = Limits(max_bytes=2000, coalesce=True, per_inbound=5, window_hours=48)
        self._config, self._clock = config, clock
        keys = tuple(decode_key(key) for key in (config.aes_key, config.aes_key_previous) if key)
        self._envelopes = Envelopes(config.appid, keys) if keys else None
        self._http = Outgoing("WeChat")
        self._api = Api(
            config.api_url, Tokens(config.api_url, config.appid, config.secret, self._http), self._http
        )
        self._door = Door("WeChat")
        self._intake: Intake | None = None
        self._shown: dict[Address, float] = {}  # to whom typing was shown lately

    # in

    def routes(self, intake: Intake) -> Sequence[web.AbstractRouteDef]:
        self._intake = intake

        async def push(request: web.Request) -> web.Response:
            return await self._push(request, intake)

        return [
            web.get(PATH, self._door(self._handshake), allow_head=False),
            web.post(PATH, self._door(push)),
        ]

    async def _handshake(self, request: web.Request) -> web.Response:
        self._check(request, "signature")
        return _plain(_query(request, "echostr"))

    async def _push(self, request: web.Request, intake: Intake) -> web.Response:
        raw, key = await self._open(request)
        match read(raw):
            case Report() as report:
                await self._door.finish(intake.report(report))
            case Inbound() as inbound:
                return await self._converse(inbound, intake, key)
        return _plain("success")

    async def _open(self, request: web.Request) -> tuple[Elements, AesKey | None]:
        """The elements of a push whose signature is ours, and the key that opened it."""
        if self._envelopes is None:
            self._check(request, "signature")
            raw = elements(await read_body(request, BODY_CAP, "WeChat"))
            if "MsgType" not in raw and "Encrypt" in raw:
                log.error("WeChat sends encrypted pushes and no AES key is set")
                raise BadPush("WeChat: Encrypt: no AES key is set", 403)
            return raw, None
        if request.query.get("encrypt_type") != "aes":
            self._check(request, "signature")  # strangers shall not fill the log
            log.error("WeChat sends plain pushes although an AES key is set; one of the two must change")
            raise BadPush("WeChat: encrypt_type: only encrypted pushes are taken", 403)
        encrypted = elements(await read_body(request, BODY_CAP, "WeChat")).get("Encrypt")
        if not isinstance(encrypted, str):
            raise BadPush("WeChat: Encrypt: missing or doubled")
        self._check(request, "msg_signature", encrypted)
        text, key = self._envelopes.open(encrypted)
        return elements(text), key

    def _check(self, request: web.Request, name: str, *content: str) -> None:
        """Signature and age. Both first, so that nobody unknown makes us work."""
        marks = [_query(request, mark) for mark in SIGNED]
        if not genuine(_query(request, name), self._config.token, *marks, *content):
            raise BadPush(f"WeChat: {name}: is not ours", 403)
        if not marks[0].isdigit() or abs(int(marks[0][:18]) - self._clock()) > self._config.max_skew:
            raise BadPush("WeChat: timestamp: too far from our clock", 403)

    async def _converse(self, inbound: Inbound, intake: Intake, key: AesKey | None) -> web.Response:
        """Store it, and answer in the same response when the turn is ready in time.

        WeChat hangs up after five seconds and comes again; accepting goes on, and the repeat gets the answer.
        """
        patience = 0.0 if inbound.event == "unsubscribe" else self._config.passive_seconds
        started = time.monotonic()
        replies = await self._door.finish(intake.accept(inbound, patience))
        if replies:
            return self._passive(inbound, replies[0], key)
        if inbound.event is None and time.monotonic() - started >= patience * 0.9:
            self.show_typing(inbound.sender)
        return _plain("success")

    def _passive(self, inbound: Inbound, reply: Outbound, key: AesKey | None) -> web.Response:
        at = int(self._clock())
        text = numbered(reply.text, reply.choices, MAX_BYTES)
        xml = text_reply(inbound.sender, inbound.account, at, text)
        if key is not None and self._envelopes is not None:
            encrypted, nonce = self._envelopes.seal(xml, key), secrets.token_hex(8)
            signed = signature(self._config.token, str(at), nonce, encrypted)
            xml = sealed_reply(encrypted, signed, str(at), nonce)
        return web.Response(text=xml, content_type="application/xml")

    # out

    async def send(self, message: Outbound) -> Sent:
        """A picture goes before its words: uploading is what fails, and a repeat must not say them twice."""
        if message.attachment is not None:
            stored = await self._intake.stored(message.attachment) if self._intake else None
            if stored is None:
                raise Refused("the attachment is no longer in the store", "no_attachment")
            await self._send_file(message.to, stored)
            if not message.text:
                return Sent()
        await self._custom(message.to, _words(message))
        return Sent()

    async def fetch(self, media: Media) -> bytes:
        return await self._api.download(media.ref, MEDIA_CAPS[media.kind] * 1024 * 1024)

    async def close(self) -> None:
        await self._door.close()
        await self._http.close()

    async def _custom(self, to: Address, payload: JsonObject) -> None:
        await self._api.post("/cgi-bin/message/custom/send", {"touser": to, **payload})

    async def _send_file(self, to: Address, stored: Stored) -> None:
        kind = MIMES.get(stored.mime)
        if kind is None:
            raise Refused(f"WeChat takes no files of type {stored.mime}", "mime")
        name = f"{stored.id}.{stored.mime.partition('/')[2]}"
        media_id = await self._api.upload(kind, name, stored.mime, stored.data)
        await self._custom(to, {"msgtype": kind, kind: {"media_id": media_id}})

    def show_typing(self, to: Address) -> None:
        """WeChat shows it for a while by itself and refuses to be told again meanwhile."""
        now = self._clock()
        if now - self._shown.get(to, 0) < TYPING_LASTS:
            return
        self._shown = {who: at for who, at in self._shown.items() if now - at < TYPING_LASTS} | {to: now}
        self._door.start(self._typing(to))

    async def _typing(self, to: Address) -> None:
        """A courtesy: when it fails nobody needs to know."""
        try:
            await self._api.post("/cgi-bin/message/custom/typing", {"touser": to, "command": "Typing"})
        except DeliveryError as error:
            log.info("typing could not be shown: %s", error)


def _words(message: Outbound) -> JsonObject:
    text = clean(message.text)
    if not message.choices:
        return {"msgtype": "text", "text": {"content": text}}
    entries = [{"id": choice.payload, "content": clean(choice.label)} for choice in message.choices]
    return {"msgtype": "msgmenu", "msgmenu": {"head_content": text, "list": entries, "tail_content": ""}}


def _query(request: web.Request, name: str) -> str:
    """A query parameter that is there exactly once, in printable ASCII."""
    values = request.query.getall(name, [])
    if len(values) != 1 or not MARK.fullmatch(values[0]):
        raise BadPush(f"WeChat: {name}: missing, doubled or malformed")
    return values[0]


def _plain(text: str) -> web.Response:
    return web.Response(text=text, headers={"X-Content-Type-Options": "nosniff"})
