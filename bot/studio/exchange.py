"""Models on their way to and from our NLU, over HTTP: it may run on another machine than the app.

ExchangeError          the NLU did not do what was asked; the text is fit for a person
└── NoExchange         it is no server of ours: a stock Rasa server serves one model and takes no other
"""

from __future__ import annotations

from dataclasses import dataclass

import aiohttp
from pydantic import BaseModel, Field, ValidationError

from bot.errors import LianxinError

TIMEOUT = aiohttp.ClientTimeout(total=120, sock_connect=3)
MOST = 256 * 1024 * 1024  # bytes of one model


class ExchangeError(LianxinError):
    pass


class NoExchange(ExchangeError):
    pass


class _Models(BaseModel):
    current: str
    stored: list[str] = []
    loaded: list[str] = []
    single: bool = False


class _Refusal(BaseModel):
    message: str = Field("", max_length=2000)


@dataclass(frozen=True, slots=True)
class Stock:
    """What an NLU has; `loaded` it can answer with at once, in every process."""

    current: str
    stored: frozenset[str]
    loaded: frozenset[str]


class Exchange:
    """`close()` at the end."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._http: aiohttp.ClientSession | None = None

    async def stock(self) -> Stock:
        """Raises NoExchange where one fixed model is served."""
        body = await self._call("GET", "/models")
        try:
            found = _Models.model_validate_json(body)
        except ValidationError as error:
            raise NoExchange("the NLU at hand is not Lianxin's own server") from error
        if found.single:
            raise NoExchange("the NLU server was started with one fixed model")
        return Stock(found.current, frozenset(found.stored), frozenset(found.loaded))

    async def send(self, name: str, export: bytes) -> None:
        await self._call("PUT", f"/models/{name}", data=export)

    async def fetch(self, name: str, form: str = "export") -> bytes:
        return await self._call("GET", f"/models/{name}", params={"form": form})

    async def drop(self, name: str) -> None:
        await self._call("DELETE", f"/models/{name}")

    async def hold(self, names: tuple[str, ...]) -> None:
        await self._call("PUT", "/held", json={"models": list(names)})

    async def point_at(self, name: str) -> None:
        """The default from now on, also after a restart."""
        await self._call("PUT", "/model", json={"model_file": name})

    async def close(self) -> None:
        if self._http is not None:
            await self._http.close()

    async def _call(self, method: str, path: str, **more: object) -> bytes:
        if self._http is None:
            self._http = aiohttp.ClientSession(timeout=TIMEOUT)
        try:
            async with self._http.request(method, self._url + path, allow_redirects=False, **more) as answer:  # type: ignore[arg-type]  # passed on
                body = await _read(answer)
                if answer.status in (404, 405) and path in ("/models", "/held"):
                    raise NoExchange("the NLU at hand is not Lianxin's own server")
                if answer.status >= 300:
                    raise ExchangeError(_said(body) or f"the NLU answered {answer.status}")
                return body
        except (TimeoutError, aiohttp.ClientError, OSError) as error:
            raise ExchangeError(f"the NLU does not answer ({type(error).__name__})") from error


async def _read(answer: aiohttp.ClientResponse) -> bytes:
    body = bytearray()
    async for chunk in answer.content.iter_chunked(256 * 1024):
        body += chunk
        if len(body) > MOST:
            raise ExchangeError("the NLU's answer has no end")
    return bytes(body)


def _said(body: bytes) -> str:
    try:
        return _Refusal.model_validate_json(body).message
    except ValidationError:
        return ""
