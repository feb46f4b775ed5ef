"""Editing YAML in place: what is asked changes, every other byte stays."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.studio import items

DATA = Path(__file__).resolve().parents[2] / "nlu_data"
LISTS = [
    ("city/departments.yml", "departments"),
    ("city/deadlines.yml", "deadlines"),
    *(("city/places.yml", key) for key in ("districts", "towns", "communities", "roads", "estates", "pois")),
    *((f"knowledge/{path.name}", "articles") for path in sorted((DATA / "knowledge").glob("*.yml"))),
]
TEXTS = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cs", "Cc"), exclude_characters="\u2028\u2029\ufeff"),
    min_size=1,
    max_size=30,
).filter(lambda text: text.strip() == text)
VALUES: st.SearchStrategy[Any] = st.one_of(
    TEXTS,
    st.integers(0, 99),
    st.booleans(),
    st.lists(TEXTS, max_size=3),
    st.lists(st.dictionaries(st.sampled_from(["title", "url"]), TEXTS, min_size=1), max_size=3),
)
NEW = st.dictionaries(st.sampled_from(["phone", "answer", "aliases", "links", "fresh"]), VALUES, max_size=4)

calm = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))  # a busy machine


def load(text: str) -> Any:
    """As YAML reads it, but that dates stay texts, as in the items."""
    return items.plain(yaml.compose(text, Loader=yaml.CSafeLoader))


@pytest.mark.parametrize(("path", "key"), LISTS)
def test_things_are_what_yaml_says(path: str, key: str) -> None:
    text = (DATA / path).read_text("utf-8")
    assert [one.facts for one in items.listed(path, text, key)] == load(text)[key]


@calm
@given(new=NEW, gone=st.sets(st.sampled_from(["phone", "source", "aliases", "links"])), data=st.data())
def test_a_change_is_what_was_asked_and_nothing_else(new: dict[str, Any], gone: set[str], data: Any) -> None:
    path, key = data.draw(st.sampled_from(LISTS))
    text = (DATA / path).read_text("utf-8")
    every = items.listed(path, text, key)
    place = data.draw(st.integers(0, len(every) - 1))
    asked = {**dict.fromkeys(gone), **new}
    wanted = load(text)
    wanted[key][place] |= asked
    wanted[key][place] = {fact: value for fact, value in wanted[key][place].items() if value is not None}
    after = items.changed(text, every[place], asked)
    assert load(after) == wanted
    comments = [line for line in text.split("\n") if line.startswith("#")]
    assert [line for line in after.split("\n") if line.startswith("#")] == comments


@calm
@given(new=NEW, name=TEXTS, data=st.data())
def test_a_thing_is_added_and_taken_back_byte_for_byte(new: dict[str, Any], name: str, data: Any) -> None:
    path, key = data.draw(st.sampled_from(LISTS))
    text = (DATA / path).read_text("utf-8")
    after = items.added(path, text, key, {"id": name, **new})
    wanted = load(text)
    wanted[key].append({"id": name, **new})
    assert load(after) == wanted
    assert items.removed(after, items.listed(path, after, key)[-1], key) == text


@pytest.mark.parametrize(("path", "key"), LISTS)
def test_the_last_thing_of_a_list_leaves_an_empty_list(path: str, key: str) -> None:
    text = (DATA / path).read_text("utf-8")
    kept = load(text)
    while found := items.listed(path, text, key):
        text = items.removed(text, found[len(found) // 2], key)
    assert load(text) == kept | {key: []}
    again = items.added(path, text, key, {"id": "新", "aliases": ["a, b", "#"]})
    assert load(again) == kept | {key: [{"id": "新", "aliases": ["a, b", "#"]}]}


@pytest.mark.parametrize("path", sorted((DATA / "services").glob("*.yml")), ids=lambda path: path.stem)
def test_the_facts_of_a_service_change_alone(path: Path) -> None:
    text = path.read_text("utf-8")
    found = items.facts(path.name, text)
    new = {
        "title": "新名字: 一",
        "details": [{"name": "place", "required": True}, {"name": "wish", "ask": False}],
    }
    after = items.changed(text, found, new)
    wanted = load(text)
    wanted["nlu"][0]["metadata"] |= new
    assert load(after) == wanted
    back = items.changed(after, items.facts(path.name, after), {"title": found.facts["title"]})
    assert back.split("\n")[-1] == text.split("\n")[-1]
    assert items.changed(text, found, found.facts) == text
