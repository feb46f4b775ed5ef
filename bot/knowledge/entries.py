"""The articles as they are written down: plain questions with their answer, source and last valid day.

Reads nlu_data/knowledge and refuses a mistake with file and line; it knows nothing of searching.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from bot.marks import Marked, read
from bot.services import Catalogue

_KNOWN = ("id", "questions", "answer", "answer_en", "service", "source", "valid_until", "links")
_NEEDED = ("id", "questions", "answer")


@dataclass(frozen=True, slots=True)
class Entry:
    id: str
    questions: tuple[str, ...]
    answer: str
    answer_en: str = ""
    service: str = ""
    source: str = ""
    links: tuple[str, ...] = ()
    valid_until: date | None = None

    def holds(self, today: date) -> bool:
        """Whether it may still be said."""
        return self.valid_until is None or self.valid_until >= today


def load_entries(folder: Path, catalogue: Catalogue) -> tuple[Entry, ...]:
    """Raises DataError naming file and line."""
    entries: dict[str, Entry] = {}
    for path in sorted(folder.glob("*.yml")):
        for node in read(path).fields(("version", "articles"), ("articles",))["articles"].items():
            entry = _entry(node, catalogue)
            if entry.id in entries:
                node.fail(f"'{entry.id}' is there twice")
            entries[entry.id] = entry
    return tuple(entries.values())


def _entry(node: Marked, catalogue: Catalogue) -> Entry:
    one = node.fields(_KNOWN, _NEEDED)
    return Entry(
        id=one["id"].text(),
        questions=one["questions"].texts() or one["questions"].fail("at least one question"),
        answer=one["answer"].text(),
        answer_en=one["answer_en"].text() if "answer_en" in one else "",
        service=one["service"].one_of(catalogue.services, "service") if "service" in one else "",
        source=one["source"].text() if "source" in one else "",
        links=tuple(map(_link, one["links"].items())) if "links" in one else (),
        valid_until=_day(one["valid_until"]) if "valid_until" in one else None,
    )


def _link(node: Marked) -> str:
    """As it is said: the title and the address."""
    one = node.fields(("title", "url"), ("url",))
    return f"{one['title'].text()} {one['url'].text()}" if "title" in one else one["url"].text()


def _day(node: Marked) -> date:
    try:
        return date.fromisoformat(node.text())
    except ValueError:
        node.fail(f"'{node.text()}' is no date (YYYY-MM-DD)")
