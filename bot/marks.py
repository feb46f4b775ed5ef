"""YAML that remembers its lines, so that a mistake in nlu_data can be named by file and line.

It knows nothing of services or cities: readers ask a `Marked` for what they expect, and whatever is not that
becomes a DataError which says where to mend it.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

import yaml

from bot.errors import DataError

_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True, slots=True)
class Marked:
    """One node of a YAML file. `path` and `line` are where a person would look for it."""

    path: Path
    node: Any  # a yaml.Node; PyYAML's stubs leave its value untyped

    @property
    def line(self) -> int:
        return int(self.node.start_mark.line) + 1

    def fail(self, what: str, line: int | None = None) -> NoReturn:
        raise DataError(self.path, line or self.line, what)

    def fields(self, known: Collection[str] = (), needed: Collection[str] = ()) -> dict[str, Marked]:
        """A mapping. With `known`, any other key is a mistake; each of `needed` must be there."""
        if not isinstance(self.node, yaml.MappingNode):
            self.fail("a mapping (key: value) is expected here")
        found: dict[str, Marked] = {}
        for key, value in self.node.value:
            name = str(key.value)
            if name in found:
                self.fail(f"'{name}' is there twice", key.start_mark.line + 1)
            if known and name not in known:
                self.fail(
                    f"unknown key '{name}'; known are {', '.join(sorted(known))}", key.start_mark.line + 1
                )
            found[name] = Marked(self.path, value)
        for name in needed:
            if name not in found:
                self.fail(f"'{name}' is missing")
        return found

    def items(self) -> list[Marked]:
        if not isinstance(self.node, yaml.SequenceNode):
            self.fail("a list is expected here")
        return [Marked(self.path, item) for item in self.node.value]

    def text(self) -> str:
        if not isinstance(self.node, yaml.ScalarNode):
            self.fail("a plain text is expected here")
        value = str(self.node.value).strip()
        return value or self.fail("must not be empty")

    def one_of(self, known: Collection[str], what: str) -> str:
        value = self.text()
        if value not in known:
            self.fail(f"unknown {what} '{value}'; known are {', '.join(sorted(known))}")
        return value

    def flag(self) -> bool:
        return self.one_of(("true", "false"), "switch") == "true"

    def number(self) -> float:
        try:
            return float(self.text())
        except ValueError:
            self.fail(f"a number is expected, not '{self.text()}'")

    def texts(self) -> tuple[str, ...]:
        return tuple(item.text() for item in self.items())


def read(path: Path) -> Marked:
    """The root of a YAML file. Raises DataError when it is no YAML at all."""
    try:
        return parse(path, path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "not UTF-8"
        raise DataError(path, 1, f"cannot be read: {why}") from error


def parse(path: Path, text: str) -> Marked:
    """The same from text that is at hand; `path` only names it."""
    try:
        node = yaml.compose(text, Loader=_Loader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        raise DataError(path, mark.line + 1 if mark else 1, f"not valid YAML: {error.problem}") from error
    except yaml.YAMLError as error:
        raise DataError(path, 1, f"not valid YAML: {str(error).splitlines()[0]}") from error
    if node is None:
        raise DataError(path, 1, "the file is empty")
    return Marked(path, node)
