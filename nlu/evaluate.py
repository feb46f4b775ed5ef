"""Judge a trained model: `python -m nlu.evaluate --model DIR --data nlu_data --out DIR [--real
../shared/data]`.

Prints and writes report.md with pictures. `--half dev` may be looked at while developing; `final` (the
default) is never tuned on. Real messages are judged where the folder is there, and left out with a word
where it is not.
"""

from __future__ import annotations

import argparse
import functools
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import yaml

from nlu.evaluation import judge, report, sets
from nlu.evaluation.judge import Net, Section
from nlu.reading.engine import Engine, ModelError
from nlu.serving.models import POINTER


def _engine(place: Path) -> Engine:
    pointer = place / POINTER
    return Engine.load(place / pointer.read_text(encoding="utf-8").strip() if pointer.exists() else place)


def categories(data: Path) -> dict[str, str]:
    """Service → official category, as its file says."""
    found = {}
    for path in sorted((data / "services").glob("*.yml")):
        for block in yaml.safe_load(path.read_text(encoding="utf-8"))["nlu"]:
            if category := (block.get("metadata") or {}).get("category"):
                found[block["intent"]] = category
    return found


def _sections(engine: Engine, data: Path, real: Path, half: str, net: Net | None) -> list[Section]:
    read = functools.lru_cache(maxsize=20_000)(engine.parse)
    ours = {
        kind: sets.ours(data, half, kind)
        for kind in ("services", "acts", "safety", "hard_negatives", "conduct")
    }
    sections = [
        judge.services(ours["services"], read, categories(data)),
        judge.acts(ours["acts"], read),
        judge.safety(ours["safety"], ours["hard_negatives"], read, None),
    ]
    if net:
        sections.append(judge.safety(ours["safety"], ours["hard_negatives"], read, net))
    sections += [
        judge.conduct(ours["conduct"], read),
        judge.several(sets.several(data), read),
        judge.slots(sets.slots(data), engine.entities),
        judge.spans([phrase for found in ours.values() for phrase in found], read),
    ]
    if real.exists():
        sections += [
            judge.topics(sets.rows(real, "topics", half), read),
            judge.kinds(sets.rows(real, "kinds", half), read),
            judge.departments(real, half, read),
            judge.outside(sets.rows(real, "chat_domains", half), read),
            judge.places(list(sets.addresses(real, half)), read),
        ]
    return sections


def _pictures(sections: Sequence[Section], out: Path) -> list[str]:
    names = []
    for section in sections:
        name = section.title.split("(")[0].strip().lower().replace(" ", "-")
        if section.classes:
            report.confusion_picture(section, out / f"{name}.png")
            names.append(name)
        if section.confidences:
            report.calibration_picture(section, out / f"{name}-calibration.png")
            names.append(f"{name}-calibration")
    return names


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="nlu.evaluate", description="Judge a trained model.")
    parser.add_argument("--model", type=Path, required=True, help="folder of models, or one exported model")
    parser.add_argument("--data", type=Path, default=Path("nlu_data"))
    parser.add_argument("--real", type=Path, default=Path("../shared/data"), help="folder of real messages")
    parser.add_argument("--half", choices=tuple(sets.HALVES), default="final")
    parser.add_argument("--out", type=Path, required=True, help="folder for report.md and pictures")
    return parser.parse_args(arguments)


def main(arguments: Sequence[str] | None = None, net: Net | None = None) -> int:
    """Command line. `net` are the app's emergency rules, given by whoever may import both."""
    options = _options(arguments)
    try:
        engine = _engine(options.model)
    except (ModelError, OSError) as error:
        print(f"evaluation failed: {error}", file=sys.stderr)
        return 1
    began = time.monotonic()
    options.out.mkdir(parents=True, exist_ok=True)
    sections = _sections(engine, options.data, options.real, options.half, net)
    facts = [f"Model {engine.meta.name}, half `{options.half}`, {time.monotonic() - began:.0f} s."]
    if not options.real.exists():
        facts.append(
            f"No real messages at hand ({options.real} is not there): only our own phrases were read."
        )
    text = report.markdown("How well it reads", facts, sections, _pictures(sections, options.out))
    (options.out / "report.md").write_text(text, encoding="utf-8")
    print(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
