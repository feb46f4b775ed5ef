"""Figures from pairs of expected and predicted: counts, nothing about where they come from."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

Span = tuple[int, int, str]


@dataclass(frozen=True)
class Class:
    """Precision and recall of one label."""

    label: str
    precision: float
    recall: float
    f1: float
    support: int


def share(hits: Iterable[bool]) -> float:
    """The part that is true; 0 of nothing."""
    every = list(hits)
    return sum(every) / len(every) if every else 0.0


def by_class(expected: Sequence[str], predicted: Sequence[str]) -> list[Class]:
    """Every label that was expected, the most frequent first."""
    support, guessed = Counter(expected), Counter(predicted)
    right = Counter(e for e, p in zip(expected, predicted, strict=True) if e == p)
    out = []
    for label, count in support.most_common():
        precision = right[label] / guessed[label] if guessed[label] else 0.0
        recall = right[label] / count
        both = precision + recall
        out.append(Class(label, precision, recall, 2 * precision * recall / both if both else 0.0, count))
    return out


def macro_f1(classes: Sequence[Class]) -> float:
    """Every label counts the same."""
    return sum(one.f1 for one in classes) / len(classes) if classes else 0.0


def confusions(
    expected: Sequence[str], predicted: Sequence[str], most: int = 15
) -> list[tuple[str, str, int]]:
    """The commonest mistakes: expected, predicted, how often."""
    wrong = Counter((e, p) for e, p in zip(expected, predicted, strict=True) if e != p)
    return [(e, p, n) for (e, p), n in wrong.most_common(most)]


def calibration(
    confidences: Sequence[float], right: Sequence[bool], bins: int = 10
) -> list[tuple[float, float, int]]:
    """Mean confidence, share right, and number of predictions, for each tenth of confidence."""
    groups: list[list[tuple[float, bool]]] = [[] for _ in range(bins)]
    for confidence, hit in zip(confidences, right, strict=True):
        groups[min(int(confidence * bins), bins - 1)].append((confidence, hit))
    return [(sum(c for c, _ in g) / len(g), share(h for _, h in g), len(g)) for g in groups if g]


def expected_error(curve: Sequence[tuple[float, float, int]]) -> float:
    """How far confidence is from truth on average (expected calibration error)."""
    total = sum(count for _, _, count in curve)
    return (
        sum(abs(confidence - truth) * count for confidence, truth, count in curve) / total if total else 0.0
    )


def spans_f1(pairs: Iterable[tuple[set[Span], set[Span]]]) -> tuple[float, float, float]:
    """Precision, recall and F1 over exact spans of many texts: (expected, predicted) each."""
    expected = predicted = right = 0
    for want, got in pairs:
        expected, predicted, right = expected + len(want), predicted + len(got), right + len(want & got)
    precision = right / predicted if predicted else 0.0
    recall = right / expected if expected else 0.0
    both = precision + recall
    return precision, recall, 2 * precision * recall / both if both else 0.0
