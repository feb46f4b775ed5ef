"""Reads `emergencies.yml` of a city: whom to call and what to do in each kind of emergency."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from bot.marks import Marked, read


@dataclass(frozen=True, slots=True)
class Step:
    """`ask`: it is a question to the citizen, so the page offers it as a reply."""

    id: str
    text: str
    text_en: str
    ask: bool = False


@dataclass(frozen=True, slots=True)
class Checklist:
    """Of one safety class. `numbers` are ids of the city's emergency numbers."""

    numbers: tuple[str, ...] = ()
    steps: tuple[Step, ...] = ()


@dataclass(frozen=True, slots=True)
class Checklists:
    first: tuple[Step, ...] = ()
    last: tuple[Step, ...] = ()
    classes: Mapping[str, Checklist] = field(default_factory=dict)

    def numbers(self, classes: tuple[str, ...]) -> tuple[str, ...]:
        """For an emergency of these classes, each once, the gravest class's first."""
        ids = [number for name in classes for number in self.classes.get(name, Checklist()).numbers]
        return tuple(dict.fromkeys(ids))

    def steps(self, classes: tuple[str, ...]) -> tuple[Step, ...]:
        own = [step for name in classes for step in self.classes.get(name, Checklist()).steps]
        return tuple({step.id: step for step in (*self.first, *own, *self.last)}.values())


def load_checklists(path: Path, known: Collection[str], numbers: Collection[str]) -> Checklists:
    """`known` are the safety classes, `numbers` the ids of the city's emergency numbers. A city without the
    file has no lists. Raises DataError naming file and line."""
    if not path.is_file():
        return Checklists()
    root = read(path).fields(("version", "first", "last", "classes"), ("classes",))
    classes = {}
    for name, node in root["classes"].fields(known).items():
        one = node.fields(("numbers", "steps"))
        classes[name] = Checklist(
            numbers=tuple(n.one_of(numbers, "emergency number") for n in one["numbers"].items())
            if "numbers" in one
            else (),
            steps=_steps(one.get("steps")),
        )
    return Checklists(first=_steps(root.get("first")), last=_steps(root.get("last")), classes=classes)


def _steps(node: Marked | None) -> tuple[Step, ...]:
    out: dict[str, Step] = {}
    for item in node.items() if node else ():
        one = item.fields(("id", "text", "text_en", "ask"), ("id", "text", "text_en"))
        name = one["id"].text()
        if name in out:
            one["id"].fail(f"step '{name}' is there twice")
        out[name] = Step(name, one["text"].text(), one["text_en"].text(), "ask" in one and one["ask"].flag())
    return tuple(out.values())
