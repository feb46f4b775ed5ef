"""Twilio: signed form pushes in, the Messages API out."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from urllib.parse import parse_qsl, urlsplit

from aiohttp import encode_basic_auth, web
from multidict import MultiDict
from pydantic import Field
from twilio.request_validator import RequestValidator  # type: ignore[import-untyped]  # ships no types

from channels.base import (
    BadPush,
    ChannelName,
    EventKind,
    Inbound,
    Intake,
    Media,
    MediaKind,
    Outbound,
    ProviderId,
    Refused,
    Report,
    Sent,
    TryLater,
)
from channels.outgoing import Answer, Outgoing
from channels.sms.base import BODY_CAP, FIELDS, OPT_IN, OPT_OUT, e164, event_of, sms_limits, take, words_of
from channels.wild import Door, Text, Wild, read_body, tame

log = logging.getLogger(__name__)

NAME = ChannelName("sms/twilio")
PATH = "/channels/sms/twilio"
MEDIA_CAP = 10 * 1024 * 1024
MEDIA_MOST = 10  # files in one message

# Twilio itself stops sending after these, so the house must know.
STOP = OPT_OUT | {"STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT"}
BACK = OPT_IN | {"UNSTOP"}

LATER: dict[int, float | None] = {20429: None, 21611: 60, 30001: 60, 14107: 60}  # too fast, queue full
OURS = {20003, 20005, 20404, 21603, 21606, 21659, 30002}  # credentials or sender number are wrong


@dataclass(frozen=True, slots=True)
class TwilioConfig:
    """`public_url` is how Twilio reaches us: it is part of what Twilio signs."""

    account_sid: str
    auth_token: str = field(repr=False)
    sender: str  # our number, E.164
    public_url: str
    free_text: bool = True
    api_url: str = "https://api.twilio.com"


class _Message(Wild):
    sid: Text = Field(alias="MessageSid", min_length=1, max_length=64)
    sender: Text = Field(alias="From")
    to: Text = Field("", alias="To", max_length=64)
    text: Text = Field("", alias="Body")
    files: int = Field(0, alias="NumMedia", ge=0, le=MEDIA_MOST)
    opted: Text = Field("", alias="OptOutType")


class _Status(Wild):
    sid: Text = Field(alias="MessageSid", min_length=1, max_length=64)
    status: Text = Field(alias="MessageStatus", min_length=1)
    code: Text = Field("", alias="ErrorCode", max_length=16)


class Twilio:
    """Implements `channels.base.Channel`."""

    def __init__(self, config: TwilioConfig) -> None:
        self.name = NAME
        self.limits = sms_limits(config.free_text, FIELDS)
        self._config = config
        self._validator = RequestValidator(config.auth_token)
        self._auth = {"Authorization": encode_basic_auth(config.account_sid, config.auth_token)}
        self._http = Outgoing("Twilio")
        self._door = Door("Twilio")

    # in

    def routes(self, intake: Intake) -> Sequence[web.AbstractRouteDef]:
        async def message(request: web.Request) -> web.Response:
            await self._door.finish(take(intake, _inbound(await self._form(request))))
            return _done()

        async def status(request: web.Request) -> web.Response:
            report = _report(await self._form(request))
            if report is not None:
                await self._door.finish(take(intake, report))
            return _done()

        return [
            web.post(PATH, self._door(message)),
            web.post(f"{PATH}/status", self._door(status)),
        ]

    async def _form(self, request: web.Request) -> dict[str, str]:
        """The fields of a push that Twilio signed, each exactly once."""
        body = await read_body(request, BODY_CAP, "Twilio")
        try:
            fields = MultiDict(
                parse_qsl(body.decode("ascii"), keep_blank_values=True, max_num_fields=200, errors="strict")
            )
        except ValueError as error:
            raise BadPush("Twilio: body: is no form") from error
        # Twilio signs the address that it called. Behind a proxy we see another one, hence the public URL.
        path, signature = request.rel_url.raw_path_qs, request.headers.get("X-Twilio-Signature", "")
        bases = (self._config.public_url.rstrip("/"), _called(request))
        if not any(self._validator.validate(f"{base}{path}", fields, signature) for base in bases):
            raise BadPush("Twilio: X-Twilio-Signature: does not fit", 403)
        doubled = next((name for name in fields if len(fields.getall(name)) > 1), None)
        if doubled is not None:
            raise BadPush("Twilio: body: holds a field twice")
        return dict(fields)

    # out

    async def send(self, message: Outbound) -> Sent:
        if not self._config.free_text and message.template is None:
            raise Refused("Twilio: this account sends templates only", "no_template")
        text = words_of(message)
        if not text:
            raise Refused("Twilio: an SMS needs words", "no_text")
        answer = await self._http.call(
            "POST",
            f"{self._config.api_url}/2010-04-01/Accounts/{self._config.account_sid}/Messages.json",
            data={
                "To": message.to,
                "From": self._config.sender,
                "Body": text,
                "StatusCallback": f"{self._config.public_url.rstrip('/')}{PATH}/status",
            },
            headers=self._auth,
        )
        found = answer.json("Twilio")
        if answer.status >= 400:
            raise _error(answer.status, found.get("code"))
        return Sent(ref=str(found.get("sid", "")))

    async def fetch(self, media: Media) -> bytes:
        """Files lie behind our credentials and a redirect; credentials go to Twilio's own hosts only."""
        if not self._theirs(media.ref):
            raise Refused("Twilio: the file's address is not Twilio's", "media_host")
        answer = await self._http.call(
            "GET", media.ref, headers=self._auth, follow=True, cap=MEDIA_CAP, file=True
        )
        if answer.status >= 400:
            raise _error(answer.status, _code(answer))
        return answer.body

    def _theirs(self, url: str) -> bool:
        try:
            there, api = urlsplit(url), urlsplit(self._config.api_url)
            same = (there.scheme, there.hostname, there.port) == (api.scheme, api.hostname, api.port)
        except ValueError:
            return False
        return same or (there.scheme == "https" and (there.hostname or "").endswith(".twilio.com"))

    async def close(self) -> None:
        await self._door.close()
        await self._http.close()


def _called(request: web.Request) -> str:
    """The address that was called, as its Host header has it, which may hold anything."""
    try:
        return str(request.url.origin())
    except ValueError:
        return ""


def _inbound(form: dict[str, str]) -> Inbound:
    message = tame(_Message, form, "Twilio")
    return Inbound(
        channel=NAME,
        provider_id=ProviderId(message.sid),
        sender=e164(message.sender, "Twilio", "From"),
        sent_at=datetime.now(UTC),  # Twilio does not say when
        text=message.text,
        media=tuple(_media(form, number) for number in range(message.files)),
        event=_opted(message),
        account=message.to,
    )


def _opted(message: _Message) -> EventKind | None:
    """Twilio says so itself where its own opt-out handling is on; otherwise the words decide."""
    said: dict[str, EventKind] = {"STOP": "opt_out", "START": "opt_in"}
    return said.get(message.opted.upper()) or event_of(message.text, STOP, BACK)


def _media(form: dict[str, str], number: int) -> Media:
    mime = form.get(f"MediaContentType{number}", "").partition(";")[0].strip().lower()
    ref = form.get(f"MediaUrl{number}", "")
    if not ref.startswith(("http://", "https://")):
        raise BadPush(f"Twilio: MediaUrl{number}: is no address")
    kinds: dict[str, MediaKind] = {"image": "image", "audio": "voice", "video": "video"}
    return Media(kinds.get(mime.partition("/")[0], "file"), ref=ref, mime=mime)


def _report(form: dict[str, str]) -> Report | None:
    """Only what is final; `queued`, `sent` and the like are genuine and of no use."""
    status = tame(_Status, form, "Twilio")
    if status.status in ("delivered", "read"):
        return Report(NAME, status.sid, ok=True, code=status.status)
    if status.status in ("undelivered", "failed", "canceled"):
        return Report(NAME, status.sid, ok=False, code=status.code or status.status)
    return None


def _done() -> web.Response:
    return web.Response(text="<Response></Response>", content_type="text/xml")


def _code(answer: Answer) -> object:
    return (answer.json_or_none() or {}).get("code")


def _error(status: int, code: object) -> TryLater | Refused:
    what, shown = f"Twilio refused with {code or status}", str(code or status)
    if status in (401, 403) or code in OURS:
        log.error("Twilio refuses our account or number with %s: check sid, token and sender", shown)
        return TryLater(what, shown, after=300)
    if isinstance(code, int) and code in LATER:
        return TryLater(what, shown, LATER[code])
    return Refused(what, shown)
