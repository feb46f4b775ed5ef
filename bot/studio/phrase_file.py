"""A file of phrases: its blocks with their lines, and changes that touch no other line.

Changes are made on the text, at the lines that the YAML parser names, so comments, order, quoting and every
other byte stay. It knows one file at a time and no database.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from bot.errors import DataError
from bot.marks import Marked, parse
from bot.studio.items import ending

LABELS = ("kind", "safety", "conduct")
# What YAML, but not people, takes for the end of a line.
_ODD_ENDS = re.compile("[\x85\u2028\u2029]|\r(?!\n)")


@dataclass(frozen=True, slots=True)
class Example:
    """A phrase as it is written, and its line (counted from 1)."""

    line: int
    marked: str


@dataclass(frozen=True, slots=True)
class Block:
    """`- intent:` with its examples. `first` and `last` are the lines of the whole block."""

    intent: str
    metadata: Mapping[str, Any]
    examples: tuple[Example, ...]
    first: int
    last: int
    indent: int  # of the examples' dashes; 0 where they are no literal block (`|`)

    def label(self, name: str) -> str:
        value = str(self.metadata.get(name) or "")
        return "" if value == "none" else value

    @property
    def labels(self) -> dict[str, str]:
        return {name: self.label(name) for name in LABELS}


def read(path: str, text: str) -> tuple[Block, ...]:
    """The intents of a file; synonyms, tables and expressions are passed over. Raises DataError."""
    return tuple(block for block in _all(path, text) if block.intent)


def refuse_odd_ends(path: str, text: str) -> None:
    """Lines that YAML sees and people do not would put every change in the wrong place."""
    if odd := _ODD_ENDS.search(text):
        line = text.count("\n", 0, odd.start()) + 1
        raise DataError(Path(path), line, "holds a line separator that only YAML sees: write the line anew")


def _all(path: str, text: str) -> tuple[Block, ...]:
    refuse_odd_ends(path, text)
    parts = parse(Path(path), text).fields()
    if "nlu" not in parts or not parts["nlu"].node.value:  # `nlu:` with nothing below
        return ()
    lines = text.split("\n")
    items = parts["nlu"].items()
    starts = [item.line for item in items]
    ends = [start - 1 for start in starts[1:]] + [_end(lines, starts[-1:] or [1])]
    return tuple(
        _block(item, lines, first, last) for item, first, last in zip(items, starts, ends, strict=True)
    )


def _end(lines: Sequence[str], start: Sequence[int]) -> int:
    """The last line of the last block: until something begins at the margin that is no list item."""
    for number in range(start[0], len(lines)):
        line = lines[number]
        if line and not line[0].isspace() and line[0] not in "-#":
            return number
    return len(lines)


def _block(item: Marked, lines: Sequence[str], first: int, last: int) -> Block:
    parts = item.fields()
    last = _trimmed(lines, first, last)
    if "intent" not in parts:
        return Block("", {}, (), first, last, 0)
    node = parts["metadata"].node if "metadata" in parts else None
    metadata = yaml.constructor.SafeConstructor().construct_object(node, deep=True) if node else {}
    if not isinstance(metadata, dict):
        parts["metadata"].fail("a mapping (key: value) is expected here")
    examples, indent = _examples(parts["examples"], lines) if "examples" in parts else ((), 0)
    return Block(parts["intent"].text(), metadata, examples, first, last, indent)


def _trimmed(lines: Sequence[str], first: int, last: int) -> int:
    """Without the empty lines and comments at the margin that lead to what comes next."""
    while last > first and (not lines[last - 1].strip() or lines[last - 1].startswith("#")):
        last -= 1
    return last


def _examples(node: Marked, lines: Sequence[str]) -> tuple[tuple[Example, ...], int]:
    if isinstance(node.node, yaml.SequenceNode):
        return tuple(Example(item.line, _listed(item)) for item in node.items()), 0
    value = str(node.node.value)
    if node.node.style != "|":
        marked = [line.strip().removeprefix("-").strip() for line in value.splitlines()]
        return tuple(Example(node.line, one) for one in marked if one), 0
    return _literal(node.line, lines)


def _listed(item: Marked) -> str:
    return item.fields()["text"].text() if isinstance(item.node, yaml.MappingNode) else item.text()


def _literal(start: int, lines: Sequence[str]) -> tuple[tuple[Example, ...], int]:
    """The lines of a literal block that begin with a dash, and how far they are indented."""
    found: list[Example] = []
    indent = 0
    for number in range(start, len(lines)):
        line = lines[number].rstrip("\r")
        if not line.strip():
            continue
        depth = len(line) - len(line.lstrip(" "))
        if (indent and depth < indent) or not depth:
            break
        indent = indent or depth
        said = line.strip()
        if said.startswith("-") and said[1:].strip():
            found.append(Example(number + 1, said[1:].strip()))
    return tuple(found), indent


def add(text: str, block: Block, marked: Iterable[str]) -> str:
    """Further phrases at the end of a literal block."""
    lines = text.split("\n")
    at = block.examples[-1].line
    lines[at:at] = [f"{' ' * block.indent}- {one}" + _return(lines) for one in marked]
    return "\n".join(lines)


def append(text: str, intent: str, metadata: Mapping[str, Any], marked: Sequence[str]) -> str:
    """A new block at the end of the file."""
    facts = ", ".join(f"{key}: {value}" for key, value in metadata.items() if value)
    lines = [f"- intent: {intent}", *([f"  metadata: {{{facts}}}"] if facts else []), "  examples: |"]
    lines += [f"    - {one}" for one in marked]
    blocks = _all("", text)
    whole = text.split("\n")
    end = _return(whole)
    if not blocks:
        head = text.rstrip("\n") or 'version: "3.1"'
        body = "" if re.search(r"^nlu:", head, re.MULTILINE) else "nlu:\n"
        return f"{head}\n{body}" + "\n".join(lines) + "\n"
    at = blocks[-1].last
    pad = " " * (len(whole[blocks[-1].first - 1]) - len(whole[blocks[-1].first - 1].lstrip(" ")))
    fresh = [pad + line + end for line in lines]
    if at == len(whole):  # the file has no end of line yet
        fresh.append("")
    whole[at:at] = fresh
    return "\n".join(whole)


def change(text: str, changes: Mapping[int, str]) -> str:
    """Other words on the given lines of literal blocks."""
    lines = text.split("\n")
    for number, marked in changes.items():
        dash = lines[number - 1].index("-")
        lines[number - 1] = f"{lines[number - 1][:dash]}- {marked}{_return(lines)}"
    return "\n".join(lines)


def remove(text: str, blocks: Sequence[Block], numbers: Collection[int]) -> str:
    """Without the phrases on these lines; a block that is left empty goes as a whole."""
    gone = set(numbers)
    for block in blocks:
        left = [one for one in block.examples if one.line not in gone]
        if block.examples and not left:
            gone.update(range(block.first, block.last + 1))
    lines = text.split("\n")
    return "\n".join(line for number, line in enumerate(lines, start=1) if number not in gone)


def cut(text: str, blocks: Sequence[Block]) -> str:
    """Without these blocks."""
    gone = {number for block in blocks for number in range(block.first, block.last + 1)}
    return "\n".join(line for number, line in enumerate(text.split("\n"), start=1) if number not in gone)


def lists(path: str, text: str) -> bool:
    """Whether there is any block left under `nlu`."""
    parts = parse(Path(path), text).fields()
    return (
        "nlu" in parts and isinstance(parts["nlu"].node, yaml.SequenceNode) and bool(parts["nlu"].node.value)
    )


def literal(path: str, text: str, block: Block) -> str:
    """The same file with this block's examples as a literal block, which is what can be changed line by line.

    Phrases that carry metadata of their own would lose it: that is refused.
    """
    item = next(one for one in parse(Path(path), text).fields()["nlu"].items() if one.line == block.first)
    examples = item.fields()["examples"]
    if isinstance(examples.node, yaml.SequenceNode):
        for one in examples.items():
            if isinstance(one.node, yaml.MappingNode) and set(one.fields()) - {"text"}:
                one.fail("a phrase with metadata of its own: change it in the file")
    column = next(key.start_mark.column for key, _ in item.node.value if key.value == "examples")
    key_line = next(key.start_mark.line for key, _ in item.node.value if key.value == "examples")
    lines = text.split("\n")
    end = text.count("\n", 0, ending(text, examples.node)) + 1
    fresh = [lines[key_line][:column] + "examples: |"]
    fresh += [f"{' ' * (column + 2)}- {one.marked}" for one in block.examples]
    lines[key_line:end] = fresh
    return "\n".join(lines)


def _return(lines: Sequence[str]) -> str:
    """The carriage return of a file that came from Windows."""
    return "\r" if lines and lines[0].endswith("\r") else ""
