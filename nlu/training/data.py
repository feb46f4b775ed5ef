"""Which files a model is made of, and the one hash that says whether it has to be made again."""

from __future__ import annotations

import hashlib
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import yaml

CODE = Path(__file__).resolve().parents[1]
ROOT = CODE.parent
# Held-out phrases (tests) and answers (knowledge) are not trained on; the city's places are, through the
# rules.
TRAINED_ON = ("services", "acts", "safety", "conduct", "imports")
ALSO_USED = ("city/places.yml", "city/also.yml", "city/departments.yml", "city/city.yml", "config.yml")


class DataError(Exception):
    """The training data is missing or cannot be used; the text says which and why."""


def training_files(data: Path) -> list[Path]:
    """All phrase files, sorted, so that the same data always gives the same model."""
    files = sorted(path for folder in TRAINED_ON for path in (data / folder).glob("*.yml"))
    if not files:
        raise DataError(f"no training phrases under {data} (expected {', '.join(TRAINED_ON)})")
    return files


def imported_files(imports: Path | None) -> list[Path]:
    """Past tickets of the city (`nlu.imports`), trained on beside our own phrases."""
    return sorted(imports.glob("*.yml")) if imports else []


def _hashed(data: Path, imports: Path | None) -> Iterator[tuple[str, Path]]:
    for path in [*training_files(data), *(data / name for name in ALSO_USED)]:
        if path.exists():
            yield path.relative_to(data).as_posix(), path
    for path in imported_files(imports):
        yield f"past_tickets/{path.name}", path
    for path in sorted([*CODE.glob("reading/**/*.py"), *CODE.glob("training/**/*.py")]):
        yield path.relative_to(CODE).as_posix(), path
    for path in sorted([*(CODE / "training").glob("*.lock"), *(CODE / "training").glob("*.yml")]):
        yield path.name, path


def fingerprint(data: Path, imports: Path | None = None) -> str:
    """Hash over data, configuration, code and pinned packages."""
    digest = hashlib.sha256()
    for name, path in _hashed(data, imports):
        digest.update(name.encode() + b"\0" + hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()[:16]


def stage(data: Path, into: Path, imports: Path | None = None) -> Path:
    """Copy the phrase files together: Rasa reads one folder, and must not find the held-out phrases in it."""
    sources = {path: into / path.relative_to(data) for path in training_files(data)}
    sources |= {path: into / "past_tickets" / path.name for path in imported_files(imports)}
    for path, target in sources.items():
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, target)
    return into


def stage_config(data: Path, into: Path, source: Path | None = None) -> Path:
    """The configuration (this data folder's, or another) with the city pack of this data folder."""
    config = yaml.safe_load((source or data / "config.yml").read_text(encoding="utf-8"))
    for step in config["pipeline"]:
        if "city" in step:
            step["city"] = str(data / "city")
    target = into / "config.yml"
    target.write_text(yaml.safe_dump(config, allow_unicode=True, sort_keys=False), encoding="utf-8")
    return target


_OFFICE = re.compile("(?:[局委办队所处部]|中心|政府|城管|交警|公安|警察|民警|消防)$")


def offices(city: Path) -> dict[str, str]:
    """What people call a department → its id (city/departments.yml); names that are no office's (医院, 社区,
    移动) say where something happened and not who is to act.
    """
    path = city / "departments.yml"
    if not path.exists():
        return {}
    table: dict[str, str] = {}
    for one in yaml.safe_load(path.read_text(encoding="utf-8"))["departments"]:
        for name in (one["short"], *(one.get("aliases") or ())):
            if _OFFICE.search(str(name)):
                table.setdefault(str(name), one["id"])
    return table


@dataclass(frozen=True)
class Handing:
    """Who handles what beside a service's lead department, as the city pack says (city/also.yml).

    `also`: service → further departments, likeliest first. `offices`: what people call a department → its id.
    `words`: a word of a department's own field → its id. `loads`: how much of a line's work a department
    gets, against the others.
    """

    also: dict[str, list[str]] = field(default_factory=dict)
    offices: dict[str, str] = field(default_factory=dict)
    words: dict[str, str] = field(default_factory=dict)
    loads: dict[str, float] = field(default_factory=dict)


def handing(city: Path) -> Handing:
    """Read the city pack; whatever it does not say stays empty."""
    path = city / "also.yml"
    content = (yaml.safe_load(path.read_text(encoding="utf-8")) if path.exists() else None) or {}
    words = {word: name for name, every in (content.get("words") or {}).items() for word in every.split()}
    return Handing(dict(content.get("also") or {}), offices(city), words, dict(content.get("loads") or {}))
