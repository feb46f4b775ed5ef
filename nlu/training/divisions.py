"""The places a model knows: the city's own list, and the country's official divisions from jionlp's
dictionary.

Only the dictionary file is read; importing jionlp would print an advertisement and load much else.
"""

from __future__ import annotations

import importlib.util
import re
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import yaml

from nlu.reading.entities.endings import ORDINARY
from nlu.reading.entities.gazetteer import Gazetteer, Place

_PARTS = {
    "districts": "district",
    "towns": "town",
    "communities": "community",
    "roads": "road",
    "estates": "estate",
    "pois": "estate",
}
_ORGANISATIONS = frozenset({"hospital", "school", "mall", "office", "works"})
_MUNICIPALITIES = frozenset({"北京市", "上海市", "天津市", "重庆市"})
_LEVELS = ("province", "city", "district", "town")
# Names of divisions that are ordinary words without their ending.
_NOT_SHORT = frozenset(
    [
        "城",
        "郊",
        "矿",
        "市",
        "和平",
        "新华",
        "长安",
        "高新",
        "桥东",
        "桥西",
        "新市",
        "城关",
        "开发",
        "东",
        "西",
        "南",
        "北",
        "中",
        "建设",
        "解放",
        "红星",
        "东方",
        "朝阳",
        "文化",
        "光明",
        "新城",
        "大同",
    ]
)


def own(city: Path) -> dict[str, Place]:
    """Every name and alias of places.yml with the district and town it lies in."""
    content: dict[str, list[dict[str, Any]]] = yaml.safe_load(
        (city / "places.yml").read_text(encoding="utf-8")
    )
    every = {one["name"]: one for names in content.values() for one in names or ()}
    kinds = {one["name"]: _PARTS[group] for group, names in content.items() for one in names or ()}
    table: dict[str, Place] = {}
    for name, one in every.items():
        place: Place = {"name": name, "part": _part(one, kinds[name])}
        above = one.get("parent")
        while above in every:
            place.setdefault(kinds[above], above)
            above = every[above].get("parent")
        for said in [name, *(one.get("aliases") or ())]:
            table.setdefault(said, place)
    return table


def _part(one: dict[str, Any], part: str) -> str:
    return "org" if one.get("kind") in ("hospital", "school") else part


def _rows() -> Iterator[tuple[str, str, str]]:
    """Level, full name and short name of every division down to towns."""
    spec = importlib.util.find_spec("jionlp")
    if spec is None or spec.origin is None:
        return
    archive = Path(spec.origin).parent / "dictionary" / "china_location.zip"
    with zipfile.ZipFile(archive) as opened:
        for line in opened.read("china_location.txt").decode("utf-8").splitlines():
            depth = len(line) - len(line.lstrip("\t"))
            if depth < len(_LEVELS):
                cells = line.strip().split("\t")
                yield _LEVELS[depth], cells[0], cells[2] if len(cells) > 2 else ""


def gazetteer(city: Path) -> Gazetteer:
    """Both together; the city's own names win."""
    country: dict[str, str] = {}
    short: dict[str, str] = {}
    towns: dict[str, str] = {}
    for level, name, brief in _rows():
        if level == "town" and not name.endswith(("街道", "镇", "乡")):
            continue
        if len(name) < 3 and name.endswith(("区", "市")):
            continue  # 城区, 郊区: ordinary words
        if name in _MUNICIPALITIES:
            level = "city"
        country.setdefault(name, level)
        if level == "town":
            brief = re.sub("(?:街道|镇|乡)$", "", name)
            if len(brief) >= 2 and brief not in _NOT_SHORT:
                towns.setdefault(brief, level)
            continue
        if brief and brief != name and len(brief) >= 2 and brief not in _NOT_SHORT:
            short.setdefault(brief, level)
    return Gazetteer(own(city) if (city / "places.yml").exists() else {}, country, {**towns, **short})


def named_in(marked: Iterable[tuple[str, str]], known: Gazetteer) -> Gazetteer:
    """Names that phrases mark as estates or roads are names in other messages too, whatever they end in."""
    for name, tag in marked:
        bare = re.sub(r"\d+.*$", "", name)
        if tag in ("estate", "community", "road") and len(bare) >= 3 and not ORDINARY.fullmatch(bare):
            known.own.setdefault(bare, {"name": bare, "part": tag})
    return Gazetteer(known.own, known.country, known.short)
