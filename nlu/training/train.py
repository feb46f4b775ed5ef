"""Train a model: `python -m nlu.training.train --data nlu_data --out DIR`, with the Rasa environment's
Python.

Writes DIR/<model>.tar.gz (a stock Rasa model) and DIR/<model>/ (its export for `nlu.server`), lets the
gate compare the two, and points DIR/current at the model. Progress is printed as JSON lines. Unchanged
data, code and packages train nothing. A failure ends with one clear line on stderr and status 1, and
leaves the served model alone.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

# Before Rasa is imported: no telemetry, no cache folder in the working directory (our own hash decides).
os.environ.update(
    RASA_TELEMETRY_ENABLED="false", RASA_MAX_CACHE_SIZE="0", SQLALCHEMY_SILENCE_UBER_WARNING="1"
)
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

from nlu import phrases  # the environment comes first
from nlu.training import progress as progress_module
from nlu.training.data import DataError, fingerprint, stage, stage_config, training_files
from nlu.training.export import NotCovered, export
from nlu.training.gate import Refused, compare
from nlu.training.progress import Progress
from nlu.training.second import CACHE_SETTING

POINTER = "current"


class TrainingFailed(Exception):
    """Training ended without a model; the text is the line shown to the caller."""


def _train(data: Path, imports: Path | None, out: Path, name: str, progress: Progress) -> None:
    from rasa.model_training import train_nlu
    from rasa.utils.log_utils import configure_structlog

    configure_structlog()  # without it Rasa prints every message and entity it sees
    progress_module.listener = progress
    with tempfile.TemporaryDirectory(prefix="lianxin-train-") as folder:
        staged = stage(data, Path(folder) / "phrases", imports)
        progress.stage("prepare", files=sum(1 for _ in staged.rglob("*.yml")))
        config = stage_config(data, Path(folder))
        made = train_nlu(str(config), str(staged), str(out), fixed_model_name=name)
    if not made:
        raise TrainingFailed("Rasa found nothing to train on")


def _texts(data: Path) -> list[str]:
    """Every phrase of ours, held-out ones included: what the gate compares."""
    held_out = sorted((data / "tests").glob("**/*.yml"))
    return [phrase.text for phrase in phrases.read([*training_files(data), *held_out])]


def _export(archive: Path, folder: Path, data: Path, progress: Progress) -> None:
    fresh = folder.with_suffix(".new")
    progress.stage("export")
    export(archive, fresh)
    compare(archive, fresh, _texts(data), lambda done, of: progress.stage("gate", done=done, of=of))
    shutil.rmtree(folder, ignore_errors=True)
    fresh.rename(folder)


def point_at(out: Path, name: str) -> None:
    """Serve this model from now on: servers watch the pointer."""
    pointer = out / f"{POINTER}.new"
    pointer.write_text(name + "\n", encoding="utf-8")
    pointer.replace(out / POINTER)


def train(
    data: Path,
    out: Path,
    progress: Progress,
    force: bool = False,
    imports: Path | None = None,
    known: Sequence[str] = (),
) -> str:
    """Make a model for the present data unless there is one, here or among those known elsewhere; returns
    its name."""
    name = f"lianxin-{fingerprint(data, imports)}"
    if name in known:
        progress.stage("known", model=name)
        return name
    archive, folder = out / f"{name}.tar.gz", out / name
    out.mkdir(parents=True, exist_ok=True)
    if force or not (archive.exists() and folder.exists()):
        progress.stage("load")
        os.environ.setdefault(CACHE_SETTING, str(out / "cache"))
        _train(data, imports, out, name, progress)
        try:
            _export(archive, folder, data, progress)
        except (NotCovered, Refused):
            archive.unlink()
            raise
    point_at(out, name)
    return name


def _cause(error: BaseException) -> BaseException:
    """Rasa wraps what a component raises; the reader wants the reason."""
    while error.__cause__ is not None:
        error = error.__cause__
    return error


def main(arguments: Sequence[str] | None = None) -> int:
    """Command line."""
    parser = argparse.ArgumentParser(prog="nlu.training.train")
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--imports", type=Path, help="past tickets of the city, trained on beside --data")
    parser.add_argument("--force", action="store_true", help="train even if there is a model for this data")
    parser.add_argument("--known", nargs="*", default=[], help="names of models that need not be made again")
    options = parser.parse_args(arguments)
    progress = Progress()
    try:
        known: Sequence[str] = options.known
        imports = options.imports and options.imports.resolve()
        name = train(options.data.resolve(), options.out.resolve(), progress, options.force, imports, known)
    except (DataError, TrainingFailed, NotCovered, Refused) as error:
        print(f"training failed: {error}", file=sys.stderr)
        return 1
    except Exception as error:  # noqa: BLE001  # the outermost loop: whatever Rasa raises becomes one line
        cause = _cause(error)
        reason = " ".join(str(cause).split())[:1000]
        print(f"training failed: {type(cause).__name__}: {reason}", file=sys.stderr)
        return 1
    progress.stage("done", model=name)
    return 0


if __name__ == "__main__":
    sys.exit(main())
