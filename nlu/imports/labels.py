"""From what a city wrote into its category and department columns to the services that may be meant.

A name may mean one service or several; choosing among several needs the message and is done elsewhere.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from nlu.imports.errors import ImportFailed
from nlu.reading.normalise import normalise
from nlu.reading.reader import EMERGENCY

GENERAL = Path(__file__).with_name("names.yml")
OWN = Path("city") / "labels.yml"
KINDS = {
    "question": "咨询 询问 咨询类 question",
    "help": "求助 求决 帮助 求助类 help request",
    "complaint": "投诉 反映 诉求 投诉类 申诉 complaint",
    "tip": "举报 检举 揭发 控告 举报类 tip report",
    "suggestion": "建议 意见 意见建议 建言 建议类 suggestion",
    "praise": "表扬 感谢 致谢 表扬类 praise thanks",
}
_KIND = {name: kind for kind, names in KINDS.items() for name in names.split()}
_CUT = re.compile(r"[/\\>|;；,，、→_—()（）\[\]【】]+|-+|\s+")
_TAILS = re.compile("(?:类|方面|问题|事项|事务|相关|有关|投诉|举报|咨询|求助|建议|管理|服务|纠纷|类别)+$")
_OFFICE = re.compile("(?:局|委员会|委|办公室|办|公司|中心|支队|大队|集团)$")
_CITY = re.compile("^.+?[市区县](?=..)")
_PLACE = re.compile("^.*?[市区县](?=..)")
_SHORTEST_INSIDE = 3

Meant = frozenset[str]


def clean(label: object) -> str:
    """A label without width, case, punctuation and the number before it (a number alone stays: a code)."""
    plain = normalise(str(label).lower()).text
    return re.sub(r"^[\d.、\s]+|[\W_]+", "", plain) or re.sub(r"[\W_]+", "", plain)


def kind(said: str) -> str | None:
    """The kind of request that a cell names."""
    plain = clean(said)
    return _KIND.get(plain) or next(
        (one for name, one in _KIND.items() if len(name) > 1 and name in plain), None
    )


@dataclass
class Labels:
    """`services`: name → what it may mean, for categories. `departments`: the same for departments."""

    categories: dict[str, str]  # service → category
    titles: dict[str, str]  # service → title
    names: dict[str, Meant] = field(default_factory=dict)
    departments: dict[str, Meant] = field(default_factory=dict)
    nothing: set[str] = field(default_factory=set)

    def category(self, *cells: str) -> Meant | None:
        """What the category columns mean, deepest level first; None where nobody can tell.

        A deeper name narrows a broader one ("安置补偿" of houses or of land) and never leaves its category.
        """
        parts = [
            part for cell in reversed(cells) for part in (_CUT.split(cell) if _CUT.search(cell) else [cell])
        ]
        meant: Meant | None = None
        for part in parts:
            narrower = self._name(clean(part))
            if narrower:
                meant = narrower if meant is None else (meant & narrower or self._deeper(meant, narrower))
        return meant

    def _deeper(self, broad: Meant, narrower: Meant) -> Meant:
        """Where two names have no service in common: the deeper one, inside the broad one's categories."""
        above = {self.categories[name] for name in broad}
        return frozenset(name for name in narrower if self.categories[name] in above) or broad

    def department(self, cell: str) -> Meant | None:
        """The services of a department; a place before its name does not matter (东湖新区人社局)."""
        plain = clean(cell)
        if not plain or plain in self.nothing:
            return None
        ends = [
            name for name in self.departments if plain == name or (len(name) > 1 and plain.endswith(name))
        ]
        if ends:
            return self.departments[max(ends, key=len)]
        starts = (plain, _PLACE.sub("", plain))
        begins = [
            name for name in self.departments if len(name) > 1 and any(s.startswith(name) for s in starts)
        ]
        inside = [name for name in self.departments if len(name) >= _SHORTEST_INSIDE and name in plain]
        found = begins or inside
        return self.departments[max(found, key=len)] if found else None

    def _name(self, plain: str) -> Meant | None:
        if not plain or plain in self.nothing:
            return None
        for said in (plain, _TAILS.sub("", plain)):
            if said in self.names and said not in self.nothing:
                return self.names[said]
        inside = [name for name in self.names if len(name) >= _SHORTEST_INSIDE and name in plain]
        return self.names[max(inside, key=len)] if inside else None

    def understands(self, target: str) -> Meant | None:
        """What `--map LABEL=TARGET` may name on the right: a service, a category, a department."""
        plain = clean(target)
        return self.names.get(plain) or self.departments.get(plain)


def load(data: Path, given: Mapping[str, str]) -> Labels:
    """All names: of nlu_data, the general ones, the city's own, and those given for this run."""
    described = dict(_described(data / "services"))
    services = {name: facts for name, facts in described.items() if name != EMERGENCY}
    if not services:
        raise ImportFailed(f"no services under {data}")
    labels = Labels(
        {name: str(facts["category"]) for name, facts in services.items()},
        {name: str(facts["title"]) for name, facts in services.items()},
    )
    _general(labels, GENERAL, services)
    _own_names(labels, services)
    _departments(labels, data / "city" / "departments.yml", services)
    if (data / OWN).exists():
        _general(labels, data / OWN, services)
    for label, target in given.items():
        meant = labels.understands(target)
        if meant is None:
            raise ImportFailed(f"--map {label}={target}: '{target}' is no service, category or department")
        labels.names[clean(label)] = meant
        labels.departments[clean(label)] = meant
        labels.nothing.discard(clean(label))
    return labels


def _described(folder: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    for path in sorted(folder.glob("*.yml")):
        first = yaml.load(path.read_text(encoding="utf-8"), Loader=_Loader)["nlu"][0]  # noqa: S506  # a safe loader
        yield first["intent"], first["metadata"]


_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def _in_category(services: Mapping[str, Any], category: str) -> Meant:
    return frozenset(name for name, facts in services.items() if facts["category"] == category)


def _general(labels: Labels, path: Path, services: Mapping[str, Any]) -> None:
    """A file of names; what it says of services this city does not have is passed over."""
    content = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
    labels.nothing.update(clean(name) for name in content.get("nothing") or ())
    for category, names in (content.get("categories") or {}).items():
        for name in (category, *(names or ())):
            _add(labels.names, name, _in_category(services, category))
    for name, meant in (content.get("services") or {}).items():
        _add(labels.names, name, [one for one in _several(meant) if one in services])


def _several(value: str | Sequence[str]) -> Sequence[str]:
    return [value] if isinstance(value, str) else value


def _own_names(labels: Labels, services: Mapping[str, Any]) -> None:
    """Categories, titles and the words of `about`; the surer name wins over the general list."""
    about: dict[str, set[str]] = {}
    for name, facts in services.items():
        for word in re.split("[、,，]", str(facts["about"])):
            about.setdefault(clean(word), set()).add(name)
    for word, meant in about.items():
        labels.names.setdefault(word, frozenset(meant))
    for category in set(labels.categories.values()):
        _add(labels.names, category, _in_category(services, category))
    for name, facts in services.items():
        for said in (name, str(facts["title"]), str(facts["title_en"])):
            _add(labels.names, said, [name])


def _departments(labels: Labels, path: Path, services: Mapping[str, Any]) -> None:
    content = yaml.safe_load(path.read_text(encoding="utf-8")) if path.exists() else {}
    for one in content.get("departments") or ():
        meant = [name for name, facts in services.items() if facts["department"] == one["id"]]
        if clean(one["short"]) in labels.nothing:
            continue  # a street office handles everything
        branches = [area["name"] for area in one.get("areas") or ()]
        for said in (one["id"], one["name"], one["short"], *(one.get("aliases") or ()), *branches):
            bare = _CITY.sub("", str(said))
            for name in (str(said), bare, _OFFICE.sub("", bare)):
                if len(clean(name)) > 1 and clean(name) not in labels.nothing:
                    _add(labels.departments, name, meant)


def _add(names: dict[str, Meant], said: str, meant: Iterable[str]) -> None:
    services = frozenset(meant)
    if services:
        names[clean(said)] = services
