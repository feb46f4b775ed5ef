"""Machine-readable progress: one JSON object per line on the real stdout, everything else on stderr.

Callers (the launcher, the console) show stage, step, accuracy and time left; they never parse Rasa's own
words.
"""

from __future__ import annotations

import json
import os
import sys
import time
from typing import Any


class Progress:
    """Owns the process's stdout; whatever libraries print goes to stderr from the moment this is made."""

    def __init__(self) -> None:
        self._out = os.fdopen(os.dup(1), "w", encoding="utf-8", buffering=1)
        os.dup2(2, 1)
        sys.stdout = sys.stderr
        self._began = time.monotonic()

    def stage(self, stage: str, **facts: Any) -> None:
        """Say where we are."""
        line = {"stage": stage, "elapsed_s": round(time.monotonic() - self._began, 1), **facts}
        self._out.write(json.dumps(line, ensure_ascii=False) + "\n")


class Steps:
    """Counts the fits of one training; `epoch` of `epochs` in the words of Rasa's callers."""

    def __init__(self, progress: Progress | None, total: int) -> None:
        self._progress = progress
        self._total = total
        self._done = 0
        self._began = time.monotonic()

    def took(self, axis: str, steps: int, loss: float | None = None, accuracy: float | None = None) -> None:
        """So many more are done; loss and accuracy are of phrases held back (cross-validation)."""
        self._done += steps
        left = (time.monotonic() - self._began) / self._done * (self._total - self._done)
        if self._progress is not None:
            self._progress.stage(
                "train",
                axis=axis,
                epoch=self._done,
                epochs=self._total,
                loss=None if loss is None else round(loss, 4),
                accuracy=None if accuracy is None else round(accuracy, 4),
                eta_s=round(left, 1),
            )


# Rasa makes the components itself and passes nothing on; whoever trains leaves the listener here.
listener: Progress | None = None
