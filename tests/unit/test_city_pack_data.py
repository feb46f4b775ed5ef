"""What the headers of nlu_data/city and nlu_data/knowledge promise about the sample city's data.

Reads the files alone, so that a slip in the data is told from one of the reader.
"""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

DATA = Path(__file__).parents[2] / "nlu_data"
PLACES = ("districts", "towns", "communities", "roads", "estates", "pois")
LONGEST_ANSWER = 120


@cache
def loaded(name: str) -> dict[str, Any]:
    content: dict[str, Any] = yaml.safe_load((DATA / name).read_text(encoding="utf-8"))
    return content


def articles() -> list[dict[str, Any]]:
    files = sorted((DATA / "knowledge").glob("*.yml"))
    return [one for path in files for one in loaded(f"knowledge/{path.name}")["articles"]]


def twice(names: list[str]) -> list[str]:
    return [name for name, times in Counter(names).items() if times > 1]


@pytest.mark.parametrize("kind", PLACES)
def test_a_place_has_one_name_and_lies_somewhere(kind: str) -> None:
    places = loaded("city/places.yml")
    above = {one["name"] for other in PLACES[: PLACES.index(kind)] for one in places[other]}
    assert twice([one["name"] for one in places[kind]]) == []
    assert [one["name"] for one in places[kind] if kind != "districts" and one["parent"] not in above] == []


def test_estates_and_sights_stand_at_known_roads() -> None:
    places = loaded("city/places.yml")
    roads = {one["name"] for one in places["roads"]}
    assert [one["name"] for one in (*places["estates"], *places["pois"]) if one["road"] not in roads] == []


def test_every_branch_of_a_department_serves_a_known_area() -> None:
    places = loaded("city/places.yml")
    areas = {one["name"] for kind in ("districts", "towns") for one in places[kind]}
    departments = loaded("city/departments.yml")["departments"]
    assert twice([one["id"] for one in departments]) == []
    assert {branch["area"] for one in departments for branch in one.get("areas", ())} <= areas
    street = next(one for one in departments if one["id"] == "street")
    towns = {one["name"] for one in places["towns"]}
    assert {branch["area"] for branch in street["areas"]} == towns


@pytest.mark.parametrize("year", sorted(loaded("city/calendar.yml")["years"]))
def test_a_year_has_its_thirteen_statutory_days_free(year: int) -> None:
    entry = loaded("city/calendar.yml")["years"][year]
    free: set[date] = set()
    for holiday in entry["holidays"]:
        days = (holiday["to"] - holiday["from"]).days + 1
        free |= {holiday["from"] + timedelta(days=n) for n in range(days)}
    assert all(day.year == year for day in free | set(entry["workdays"]))
    assert free.isdisjoint(entry["workdays"])
    assert all(day.weekday() >= 5 for day in entry["workdays"])
    weekdays_free = sum(day.weekday() < 5 for day in free)
    assert weekdays_free - len(entry["workdays"]) in range(10, 14)  # 13, less those that fall on a weekend


@pytest.mark.parametrize("article", articles(), ids=lambda one: str(one["id"]))
def test_an_answer_is_short_dated_and_belongs_to_a_service(article: dict[str, Any]) -> None:
    assert len(article["answer"]) <= LONGEST_ANSWER
    assert article["answer_en"]
    assert 3 <= len(article["questions"]) <= 12
    assert (DATA / "services" / f"{article['service']}.yml").is_file()
    assert isinstance(article["valid_until"], date)
    assert all(link["title"] and link["url"].startswith("https://") for link in article["links"])


def test_no_question_leads_to_two_answers() -> None:
    assert twice([one["id"] for one in articles()]) == []
    assert twice([question for one in articles() for question in one["questions"]]) == []
    assert len(articles()) >= 120
