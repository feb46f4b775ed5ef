"""Measure a candidate beside the model in service, for the studio.

`python -m nlu.judge --model DIR [--against DIR] --data SNAPSHOT [--traffic FILE] --out FILE`. SNAPSHOT is the
data the candidate was trained on, with its held-out phrases; FILE of `--traffic` has one JSON object a line:
messages that people confirmed or corrected. Progress goes to stdout as JSON lines, a failure ends with one
line on stderr and status 1.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from nlu import phrases
from nlu.evaluation import sets
from nlu.evaluation.candidate import Asked, Read, asked, compare
from nlu.reading.engine import Engine, ModelError
from nlu.reading.normalise import normalise
from nlu.reading.reader import AXES
from nlu.training.data import DataError, training_files
from nlu.training.progress import Progress

SETS = ("services", "acts", "safety", "hard_negatives", "conduct")
_SAY_EVERY = 250
_NOISE = re.compile(r"[\s\W_]+")


def plain(text: str) -> str:
    """The same for texts that differ in marks and spaces only."""
    return _NOISE.sub("", normalise(text).text)


def held_out(data: Path) -> Iterator[Asked]:
    """Both halves of the frozen set, each text once for its set."""
    seen: set[tuple[str, str]] = set()
    for name in SETS:
        for half in sets.HALVES:
            for phrase in sets.ours(data, half, name):
                key = (name, plain(phrase.text))
                if key not in seen:
                    seen.add(key)
                    yield asked(phrase, name)


def traffic(file: Path | None) -> Iterator[Asked]:
    """Messages that people said something about."""
    if file is None or not file.exists():
        return
    for line in file.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        yield Asked(row["text"], "traffic", row["service"], row.get("kind") or "")


def _read(engine: Engine, every: Sequence[Asked], progress: Progress, done: int, of: int) -> list[Read]:
    reads = []
    for i, one in enumerate(every):
        reads.append(Read.of(engine.parse(one.text)))
        if i % _SAY_EVERY == 0:
            progress.stage("judge", done=done + i, of=of)
    return reads


def _labels(engine: Engine) -> dict[str, list[str]]:
    return {name: list(engine.reader.labels(name)) for name in AXES}


def judge(
    model: Path, against: Path | None, data: Path, recent: Path | None, progress: Progress
) -> dict[str, Any]:
    """The whole report."""
    taught = {plain(phrase.text) for phrase in phrases.read(training_files(data))}
    given = [*held_out(data), *traffic(recent)]
    every = [one for one in given if plain(one.text) not in taught]
    if not any(one.set == "services" for one in every):
        raise DataError("there are no held-out requests to judge by (tests/ of the data is empty)")
    engine = Engine.load(model)
    rival = Engine.load(against) if against else None
    of = len(every) * (2 if rival else 1)
    ours = _read(engine, every, progress, 0, of)
    theirs = _read(rival, every, progress, len(every), of) if rival else None
    report = compare(every, ours, theirs)
    report["taught"] = {
        "held_out": sum(one.set != "traffic" for one in given) - sum(one.set != "traffic" for one in every),
        "traffic": sum(one.set == "traffic" for one in given) - sum(one.set == "traffic" for one in every),
    }
    report["labels"] = {"new": _labels(engine), "old": _labels(rival) if rival else None}
    return report


def main(arguments: Sequence[str] | None = None) -> int:
    """Command line."""
    parser = argparse.ArgumentParser(prog="nlu.judge")
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--against", type=Path)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--traffic", type=Path)
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args(arguments)
    progress = Progress()
    try:
        report = judge(options.model, options.against, options.data, options.traffic, progress)
        options.out.write_text(json.dumps(report, ensure_ascii=False), encoding="utf-8")
    except (DataError, ModelError, OSError, ValueError, KeyError) as error:
        print(f"judging failed: {error}", file=sys.stderr)
        return 1
    progress.stage("done")
    return 0


if __name__ == "__main__":
    sys.exit(main())
