"""Train a model: `python -m nlu.training.train --data nlu_data --out DIR`, with the Rasa environment's Python.

Writes DIR/<model>.tar.gz (a stock Rasa model) and points DIR/current at it; prints progress as JSON lines.
Unchanged data, code and packages train nothing. A failure ends with one clear line on stderr and status 1.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, Sequence

# Before Rasa is imported: no telemetry, no cache folder in the working directory (our own hash decides).
os.environ.update(RASA_TELEMETRY_ENABLED="false", RASA_MAX_CACHE_SIZE="0", SQLALCHEMY_SILENCE_UBER_WARNING="1")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

from nlu.training.data import DataError, fingerprint, stage  # noqa: E402  # the environment comes first
from nlu.training.progress import Progress  # noqa: E402

POINTER = "current"


class TrainingFailed(Exception):
    """Training ended without a model; the text is the line shown to the caller."""


def _watch_epochs(progress: Progress, epochs: int) -> None:
    """Rasa has no hook for callers, so its own epoch logger is told to speak to us as well."""
    from rasa.utils import train_utils
    from rasa.utils.tensorflow.callback import RasaTrainingLogger

    began = time.monotonic()

    class Spoken(RasaTrainingLogger):  # type: ignore[misc]  # Rasa ships no usable types
        def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
            done = epoch + 1
            left = (time.monotonic() - began) / done * (epochs - done)
            facts = logs or {}
            progress.epoch(done, epochs, facts.get("t_loss"), facts.get("i_acc"), left)

    train_utils.RasaTrainingLogger = Spoken


def _epochs(config: Path) -> int:
    from rasa.shared.utils.io import read_yaml_file

    steps = read_yaml_file(str(config))["pipeline"]
    return max([int(step.get("epochs", 300)) for step in steps if step["name"] == "DIETClassifier"], default=0)


def _train(data: Path, out: Path, name: str, progress: Progress) -> None:
    from rasa.model_training import train_nlu
    from rasa.utils.log_utils import configure_structlog

    configure_structlog()  # without it Rasa prints every message and entity it sees
    config = data / "config.yml"
    _watch_epochs(progress, _epochs(config))
    with tempfile.TemporaryDirectory(prefix="lianxin-train-") as folder:
        staged = stage(data, Path(folder))
        progress.stage("prepare", files=sum(1 for _ in staged.rglob("*.yml")))
        made = train_nlu(str(config), str(staged), str(out), fixed_model_name=name)
    if not made:
        raise TrainingFailed("Rasa found nothing to train on")


def train(data: Path, out: Path, progress: Progress, force: bool = False) -> Path:
    """Make a model for the present data unless there is one; returns its archive."""
    name = f"lianxin-{fingerprint(data)}"
    archive = out / f"{name}.tar.gz"
    out.mkdir(parents=True, exist_ok=True)
    if force or not archive.exists():
        progress.stage("load")
        _train(data, out, name, progress)
    pointer = out / f"{POINTER}.new"
    pointer.write_text(archive.name + "\n", encoding="utf-8")
    pointer.replace(out / POINTER)
    return archive


def main(arguments: Sequence[str] | None = None) -> int:
    """Command line."""
    parser = argparse.ArgumentParser(prog="nlu.training.train", description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--force", action="store_true", help="train even if there is a model for this data")
    options = parser.parse_args(arguments)
    progress = Progress()
    try:
        archive = train(options.data, options.out, progress, options.force)
    except (DataError, TrainingFailed) as error:
        print(f"training failed: {error}", file=sys.stderr)
        return 1
    except Exception as error:  # the outermost loop: whatever Rasa raises becomes one line
        reason = (str(error).splitlines() or [""])[0]
        print(f"training failed: {type(error).__name__}: {reason}", file=sys.stderr)
        return 1
    progress.stage("done", model=archive.name)
    return 0


if __name__ == "__main__":
    sys.exit(main())
