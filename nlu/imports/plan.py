"""What an import would do, row by row; nothing is written here, so that a person can look first."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from nlu.imports.alike import Seen
from nlu.imports.choosing import Doubt, Judge, Left, allowed, choose
from nlu.imports.columns import Columns
from nlu.imports.labels import Labels, kind
from nlu.imports.masking import mask
from nlu.imports.table import Row, Table
from nlu.reading.normalise import normalise

# The beginning of a letter says what it is about; the rest costs training time and adds little.
_LONGEST = 400
_LOOK_BACK = 100
_SHORTEST = 4
_ENDS = re.compile(r"[。!?;,，！？；\s]")


@dataclass(frozen=True)
class Taken:
    """A ticket that becomes a phrase."""

    line: int
    text: str
    service: str
    kind: str | None
    label: str


@dataclass(frozen=True)
class Doubted:
    """A ticket of which the label says one thing and the model, with confidence, another."""

    line: int
    text: str
    label: str
    model: str


@dataclass
class Plan:
    """Everything the preview shows and `store` writes."""

    rows: int
    broken: int
    taken: list[Taken] = field(default_factory=list)
    left: Counter[Left] = field(default_factory=Counter)
    doubted: list[Doubted] = field(default_factory=list)
    masked: Counter[str] = field(default_factory=Counter)
    masked_rows: int = 0
    unknown: Counter[str] = field(default_factory=Counter)
    reads_as: dict[str, Counter[str]] = field(default_factory=dict)


def plan(
    table: Table,
    columns: Columns,
    labels: Labels,
    judge: Judge | None,
    before: Iterable[str] = (),
    most: int = 300,
) -> Plan:
    """Go through all rows; `before` are the texts of earlier imports, `most` how many a service may get."""
    result = Plan(len(table.rows), len(table.broken))
    seen, earlier = Seen(), Seen()
    for text in before:
        earlier.known(text)
    counts: Counter[str] = Counter()
    for row in table.rows:
        text = _text(row, columns, result)
        if len(re.sub(r"[\W\d_]+", "", text)) < _SHORTEST:
            result.left[Left.SHORT] += 1
        elif earlier.holds(text):
            result.left[Left.ALREADY] += 1
        elif seen.known(text):
            result.left[Left.DUPLICATE] += 1
        else:
            found = _taken(row, columns, labels, judge, text, result)
            if isinstance(found, Left):
                result.left[found] += 1
            elif counts[found.service] >= most:
                result.left[Left.ENOUGH] += 1
            else:
                counts[found.service] += 1
                result.taken.append(found)
    return result


def _cell(row: Row, column: int) -> str:
    return row.cells[column].strip() if column >= 0 else ""


def _text(row: Row, columns: Columns, result: Plan) -> str:
    """Title and beginning of the letter as one line, without personal data."""
    title, body = (one_line(_cell(row, column)) for column in (columns.title, columns.body))
    if body.startswith(title):
        title = ""
    joined = title + ("。" if title and body and title[-1] not in "。!?;" else "") + body
    values = [normalise(cell).text for i in columns.personal if (cell := row.cells[i].strip())]
    masked = mask(joined[: _LONGEST + _LOOK_BACK], values)
    result.masked.update(masked.found)
    result.masked_rows += bool(masked.found)
    return cut(masked.text)


def one_line(text: str) -> str:
    """Normalised, on one line, without the marks that Rasa reads as annotations."""
    flat = re.sub(r"[\s\x00-\x1f\x7f-\x9f\u2028\u2029]+", " ", normalise(text).text).strip()
    return flat.translate(str.maketrans("[]{}", "【】()"))


def cut(text: str) -> str:
    """The first 400 characters, to the end of a clause."""
    if len(text) <= _LONGEST:
        return text
    ends = [match.end() for match in _ENDS.finditer(text, _LONGEST // 2, _LONGEST)]
    return text[: ends[-1] if ends else _LONGEST].rstrip()


def _taken(
    row: Row, columns: Columns, labels: Labels, judge: Judge | None, text: str, result: Plan
) -> Taken | Left:
    categories = tuple(_cell(row, column) for column in columns.category)
    department = _cell(row, columns.department)
    meant = allowed(labels, categories, department)
    label = next((cell for cell in (*categories, department) if cell), "")
    if meant is None:
        return _unknown(label, judge, text, result)
    service = choose(labels, meant, text, judge)
    if service is None:
        return Left.NEEDS_MODEL
    if isinstance(service, Doubt):
        result.doubted.append(Doubted(row.line, text, label, service.service))
        return Left.DISAGREES
    said = kind(_cell(row, columns.kind)) if columns.kind >= 0 else None
    return Taken(row.line, text, service, said, label)


def _unknown(label: str, judge: Judge | None, text: str, result: Plan) -> Left:
    """Keep what the model reads under an unknown label: a hint for `--map`, never a decision."""
    result.unknown[label] += 1
    if judge is not None and result.unknown[label] <= 50:
        shares = judge(text)
        if shares:
            result.reads_as.setdefault(label, Counter())[max(shares, key=lambda name: shares[name])] += 1
    return Left.UNKNOWN_LABEL


def per_service(taken: Sequence[Taken]) -> list[tuple[str, list[Taken]]]:
    """Services with their tickets, most first."""
    groups: dict[str, list[Taken]] = {}
    for one in taken:
        groups.setdefault(one.service, []).append(one)
    return sorted(groups.items(), key=lambda group: (-len(group[1]), group[0]))
