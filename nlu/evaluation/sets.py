"""The messages to judge by: nlu_data/tests, and the folder of real ones if there is one.

Real messages are split in halves by row: even rows may be looked at while developing, odd rows are for
figures.
"""

from __future__ import annotations

import csv
import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from nlu import phrases
from nlu.phrases import Phrase

HALVES = {"dev": 0, "final": 1}
KINDS = {"咨询": "question", "投诉": "complaint", "求助": "help", "建议": "suggestion", "举报": "tip"}
# The folder's names of departments that differ from the short names of our city pack.
DEPARTMENTS = {
    "街道乡镇": "street", "教育": "education", "交通运输": "transport", "公安": "police", "住建": "housing",
    "人社": "labour", "城管执法": "city_management", "交警支队": "traffic_police", "自然资源规划": "planning",
    "水务水利": "water", "发改物价": "price", "生态环境": "environment", "医保": "medical_insurance",
}  # fmt: skip
# Parts of the address file → our tags; what is not here is no part of an address.
PARTS = {
    "prov": "province", "city": "city", "district": "district", "town": "town", "community": "community",
    "road": "road", "roadno": "road", "subroad": "road", "subroadno": "road", "poi": "estate",
    "subpoi": "estate",
    "devzone": "estate", "houseno": "room", "cellno": "room", "floorno": "room", "roomno": "room",
}  # fmt: skip


@dataclass(frozen=True)
class Address:
    """An address with its parts; characters in `repeated` belong to a part that was written twice."""

    text: str
    parts: frozenset[tuple[int, int, str]]
    repeated: frozenset[int]


def ours(data: Path, half: str, kind: str) -> list[Phrase]:
    """Held-out phrases of one file group: services, acts, safety, hard_negatives, conduct."""
    return phrases.read(sorted((data / "tests" / half).glob(f"{kind}*.yml")))


def several(data: Path) -> list[dict[str, Any]]:
    """Messages with one or more requests, and the services they ask for."""
    return _messages(data / "tests" / "several.yml")


def slots(data: Path) -> list[dict[str, Any]]:
    """Messages with details, what is said of them and when."""
    return _messages(data / "tests" / "slots.yml")


def _messages(path: Path) -> list[dict[str, Any]]:
    return list(yaml.safe_load(path.read_text(encoding="utf-8"))) if path.exists() else []


def rows(folder: Path, name: str, half: str) -> list[dict[str, str]]:
    """Half of a table of real messages; empty where the folder is not there."""
    path = folder / f"{name}.csv"
    if not path.exists():
        return []
    with path.open(encoding="utf-8-sig", newline="") as file:
        return [row for i, row in enumerate(csv.DictReader(file)) if i % 2 == HALVES[half]]


def commonest_departments(folder: Path, count: int = 12) -> list[str]:
    """Over the whole table, so that both halves are judged on the same ones."""
    every = rows(folder, "departments", "dev") + rows(folder, "departments", "final")
    return [name for name, _ in Counter(row["department"] for row in every).most_common(count)]


def addresses(folder: Path, half: str) -> Iterator[Address]:
    """Chinese addresses in our tags: number and road are one part, so are building, unit and room."""
    for row in rows(folder, "addresses", half):
        parts: list[tuple[int, int, str]] = []
        repeated: set[int] = set()
        for one in json.loads(row["entities"]):
            start, end, tag = one["start"], one["end"], PARTS.get(one["type"])
            if one["type"] == "redundant":
                repeated.update(range(start, end))
            if tag and parts and _continues(parts[-1], start, tag, one["type"], repeated):
                parts[-1] = (parts[-1][0], end, tag)
            elif tag:
                parts.append((start, end, tag))
        yield Address(row["text"], frozenset(parts), frozenset(repeated))


def _continues(last: tuple[int, int, str], start: int, tag: str, kind: str, repeated: set[int]) -> bool:
    if last[2] != tag or kind in ("road", "subroad", "devzone") or tag not in ("road", "estate", "room"):
        return False
    gap = set(range(last[1], start))
    return not gap or (tag == "room" and len(gap) == 1 and gap <= repeated)
