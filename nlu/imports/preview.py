"""The preview: what would be taken, what was struck out, what nobody could map, with examples to look at."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from nlu.imports.columns import Columns
from nlu.imports.labels import Labels
from nlu.imports.plan import Plan, per_service
from nlu.imports.table import Table

_EXAMPLES, _SHOWN_CHARS = 2, 46
_LABELS = 20


def facts(table: Table, columns: Columns, labels: Labels, plan: Plan) -> dict[str, Any]:
    """Everything as plain values: for a console as well as for the terminal."""
    return {
        "file": about(table, columns),
        "rows": plan.rows,
        "broken": plan.broken,
        "accepted": len(plan.taken),
        "left": {reason.value: count for reason, count in plan.left.most_common()},
        "masked": {"rows": plan.masked_rows, **dict(plan.masked.most_common())},
        "services": [
            {
                "service": service,
                "title": labels.titles[service],
                "category": labels.categories[service],
                "count": len(taken),
                "examples": [{"line": one.line, "text": one.text} for one in taken[:_EXAMPLES]],
            }
            for service, taken in per_service(plan.taken)
        ],
        "unknown": [_unknown(label, count, plan) for label, count in plan.unknown.most_common(_LABELS)],
        "doubted": [asdict(one) for one in plan.doubted],
    }


def about(table: Table, columns: Columns) -> dict[str, Any]:
    """The file itself: how it is written, its columns with a few cells of each, and what they seem to be."""
    heads = [
        {"name": name, "cells": [c for row in table.rows if (c := row.cells[i].strip())][:_EXAMPLES]}
        for i, name in enumerate(table.header)
    ]
    return {
        "encoding": table.encoding,
        "delimiter": table.delimiter,
        "columns": _named(table, columns),
        "header": [{**one, "cells": [shortened(cell) for cell in one["cells"]]} for one in heads],
    }


def _named(table: Table, columns: Columns) -> dict[str, list[str]]:
    roles = {
        "title": [columns.title],
        "body": [columns.body],
        "category": columns.category,
        "department": [columns.department],
        "kind": [columns.kind],
        "personal": columns.personal,
    }
    return {role: [table.header[i] for i in found if i >= 0] for role, found in roles.items()}


def _unknown(label: str, count: int, plan: Plan) -> dict[str, Any]:
    read = plan.reads_as.get(label)
    return {
        "label": label,
        "count": count,
        "model": [name for name, _ in read.most_common(2)] if read else [],
    }


def lines(facts: dict[str, Any]) -> Iterator[str]:
    """The same for a terminal."""
    named = facts["file"]["columns"]
    yield f"{facts['file']['encoding']}, delimiter {facts['file']['delimiter']!r}; columns: " + "; ".join(
        f"{role} ← {', '.join(columns) or 'none'}" for role, columns in named.items()
    )
    yield ""
    counts = {"rows read": facts["rows"], "accepted": facts["accepted"], **facts["left"]}
    if facts["broken"]:
        counts["rows with too many cells"] = facts["broken"]
    yield from (f"  {pad(name, 46)}{count:>8}" for name, count in counts.items())
    masked = {name: count for name, count in facts["masked"].items() if name != "rows"}
    what = ", ".join(f"{name} {count}" for name, count in masked.items()) or "nothing"
    yield f"  {pad('rows with personal data struck out', 46)}{facts['masked']['rows']:>8}   ({what})"
    yield from _services(facts)
    yield from _labels(facts)
    yield from _doubted(facts)


def _services(facts: dict[str, Any]) -> Iterator[str]:
    if not facts["services"]:
        return
    yield ""
    for one in facts["services"]:
        yield f"  {one['count']:>5}  {pad(one['title'], 18)}{pad(one['category'], 18)}{one['service']}"
        yield from (f"         · {shortened(example['text'])}" for example in one["examples"])


def _labels(facts: dict[str, Any]) -> Iterator[str]:
    if not facts["unknown"]:
        return
    yield ""
    yield "  Not mapped; say what they mean with --map LABEL=SERVICE (or in city/labels.yml):"
    for one in facts["unknown"]:
        read = f"   the model reads {' or '.join(one['model'])}" if one["model"] else ""
        yield f"  {one['count']:>5}  {pad(one['label'] or '(empty)', 24)}{read}"


def _doubted(facts: dict[str, Any]) -> Iterator[str]:
    if not facts["doubted"]:
        return
    yield ""
    yield f"  {len(facts['doubted'])} left out because the model is sure of another category:"
    for one in facts["doubted"][:5]:
        where = f"line {one['line']}: {one['label']}, model: {one['model']}"
        yield f"         · {where}: {shortened(one['text'])}"


def pad(text: str, width: int) -> str:
    """Chinese characters take two columns."""
    taken = sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text)
    return text + " " * max(1, width - taken)


def shortened(text: str) -> str:
    """Enough to recognise a message."""
    return text if len(text) <= _SHOWN_CHARS else text[:_SHOWN_CHARS] + "…"
