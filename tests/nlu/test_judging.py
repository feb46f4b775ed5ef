"""Figures, the gate's comparison, and phrases read without Rasa."""

from __future__ import annotations

from pathlib import Path

import pytest

from nlu import evaluate
from nlu.evaluation import measures
from nlu.phrases import Span, parse_markup, read_file
from nlu.training.data import DataError, fingerprint, training_files
from nlu.training.gate import differences
from tests.nlu.small_model import write_model


def test_precision_and_recall_of_a_class() -> None:
    classes = measures.by_class(["a", "a", "b", "c"], ["a", "b", "b", "b"])
    a, b, c = sorted(classes, key=lambda one: one.label)
    assert (a.precision, a.recall, a.support) == (1.0, 0.5, 2)
    assert b.precision == pytest.approx(1 / 3) and b.recall == 1.0
    assert (c.precision, c.recall, c.f1) == (0.0, 0.0, 0.0)
    assert measures.macro_f1(classes) == pytest.approx((2 / 3 + 1 / 2 + 0) / 3)
    assert measures.confusions(["a", "a", "b", "c"], ["a", "b", "b", "b"]) == [("a", "b", 1), ("c", "b", 1)]


def test_calibration_tells_how_far_confidence_is_from_truth() -> None:
    curve = measures.calibration([0.95, 0.95, 0.15, 0.15], [True, True, False, False])
    assert [count for _, _, count in curve] == [2, 2]
    assert measures.expected_error(curve) == pytest.approx(0.1)


def test_spans_count_only_when_exact() -> None:
    pairs = [({(0, 2, "road"), (3, 5, "room")}, {(0, 2, "road"), (3, 6, "room")})]
    assert measures.spans_f1(pairs) == (0.5, 0.5, 0.5)
    assert measures.spans_f1([]) == (0.0, 0.0, 0.0)


@pytest.mark.parametrize(
    ("ours", "rasas", "count"),
    [
        ({"a": 0.50001, "b": [1]}, {"a": 0.5, "b": [1]}, 0),
        ({"a": 0.5002}, {"a": 0.5}, 1),
        ({"intent": {"name": "x"}}, {"intent": {"name": "y"}}, 1),
        ({"entities": [1, 2]}, {"entities": [1]}, 1),
        ({"a": 1}, {"a": 1, "b": 2}, 1),
        ({"a": None}, {"a": 0.5}, 1),
    ],
)
def test_the_gate_sees_a_difference(ours: object, rasas: object, count: int) -> None:
    assert len(list(differences(ours, rasas))) == count


def test_the_gate_never_shows_what_a_citizen_wrote() -> None:
    shown = list(
        differences({"entities": [{"value": "13800138000"}]}, {"entities": [{"value": "13900139000"}]})
    )
    assert len(shown) == 1
    assert "138" not in shown[0] and "139" not in shown[0]


def test_marks_are_taken_out_of_a_phrase() -> None:
    text, spans = parse_markup('[幸福里](estate)停水，找[老王]{"entity": "person"}')
    assert text == "幸福里停水，找老王"
    assert spans == (Span(0, 3, "estate", "幸福里"), Span(7, 9, "person", "老王"))


def test_a_file_of_phrases_is_read_with_its_blocks(tmp_path: Path) -> None:
    path = tmp_path / "bus.yml"
    path.write_text(
        "version: '3.1'\nnlu:\n- intent: bus\n  metadata: {kind: question}\n"
        "  examples: |\n    - 几点收车\n    - 一\n      二\n",
        encoding="utf-8",
    )
    first, second = read_file(path)
    assert (first.intent, first.text, first.metadata["kind"]) == ("bus", "几点收车", "question")
    assert second.text.split() == ["一", "二"]


def test_the_fingerprint_changes_with_the_data_and_not_with_held_out_phrases(tmp_path: Path) -> None:
    (tmp_path / "services").mkdir()
    (tmp_path / "services" / "bus.yml").write_text("nlu: []\n")
    before = fingerprint(tmp_path)
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "x.yml").write_text("nlu: []\n")
    assert fingerprint(tmp_path) == before
    (tmp_path / "services" / "bus.yml").write_text("nlu: [] # changed\n")
    assert fingerprint(tmp_path) != before
    with pytest.raises(DataError, match="no training phrases"):
        training_files(tmp_path / "nowhere")


def test_the_report_is_written_without_real_messages(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_model(tmp_path / "models")
    data = Path(__file__).resolve().parents[2] / "nlu_data"
    words = ["--model", str(tmp_path / "models"), "--data", str(data), "--real", str(tmp_path / "none")]
    assert (
        evaluate.main([*words, "--half", "dev", "--out", str(tmp_path / "out")], net=lambda text, parse: ())
        == 0
    )
    text = (tmp_path / "out" / "report.md").read_text(encoding="utf-8")
    assert "No real messages at hand" in text and "Safety, model and rules joined" in text
    assert (tmp_path / "out" / "services.png").read_bytes().startswith(b"\x89PNG")
    assert "# How well it reads" in capsys.readouterr().out


def test_a_missing_model_is_one_clear_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert evaluate.main(["--model", str(tmp_path), "--out", str(tmp_path / "out")]) == 1
    assert capsys.readouterr().err.startswith("evaluation failed: ")
