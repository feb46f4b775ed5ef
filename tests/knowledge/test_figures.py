"""How good the answers are, and that what measures it counts rightly."""

from __future__ import annotations

import pytest

from bot.knowledge import Knowledge, load_knowledge
from bot.knowledge.entries import load_entries
from bot.knowledge.evaluation import FILES, Case, cases, halves, measure, table
from bot.services import Catalogue
from tests.knowledge.sample import ENTRIES, FOLDER


def test_halves_divide_either_kind() -> None:
    found = [*(Case(f"q{n}", f"a{n}") for n in range(5)), *(Case(f"u{n}", "") for n in range(3))]
    tuning, final = halves(found)
    assert [case.question for case in tuning] == ["q0", "q1", "q2", "u0", "u1"]
    assert [case.question for case in final] == ["q3", "q4", "u2"]


@pytest.mark.parametrize("file", FILES)
def test_held_out_questions_name_articles_that_exist_and_are_not_in_them(
    file: str, catalogue: Catalogue
) -> None:
    entries = load_entries(FOLDER / "knowledge", catalogue)
    found = cases(FOLDER / "tests" / file)
    assert {case.article for case in found} - {""} <= {entry.id for entry in entries}
    assert not {case.question for case in found} & {q for entry in entries for q in entry.questions}
    assert len({case.question for case in found}) == len(found)


async def test_the_figures_count_what_is_right_wrong_and_misled() -> None:
    asked_of = [
        Case("暖气费怎么交", "heat"),
        Case("拖欠工资找谁", "heat"),  # answered with another
        Case("月亮有多远", "wages"),  # not answered
        Case("老板不发工资怎么办", ""),  # answered although it should not be
    ]
    figures = await measure(Knowledge(ENTRIES), asked_of)
    assert (figures.answerable, figures.unanswerable) == (3, 1)
    assert figures.right == figures.wrong == pytest.approx(1 / 3)
    assert figures.misled == 1
    line = table({"ours": figures}).splitlines()[-1]
    assert line.startswith("| ours | 3 + 1 | ") and "| 1.000 |" in line


async def test_words_alone_are_as_good_as_we_say(catalogue: Catalogue) -> None:
    """The words' half needs no encoder, so it is held here; docs/knowledge.md has the whole table."""
    knowledge = load_knowledge(FOLDER / "knowledge", catalogue)
    tuning, _ = halves(cases(FOLDER / "tests" / "knowledge.yml"))
    figures = await measure(knowledge, tuning)
    assert figures.first >= 0.75
    assert figures.right >= 0.5
    assert figures.wrong <= 0.05
    assert figures.misled <= 0.15
