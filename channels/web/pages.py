"""Serves the built widget: `/widget.js` for any site that embeds it, `/chat` as a page of its own."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from aiohttp import web


def page_routes(dist: Path, allowed_origins: Iterable[str] = ()) -> Sequence[web.AbstractRouteDef]:
    """`dist` is web/widget/dist. Its script is small and rarely asked for, so it is read anew each time."""
    policy = "; ".join(
        [
            "default-src 'none'",
            "script-src 'self'",
            "style-src 'self'",
            "img-src 'self' blob: data:",
            "media-src blob:",
            "connect-src 'self' ws: wss:",
            "base-uri 'none'",
            "form-action 'none'",
            "frame-ancestors 'self' " + " ".join(allowed_origins),
        ]
    )

    async def script(request: web.Request) -> web.StreamResponse:
        headers = {"Access-Control-Allow-Origin": "*", "Cross-Origin-Resource-Policy": "cross-origin"}
        return _file(dist / "widget.js", headers | {"Cache-Control": "public, max-age=300"})

    async def page(request: web.Request) -> web.StreamResponse:
        headers = {"Content-Security-Policy": policy, "Referrer-Policy": "no-referrer"}
        return _file(dist / "chat.html", headers | {"Cache-Control": "no-cache"})

    return [web.get("/widget.js", script), web.get("/chat", page)]


def _file(path: Path, headers: dict[str, str]) -> web.StreamResponse:
    if not path.is_file():
        raise web.HTTPNotFound(text="the pages are not built yet")
    return web.FileResponse(path, headers={"X-Content-Type-Options": "nosniff", **headers})
