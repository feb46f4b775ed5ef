"""Training a model in the Rasa environment, and finding the one that serves."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

from bot.config import ROOT, Settings
from bot.machine.environment import RASA_PYTHON
from bot.machine.steps import command


def models(settings: Settings) -> Path:
    return settings.data_dir / "models"


def imports(settings: Settings) -> Path:
    """Where past tickets lie that `./lianxin import-tickets` took in; trained on beside nlu_data."""
    return settings.data_dir / "imports"


async def train(settings: Settings, detail: Callable[[str], None]) -> bool:
    """Train unless there is a model for the present data. Raises SetupError with what to mend."""
    folder = models(settings)
    folder.mkdir(parents=True, exist_ok=True)
    before = served(folder)
    words: list[str | Path] = ["--data", settings.nlu_data, "--imports", imports(settings), "--out", folder]
    await command(
        [RASA_PYTHON, "-m", "nlu.training.train", *words],
        detail,
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"},
        what="Training the model",
        on_line=progress,
    )
    return served(folder) != before


def served(folder: Path) -> str:
    """What `current` points to, "" before the first training."""
    pointer = folder / "current"
    if pointer.is_symlink():
        return str(pointer.readlink())
    return pointer.read_text().strip() if pointer.is_file() else ""


def progress(line: str) -> str | None:
    """A progress line of training as a person reads it; None for what Rasa chatters between."""
    if not line.startswith("{"):
        return None
    try:
        facts = json.loads(line)
    except ValueError:
        return None
    parts = [str(facts.get("stage", ""))]
    if facts.get("epochs"):
        parts.append(f"epoch {facts.get('epoch')}/{facts['epochs']}")
    if facts.get("loss") is not None:
        parts.append(f"loss {facts['loss']:.2f}")
    if facts.get("eta_s") is not None:
        parts.append(f"{facts['eta_s']:.0f} s left")
    return " · ".join(part for part in parts if part)
