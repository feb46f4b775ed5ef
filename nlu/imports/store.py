"""Imports on disk: one Rasa training file each, beside the project's own phrases and easy to take back."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from nlu import phrases
from nlu.imports.errors import ImportFailed
from nlu.imports.plan import Taken, per_service


def name_of(path: Path) -> str:
    """A file name made of the export's own."""
    return re.sub(r"[^\w-]+", "_", path.stem).strip("_") or "tickets"


def files(folder: Path) -> list[Path]:
    """All imports there are."""
    return sorted(folder.glob("*.yml"))


def texts(folder: Path) -> Iterator[str]:
    """Everything that was imported before."""
    yield from (phrase.text for phrase in phrases.read(files(folder)))


def write(folder: Path, name: str, taken: list[Taken]) -> Path:
    """Write whole or not at all; never over an earlier import."""
    path = folder / f"{name}.yml"
    if path.exists():
        raise ImportFailed(f"there is an import '{name}' already: choose a --name, or --undo {name} first")
    folder.mkdir(parents=True, exist_ok=True)
    fresh = path.with_suffix(".new")
    fresh.write_text("\n".join(_lines(taken)) + "\n", encoding="utf-8")
    fresh.chmod(0o600)
    fresh.replace(path)
    return path


def undo(folder: Path, name: str) -> int:
    """Take an import back; returns how many phrases it had."""
    path = folder / f"{name}.yml"
    if path not in files(folder):
        there = ", ".join(one.stem for one in files(folder)) or "none"
        raise ImportFailed(f"there is no import '{name}'; there are: {there}")
    had = count(path)
    path.unlink()
    return had


def count(path: Path) -> int:
    """How many phrases an import has."""
    return len(phrases.read_file(path))


def metadata(one: Taken) -> dict[str, Any]:
    """What the block of a ticket says beside the service.

    A past ticket shows what it was about and perhaps what it asked for. That nobody was in danger, or drunk,
    it does not show; nor may a thousand long letters move the line between requests and talk.
    """
    return {"kind": one.kind, "teaches": ["service", "kind"]} if one.kind else {"teaches": ["service"]}


def _lines(taken: list[Taken]) -> Iterator[str]:
    yield 'version: "3.1"'
    yield "nlu:"
    for service, tickets in per_service(taken):
        for said in sorted({one.kind or "" for one in tickets}):
            block = [one for one in tickets if (one.kind or "") == said]
            yield f"- intent: {service}"
            yield f"  metadata: {json.dumps(metadata(block[0]))}"
            yield "  examples: |"
            yield from (f"    - {one.text}" for one in block)
