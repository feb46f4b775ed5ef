"""What the pages are shown of people, services and details: a class per thing, and pure functions from rows.

Masked unless the caller says otherwise. Titles come in both languages: a page switches without asking.
Conversations have their views in talk_views, tickets in ticket_views.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

from bot.console.shapes import Answer
from bot.masking import PERSONAL, hidden, mask
from bot.seats.handover import PRESENT_FOR
from bot.services import Catalogue
from bot.store.operators import Operator

# Details that are hidden until somebody asks to see them; of places the last part (house, room) is.
_DOOR = re.compile(
    r"[0-9A-Za-z一二三四五六七八九十]+(?=\s*(?:号|栋|幢|座|单元|室|层|楼|户|弄))|[0-9]+(?=\D*$)"
)
HIDDEN = PERSONAL | {"account", "building", "location"}


class Titled(Answer):
    id: str
    zh: str
    en: str


class PersonView(Answer):
    id: int
    login: str
    name: str
    role: str
    language: str
    active: bool
    presence: str
    seen_at: datetime | None = None
    created_at: datetime | None = None


class FileView(Answer):
    id: str
    kind: str
    mime: str
    name: str
    size: int
    status: str


class DetailView(Answer):
    name: str
    value: str
    hidden: bool


def person(row: Operator, now: datetime | None = None) -> PersonView:
    view = PersonView.model_validate(row)
    stale = row.seen_at is None or (now or datetime.now(UTC)) - row.seen_at > PRESENT_FOR
    return view.model_copy(update={"presence": "offline"}) if stale else view


def titled_service(catalogue: Catalogue, name: str) -> Titled:
    return Titled(id=name, zh=catalogue.title(name), en=catalogue.title(name, "en"))


def titled_department(catalogue: Catalogue, name: str) -> Titled:
    found = catalogue.city.departments.get(name)
    return Titled(id=name, zh=found.name if found else name, en=found.name_en if found else name)


def who(channel: str, address: str) -> str:
    """A citizen in a list: the masked number, or the end of an account id that says nothing."""
    return mask(address) if channel.startswith("sms") else f"#{address[-4:]}"


def shown(name: str, value: str, masked: bool) -> str:
    """A detail; when masked without what leads to a person or a door."""
    if not masked or not value:
        return value
    if name == "phone":
        plain = value.removeprefix("+86")
        return mask(plain) if mask(plain) != plain else hidden(plain)
    if name == "place":
        return mask(_DOOR.sub("*", value))
    return hidden(value) if name in HIDDEN else mask(value)


def details(values: dict[str, Any], masked: bool) -> list[DetailView]:
    return [
        DetailView(name=name, value=safe, hidden=safe != str(value))
        for name, value in values.items()
        for safe in (shown(name, str(value), masked),)
    ]
