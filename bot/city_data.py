"""Reads nlu_data/city into a `City`; every mistake is named by file and line."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from bot.city import Branch, Calendar, City, Counter, DeadlineClass, Department, Number, Span
from bot.marks import Marked, read

_SPANS = ("answer", "sign", "extend", "yellow", "follow_up")
_PLACES = ("districts", "towns", "communities", "roads", "estates", "pois")


def load_city(folder: Path) -> City:
    """Raises DataError at the first mistake."""
    facts = read(folder / "city.yml").fields(needed=("name", "short", "name_en", "timezone", "hotline"))
    parents, aliases = _places(read(folder / "places.yml"))
    return City(
        name=facts["name"].text(),
        short=facts["short"].text(),
        name_en=facts["name_en"].text(),
        timezone=_zone(facts["timezone"]),
        hotline=facts["hotline"].text(),
        area_code=facts["area_code"].text() if "area_code" in facts else "",
        numbers=_numbers(facts["emergency_numbers"]) if "emergency_numbers" in facts else {},
        counters=tuple(map(_counter, facts["counters"].items())) if "counters" in facts else (),
        website=facts["website"].text() if "website" in facts else "",
        departments=_departments(read(folder / "departments.yml")),
        deadlines=_deadlines(read(folder / "deadlines.yml")),
        calendar=_calendar(read(folder / "calendar.yml")),
        parents=parents,
        aliases=aliases,
        day_ends=_day_ends(facts["hours"]) if "hours" in facts else time(17, 30),
    )


def _zone(node: Marked) -> ZoneInfo:
    try:
        return ZoneInfo(node.text())
    except (ZoneInfoNotFoundError, ValueError):
        node.fail(f"there is no time zone '{node.text()}'")


def _numbers(node: Marked) -> dict[str, Number]:
    out = {}
    for name, entry in node.fields().items():
        one = entry.fields(needed=("number", "title", "title_en"))
        out[name] = Number(one["number"].text(), one["title"].text(), one["title_en"].text())
    return out


def _counter(node: Marked) -> Counter:
    one = node.fields(needed=("name", "name_en", "address", "hours"))
    return Counter(one["name"].text(), one["name_en"].text(), one["address"].text(), one["hours"].text())


def _day_ends(node: Marked) -> time:
    hours = node.fields(needed=("office",))["office"].items()
    try:
        return time.fromisoformat(hours[-1].text().split("-")[1])
    except (IndexError, ValueError):
        node.fail('office hours look like ["09:00-12:00", "13:30-17:30"]')


def _departments(root: Marked) -> dict[str, Department]:
    out: dict[str, Department] = {}
    for node in root.fields(needed=("departments",))["departments"].items():
        one = node.fields(
            ("id", "name", "name_en", "short", "aliases", "phone", "sign_hours", "areas"),
            ("id", "name", "name_en", "short"),
        )
        name = one["id"].text()
        if name in out:
            one["id"].fail(f"department '{name}' is there twice")
        out[name] = Department(
            id=name,
            name=one["name"].text(),
            name_en=one["name_en"].text(),
            short=one["short"].text(),
            aliases=one["aliases"].texts() if "aliases" in one else (),
            phone=one["phone"].text() if "phone" in one else "",
            sign_hours=one["sign_hours"].number() if "sign_hours" in one else 8,
            branches=tuple(map(_branch, one["areas"].items())) if "areas" in one else (),
        )
    return out


def _branch(node: Marked) -> Branch:
    one = node.fields(("area", "name", "name_en", "phone"), ("area", "name", "name_en"))
    phone = one["phone"].text() if "phone" in one else ""
    return Branch(one["area"].text(), one["name"].text(), one["name_en"].text(), phone)


def _deadlines(root: Marked) -> dict[str, DeadlineClass]:
    out: dict[str, DeadlineClass] = {}
    for node in root.fields(needed=("deadlines",))["deadlines"].items():
        one = node.fields(("id", "title", "title_en", *_SPANS), ("id", "title", "title_en", *_SPANS))
        name = one["id"].text()
        if name in out:
            one["id"].fail(f"deadline class '{name}' is there twice")
        spans = {span: _span(one[span]) for span in _SPANS}
        out[name] = DeadlineClass(
            id=name, title=one["title"].text(), title_en=one["title_en"].text(), **spans
        )
    return out


def _span(node: Marked) -> Span:
    one = node.fields(("hours", "working_days"))
    if len(one) != 1:
        node.fail("give either hours or working_days")
    [(name, value)] = one.items()
    number = value.number()
    if number < 0 or (name == "working_days" and number != int(number)):
        value.fail("must be a whole number of days, or hours ≥ 0")
    return Span(hours=number) if name == "hours" else Span(working_days=int(number))


def _calendar(root: Marked) -> Calendar:
    parts = root.fields(("always", "years"), ("years",))
    holidays: set[date] = set()
    workdays: set[date] = set()
    names: dict[date, str] = {}
    years = parts["years"].fields()
    for year in years.values():
        one = year.fields(("source", "holidays", "workdays"), ("holidays",))
        for node in one["holidays"].items():
            days = list(_days(node))
            holidays.update(days)
            names |= dict.fromkeys(days, node.fields()["name"].text())
        for node in one["workdays"].items() if "workdays" in one else ():
            day = _date(node)
            if day.weekday() < 5:
                node.fail(f"{day} is no Saturday or Sunday, so it cannot be a make-up workday")
            workdays.add(day)
    always = frozenset(map(_month_day, parts["always"].items())) if "always" in parts else frozenset()
    return Calendar(frozenset(map(int, years)), frozenset(holidays), frozenset(workdays), always, names)


def _month_day(node: Marked) -> tuple[int, int]:
    try:
        day = date.fromisoformat(f"2000-{node.text()}")
    except ValueError:
        node.fail(f"'{node.text()}' is no day of the year (MM-DD)")
    return day.month, day.day


def _days(node: Marked) -> Iterator[date]:
    one = node.fields(("from", "to", "name", "name_en"), ("from", "to", "name"))
    first, last = _date(one["from"]), _date(one["to"])
    if last < first:
        node.fail(f"{one['name'].text()} ends before it begins")
    return (first + timedelta(days=n) for n in range((last - first).days + 1))


def _date(node: Marked) -> date:
    try:
        return date.fromisoformat(node.text())
    except ValueError:
        node.fail(f"'{node.text()}' is no date (YYYY-MM-DD)")


def _places(root: Marked) -> tuple[dict[str, str], dict[str, str]]:
    """Every place → what it lies in, and every alias → its place."""
    lists = root.fields(_PLACES)
    parents: dict[str, str] = {}
    aliases: dict[str, str] = {}
    for kind in _PLACES:
        for node in lists[kind].items() if kind in lists else ():
            one = node.fields(needed=("name",))
            parent = one["parent"].text() if "parent" in one else ""
            if parent and parent not in parents:
                one["parent"].fail(f"there is no place '{parent}' above")
            name = one["name"].text()
            parents.setdefault(name, parent)
            for alias in one["aliases"].texts() if "aliases" in one else ():
                aliases.setdefault(alias, name)
    return parents, aliases
