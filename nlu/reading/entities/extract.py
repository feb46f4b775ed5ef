"""All finders together: the entities of one message, as Rasa writes them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from typing import Any

from nlu.reading.entities import names, numbers
from nlu.reading.entities.base import Found, apart
from nlu.reading.entities.gazetteer import Gazetteer
from nlu.reading.entities.places import places
from nlu.reading.entities.times import times
from nlu.reading.normalise import Normalised

EXTRACTOR = "LianxinEntities"
_BY_FORM = (
    numbers.phones,
    numbers.id_numbers,
    numbers.plates,
    numbers.tickets,
    numbers.lines,
    numbers.amounts,
    numbers.payments,
    numbers.people,
    names.persons,
    names.organisations,
)


def find(text: str, gazetteer: Gazetteer, today: date) -> list[Found]:
    """Everything in a normalised text; where two finders claim the same characters the surer one wins."""
    found: list[Found] = [one for finder in _BY_FORM for one in finder(text)]
    found.extend(times(text, today))
    found.extend(places(text, gazetteer))
    return [_dialled(one, gazetteer.area_code) for one in apart(found)]


def _dialled(one: Found, area_code: str) -> Found:
    """A number without an area code is the city's own."""
    if one.entity == "phone" and area_code and not one.normalized.startswith("+"):
        return replace(one, normalized=f"+86{area_code.lstrip('0')}{one.normalized}")
    return one


def as_rasa(found: Iterable[Found], normalised: Normalised) -> list[dict[str, Any]]:
    """Spans and values of the citizen's own text; the canonical value beside them."""
    entities: list[dict[str, Any]] = []
    for one in found:
        start, end = normalised.to_original(one.start, one.end)
        if entities and start < entities[-1]["end"]:  # two of the parts into which "¼" was taken
            continue
        entity: dict[str, Any] = {
            "entity": one.entity,
            "start": start,
            "end": end,
            "value": normalised.original[start:end],
            "confidence_entity": one.confidence,
            "extractor": EXTRACTOR,
        }
        if one.role:
            entity["role"] = one.role
        if one.normalized is not None:
            entity["normalized"] = one.normalized
        entities.append(entity)
    return entities
