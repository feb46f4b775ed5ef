"""Changing files of phrases: what the file says afterwards is what the change says, line by line."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.errors import DataError
from bot.studio import markup, phrase_file
from bot.studio.markup import Span

DATA = Path(__file__).resolve().parents[2] / "nlu_data"
FILES = [path for name in ("services", "acts", "conduct") for path in sorted((DATA / name).glob("*.yml"))]
WORDS = st.text(min_size=1, max_size=25).map(markup.tame).filter(lambda text: len(text.strip("- ")) > 1)
FOREIGN = """# a file as others write it
version: '3.1'
nlu:
  - intent: greet
    examples:
      - 你好
      - text: 您好呀
  - synonym: 暖气片
    examples: |
      - 散热器

  # quoted
  - intent: bye
    examples: "- 再见\\n- 回见"
  - intent: thank
    examples: >
      - 谢谢

      - 多谢
rules: []
"""
calm = settings(max_examples=80, deadline=None, suppress_health_check=list(HealthCheck))  # a busy machine

Model = list[tuple[str, dict[str, Any], list[str]]]


def model(text: str) -> Model:
    blocks = phrase_file.read("x.yml", text)
    return [(one.intent, dict(one.metadata), [e.marked for e in one.examples]) for one in blocks]


@calm
@given(data=st.data(), said=st.lists(WORDS, min_size=1, max_size=4), windows=st.booleans())
def test_adding_changing_and_removing(data: Any, said: list[str], windows: bool) -> None:
    text = data.draw(st.sampled_from(FILES)).read_bytes().decode()
    if windows:
        text = text.replace("\n", "\r\n")
    wanted = model(text)
    blocks = phrase_file.read("x.yml", text)
    place = data.draw(st.integers(0, len(blocks) - 1))

    after = phrase_file.add(text, blocks[place], said)
    wanted[place][2].extend(said)
    assert model(after) == wanted
    assert after.count("\r\n") == (after.count("\n") if windows else 0)
    line = phrase_file.read("x.yml", after)[place].examples[-1].line
    changed = phrase_file.change(after, {line: "换了一句"})
    assert model(changed)[place][2] == [*wanted[place][2][:-1], "换了一句"]

    blocks = phrase_file.read("x.yml", after)
    gone = {one.line for one in blocks[place].examples[-len(said) :]}
    assert phrase_file.remove(after, blocks, gone) == text
    every = {one.line for one in blocks[place].examples}
    without = phrase_file.remove(after, blocks, every)
    assert model(without) == [*wanted[:place], *wanted[place + 1 :]]

    grown = phrase_file.append(text, "greet", {"kind": "question", "safety": ""}, said)
    assert model(grown) == [*model(text), ("greet", {"kind": "question"}, said)]
    assert grown.startswith(text.rstrip("\r\n"))


def test_what_is_no_literal_block_is_read_and_can_be_made_one() -> None:
    wanted: Model = [
        ("greet", {}, ["你好", "您好呀"]),
        ("bye", {}, ["再见", "回见"]),
        ("thank", {}, ["谢谢", "多谢"]),
    ]
    text = FOREIGN
    assert [(i, m, e) for i, m, e in model(text)][:2] == wanted[:2]
    for place in (0, 1):
        block = phrase_file.read("x.yml", text)[place]
        text = phrase_file.literal("x.yml", text, block)
        assert model(text)[:2] == wanted[:2]
    for kept in ("# a file as others write it", "# quoted", "- 散热器", "rules: []"):
        assert kept in text


def test_a_phrase_with_facts_of_its_own_is_not_flattened() -> None:
    text = "nlu:\n- intent: greet\n  examples:\n  - text: 你好\n    metadata: {loud: true}\n"
    [block] = phrase_file.read("x.yml", text)
    with pytest.raises(DataError, match=r"x.yml:4: .*metadata"):
        phrase_file.literal("x.yml", text, block)


SPANS = st.lists(
    st.tuples(st.integers(0, 30), st.integers(1, 6), st.sampled_from(["road", "time"])), max_size=4
)


@calm
@given(text=WORDS, marks=SPANS, role=st.sampled_from(["", "to"]), value=st.sampled_from(["", "一 {号}", '"']))
def test_marks_come_back(text: str, marks: list[tuple[int, int, str]], role: str, value: str) -> None:
    spans: list[Span] = []
    for start, length, tag in sorted(marks):
        piece = text[start : start + length]
        if len(piece) == length and not set(piece) & set("[]") and (not spans or start >= spans[-1].end):
            spans.append(Span(start, start + length, tag, role, "", value))
    if "}" in value and spans:
        return  # Rasa itself cannot read a brace inside its braces
    assert markup.parse(markup.render(text, spans)) == (text, tuple(spans))


@pytest.mark.parametrize(
    "marked", ["[幸福里](estate", "[x]{a}", '[x]{"role": "to"}', "幸福里](estate)", "[a] (road)"]
)
def test_broken_marks_are_noticed(marked: str) -> None:
    with pytest.raises(markup.BrokenMark):
        markup.parse(marked)


@pytest.mark.parametrize("marked", ["[捂脸]", "a (b) c", "数组 x[1]", "（见附件）【重要】"])
def test_brackets_that_mark_nothing_are_text(marked: str) -> None:
    assert markup.parse(marked) == (marked, ())
