"""The catalogue: which services there are, what each asks for, and what the model can answer.

Read from nlu_data, where a service is one file of Rasa training data whose first block's `metadata` describes
it. A mistake is refused with its file and line before anything starts. Training itself is not known here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from actions.base import ServiceId
from bot.checklists import Checklists, load_checklists
from bot.city import City
from bot.city_data import load_city
from bot.dialogue.types import Detail, Service
from bot.errors import NotFound
from bot.marks import Marked, read

# fmt: off
KINDS = frozenset({"question", "help", "complaint", "tip", "suggestion", "praise"})
CONDUCT = frozenset({"abuse", "prank", "advertising", "repeated"})
SAFETY = frozenset({
    "self_harm", "medical", "fire", "gas_leak", "violence", "traffic_accident", "electrocution", "collapse",
    "manhole", "flooding", "missing_person", "extreme_threat", "abuse",
})
DETAILS = frozenset({
    "place", "district", "matter", "since", "time", "phone", "name", "party", "shop", "employer", "project",
    "people", "amount", "period", "proof", "source", "hours", "line", "plate", "estate", "building",
    "account", "extent", "school", "grade", "register", "id_number", "wish",
})
ENTITIES = frozenset({
    "district", "town", "community", "road", "estate", "room", "time", "org", "person", "amount", "people",
    "line",
})
# fmt: on
EMERGENCY = ServiceId("emergency")
FALLBACK = ServiceId("government_services")  # where a request goes whose service nobody could tell

_SERVICE_FIELDS = ("title", "title_en", "about", "category", "department", "deadline", "kind", "details")
_TAG = re.compile(r"\[[^\[\]]+\]\((\w+)\)")
_BLOCK = ("intent", "metadata", "examples")


@dataclass(frozen=True, slots=True)
class Act:
    """A dialogue act that the model tells apart: greet, ask_progress …"""

    id: str
    title: str
    title_en: str


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Everything a city offers, as read from nlu_data."""

    services: Mapping[ServiceId, Service]
    acts: Mapping[str, Act]
    city: City
    checklists: Checklists = field(default_factory=Checklists)

    def get(self, name: str) -> Service | None:
        return self.services.get(ServiceId(name))

    def service(self, name: str) -> Service:
        """Raises NotFound: for ids that must exist."""
        found = self.get(name)
        if found is None:
            raise NotFound(f"There is no service '{name}'.")
        return found

    def title(self, name: str, language: str = "zh") -> str:
        """The shown name of a service; its id where a stored one has since been removed."""
        service = self.get(name)
        if service is None:
            return name
        return service.title_en if language == "en" else service.title

    def department(self, service: str, language: str = "zh") -> str:
        """The shown name of the department that a service goes to, "" when unknown."""
        found = self.get(service)
        if found is None:
            return ""
        department = self.city.departments[found.department]
        return department.name_en if language == "en" else department.short


def load_catalogue(folder: Path) -> Catalogue:
    """Read and check all of nlu_data that the app uses. Raises DataError at the first mistake."""
    city = load_city(folder / "city")
    acts = dict(_acts(folder / "acts"))
    services: dict[ServiceId, Service] = {}
    for path in sorted((folder / "services").glob("*.yml")):
        service = _service(path, city)
        if service.id in acts:
            read(path).fail(f"'{service.id}' is an act already")
        services[service.id] = service
    _check_blocks(folder / "conduct", "conduct", services, acts)
    _check_blocks(folder / "safety", "safety", services, acts)
    lists = load_checklists(folder / "city" / "emergencies.yml", SAFETY, city.numbers)
    return Catalogue(services, acts, city, lists)


def _blocks(path: Path) -> list[Marked]:
    root = read(path)
    blocks = root.fields(("version", "nlu"), ("version", "nlu"))["nlu"].items()
    return blocks or root.fail("no block in 'nlu'")


def _service(path: Path, city: City) -> Service:
    first, *rest = _blocks(path)
    parts = first.fields(_BLOCK, _BLOCK)
    name = parts["intent"].text()
    if name != path.stem:
        parts["intent"].fail(f"the intent is '{name}', so the file must be called {name}.yml")
    service = _described(ServiceId(name), parts["metadata"], city)
    _check_examples(parts["examples"])
    for block in rest:
        more = block.fields(_BLOCK, ("intent", "examples"))
        if more["intent"].text() != name:
            more["intent"].fail(f"only '{name}' belongs in this file")
        if "metadata" in more:
            _check_labels(more["metadata"])
        _check_examples(more["examples"])
    return service


def _described(name: ServiceId, metadata: Marked, city: City) -> Service:
    facts = metadata.fields((*_SERVICE_FIELDS, "safety", "conduct", "axis"), _SERVICE_FIELDS)
    return Service(
        id=name,
        title=facts["title"].text(),
        title_en=facts["title_en"].text(),
        about=facts["about"].text(),
        category=facts["category"].text(),
        department=facts["department"].one_of(city.departments, "department"),
        deadline=facts["deadline"].one_of(city.deadlines, "deadline class"),
        kind=facts["kind"].one_of(KINDS, "kind"),
        details=tuple(_details(facts["details"])),
    )


def _details(node: Marked) -> Iterator[Detail]:
    seen: set[str] = set()
    for item in node.items():
        one = item.fields(("name", "required", "ask"), ("name",))
        name = one["name"].one_of(DETAILS, "detail")
        if name in seen:
            item.fail(f"detail '{name}' is there twice")
        seen.add(name)
        yield Detail(
            name,
            required=one["required"].flag() if "required" in one else False,
            ask=one["ask"].flag() if "ask" in one else True,
        )


def _acts(folder: Path) -> Iterator[tuple[str, Act]]:
    owners: dict[str, Path] = {}
    for path in sorted(folder.glob("*.yml")):
        for block in _blocks(path):
            parts = block.fields(_BLOCK, ("intent", "examples"))
            name = parts["intent"].text()
            if owners.setdefault(name, path) != path:
                parts["intent"].fail(f"'{name}' is described in {owners[name].name} already")
            _check_examples(parts["examples"])
            if "metadata" not in parts:
                continue
            facts = parts["metadata"].fields()
            if "title" in facts:
                title = facts["title"].text()
                yield name, Act(name, title, facts["title_en"].text() if "title_en" in facts else title)


def _check_labels(metadata: Marked) -> None:
    facts = metadata.fields()
    for key, known in (("kind", KINDS), ("safety", SAFETY), ("conduct", CONDUCT)):
        if key in facts and facts[key].text() != "none":
            facts[key].one_of(known, key)


def _check_blocks(
    folder: Path, label: str, services: Mapping[ServiceId, Service], acts: Mapping[str, Act]
) -> None:
    """Blocks that carry a further axis must name an intent that exists."""
    for path in sorted(folder.glob("*.yml")):
        if path.stem == "net":  # the rules of the safety net, not training data
            continue
        for block in _blocks(path):
            parts = block.fields(_BLOCK, ("intent", "examples"))
            name = parts["intent"].text()
            if name != EMERGENCY and name not in acts and ServiceId(name) not in services:
                parts["intent"].fail(f"there is no service or act '{name}' (wanted by {label})")
            if "metadata" in parts:
                _check_labels(parts["metadata"])
            _check_examples(parts["examples"])


def _check_examples(node: Marked) -> None:
    """Examples are lines beginning with "- "; the tags of their entities must be known."""
    for offset, line in enumerate(str(node.text()).splitlines(), start=1):
        if line.strip() and not line.lstrip().startswith("- "):
            node.fail(f"an example starts with '- ', not with '{line.strip()[:12]}'", node.line + offset)
        for tag in _TAG.findall(line):
            if tag not in ENTITIES:
                known = ", ".join(sorted(ENTITIES))
                node.fail(f"unknown entity '{tag}'; known are {known}", node.line + offset)
