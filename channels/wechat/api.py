"""WeChat's API as far as we call it: token, messages, typing, files; and what its error codes mean.

wechatpy's client blocks, asks for a token without a time-out and repeats a bad one without end. Here a token
is asked for once however many wait, renewed once when WeChat calls it stale, and then the outbox backs off.
"""

from __future__ import annotations

import asyncio
import io
import json
import logging
import time
from collections.abc import Awaitable, Callable
from urllib.parse import urlsplit

from aiohttp import FormData

from channels.base import JsonObject, Refused, TryLater
from channels.outgoing import Answer, Outgoing

log = logging.getLogger(__name__)

STALE = {40001, 40014, 42001}  # wrong, malformed, expired
CLOSED = {45015, 45047, 43004}  # outside 48 h, five sent, not subscribed: the citizen's next message opens it
LATER: dict[int, float | None] = {
    -1: 1,
    45009: 3600,
    45011: 60,
    50001: None,
}  # busy, day's quota, minute's quota
OURS = {40013, 40125, 40164, 41002, 41004, 48001, 48004}  # our account or address is at fault: tell operators

EARLY = 300  # seconds before its end in which a token is no longer used


class Tokens:
    """The access token. WeChat gives the same one to all who ask, so processes need not agree on it."""

    def __init__(
        self, url: str, appid: str, secret: str, http: Outgoing, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._url, self._appid, self._secret, self._http, self._clock = url, appid, secret, http, clock
        self._token, self._until = "", 0.0
        self._one_asks = asyncio.Lock()

    async def current(self) -> str:
        async with self._one_asks:
            if self._clock() >= self._until:
                await self._ask(force=False)
            return self._token

    async def renew(self, stale: str) -> str:
        """Another token than `stale`. Forcing is allowed 20 times a day, so the polite way comes first."""
        async with self._one_asks:
            if self._token == stale:
                await self._ask(force=False)
            if self._token == stale:
                await self._ask(force=True)
            return self._token

    async def _ask(self, force: bool) -> None:
        wish = {
            "grant_type": "client_credential",
            "appid": self._appid,
            "secret": self._secret,
            "force_refresh": force,
        }
        answer = await self._http.call(
            "POST", f"{self._url}/cgi-bin/stable_token", data=json.dumps(wish).encode()
        )
        found = answer.json("WeChat")
        token, lasts = found.get("access_token"), found.get("expires_in")
        if not isinstance(token, str) or not isinstance(lasts, int):
            raise _error(code_of(found))
        self._token, self._until = token, self._clock() + max(lasts - EARLY, 0)


class Api:
    """The calls. Each raises TryLater or Refused and nothing else."""

    def __init__(self, url: str, tokens: Tokens, http: Outgoing) -> None:
        self._url, self._tokens, self._http = url, tokens, http

    async def post(self, path: str, payload: JsonObject) -> JsonObject:
        # Raw UTF-8: WeChat shows \uXXXX escapes as they are, or refuses them with 40033.
        body = json.dumps(payload, ensure_ascii=False).encode()
        answer = await self._with_token(
            lambda token: self._http.call(
                "POST",
                f"{self._url}{path}",
                params={"access_token": token},
                data=body,
                headers={"Content-Type": "application/json; charset=utf-8"},
            )
        )
        return answer.json("WeChat")

    async def upload(self, kind: str, name: str, mime: str, data: bytes) -> str:
        """Keep a file at WeChat for three days; its media id."""

        def call(token: str) -> Awaitable[Answer]:
            form = FormData()
            form.add_field("media", io.BytesIO(data), filename=name, content_type=mime)
            params = {"access_token": token, "type": kind}
            return self._http.call(
                "POST", f"{self._url}/cgi-bin/media/upload", params=params, data=form, file=True
            )

        found = (await self._with_token(call)).json("WeChat").get("media_id")
        if not isinstance(found, str):
            raise TryLater("WeChat took a file and named no media id")
        return found

    async def download(self, media_id: str, cap: int) -> bytes:
        """A citizen's file. Videos come as the address of the file instead of the file."""
        answer = await self._with_token(
            lambda token: self._http.call(
                "GET",
                f"{self._url}/cgi-bin/media/get",
                params={"access_token": token, "media_id": media_id},
                cap=cap,
                file=True,
            )
        )
        told = answer.json_or_none()
        if told is None:
            return answer.body
        elsewhere = str(told.get("video_url", ""))
        if not self._trusted(elsewhere):
            raise Refused("WeChat sent no file and no address of one")
        return (await self._http.call("GET", elsewhere, cap=cap, file=True)).body

    def _trusted(self, url: str) -> bool:
        """Only Tencent's own hosts: this address decides what our server fetches."""
        try:
            there, ours = urlsplit(url), urlsplit(self._url)
            same = (there.hostname, there.port) == (ours.hostname, ours.port)
        except ValueError:
            return False
        return there.scheme in ("http", "https") and (same or (there.hostname or "").endswith(".qq.com"))

    async def _with_token(self, call: Callable[[str], Awaitable[Answer]]) -> Answer:
        token = await self._tokens.current()
        answer = await call(token)
        if code_of(answer.json_or_none()) in STALE:
            answer = await call(await self._tokens.renew(token))
        code = code_of(answer.json_or_none())
        if code:
            raise _error(code)
        if answer.status >= 400:
            raise Refused(f"WeChat answered {answer.status}", str(answer.status))
        return answer


def code_of(answer: JsonObject | None) -> int:
    """The error code of an answer, 0 when it is none."""
    code = (answer or {}).get("errcode", 0)
    return code if isinstance(code, int) else -1


def _error(code: int) -> TryLater | Refused:
    what = f"WeChat refused with {code}"
    if code in CLOSED:
        return Refused(what, str(code), hold=True)
    if code in OURS:
        log.error("WeChat refuses our account or address with %s: check appid, secret and the IP list", code)
        return TryLater(what, str(code), after=300)
    if code in STALE or code in LATER:
        return TryLater(what, str(code), LATER.get(code))
    return Refused(what, str(code))
