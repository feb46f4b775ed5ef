"""The catalogue: our own data holds, and every mistake in a file is named with its line."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from bot.errors import DataError, NotFound
from bot.services import DETAILS, EMERGENCY, FALLBACK, load_catalogue
from bot.words import keys
from tests.unit.transcripts import ROOT, catalogue

SERVICE = """version: "3.1"
nlu:
- intent: heating
  metadata:
    title: 供暖不热
    title_en: Heating
    about: 暖气不热
    category: 城乡建设
    department: gas_heat
    deadline: utilities
    kind: complaint
    details:
    - {name: place, required: true}
    - {name: since}
  examples: |
    - 暖气不热
    - [幸福里小区](estate)停暖了
- intent: heating
  metadata: {kind: question}
  examples: |
    - 暖气费怎么交
"""


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A small nlu_data with the real city and one service."""
    shutil.copytree(ROOT / "nlu_data" / "city", tmp_path / "city")
    (tmp_path / "services").mkdir()
    (tmp_path / "services" / "heating.yml").write_text(SERVICE, "utf-8")
    return tmp_path


def test_our_own_services_are_complete() -> None:
    services = catalogue().services
    assert len(services) >= 20
    assert {EMERGENCY, FALLBACK} <= set(services)
    assert len({s.category for s in services.values()}) >= 12
    for service in services.values():
        assert sum(d.required and d.ask for d in service.details) <= 4, service.id


def test_every_detail_can_be_asked_and_labelled() -> None:
    for language in ("zh", "en"):
        assert {f"ask-{name}" for name in DETAILS} <= keys(language)
        assert {f"label-{name}" for name in DETAILS} <= keys(language)


def test_titles_and_departments_are_shown_in_both_languages() -> None:
    assert catalogue().title("heating") == "供暖不热"
    assert catalogue().title("heating", "en") == "Heating"
    assert catalogue().title("since_removed") == "since_removed"
    assert catalogue().department("heating")
    assert catalogue().department("since_removed") == ""
    with pytest.raises(NotFound):
        catalogue().service("since_removed")


def test_a_service_file_is_read_whole(data: Path) -> None:
    service = load_catalogue(data).service("heating")
    assert [(d.name, d.required, d.ask) for d in service.details] == [
        ("place", True, True),
        ("since", False, True),
    ]
    assert (service.department, service.deadline, service.kind) == ("gas_heat", "utilities", "complaint")


@pytest.mark.parametrize(
    ("wrong", "right", "line", "said"),
    [
        ("department: gas_heat", "department: gas", 9, "unknown department 'gas'"),
        ("deadline: utilities", "deadline: soon", 10, "unknown deadline class"),
        ("kind: complaint", "kind: rant", 11, "unknown kind"),
        ("kind: question", "kind: rant", 19, "unknown kind"),
        ("name: since", "name: sinse", 14, "unknown detail"),
        ("name: since", "name: place", 14, "twice"),
        ("required: true", "required: maybe", 13, "unknown switch"),
        ("    about: 暖气不热\n", "", 5, "'about' is missing"),
        ("    about: 暖气不热\n", "    abuot: 暖气不热\n", 7, "unknown key 'abuot'"),
        ("title: 供暖不热", "title: ''", 5, "must not be empty"),
        ("(estate)", "(compound)", 17, "unknown entity 'compound'"),
        ("    - 暖气不热\n", "    暖气不热\n", 16, "starts with '- '"),
        ("- intent: heating\n  metadata: {", "- intent: bus\n  metadata: {", 18, "only 'heating' belongs"),
        ("- intent: heating\n  metadata:\n", "- intent: heat\n  metadata:\n", 3, "must be called heat.yml"),
        ("metadata: {kind: question}", "metadata: {conduct: rude}", 19, "unknown conduct"),
        ('version: "3.1"', 'version: "3.1', 22, "not valid YAML"),
    ],
)
def test_a_mistake_is_named_by_file_and_line(
    data: Path, wrong: str, right: str, line: int, said: str
) -> None:
    path = data / "services" / "heating.yml"
    path.write_text(SERVICE.replace(wrong, right, 1), "utf-8")
    with pytest.raises(DataError) as caught:
        load_catalogue(data)
    assert caught.value.path == path
    assert said in str(caught.value)
    assert caught.value.line == line


def test_an_unknown_intent_beside_the_services_is_refused(data: Path) -> None:
    (data / "conduct").mkdir()
    path = data / "conduct" / "abuse.yml"
    path.write_text(
        'version: "3.1"\nnlu:\n- intent: heatin\n  metadata: {conduct: abuse}\n  examples: |\n    - 气死了\n',
        "utf-8",
    )
    with pytest.raises(DataError, match="no service or act 'heatin'"):
        load_catalogue(data)


def test_an_act_is_described_once(data: Path) -> None:
    (data / "acts").mkdir()
    act = 'version: "3.1"\nnlu:\n- intent: greet\n  metadata: {title: 问候, title_en: Greet, axis: act}\n'
    act += "  examples: |\n    - 你好\n"
    (data / "acts" / "greet.yml").write_text(act, "utf-8")
    assert load_catalogue(data).acts["greet"].title_en == "Greet"
    (data / "acts" / "hello.yml").write_text(act, "utf-8")
    with pytest.raises(DataError, match=r"described in greet\.yml already"):
        load_catalogue(data)


def test_an_empty_or_missing_file_is_named(data: Path) -> None:
    (data / "services" / "heating.yml").write_text("", "utf-8")
    with pytest.raises(DataError, match="empty"):
        load_catalogue(data)
    (data / "city" / "departments.yml").unlink()
    with pytest.raises(DataError, match=r"departments\.yml"):
        load_catalogue(data)
