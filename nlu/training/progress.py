"""Machine-readable progress: one JSON object per line on the real stdout, everything else on stderr.

Callers (the launcher, the console) show stage, epoch, loss and time left; they never parse Rasa's own words.
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

    def epoch(self, epoch: int, epochs: int, loss: float | None, accuracy: float | None, eta_s: float) -> None:
        """One epoch of the classifier is over."""
        self.stage(
            "train",
            epoch=epoch,
            epochs=epochs,
            loss=None if loss is None else round(float(loss), 4),
            accuracy=None if accuracy is None else round(float(accuracy), 4),
            eta_s=round(eta_s, 1),
        )
