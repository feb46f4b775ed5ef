"""Rows of an export, whatever program wrote it: UTF-8, UTF-16 or GBK, any usual delimiter.

It knows nothing of what the columns mean.
"""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from nlu.imports.errors import ImportFailed

_DELIMITERS = (",", "\t", ";", "|")
_LOOK_AT = 50
_LONGEST_CELL = 10_000_000
_MARKS = {b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16", b"\xef\xbb\xbf": "utf-8-sig"}


@dataclass(frozen=True)
class Row:
    """One ticket; `line` is where it begins in the file."""

    line: int
    cells: tuple[str, ...]


@dataclass(frozen=True)
class Table:
    """Header and rows; rows with more cells than the header are left out and counted."""

    header: tuple[str, ...]
    rows: tuple[Row, ...]
    broken: tuple[int, ...]
    encoding: str
    delimiter: str


def read(path: Path) -> Table:
    """Raises ImportFailed with what to do about it."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise ImportFailed(f"{path}: {error.strerror}") from error
    if content.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        raise ImportFailed(f"{path.name} is a workbook: save it as CSV first (UTF-8 or GBK, both are read)")
    text, encoding = _decoded(content, path.name)
    text = text.replace("\0", "")
    if text[:4].lower() == "sep=":  # Excel's own hint
        delimiter, text = text[4], text.partition("\n")[2]
    else:
        delimiter = _delimiter(text)
    return _table(text, delimiter, encoding, path.name)


def _decoded(content: bytes, name: str) -> tuple[str, str]:
    for mark, encoding in _MARKS.items():
        if content.startswith(mark):
            return _as(content, encoding, name), encoding.removesuffix("-sig")
    try:
        return content.decode("utf-8"), "utf-8"
    except UnicodeDecodeError:
        return _as(content, "gb18030", name), "gb18030"


def _as(content: bytes, encoding: str, name: str) -> str:
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        raise ImportFailed(f"{name} is neither UTF-8 nor GBK (byte {error.start})") from error


def _delimiter(text: str) -> str:
    """The one that cuts the first rows into the most columns, all alike."""

    def worth(delimiter: str) -> tuple[float, int]:
        widths = Counter(
            len(cells) for _, cells in zip(range(_LOOK_AT), _cells(text, delimiter), strict=False)
        )
        width, times = widths.most_common(1)[0] if widths else (1, 1)
        return (times / max(widths.total(), 1) if width > 1 else 0.0, width)

    return max(_DELIMITERS, key=worth)


def _cells(text: str, delimiter: str) -> Iterator[list[str]]:
    csv.field_size_limit(_LONGEST_CELL)
    return csv.reader(text.splitlines(keepends=True), delimiter=delimiter)


def _table(text: str, delimiter: str, encoding: str, name: str) -> Table:
    reader = csv.reader(text.splitlines(keepends=True), delimiter=delimiter)
    header: tuple[str, ...] = ()
    rows: list[Row] = []
    broken: list[int] = []
    line = 1
    try:
        for cells in reader:
            begins, line = line, reader.line_num + 1
            if not any(cell.strip() for cell in cells):
                continue
            if not header:
                header = tuple(cell.strip() for cell in cells)
            elif len(cells) > len(header) and any(cells[len(header) :]):
                broken.append(begins)
            else:
                cells += [""] * (len(header) - len(cells))
                rows.append(Row(begins, tuple(cells[: len(header)])))
    except csv.Error as error:
        raise ImportFailed(f"{name}, line {line}: {error}") from error
    if not header:
        raise ImportFailed(f"{name} is empty")
    return Table(header, tuple(rows), tuple(broken), encoding, delimiter)
