"""Which pages may talk to the chat. aiohttp lets any Origin in, so this is asked before every upgrade."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from urllib.parse import urlsplit

from aiohttp import web

_LOOPBACK = ("localhost", "127.0.0.1", "[::1]")
_DEFAULT_PORTS = {"http": 80, "https": 443}


class Origins:
    """Our own public origin and the sites that may embed us; `allows` compares whole origins, never parts."""

    def __init__(self, public_url: str, allowed: Iterable[str] = ()) -> None:
        own = urlsplit(public_url)
        host = own.hostname or ""
        port = f":{own.port}" if own.port and own.port != _DEFAULT_PORTS.get(own.scheme) else ""
        self.known = {_origin(public_url), *(_origin(site) for site in allowed if site.strip())}
        if _is_loopback(host) or _is_everywhere(host):  # a machine calls itself by several names
            self.known |= {f"{own.scheme}://{name}{port}" for name in _LOOPBACK}
        self._any_address = _is_everywhere(host)

    def allows(self, origin: str, host: str) -> bool:
        """`host` is the request's Host header: bound to every interface, we go by whatever address it holds.
        Only literal addresses count there, so no foreign name can be pointed at us."""
        try:
            origin = _origin(origin)
        except ValueError:
            return False
        if origin in self.known:
            return True
        parts = urlsplit(origin)
        return self._any_address and parts.netloc == host and _is_address(parts.hostname or "")

    def cors(self, request: web.Request) -> dict[str, str]:
        """Headers for a request from a page; raises 403 for a foreign one. Our own pages may send none."""
        origin = request.headers.get("Origin")
        if origin is None:
            return {"Vary": "Origin"}
        if not self.allows(origin, request.host):
            raise web.HTTPForbidden(text="this site may not use the chat", headers={"Vary": "Origin"})
        return {
            "Vary": "Origin",
            "Access-Control-Allow-Origin": origin,
            "Access-Control-Allow-Headers": "Authorization, Content-Type",
            "Access-Control-Allow-Methods": "GET, POST, OPTIONS",
            "Access-Control-Max-Age": "600",
        }


def _origin(url: str) -> str:
    parts = urlsplit(url.strip())
    if parts.scheme not in _DEFAULT_PORTS or not parts.hostname:
        raise ValueError(f"not an origin: {url!r}")
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    port = f":{parts.port}" if parts.port and parts.port != _DEFAULT_PORTS[parts.scheme] else ""
    return f"{parts.scheme}://{host}{port}"


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _is_loopback(host: str) -> bool:
    return host == "localhost" or (_is_address(host) and ipaddress.ip_address(host).is_loopback)


def _is_everywhere(host: str) -> bool:
    return _is_address(host) and ipaddress.ip_address(host).is_unspecified
