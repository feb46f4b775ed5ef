"""HTTP towards a provider: one session, time-outs, bounded answers, and every failure translated once.

It knows nothing of what a provider's answers mean; addresses may carry tokens and are never put in messages.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

import aiohttp
from yarl import URL

from channels.base import JsonObject, Refused, TryLater

ANSWER_CAP = 1024 * 1024
FILE_SECONDS = 30  # files take longer than words


@dataclass(frozen=True, slots=True)
class Answer:
    """What a provider said, read to its end."""

    status: int
    mime: str
    body: bytes

    def json(self, provider: str) -> JsonObject:
        """The answer as a JSON object, whatever type its header claims."""
        value = self.json_or_none()
        if value is None:
            raise TryLater(f"{provider} answered {self.status} without a JSON object", str(self.status))
        return value

    def json_or_none(self) -> JsonObject | None:
        if self.body.lstrip()[:1] != b"{":
            return None
        try:
            value = json.loads(self.body.decode())
        except (ValueError, RecursionError):
            return None
        return value if isinstance(value, dict) else None


class Outgoing:
    """One provider's HTTP client. The session is made at the first call, inside the running loop."""

    def __init__(self, provider: str, timeout: float = 10) -> None:
        self.provider = provider
        self._timeout = aiohttp.ClientTimeout(total=timeout, connect=min(5, timeout))
        self._file_timeout = aiohttp.ClientTimeout(total=FILE_SECONDS, connect=5)
        self._session: aiohttp.ClientSession | None = None
        self._stopped = False

    async def call(
        self,
        method: str,
        url: str | URL,
        *,
        params: Mapping[str, str] | None = None,
        data: bytes | Mapping[str, str] | aiohttp.FormData | None = None,
        headers: Mapping[str, str] | None = None,
        follow: bool = False,
        cap: int = ANSWER_CAP,
        file: bool = False,
    ) -> Answer:
        """One request. 5xx, 429, silence, a broken connection: TryLater; more than `cap` bytes: Refused."""
        if self._stopped:
            raise TryLater(f"{self.provider} is no longer called: the house stops", "stopping")
        if self._session is None or self._session.closed:
            self._session = aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar())
        try:
            async with self._session.request(
                method, url, params=params, data=data, headers=headers,
                timeout=self._file_timeout if file else self._timeout,
                allow_redirects=follow, max_redirects=3,
                # Invented for empty bodies, and wrong where headers are signed.
                skip_auto_headers=("Content-Type",) if data is None else (),
            ) as response:  # fmt: skip
                if response.status >= 500 or response.status == 429:
                    raise TryLater(
                        f"{self.provider} answered {response.status}", str(response.status), _wait(response)
                    )
                return Answer(response.status, response.content_type, await self._read(response, cap))
        except TimeoutError as error:
            raise TryLater(f"{self.provider} did not answer in time", "timeout") from error
        except aiohttp.ClientError as error:
            raise TryLater(f"{self.provider} could not be reached", "network") from error

    async def _read(self, response: aiohttp.ClientResponse, cap: int) -> bytes:
        body = bytearray()
        async for chunk in response.content.iter_chunked(64 * 1024):
            body += chunk
            if len(body) > cap:
                raise Refused(f"{self.provider} sent more than {cap} bytes", "too_large")
        return bytes(body)

    async def close(self) -> None:
        """For good: a delivery that comes later must not open a connection that nobody closes."""
        self._stopped = True
        if self._session is not None:
            await self._session.close()


def _wait(response: aiohttp.ClientResponse) -> float | None:
    """Retry-After in seconds; the date form is not worth reading."""
    value = response.headers.get("Retry-After", "")
    return float(value) if value.isdigit() and len(value) < 6 else None
