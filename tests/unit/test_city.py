"""Working days, deadlines, places and branches of the city."""

from __future__ import annotations

import shutil
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from bot.city import Span
from bot.city_data import load_city
from bot.errors import DataError, NotFound
from tests.unit.transcripts import ROOT, catalogue

CITY = catalogue().city


@pytest.mark.parametrize(
    ("day", "works"),
    [
        (date(2025, 11, 26), True),
        (date(2025, 11, 29), False),
        (date(2025, 10, 1), False),
        (date(2025, 10, 11), True),  # a make-up Saturday
        (date(2026, 2, 28), True),  # a make-up Saturday after Spring Festival
        (date(2026, 2, 16), False),
        (date(2031, 5, 1), False),  # a year nobody has published yet
        (date(2031, 5, 5), True),
    ],
)
def test_working_days_follow_the_calendar(day: date, works: bool) -> None:
    assert CITY.calendar.works(day) is works


@pytest.mark.parametrize(
    ("deadline", "start", "due"),
    [
        ("emergency", "2025-11-29T20:00+00:00", "2025-11-29T22:00+00:00"),
        ("utilities", "2025-11-29T20:00+00:00", "2025-11-30T20:00+00:00"),
        ("question", "2025-11-26T03:00+00:00", "2025-11-28T09:30+00:00"),
        ("ordinary", "2025-11-26T03:00+00:00", "2025-12-03T09:30+00:00"),
        ("ordinary", "2025-11-28T17:00+00:00", "2025-12-05T09:30+00:00"),  # Saturday already, in the city
        (
            "ordinary",
            "2025-09-26T03:00+00:00",
            "2025-10-10T09:30+00:00",
        ),  # over a make-up Sunday and a week off
        ("complex", "2026-02-10T03:00+00:00", "2026-03-09T09:30+00:00"),
    ],
)
def test_deadlines_count_hours_or_working_days(deadline: str, start: str, due: str) -> None:
    assert CITY.deadline(deadline, datetime.fromisoformat(start)) == datetime.fromisoformat(due)


def test_an_unknown_deadline_class_is_refused() -> None:
    with pytest.raises(NotFound):
        CITY.deadline("someday", datetime(2025, 1, 1, tzinfo=UTC))


def test_a_span_of_no_days_is_now() -> None:
    now = datetime(2025, 11, 26, 3, tzinfo=UTC)
    assert CITY.add(Span(), now) == now


def test_a_moment_is_said_as_people_say_it() -> None:
    moment = datetime(2025, 11, 25, 10, 0, tzinfo=UTC)
    assert CITY.when(moment) == "11月25日（周二）18:00"
    assert CITY.when(moment, "en") == "Tue 25 Nov, 18:00"


def test_a_place_lies_in_its_town_and_district() -> None:
    assert CITY.areas_of("幸福里小区3栋2单元")[-2:] == ("沿江街道", "滨江区")
    assert CITY.areas_of("滨江区")[-1] == "滨江区"
    assert CITY.areas_of("火星") == ()


def test_the_branch_of_the_place_is_found_or_the_department_itself() -> None:
    branch = CITY.branch("street", "幸福里小区3栋")
    assert branch is not None
    assert branch.area == "沿江街道"
    assert CITY.branch("street", "火星") is None


@pytest.mark.parametrize(
    ("file", "wrong", "right", "said"),
    [
        ("calendar.yml", "2025-01-26", "2025-01-27", "no Saturday or Sunday"),
        ("calendar.yml", "to: 2025-02-04", "to: 2025-01-04", "ends before it begins"),
        ("calendar.yml", "2025-02-08", "2025-02-30", "is no date"),
        ("deadlines.yml", "answer: {hours: 2}", "answer: {days: 2}", "unknown key 'days'"),
        ("deadlines.yml", "answer: {hours: 2}", "answer: {hours: two}", "a number is expected"),
        ("deadlines.yml", "id: question", "id: emergency", "is there twice"),
        ("departments.yml", "id: police", "id: street", "is there twice"),
        ("places.yml", "parent: 滨江区", "parent: 滨海区", "no place '滨海区'"),
        ("city.yml", "Asia/Shanghai", "Asia/Linjiang", "no time zone"),
    ],
)
def test_a_mistake_is_named_by_file_and_line(
    tmp_path: Path, file: str, wrong: str, right: str, said: str
) -> None:
    folder = tmp_path / "city"
    shutil.copytree(ROOT / "nlu_data" / "city", folder)
    before = (folder / file).read_text("utf-8")
    assert wrong in before
    (folder / file).write_text(before.replace(wrong, right, 1), "utf-8")
    with pytest.raises(DataError) as caught:
        load_city(folder)
    assert caught.value.path.name == file
    assert said in str(caught.value)
    assert caught.value.line > 1
