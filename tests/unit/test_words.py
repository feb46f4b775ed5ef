"""The catalogue of sentences: both languages equal, every key that the house uses is there, nothing odd."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from fluent.runtime import FluentResource
from fluent.syntax import ast
from fluent.syntax.visitor import Visitor

from bot.words import keys, say
from tests.unit.transcripts import ROOT

FTL = ROOT / "bot" / "words"
USED = re.compile(
    r'(?:say|Say|words)\(\s*(?:[\w.]+,\s*)?"([a-z][a-z_-]+)"|"@([a-z][a-z0-9-]+)"|problem="([a-z-]+)"'
)


class Variables(Visitor):
    def __init__(self) -> None:
        self.names: set[str] = set()

    def visit_VariableReference(self, node: ast.VariableReference) -> None:  # noqa: N802  # the library's name
        self.names.add(node.id.name)


def variables(language: str) -> dict[str, set[str]]:
    out = {}
    for entry in FluentResource((FTL / f"{language}.ftl").read_text("utf-8")).body:
        assert not isinstance(entry, ast.Junk), entry.content
        if isinstance(entry, ast.Message):
            found = Variables()
            found.visit(entry)
            assert entry.id.name not in out, f"{entry.id.name} is there twice"
            out[entry.id.name] = found.names
    return out


def test_both_languages_say_the_same() -> None:
    assert keys("zh") == keys("en")


def test_both_languages_use_the_same_values() -> None:
    zh, en = variables("zh"), variables("en")
    odd = {key for key in zh if zh[key] - {"kind"} != en[key] - {"kind"}}
    assert odd == set()


def test_every_sentence_that_the_house_says_is_there() -> None:
    sources = [p for folder in ("bot", "actions") for p in (ROOT / folder).rglob("*.py")]
    used = {
        key for path in sources for match in USED.findall(path.read_text("utf-8")) for key in match if key
    }
    used -= {"zh", "en", "key"}  # examples in docstrings
    assert len(used) > 80
    assert used - keys("zh") == set()


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_sentence_can_be_said(language: str) -> None:
    for key, names in variables(language).items():
        names = names | {"state"}  # a sentence may quote another
        values = {name: 2 if name in ("count", "photos", "position") else "x" for name in names}
        text = say(language, key, **values)
        assert text.strip(), key
        assert "\u2068" not in text, "isolating marks confuse screens and SMS"
        assert "{" not in text, key
        assert len(text) <= 300, f"{key} is too long for a phone"


def test_a_missing_key_or_value_is_an_error() -> None:
    with pytest.raises(KeyError, match="no-such-sentence"):
        say("zh", "no-such-sentence")
    with pytest.raises(KeyError, match="receipt"):
        say("zh", "receipt", number="LJ1")


def test_an_unknown_language_speaks_chinese() -> None:
    assert say("fr", "thank") == say("zh", "thank")


def test_chinese_words_hold_no_half_width_punctuation() -> None:
    for line in (FTL / "zh.ftl").read_text("utf-8").splitlines():
        if re.match(r"^[a-z][\w-]* = ", line):
            assert not re.search(r"[\u4e00-\u9fff][,;!?]", line), line


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"state": "signed", "open": True, "overdue": False, "answered": False}, "办理中"),
        ({"state": "signed", "open": True, "overdue": True, "answered": False}, "催办"),
        ({"state": "closed", "open": False, "overdue": False, "answered": True}, "灯修好了"),
    ],
)
def test_a_status_tells_what_matters(values: dict[str, object], said: str) -> None:
    text = say(
        "zh",
        "status",
        number="LJ1",
        service="路灯",
        department="城管局",
        deadline="明天",
        answer="灯修好了",
        **values,
    )
    assert said in text


def test_paths_are_found_from_anywhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    assert say("en", "bye")
