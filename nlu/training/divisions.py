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


# Divisions that were renamed or merged since 2000 and that people go on writing.
_FORMER = """
江干区 下城区 江东区 闸北区 卢湾区 崇文区 宣武区 绍兴县 富阳市 临安市 上虞市 奉化市
洞头县 鄞县 南汇区 崇明县 塘沽区 汉沽区 大港区 静海县 蓟县 宁河县 萝岗区 芳村区
增城市 从化市 白下区 下关区 溧水县 高淳县 沧浪区 平江区 金阊区 吴江市 崇安区 南长区
北塘区 戚墅堰区 武进市 金坛市 维扬区 江都市 望城县 四方区 胶南市 即墨市 章丘市 莱芜市
长安县 户县 高陵县 郫县 双流县 新都县 呈贡县 晋宁县 长乐市 辽中县 万盛区 潼南县
铜梁县 荣昌县 璧山县 永川市 江津市 合川市 南川市 綦江县 大足县 开县 梁平县 武隆县
通州市 赣榆县 铜山县 洪泽县 清浦区 楚州区
"""


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


def _rows() -> Iterator[tuple[str, str, str, list[str]]]:
    """Level, full name, short name, and the names of what it lies in, of every division down to towns."""
    spec = importlib.util.find_spec("jionlp")
    if spec is None or spec.origin is None:
        return
    above: list[str] = [""] * 2 * len(_LEVELS)
    archive = Path(spec.origin).parent / "dictionary" / "china_location.zip"
    with zipfile.ZipFile(archive) as opened:
        for line in opened.read("china_location.txt").decode("utf-8").splitlines():
            depth = len(line) - len(line.lstrip("\t"))
            if depth < len(_LEVELS):
                cells = line.strip().split("\t")
                brief = cells[2] if len(cells) > 2 else ""
                above[2 * depth : 2 * depth + 2] = [cells[0], brief]
                yield _LEVELS[depth], cells[0], brief, [name for name in above[2 : 2 * depth] if name]


def gazetteer(city: Path) -> Gazetteer:
    """Both together; the city's own names win."""
    country: dict[str, str] = {}
    short: dict[str, str] = {}
    towns: dict[str, str] = {}
    within: dict[str, str] = {}
    for level, name, brief, above in _rows():
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
                within[brief] = f"{within.get(brief, '')} {' '.join(above)}"
            continue
        if brief and brief != name and len(brief) >= 2 and brief not in _NOT_SHORT:
            short.setdefault(brief, level)
    for name in _FORMER.split():
        country.setdefault(name, "district")
        if len(name) > 2:
            short.setdefault(name[:-1], "district")
    places = own(city) if (city / "places.yml").exists() else {}
    return Gazetteer(places, country, {**towns, **short}, within, _area_code(city))


def _area_code(city: Path) -> str:
    path = city / "city.yml"
    facts = yaml.safe_load(path.read_text(encoding="utf-8")) if path.exists() else {}
    return str(facts.get("area_code") or "")


def named_in(marked: Iterable[tuple[str, str]], known: Gazetteer) -> Gazetteer:
    """Names that phrases mark as estates or roads are names in other messages too, whatever they end in."""
    for name, tag in marked:
        bare = re.sub(r"\d+.*$", "", name)
        if tag in ("estate", "community", "road") and len(bare) >= 3 and not ORDINARY.fullmatch(bare):
            known.own.setdefault(bare, {"name": bare, "part": tag})
    return Gazetteer(known.own, known.country, known.short, known.within, known.area_code)
