"""Twilio's Messages API and a phone that texts through it."""

from __future__ import annotations

import hmac
import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from aiohttp import encode_basic_auth, web
from twilio.request_validator import RequestValidator  # type: ignore[import-untyped]  # ships no types

from standins.base import Answered, Outlet, post

E164 = re.compile(r"\+[1-9]\d{6,14}")
BODY_CAP = 1600
STOP = {"STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT"}
START = {"START", "UNSTOP", "YES"}


@dataclass(frozen=True, slots=True)
class Texted:
    """One message that Twilio took from us."""

    sid: str
    to: str
    text: str
    callback: str


class TwilioStandIn:
    """One account with one number. `media_host`: where files are handed out, when that is another host."""

    def __init__(self, account_sid: str, auth_token: str, number: str) -> None:
        self.account_sid, self.auth_token, self.number = account_sid, auth_token, number
        self.outlet = Outlet()
        self.taken: dict[str, Texted] = {}
        self.media: dict[str, tuple[str, bytes]] = {}
        self.stopped: set[str] = set()
        self.media_host = ""
        self._auth = encode_basic_auth(account_sid, auth_token)

    def app(self) -> web.Application:
        app = web.Application()
        app.add_routes(
            [
                web.post("/2010-04-01/Accounts/{account}/Messages.json", self._create),
                web.get("/2010-04-01/Accounts/{account}/Messages/{sid}/Media/{id}", self._media),
                web.get("/mms/{id}", self._mms),
            ]
        )
        return app

    def sign(self, url: str, form: Mapping[str, str]) -> dict[str, str]:
        """The headers with which Twilio pushes `form` to `url`."""
        return {"X-Twilio-Signature": RequestValidator(self.auth_token).compute_signature(url, form)}

    async def report(self, sid: str, status: str, error: str = "") -> Answered:
        """Push a delivery report for a message that was taken."""
        texted = self.taken[sid]
        form = {
            "MessageSid": sid, "SmsSid": sid, "MessageStatus": status, "SmsStatus": status, "To": texted.to,
            "From": self.number, "AccountSid": self.account_sid, "ApiVersion": "2010-04-01",
        }  # fmt: skip
        if error:
            form["ErrorCode"] = error
        return await post(texted.callback, data=form, headers=self.sign(texted.callback, form))

    async def _create(self, request: web.Request) -> web.Response:
        if not self._allowed(request):
            return _refused(401, 20003, "Authenticate")
        form = await request.post()
        to, sender, text = (str(form.get(name, "")) for name in ("To", "From", "Body"))
        if not E164.fullmatch(to):
            return _refused(400, 21211, f"Invalid 'To' Phone Number: {to[:3]}XXXX")
        if sender != self.number:
            return _refused(
                400, 21606, "The 'From' phone number provided is not a valid message-capable number"
            )
        if not text:
            return _refused(400, 21602, "Message body is required.")
        if len(text) > BODY_CAP:
            return _refused(400, 21617, "The concatenated message body exceeds the 1600 character limit")
        if to in self.stopped:
            return _refused(400, 21610, "Attempt to send to unsubscribed recipient")
        texted = Texted(f"SM{secrets.token_hex(16)}", to, text, str(form.get("StatusCallback", "")))
        self.taken[texted.sid] = texted
        self.outlet.put(to, text, "sms", ref=texted.sid)
        made = {
            "sid": texted.sid, "status": "queued", "to": to, "from": sender, "body": text,
            "account_sid": self.account_sid, "direction": "outbound-api",
            "error_code": None, "error_message": None,
        }  # fmt: skip
        return web.json_response(made, status=201)

    def _allowed(self, request: web.Request) -> bool:
        given = request.headers.get("Authorization", "")
        account = request.match_info["account"] == self.account_sid
        return account and hmac.compare_digest(given.encode(), self._auth.encode())

    async def _media(self, request: web.Request) -> web.Response:
        """Files stand behind the credentials; a redirect leads to where they are handed out."""
        if not self._allowed(request):
            return _refused(401, 20003, "Authenticate")
        root = self.media_host or request.path.partition("/2010-04-01/")[0]
        raise web.HTTPTemporaryRedirect(f"{root}/mms/{request.match_info['id']}")

    async def _mms(self, request: web.Request) -> web.Response:
        found = self.media.get(request.match_info["id"])
        if found is None:
            raise web.HTTPNotFound
        return web.Response(body=found[1], content_type=found[0])


class TwilioPhone:
    """A phone whose texts Twilio pushes to `webhook`; `api_url` is where the stand-in serves files."""

    def __init__(self, standin: TwilioStandIn, webhook: str, number: str, api_url: str = "") -> None:
        self.standin, self.webhook, self.number, self._api_url = standin, webhook, number, api_url

    async def say(self, text: str, files: Sequence[tuple[str, bytes]] = ()) -> Answered:
        return await self.push(self.form(text, files))

    def form(self, text: str, files: Sequence[tuple[str, bytes]] = ()) -> dict[str, str]:
        word = text.strip().upper()
        if word in STOP:
            self.standin.stopped.add(self.number)
        elif word in START:
            self.standin.stopped.discard(self.number)
        sid = f"{'MM' if files else 'SM'}{secrets.token_hex(16)}"
        form = {
            "MessageSid": sid, "SmsSid": sid, "SmsMessageSid": sid, "AccountSid": self.standin.account_sid,
            "From": self.number, "To": self.standin.number, "Body": text, "NumMedia": str(len(files)),
            "NumSegments": "1", "FromCountry": "CN", "ApiVersion": "2010-04-01",
        }  # fmt: skip
        for number, (mime, data) in enumerate(files):
            media_id = f"ME{secrets.token_hex(16)}"
            self.standin.media[media_id] = (mime, data)
            form[f"MediaContentType{number}"] = mime
            account = f"{self._api_url}/2010-04-01/Accounts/{self.standin.account_sid}"
            form[f"MediaUrl{number}"] = f"{account}/Messages/{sid}/Media/{media_id}"
        return form

    async def push(self, form: dict[str, str]) -> Answered:
        return await post(self.webhook, data=form, headers=self.standin.sign(self.webhook, form))


def _refused(status: int, code: int, message: str) -> web.Response:
    more = f"https://www.twilio.com/docs/errors/{code}"
    return web.json_response(
        {"code": code, "message": message, "more_info": more, "status": status}, status=status
    )
