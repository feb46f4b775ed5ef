"""Training data as small as the small model: two services, all acts, dangers, and held-out phrases."""

from __future__ import annotations

import shutil
from pathlib import Path

import yaml

from tests.conftest import ROOT

DATA = ROOT / "nlu_data"
KEPT = ("services/heating.yml", "services/bus.yml", "services/emergency.yml")
MORE = ("safety/fire.yml",)
HELD = {
    "services.yml": {"heating": ["家里暖气不热了", "暖气片是凉的"], "bus": ["公交站没了", "公交甩站"]},
    "acts.yml": {"greet": ["您好呀"], "thank": ["谢谢啊"]},
}
DANGERS = {"fire": ["楼下起火冒烟", "厨房火很大", "火烧起来了"], "flooding": ["水淹到腰了", "车库淹了有火花"]}


def block(intent: str, texts: list[str], **metadata: str) -> dict[str, object]:
    found: dict[str, object] = {"intent": intent, "examples": "".join(f"- {text}\n" for text in texts)}
    return found | ({"metadata": metadata} if metadata else {})


def write(into: Path) -> Path:
    """A whole tree: city and rules as they are, few phrases, held-out ones for the small model."""
    for folder in ("city", "acts"):
        shutil.copytree(DATA / folder, into / folder)
    for name in (*KEPT, *MORE, "safety/net.yml", "config.yml"):
        (into / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(DATA / name, into / name)
    for half in ("dev", "final"):
        tests = into / "tests" / half
        tests.mkdir(parents=True)
        for file, phrases in HELD.items():
            _dump(tests / file, [block(name, texts) for name, texts in phrases.items()])
        dangers = [block("emergency", texts, safety=name) for name, texts in DANGERS.items()]
        _dump(tests / "safety.yml", dangers)
    return into


def _dump(path: Path, blocks: list[dict[str, object]]) -> None:
    content = yaml.safe_dump({"version": "3.1", "nlu": blocks}, allow_unicode=True, sort_keys=False)
    path.write_text(content, encoding="utf-8")
