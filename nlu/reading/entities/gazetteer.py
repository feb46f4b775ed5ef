"""Names of places: the city's own (nlu_data/city/places.yml) and the official divisions of the country.

Built when a model is trained, stored with it as one table, so that serving reads no other file.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

FILE = "places.json"
# Outer to inner: an address is written in this order.
LEVELS = ("province", "city", "district", "town", "community", "road", "estate", "room")
_LONGEST = 14

Place = dict[str, Any]


@dataclass
class Gazetteer:
    """`own`: name → what it is and where it lies. `country`: name of a division → its level. `short`: the same
    without ending. `within`: a town's name without ending → the districts and cities that have such a town, in one line. `area_code`: of the city's own telephone numbers.
    """

    own: dict[str, Place] = field(default_factory=dict)
    country: dict[str, str] = field(default_factory=dict)
    short: dict[str, str] = field(default_factory=dict)
    within: dict[str, str] = field(default_factory=dict)
    area_code: str = ""
    _heads: dict[str, set[int]] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        for names in (self.own, self.country, self.short):
            for name in names:
                self._heads.setdefault(name[:2], set()).add(len(name))

    def beginnings(self, text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
        """Where names may begin in this part of a text, and where each would end; longest first."""
        heads = self._heads
        for at in range(start, end - 1):
            if lengths := heads.get(text[at : at + 2]):
                yield from (
                    (at, at + length) for length in sorted(lengths, reverse=True) if at + length <= end
                )

    def save(self, folder: Path) -> None:
        """Write the table."""
        content: dict[str, Any] = {
            "own": self.own,
            "country": self.country,
            "short": self.short,
            "within": self.within,
        }
        content["area_code"] = self.area_code
        (folder / FILE).write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> Gazetteer:
        """Read what `save` wrote."""
        content = json.loads((folder / FILE).read_text(encoding="utf-8"))
        later = {name: content[name] for name in ("within", "area_code") if name in content}
        return cls(content["own"], content["country"], content["short"], **later)
