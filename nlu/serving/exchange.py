"""Models come and go over HTTP, so that whoever decides which one reads whom needs no disk in common with us.

GET /models · PUT /models/NAME (tar.gz) · GET /models/NAME[?form=rasa] · DELETE /models/NAME · PUT /held
"""

from __future__ import annotations

import asyncio
import json
import shutil
import tempfile
from pathlib import Path

from aiohttp import web

from nlu.reading.engine import ModelError
from nlu.serving import archive
from nlu.serving.models import NoModel, Served

MOST_SENT = 256 * 1024 * 1024
_NAME = "{name:[A-Za-z0-9][A-Za-z0-9._-]{0,99}}"


class Exchange:
    """The handlers, over the models that are served."""

    def __init__(self, key: web.AppKey[Served]) -> None:
        self._key = key

    async def all(self, request: web.Request) -> web.Response:
        """What there is, and what every process could answer with at once."""
        served = request.app[self._key]
        content = {
            "current": served.current,
            "stored": served.stored(),
            "loaded": served.loaded_everywhere(),
            "single": served.single,
        }
        return web.json_response(content)

    async def take(self, request: web.Request) -> web.Response:
        """A model arrives. One that cannot be read is refused and leaves nothing behind."""
        served, name = request.app[self._key], request.match_info["name"]
        if served.single:
            raise ModelError("this server was started with one model; start it with a folder of models")
        if name == served.current or name in served.stored():
            return web.Response(status=204)
        with tempfile.TemporaryFile(dir=served.place) as file:
            total = 0
            async for chunk in request.content.iter_chunked(256 * 1024):
                total += len(chunk)
                if total > MOST_SENT:
                    raise ModelError("this is too large for a model")
                file.write(chunk)
            file.seek(0)
            await asyncio.to_thread(archive.unpack, file, served.place, name)
        return web.Response(status=201)

    async def give(self, request: web.Request) -> web.StreamResponse:
        """The export of a model, or (form=rasa) the archive that a stock Rasa server reads."""
        served, name = request.app[self._key], request.match_info["name"]
        folder = served.resolve(name) if not served.single else served.place
        if request.query.get("form") == "rasa":
            file = folder.with_name(f"{folder.name}.tar.gz")
            if not file.is_file():
                raise NoModel(f"the archive of '{name}' is not here")
            return web.FileResponse(file)
        return web.Response(
            body=await asyncio.to_thread(archive.pack, folder), content_type="application/gzip"
        )

    async def drop(self, request: web.Request) -> web.Response:
        """A model that nobody asks for any more."""
        served = request.app[self._key]
        folder = served.resolve(request.match_info["name"])
        if folder.name in served.in_use():
            raise ModelError("this model is in use")
        await asyncio.to_thread(_remove, folder)
        return web.Response(status=204)

    async def hold(self, request: web.Request) -> web.Response:
        """PUT /held {"models": […]}: keep these loaded, in all processes."""
        try:
            names = json.loads(await request.read())["models"]
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            raise ModelError('expected {"models": [names]}') from error
        if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
            raise ModelError('expected {"models": [names]}')
        request.app[self._key].hold(names)
        return web.Response(status=204)


def _remove(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    folder.with_name(f"{folder.name}.tar.gz").unlink(missing_ok=True)


def routes(key: web.AppKey[Served]) -> list[web.RouteDef]:
    """For the application that has `key`."""
    exchange = Exchange(key)
    return [
        web.get("/models", exchange.all),
        web.put(f"/models/{_NAME}", exchange.take),
        web.get(f"/models/{_NAME}", exchange.give),
        web.delete(f"/models/{_NAME}", exchange.drop),
        web.put("/held", exchange.hold),
    ]
