"""The city as data: who handles what, how long it may take, which days are worked, where places lie.

Read once from nlu_data/city and passed on as frozen values. It knows no ticket and no conversation.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.errors import NotFound


@dataclass(frozen=True, slots=True)
class Span:
    """A length of time: hours of the clock, or working days. One of them is zero."""

    hours: float = 0
    working_days: int = 0


@dataclass(frozen=True, slots=True)
class DeadlineClass:
    id: str
    title: str
    title_en: str
    answer: Span
    sign: Span
    extend: Span
    yellow: Span
    follow_up: Span


@dataclass(frozen=True, slots=True)
class Branch:
    """A department's office for one district or town."""

    area: str
    name: str
    name_en: str
    phone: str


@dataclass(frozen=True, slots=True)
class Department:
    id: str
    name: str
    name_en: str
    short: str
    aliases: tuple[str, ...]
    phone: str
    sign_hours: float
    branches: tuple[Branch, ...] = ()


@dataclass(frozen=True, slots=True)
class Number:
    """A number to call: 110, 119, the gas company …"""

    number: str
    title: str
    title_en: str


@dataclass(frozen=True, slots=True)
class Counter:
    name: str
    name_en: str
    address: str
    hours: str


@dataclass(frozen=True, slots=True)
class Calendar:
    """Working days, make-up weekends among them. `always`: (month, day) kept in years not yet known."""

    years: frozenset[int]
    holidays: frozenset[date]
    workdays: frozenset[date]
    always: frozenset[tuple[int, int]] = frozenset()
    names: Mapping[date, str] = field(default_factory=dict)  # of holidays, for people

    def works(self, day: date) -> bool:
        if day in self.workdays:
            return True
        free = day in self.holidays if day.year in self.years else (day.month, day.day) in self.always
        return not free and day.weekday() < 5

    def after(self, day: date, working_days: int) -> date:
        """The n-th working day after `day`."""
        while working_days > 0:
            day += timedelta(days=1)
            working_days -= self.works(day)
        return day


@dataclass(frozen=True, slots=True)
class City:
    name: str
    short: str
    name_en: str
    timezone: ZoneInfo
    hotline: str
    area_code: str
    numbers: Mapping[str, Number]
    counters: tuple[Counter, ...]
    website: str
    departments: Mapping[str, Department]
    deadlines: Mapping[str, DeadlineClass]
    calendar: Calendar
    parents: Mapping[str, str] = field(default_factory=dict)  # place → the place it lies in
    aliases: Mapping[str, str] = field(default_factory=dict)  # another name → the place
    day_ends: time = time(17, 30)  # end of office hours: when a deadline of working days falls due

    def add(self, span: Span, start: datetime) -> datetime:
        """`start` plus a span; working days end with office hours in the city's own time."""
        if not span.working_days:
            return start + timedelta(hours=span.hours)
        local = start.astimezone(self.timezone)
        day = self.calendar.after(local.date(), span.working_days)
        due = datetime.combine(day, self.day_ends, self.timezone)
        return due.astimezone(start.tzinfo)

    def deadline(self, deadline_class: str, start: datetime) -> datetime:
        """When an answer is due for a clock that started at `start` (aware)."""
        if deadline_class not in self.deadlines:
            raise NotFound(f"There is no deadline class '{deadline_class}'.")
        return self.add(self.deadlines[deadline_class].answer, start)

    def areas_of(self, place: str) -> tuple[str, ...]:
        """What a written place lies in, smallest first and the district last: 幸福里小区 → … → 滨江区."""
        names = [name for name in self.parents if name in place]
        names += [name for alias, name in self.aliases.items() if alias in place]
        chains = [self._chain(name) for name in names]
        return max(chains, key=lambda chain: (sum(name in place for name in chain), len(chain)), default=())

    def _chain(self, name: str) -> tuple[str, ...]:
        chain = []
        while name:
            chain.append(name)
            name = self.parents[name]
        return tuple(chain)

    def branch(self, department: str, place: str) -> Branch | None:
        """The branch that covers the place; None: the department itself."""
        areas = self.areas_of(place)
        covers = {branch.area: branch for branch in self.departments[department].branches}
        return next((covers[area] for area in areas if area in covers), None)

    def when(self, moment: datetime, language: str = "zh") -> str:
        """A moment as people here say it: 11月25日（周三）18:00."""
        local = moment.astimezone(self.timezone)
        if language == "en":
            return f"{local:%a} {local.day} {local:%b}, {local:%H:%M}"
        return f"{local.month}月{local.day}日（周{'一二三四五六日'[local.weekday()]}）{local:%H:%M}"
