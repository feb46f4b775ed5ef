"""The articles as written: ours are sound, and a mistake is named by file and line."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.errors import DataError
from bot.knowledge import load_knowledge
from bot.knowledge.entries import load_entries
from bot.services import Catalogue
from tests.knowledge.sample import FOLDER, ids


def test_our_own_articles_are_sound(catalogue: Catalogue) -> None:
    entries = load_entries(FOLDER / "knowledge", catalogue)
    assert len(entries) > 100
    for entry in entries:
        assert entry.service and entry.source and entry.answer_en and entry.valid_until, entry.id
        assert len(entry.answer) <= 120, entry.id
    knowledge = load_knowledge(FOLDER / "knowledge", catalogue)
    for entry in entries[::9]:
        assert ids(knowledge, entry.questions[-1], entry.service)[0] == entry.id


@pytest.mark.parametrize(
    ("text", "line", "what"),
    [
        ("- {id: a, questions: [问], answer: 答, service: nowhere}", 2, "nowhere"),
        ("- {id: a, questions: [], answer: 答}", 2, "at least one question"),
        ("- {id: a, questions: [问], answer: 答, valid_until: soon}", 2, "YYYY-MM-DD"),
        ("- {id: a, questions: [问], answer: 答}\n- {id: a, questions: [问], answer: 答}", 3, "twice"),
        ("- {id: a, answer: 答}", 2, "questions"),
        ("- {id: a, questions: [问], answer: 答, colour: red}", 2, "colour"),
    ],
)
def test_mistakes_are_named_by_file_and_line(
    tmp_path: Path, catalogue: Catalogue, text: str, line: int, what: str
) -> None:
    (tmp_path / "a.yml").write_text(f"articles:\n{text}\n", "utf-8")
    with pytest.raises(DataError) as error:
        load_entries(tmp_path, catalogue)
    assert error.value.path == tmp_path / "a.yml"
    assert error.value.line == line
    assert what in error.value.what
