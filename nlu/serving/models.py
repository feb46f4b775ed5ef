"""Which model is served, and changing it while requests keep coming.

The pointer file is the only way a new model arrives: training, the console and `PUT /model` all write it, so
every process follows within a second and a restart finds the same model.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from pathlib import Path

from nlu.reading.engine import META, Engine, ModelError

POINTER = "current"
_LOOK_EVERY_S = 0.5
log = logging.getLogger(__name__)


class Served:
    """The engine in use; replaced as a whole, so that a parse never sees half of a model."""

    def __init__(self, place: Path) -> None:
        self._place = place
        self._single = (place / META).exists()
        self._known = self._wanted()
        self.engine = Engine.load(self._known)
        self._look = asyncio.Event()

    def _wanted(self) -> Path:
        if self._single:
            return self._place
        try:
            name = (self._place / POINTER).read_text(encoding="utf-8").strip()
        except OSError as error:
            raise ModelError(f"no model in {self._place}: {error.strerror}") from error
        return self.resolve(name)

    def resolve(self, name: str) -> Path:
        """The folder of a model named as Rasa would (its archive, with or without path)."""
        stem = Path(name).name.removesuffix(".tar.gz")
        folder = self._place / stem
        if not stem or not (folder / META).exists():
            raise ModelError(f"there is no exported model '{stem}' in {self._place}")
        return folder

    def point_at(self, folder: Path) -> None:
        """Make this the model of all processes."""
        if self._single:
            raise ModelError("this server was started with one model; start it with a folder of models")
        fresh = self._place / f"{POINTER}.new"
        fresh.write_text(folder.name + "\n", encoding="utf-8")
        fresh.replace(self._place / POINTER)

    def look_again(self) -> None:
        """Look at the pointer now (SIGHUP)."""
        self._look.set()

    async def watch(self) -> None:
        """Follow the pointer; a model that cannot be read is reported and the old one stays."""
        while True:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._look.wait(), _LOOK_EVERY_S)
            self._look.clear()
            try:
                await self.take_over()
            except ModelError as error:
                log.warning("the new model was not taken over: %s", error)

    async def take_over(self) -> None:
        """Load what the pointer names, beside the running work, and switch."""
        wanted = self._wanted()
        if wanted == self._known:
            return
        self._known = wanted
        self.engine = await asyncio.to_thread(Engine.load, wanted)
