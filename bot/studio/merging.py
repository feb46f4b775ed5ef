"""Three versions of a text into one, line by line: an old change is taken back, newer ones stay."""

from __future__ import annotations

from difflib import SequenceMatcher

Change = tuple[int, int, list[str]]  # lines [from, to) of the base become these


def _changes(base: list[str], other: list[str]) -> list[Change]:
    codes = SequenceMatcher(None, base, other, autojunk=False).get_opcodes()
    return [(i, j, other[k:m]) for tag, i, j, k, m in codes if tag != "equal"]


def merged(base: str | None, one: str | None, other: str | None) -> str | None:
    """Both sides' changes to `base`; None where they touch the same lines, or a file is missing."""
    if base is None or one is None or other is None:
        return None
    lines = base.splitlines(keepends=True)
    mine = _changes(lines, one.splitlines(keepends=True))
    theirs = _changes(lines, other.splitlines(keepends=True))
    every = sorted({(i, j, tuple(new)) for i, j, new in [*mine, *theirs]})
    out, last = [], 0
    inserted = -1
    for start, end, new in every:
        if start < last or (start == end == inserted):
            return None
        out += [*lines[last:start], *new]
        last, inserted = end, start if start == end else inserted
    return "".join([*out, *lines[last:]])
