"""Things that are described in lists of YAML (articles, departments, places) and the facts of a service.

A change touches the characters of the values that differ and no others; a new thing is written in the manner
of its neighbours. Whether it makes sense is for the check of the whole tree to say.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from bot.marks import Marked, parse
from bot.studio.scalars import scalar

Facts = dict[str, Any]
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


@dataclass(frozen=True, slots=True)
class Item:
    """One thing: where it stands and what is said of it. `etag` changes with any of it."""

    path: str
    line: int
    facts: Facts
    node: yaml.MappingNode

    @property
    def etag(self) -> str:
        told = json.dumps(self.facts, ensure_ascii=False, sort_keys=True)
        return hashlib.sha256(told.encode()).hexdigest()[:16]


def plain(node: Any) -> Any:
    """The value of a node as JSON knows it: a date stays the text that it was."""
    if isinstance(node, yaml.MappingNode):
        return {str(key.value): plain(value) for key, value in node.value}
    if isinstance(node, yaml.SequenceNode):
        return [plain(one) for one in node.value]
    kind = str(node.tag).rpartition(":")[2]
    if kind in ("bool", "int", "float", "null"):
        return yaml.constructor.SafeConstructor().construct_object(node)
    return str(node.value).strip() if node.style in ("|", ">") else str(node.value)


def listed(path: str, text: str, key: str) -> list[Item]:
    """The things of a list at the top of a file."""
    parts = parse(Path(path), text).fields()
    return [_item(path, one) for one in parts[key].items()] if key in parts else []


def facts(path: str, text: str) -> Item:
    """What the first block of a phrase file says of its service or act."""
    first = parse(Path(path), text).fields(needed=("nlu",))["nlu"].items()[0]
    return _item(path, first.fields(needed=("metadata",))["metadata"])


def _item(path: str, node: Marked) -> Item:
    node.fields()  # a mapping, no key twice
    return Item(path, node.line, plain(node.node), node.node)


# ---- changing ----------------------------------------------------------------------------------------------


def changed(text: str, item: Item, new: Mapping[str, Any]) -> str:
    """The text with these facts: None takes one out, what `new` does not name stays."""
    edits = list(
        _edits(text, item, {key: value for key, value in new.items() if item.facts.get(key) != value})
    )
    for start, end, words in sorted(edits, reverse=True):
        text = text[:start] + words + text[end:]
    return text


def _edits(text: str, item: Item, new: Mapping[str, Any]) -> Iterator[tuple[int, int, str]]:
    node, there = item.node, {str(key.value): (key, value) for key, value in item.node.value}
    flow = bool(node.flow_style)
    column = node.start_mark.column
    for name, value in new.items():
        if name not in there:
            if value is not None:
                yield from _added(text, node, flow, f"{name}:{_led(value, flow, column)}")
        elif value is None:
            yield _taken(text, node, *there[name])
        else:
            key, old = there[name]
            yield key.end_mark.index, ending(text, old), f":{_led(value, flow, column)}"


def _added(text: str, node: yaml.MappingNode, flow: bool, words: str) -> Iterator[tuple[int, int, str]]:
    if not node.value:
        yield node.start_mark.index, node.end_mark.index, f"{{{words}}}"
        return
    at = ending(text, node.value[-1][1])
    yield at, at, f", {words}" if flow else f"\n{' ' * node.start_mark.column}{words}"


def _taken(text: str, node: yaml.MappingNode, key: yaml.Node, value: yaml.Node) -> tuple[int, int, str]:
    """From the end of the fact before it to its own end; the first one up to the next."""
    place = [id(one) for one, _ in node.value].index(id(key))
    if place:
        return ending(text, node.value[place - 1][1]), ending(text, value), ""
    following = node.value[1][0].start_mark.index if len(node.value) > 1 else ending(text, value)
    return key.start_mark.index, following, ""


def ending(text: str, node: yaml.Node) -> int:
    """Where a value really ends: collections in blocks claim the lines up to whatever comes next."""
    if isinstance(node, yaml.CollectionNode) and not node.flow_style and node.value:
        last = node.value[-1]
        return ending(text, last[1] if isinstance(last, tuple) else last)
    end = int(node.end_mark.index)
    if isinstance(node, yaml.ScalarNode) and node.style in ("|", ">"):
        end = len(text[:end].rstrip("\n \r"))
    if isinstance(node, yaml.ScalarNode) and not node.value and not node.style:
        end = int(node.start_mark.index)  # nothing written
    return end


def _led(value: Any, flow: bool, column: int) -> str:
    """A value after its colon."""
    if not flow and isinstance(value, Sequence) and value and all(isinstance(one, Mapping) for one in value):
        pad = " " * (column + 2)
        return "".join(f"\n{pad}- {shown(one)}" for one in value)
    return f" {shown(value, flow=flow)}"


def shown(value: Any, *, flow: bool = False) -> str:
    """On one line."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key}: {shown(one, flow=True)}" for key, one in value.items()) + "}"
    if isinstance(value, Sequence) and not isinstance(value, str):
        return "[" + ", ".join(shown(one, flow=True) for one in value) + "]"
    if isinstance(value, str) and _DATE.fullmatch(value):
        return value
    return scalar(value, flow=flow)


def added(path: str, text: str, key: str, new: Facts) -> str:
    """One more thing at the end of the list `key`."""
    root = parse(Path(path), text)
    parts = root.fields()
    if key not in parts:
        return text.rstrip("\n") + f"\n{key}:\n" + _written(new, 0, flow=False)
    node = parts[key].node
    if not isinstance(node, yaml.SequenceNode) or not node.value:
        start = next(k.end_mark.index for k, _ in root.node.value if k.value == key)
        return text[:start] + ":\n" + _written(new, 0, flow=False).rstrip("\n") + text[ending(text, node) :]
    last = node.value[-1]
    column = last.start_mark.column - 2
    at = ending(text, last)
    fresh = _written(new, column, flow=bool(last.flow_style)).rstrip("\n")
    return text[:at] + "\n" + fresh + text[at:]


def _written(new: Facts, column: int, *, flow: bool) -> str:
    pad = " " * column
    if flow:
        return f"{pad}- {shown(new)}\n"
    lines = [f"{name}:{_led(value, flow, column + 2)}" for name, value in new.items() if value is not None]
    return f"{pad}- " + f"\n{pad}  ".join(lines) + "\n"


def removed(text: str, item: Item, key: str) -> str:
    """The list without this thing; the comment lines before the next one stay."""
    sequence = next(value for k, value in parse(Path(item.path), text).node.value if k.value == key)
    lines = text.split("\n")
    node = next(one for one in sequence.value if one.start_mark.line == item.node.start_mark.line)
    first = node.start_mark.line
    last = text.count("\n", 0, ending(text, node))
    del lines[first : last + 1]
    if len(sequence.value) == 1:
        head = next(k.start_mark.line for k, _ in parse(Path(item.path), text).node.value if k.value == key)
        lines[head] = lines[head].rstrip() + " []"
    return "\n".join(lines)
