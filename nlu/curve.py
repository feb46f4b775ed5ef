"""How much a city's past tickets help: `python -m nlu.curve`, with the Rasa environment's Python.

Real messages go the product's own way — the importer masks, cuts and maps them, training learns them beside
our phrases, the reader answers — with two savings: only the axis that the category comes from is learnt, and
its slope once. Every message is tested once, by a reader that has not seen it.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import yaml
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.metrics import f1_score
from sklearn.model_selection import StratifiedKFold
from sklearn.pipeline import make_pipeline
from sklearn.svm import LinearSVC

from nlu import phrases
from nlu.imports import columns, labels, plan, store, table
from nlu.reading.normalise import normalise
from nlu.reading.reader import Reader
from nlu.training.data import training_files
from nlu.training.learn import PhraseFacts, learn_services

SIZES = (0, 25, 50, 100, 200, 400)
FOLDS = 6
_SEED = 7
_HEADER = "| real messages | title | title + body | macro-F1 | SVM on these alone |\n|---|---|---|---|---|"


@dataclass(frozen=True)
class Message:
    """A real message with the category that people gave it, and what the importer makes of it."""

    title: str
    whole: str
    category: str
    phrase: PhraseFacts | None


@dataclass(frozen=True)
class Point:
    """What was right with so many real messages."""

    size: int
    titles: float
    wholes: float
    error: float
    macro_f1: float
    alone: float


def ours(data: Path) -> list[PhraseFacts]:
    """The project's phrases as the pipeline sees them."""
    found = phrases.read(training_files(data))
    return [PhraseFacts(normalise(one.text).text, one.intent, one.metadata) for one in found]


def strength(data: Path) -> float:
    """How strongly the product fits."""
    pipeline = yaml.safe_load((data / "config.yml").read_text(encoding="utf-8"))["pipeline"]
    return float(next(one["strength"] for one in pipeline if "strength" in one))


def messages(path: Path, data: Path, cold: Reader) -> list[Message]:
    """Through the importer, which chooses services with the reader of our own phrases alone."""
    read = table.read(path)
    found = columns.assign(read.header, {"category": ["topic"]})
    planned = plan.plan(read, found, labels.load(data, {}), cold.about, most=len(read.rows))
    taken = {one.line: one for one in planned.taken}
    out = []
    for row in read.rows:
        title, body = row.cells[found.title].strip(), row.cells[found.body].strip()
        one = taken.get(row.line)
        phrase = PhraseFacts(one.text, one.service, store.metadata(one)) if one else None
        whole = normalise(f"{title}\n{body}").text
        out.append(Message(normalise(title).text, whole, row.cells[found.category[0]], phrase))
    return out


def measure(
    known: Sequence[PhraseFacts], cold: Reader, real: Sequence[Message], fit: float, sizes: Sequence[int]
) -> Iterator[Point]:
    """One point of the curve after the other; `cold` has learnt from `known` alone."""
    truth = np.array([one.category for one in real])
    for size in sizes:
        titles, wholes, alone = (np.empty(len(real), dtype=object) for _ in range(3))
        for kept, held in StratifiedKFold(FOLDS, shuffle=True, random_state=_SEED).split(truth, truth):
            chosen = [real[i] for i in np.random.default_rng(_SEED).permutation(kept)][:size]
            more = [one.phrase for one in chosen if one.phrase]
            reader = learn_services([*known, *more], fit, cold.slope) if more else cold
            for i in held:
                titles[i] = reader.category(real[i].title)
                wholes[i] = reader.category(real[i].whole)
            alone[held] = _svm(chosen, [real[i].whole for i in held])
        right = float((wholes == truth).mean())
        yield Point(
            size,
            float((titles == truth).mean()),
            right,
            (right * (1 - right) / len(real)) ** 0.5,
            float(f1_score(truth, wholes.astype(str), average="macro", labels=np.unique(truth))),
            float((alone == truth).mean()),
        )


def _svm(chosen: Sequence[Message], held: Sequence[str]) -> list[str]:
    """The yardstick: character 1–3-grams and a linear SVM, which knows these messages and nothing else."""
    if len({one.category for one in chosen}) < 2:
        return [""] * len(held)
    vectors = TfidfVectorizer(analyzer="char", ngram_range=(1, 3), sublinear_tf=True)
    model = make_pipeline(vectors, LinearSVC(random_state=_SEED))
    model.fit([one.whole for one in chosen], [one.category for one in chosen])
    return list(model.predict(list(held)))


def row(point: Point) -> str:
    """One line of the table."""
    alone = f"{point.alone:.3f}" if point.size else "–"
    whole = f"{point.wholes:.3f} ± {point.error:.3f}"
    return f"| {point.size} | {point.titles:.3f} | {whole} | {point.macro_f1:.3f} | {alone} |"


def picture(points: Sequence[Point], path: Path) -> None:
    """The same as a drawing."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(figsize=(7, 4))
    sizes = [point.size for point in points]
    wholes = [point.wholes for point in points]
    axes.errorbar(sizes, wholes, [p.error for p in points], marker="o", capsize=3, label="title + body")
    axes.plot(sizes, [point.titles for point in points], marker="s", label="title")
    alone = [point for point in points if point.size]
    axes.plot([p.size for p in alone], [p.alone for p in alone], "--", marker="^", label="SVM on these alone")
    axes.axhline(0.88, color="grey", linewidth=0.8, linestyle=":")
    axes.set(xlabel="real messages imported", ylabel="category right", ylim=(0.4, 1.0))
    axes.grid(alpha=0.3)
    axes.legend(loc="lower right")
    figure.savefig(path, dpi=120, bbox_inches="tight")
    pyplot.close(figure)


def main(arguments: Sequence[str] | None = None) -> int:
    """Command line."""
    root = Path(__file__).resolve().parents[1]
    parser = argparse.ArgumentParser(prog="nlu.curve")
    parser.add_argument("--data", type=Path, default=root / "nlu_data")
    parser.add_argument("--messages", type=Path, default=root.parent / "shared" / "data" / "topics.csv")
    parser.add_argument("--out", type=Path, default=root / "docs" / "pictures" / "learning-curve.png")
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES)
    options = parser.parse_args(arguments)
    if not options.messages.exists():
        print(f"skipped: no real messages at {options.messages}", file=sys.stderr)
        return 0
    warnings.filterwarnings("ignore", message="Liblinear failed to converge")
    known, fit = ours(options.data), strength(options.data)
    cold = learn_services(known, fit)
    real = messages(options.messages, options.data, cold)
    length = statistics.median(len(one.whole) for one in real)
    print(f"{len(known)} phrases of ours, {len(real)} real messages (median {length:.0f} characters)")
    print(_HEADER)
    points = []
    for point in measure(known, cold, real, fit, options.sizes):
        points.append(point)
        print(row(point), flush=True)
    picture(points, options.out)
    return 0


if __name__ == "__main__":
    sys.exit(main())
