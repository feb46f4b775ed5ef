"""The report: Markdown for people and version control, pictures beside it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np

from nlu.evaluation import measures
from nlu.evaluation.judge import Figure, Section

# Official categories, so that pictures need no Chinese font.
ENGLISH = {
    "城乡建设": "construction", "环境保护": "environment", "交通运输": "transport", "政法": "justice",
    "劳动和社会保障": "labour", "教育文体": "education", "卫生计生": "health", "商贸旅游": "trade",
    "民政": "civil affairs",
    "国土资源": "land", "农村农业": "rural", "经济管理": "economy", "科技与信息产业": "information",
    "纪检监察": "discipline", "党务政务": "government",
}  # fmt: skip


def _row(figure: Figure) -> str:
    target = "" if figure.target is None else f"{'≤' if figure.lower_is_better else '≥'} {figure.target:.2f}"
    verdict = {None: "", True: "met", False: "**missed**"}[figure.met]
    return f"| {figure.name} | {figure.value:.3f} | {target} | {verdict} | {figure.count} |"


def _classes(section: Section) -> list[str]:
    lines = ["", "| class | precision | recall | F1 | messages |", "|---|---|---|---|---|"]
    lines += [
        f"| {c.label} | {c.precision:.2f} | {c.recall:.2f} | {c.f1:.2f} | {c.support} |"
        for c in section.classes
    ]
    worst = measures.confusions(section.expected, section.predicted)
    if worst:
        lines += ["", "Commonest mistakes: " + ", ".join(f"{e} → {p} ({n})" for e, p, n in worst) + "."]
    return lines


def markdown(title: str, facts: Sequence[str], sections: Sequence[Section], pictures: Sequence[str]) -> str:
    """The whole report."""
    lines = [f"# {title}", "", *facts]
    for section in sections:
        lines += [
            "",
            f"## {section.title}",
            "",
            "| figure | value | target | | messages |",
            "|---|---|---|---|---|",
        ]
        lines += [_row(figure) for figure in section.figures]
        if section.classes:
            lines += _classes(section)
        if section.confidences:
            curve = _curve(section)
            lines += ["", f"Expected calibration error: {measures.expected_error(curve):.3f}."]
    if pictures:
        lines += ["", *(f"![{name}]({name}.png)" for name in pictures)]
    return "\n".join(lines) + "\n"


def _curve(section: Section) -> list[tuple[float, float, int]]:
    right = [e == p for e, p in zip(section.expected, section.predicted, strict=True)]
    return measures.calibration(section.confidences, right)


def confusion_picture(section: Section, path: Path) -> None:
    """Who is taken for whom, as shares of each row."""
    labels = sorted({*section.expected, *section.predicted})
    place = {label: i for i, label in enumerate(labels)}
    table = np.zeros((len(labels), len(labels)))
    for expected, predicted in zip(section.expected, section.predicted, strict=True):
        table[place[expected], place[predicted]] += 1
    table /= np.maximum(table.sum(axis=1, keepdims=True), 1)
    size = max(5.0, 0.22 * len(labels))
    figure, axes = plt.subplots(figsize=(size + 1, size))
    axes.imshow(table, cmap="Blues", vmin=0, vmax=1)
    names = [ENGLISH.get(label, label) for label in labels]
    axes.set_xticks(range(len(labels)), names, rotation=90, fontsize=6)
    axes.set_yticks(range(len(labels)), names, fontsize=6)
    axes.set_xlabel("read as")
    axes.set_ylabel("is")
    figure.tight_layout()
    figure.savefig(path, dpi=110)
    plt.close(figure)


def calibration_picture(section: Section, path: Path) -> None:
    """Confidence against truth."""
    curve = _curve(section)
    figure, axes = plt.subplots(figsize=(4.5, 4.5))
    axes.plot([0, 1], [0, 1], color="grey", linewidth=1)
    axes.plot([c for c, _, _ in curve], [t for _, t, _ in curve], marker="o")
    axes.set_xlabel("confidence")
    axes.set_ylabel("share right")
    axes.set_title(f"expected error {measures.expected_error(curve):.3f}", fontsize=9)
    figure.tight_layout()
    figure.savefig(path, dpi=110)
    plt.close(figure)
