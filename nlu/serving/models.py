"""Which models are served: the one that `current` names, and any other of the folder that is asked for.

The pointer file is the only way a new default arrives: training, the console and `PUT /model` all write it,
so every process follows within a second and a restart finds the same model. The file `held` names models that
all processes keep loaded beside it, so that a request for one of them never waits for a disk.
"""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import logging
import os
from collections import OrderedDict
from pathlib import Path

from nlu.reading.engine import META, Engine, ModelError
from nlu.serving.archive import NAME
from nlu.serving.roll import Roll

POINTER = "current"
HELD = "held"
MOST_HELD = 6  # loaded at a time beside the default; about 20 MB each
_LOOK_EVERY_S = 0.5
log = logging.getLogger(__name__)


class NoModel(ModelError):
    """There is no model of that name."""


def _loaded(folder: Path) -> Engine:
    engine = Engine.load(folder)
    engine.warm()
    return engine


def _give_back() -> None:
    """What an old model leaves goes back to the machine; glibc would keep it, and more at each change."""
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None) if os.name == "posix" else None
    if trim:
        trim(0)


class Served:
    """The engines in use; each replaced as a whole, so that a parse never sees half of a model."""

    def __init__(self, place: Path, before: Served | None = None) -> None:
        """`before`: what the parent process has loaded, so that its children share the memory."""
        self.place = place
        self.single = (place / META).exists()
        self._known = self._wanted()
        self.engine: Engine = (
            before.engine if before and before._known == self._known else _loaded(self._known)
        )
        self._others: OrderedDict[str, Engine] = OrderedDict()
        self._loading: dict[str, asyncio.Task[Engine]] = {}
        self._broken: dict[str, float] = {}  # what could not be read, and the time of its file
        self._look = asyncio.Event()
        self._roll = Roll(place)

    @property
    def current(self) -> str:
        """The name of the default."""
        return self._known.name

    def _wanted(self) -> Path:
        if self.single:
            return self.place
        try:
            name = (self.place / POINTER).read_text(encoding="utf-8").strip()
        except OSError as error:
            raise ModelError(f"no model in {self.place}: {error.strerror}") from error
        return self.resolve(name)

    def resolve(self, name: str) -> Path:
        """The folder of a model named as Rasa would (its archive, with or without path)."""
        stem = Path(name).name.removesuffix(".tar.gz")
        folder = self.place / stem
        if not NAME.fullmatch(stem) or not (folder / META).exists():
            raise NoModel(f"there is no exported model '{stem}' in {self.place}")
        return folder

    def stored(self) -> list[str]:
        """Every model of the folder."""
        if self.single:
            return [self.current]
        return sorted(
            path.parent.name for path in self.place.glob(f"*/{META}") if NAME.fullmatch(path.parent.name)
        )

    def loaded(self) -> list[str]:
        """What this process can answer with at once."""
        return sorted({self.current, *self._others})

    def loaded_everywhere(self) -> list[str]:
        """What every process of this server can answer with at once."""
        return self._roll.common(self.loaded())

    async def get(self, name: str) -> Engine:
        """The engine of this name; loaded beside the running work if need be. Raises ModelError."""
        stem = Path(name).name.removesuffix(".tar.gz")
        if stem == self.current:
            return self.engine
        if stem in self._others:
            self._others.move_to_end(stem)
            return self._others[stem]
        if self.single:
            raise NoModel("this server was started with one model")
        folder = self.resolve(stem)
        if stem not in self._loading:
            self._loading[stem] = asyncio.create_task(asyncio.to_thread(_loaded, folder))
        try:
            engine = await asyncio.shield(self._loading[stem])
        finally:
            self._loading.pop(stem, None)
        self._keep(stem, engine)
        return engine

    def _keep(self, name: str, engine: Engine) -> None:
        self._others[name] = engine
        self._others.move_to_end(name)
        held = self._held()
        for old in [old for old in self._others if old not in held]:
            if len(self._others) <= MOST_HELD:
                break
            del self._others[old]
        self._roll.write(self.loaded())

    def hold(self, names: list[str]) -> None:
        """Keep these loaded in all processes, from now on. Raises NoModel before anything changes."""
        if self.single:
            raise ModelError("this server was started with one model; start it with a folder of models")
        found = [self.resolve(name).name for name in names]
        self._write(HELD, "".join(f"{name}\n" for name in found))
        self.look_again()

    def in_use(self) -> list[str]:
        """What must not be deleted."""
        return [self.current, *self._held()]

    def _held(self) -> list[str]:
        try:
            return (self.place / HELD).read_text(encoding="utf-8").split()[:MOST_HELD]
        except OSError:
            return []

    def point_at(self, folder: Path) -> None:
        """Make this the default of all processes."""
        if self.single:
            raise ModelError("this server was started with one model; start it with a folder of models")
        self._write(POINTER, folder.name + "\n")

    def _write(self, name: str, content: str) -> None:
        fresh = self.place / f"{name}.{os.getpid()}.new"
        fresh.write_text(content, encoding="utf-8")
        fresh.replace(self.place / name)

    def look_again(self) -> None:
        """Look at the files now (SIGHUP)."""
        self._look.set()

    async def watch(self) -> None:
        """Follow the files; a model that cannot be read is reported once and the old one stays."""
        self._roll.write(self.loaded())
        while True:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_LOOK_EVERY_S):
                    await self._look.wait()
            self._look.clear()
            try:
                await self.take_over()
            except (ModelError, OSError) as error:
                log.warning("the new model was not taken over: %s", error)
            await self._load_held()

    async def _load_held(self) -> None:
        for name in self._held():
            if name in self._others or name == self.current:
                continue
            with contextlib.suppress(OSError):
                written = (self.place / name / META).stat().st_mtime
                if self._broken.get(name) == written:
                    continue
                try:
                    await self.get(name)
                except (ModelError, OSError) as error:
                    self._broken[name] = written
                    log.warning("model %s cannot be held: %s", name, error)

    async def take_over(self) -> None:
        """Load what the pointer names, beside the running work, and switch."""
        wanted = self._wanted()
        if wanted == self._known:
            return
        fresh: Engine | None = self._others.pop(wanted.name, None)
        before, old = self._known.name, self.engine
        self._known = wanted
        self.engine = fresh if fresh is not None else await asyncio.to_thread(_loaded, wanted)
        if before in self._held():
            self._others[before] = old
        del old
        await asyncio.to_thread(_give_back)
        self._roll.write(self.loaded())

    def close(self) -> None:
        """This process no longer counts."""
        self._roll.clear()
