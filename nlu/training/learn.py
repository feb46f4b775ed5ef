"""From phrases with their blocks' metadata to a `Reader`: which classes there are, and what teaches which
axis.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from nlu.reading.axes import Axis
from nlu.reading.features import Vocabulary
from nlu.reading.kinds import Kinds
from nlu.reading.reader import AXES, DANGER, EMERGENCY, REQUEST, Facts, Reader
from nlu.training import progress, second
from nlu.training.data import DataError, Handing
from nlu.training.fit import (
    Fitted,
    Marked,
    any_of,
    joined,
    line_for_alarms,
    line_for_recall,
    moved,
    one_of,
    plain,
    with_slope,
)
from nlu.training.kinds import learn_kinds
from nlu.training.linear import Rows
from nlu.training.progress import Steps

# Of our own requests, unseen in training, this share must be taken for requests …
_REQUESTS_PASS = 0.94
# … and of phrases that are no emergency only this share may raise an alarm (the app's own rules come on top).
_FALSE_ALARMS = 0.006
_FALSE_CONDUCT = 0.01
_ALSO = 0.6


@dataclass(frozen=True)
class PhraseFacts:
    """A phrase as the files give it."""

    text: str
    intent: str
    metadata: Mapping[str, Any]


def _classes(value: Any) -> tuple[str, ...]:
    if not value:
        return ()
    return tuple(value) if isinstance(value, list) else (str(value),)


def categories(phrases: Sequence[PhraseFacts]) -> dict[str, str]:
    """Service → official category; a service is an intent one of whose blocks names a category."""
    return {
        phrase.intent: str(phrase.metadata["category"])
        for phrase in phrases
        if phrase.metadata.get("category")
    }


def departments(
    phrases: Sequence[PhraseFacts], also: Mapping[str, Sequence[str]]
) -> dict[str, dict[str, float]]:
    """Service → the departments that handle it: the lead counts fully, the others by their order."""
    table: dict[str, dict[str, float]] = {}
    for phrase in phrases:
        if phrase.metadata.get("category") and phrase.metadata.get("department"):
            others = {name: _ALSO / (i + 1) for i, name in enumerate(also.get(phrase.intent, ()))}
            table[phrase.intent] = {**others, str(phrase.metadata["department"]): 1.0}
    return table


def mark(phrases: Sequence[PhraseFacts], services: Mapping[str, str]) -> list[Marked]:
    """What each phrase teaches each axis."""
    usual = {p.intent: str(p.metadata["kind"]) for p in reversed(phrases) if p.metadata.get("category")}
    marked = []
    for phrase in phrases:
        is_service = phrase.intent in services
        teaches = phrase.metadata.get("teaches") or AXES
        marked.append(
            Marked(
                phrase.text,
                phrase.intent if is_service and phrase.intent != EMERGENCY else None,
                None if is_service else phrase.intent,
                str(phrase.metadata.get("kind") or usual.get(phrase.intent))
                if is_service and "kind" in teaches
                else None,
                _classes(phrase.metadata.get("safety")),
                _classes(phrase.metadata.get("conduct")),
                complete=set(teaches) == set(AXES),
            )
        )
    return marked


class _Learner:
    """Fits one axis after the other and says how far it is."""

    def __init__(self, marked: Sequence[Marked], rows: Rows, strength: float) -> None:
        self._marked = marked
        self._rows = rows
        self._strength = strength
        sizes = [len({getattr(one, name) for one in marked} - {None}) for name in ("service", "act", "kind")]
        several = [len({c for one in marked for c in getattr(one, name)}) for name in ("safety", "conduct")]
        self._steps = Steps(progress.listener, sum(sizes) + sum(several) + 2)

    def one(self, name: str, taught: Sequence[int], labels: Sequence[str], balanced: bool = False) -> Fitted:
        """An axis with one answer, learnt from some of the phrases."""
        fitted = one_of(self._rows.of(taught), labels, self._strength, balanced)
        self._steps.took(name, len(fitted.axis.labels), fitted.loss, fitted.accuracy)
        return fitted

    def known(self, name: str, balanced: bool = False) -> Fitted:
        """The same, from every phrase for which the answer is known."""
        taught = [i for i, one in enumerate(self._marked) if getattr(one, name) is not None]
        return self.one(name, taught, [getattr(self._marked[i], name) for i in taught], balanced)

    def kinds(self, axis: Axis) -> Kinds | None:
        """What the cues of long phrases say beside their characters."""
        taught = [one for one in self._marked if one.kind is not None]
        texts, kinds = [one.text for one in taught], [str(one.kind) for one in taught]
        return learn_kinds(texts, kinds, axis.labels, line=axis.slope[0])

    def any(
        self, name: str, taught: Sequence[int], found: Sequence[tuple[str, ...]], pooled: bool = True
    ) -> Fitted:
        """An axis with several answers or none."""
        fitted = any_of(self._rows.of(taught), found, self._strength, pooled)
        self._steps.took(name, len(fitted.axis.labels), fitted.loss, fitted.accuracy)
        return fitted


def learn(
    phrases: Sequence[PhraseFacts],
    strength: float,
    handing: Handing | None = None,
    second_opinion: bool = False,
) -> Reader:
    """Fit every axis, and the second opinion on danger if the encoder is to be used."""
    services = categories(phrases)
    if len(services) < 2:
        raise DataError("at least two services with a category are needed")
    marked = mark(phrases, services)
    texts = [phrase.text for phrase in marked]
    vocabulary = Vocabulary.learn(texts)
    learner = _Learner(marked, Rows.read(vocabulary, texts), strength)
    complete = [i for i, one in enumerate(marked) if one.complete]
    asks = [(REQUEST,) if marked[i].act is None else () for i in complete]
    dangers = [(DANGER,) if marked[i].safety else () for i in complete]
    endangered = [i for i in complete if marked[i].safety]
    fitted = {
        "service": learner.known("service"),
        "act": learner.known("act", balanced=True),
        "kind": learner.known("kind"),
        "request": _drawn(learner.any("request", complete, asks, pooled=False), asks, recall=_REQUESTS_PASS),
        "danger": _drawn(learner.any("danger", complete, dangers), dangers, alarms=_FALSE_ALARMS),
        "safety": learner.one("safety", endangered, [marked[i].safety[0] for i in endangered]),
        "conduct": _conduct(learner, complete, [marked[i].conduct for i in complete]),
    }
    city = handing or Handing()
    handled = departments(phrases, city.also)
    facts = Facts(services, handled, city.offices, city.words, city.loads)
    kinds = learner.kinds(fitted["kind"].axis)
    if kinds:
        fitted["kind"] = replace(fitted["kind"], axis=plain(fitted["kind"].axis))
    first = Reader(vocabulary, joined(fitted), facts, kinds)
    if not second_opinion or len(endangered) < second.LEAST:
        return first
    told = [first.telling(texts[i])[1] for i in complete]
    truth = np.array([bool(marked[i].safety) for i in complete])
    opinion = second.teach(told, fitted["danger"].scores[:, 0], truth, vocabulary)
    return Reader(vocabulary, joined(fitted), facts, kinds, opinion)


def learn_services(phrases: Sequence[PhraseFacts], strength: float, slope: float | None = None) -> Reader:
    """A reader that only tells what a message is about: for measurements that fit many times, and need to
    find the slope only once.
    """
    services = categories(phrases)
    marked = [one for one in mark(phrases, services) if one.service is not None]
    texts = [one.text for one in marked]
    vocabulary = Vocabulary.learn(texts)
    rows, labels = Rows.read(vocabulary, texts), [str(one.service) for one in marked]
    if slope is None:
        return Reader(
            vocabulary,
            joined({"service": one_of(rows, labels, strength)}),
            Facts(services, {}),
        )
    return Reader(vocabulary, with_slope(rows, labels, strength, slope), Facts(services, {}))


def _conduct(learner: _Learner, taught: Sequence[int], found: Sequence[tuple[str, ...]]) -> Fitted:
    return _drawn(learner.any("conduct", taught, found), found, alarms=_FALSE_CONDUCT)


def _drawn(
    fitted: Fitted, found: Sequence[tuple[str, ...]], recall: float | None = None, alarms: float | None = None
) -> Fitted:
    """The same axis with each label's line at one half, where its readers expect it."""
    lines = []
    for i, label in enumerate(fitted.axis.labels):
        holds = np.array([label in f for f in found])
        unseen = fitted.unseen[:, i]
        lines.append(
            line_for_recall(unseen, holds, recall)
            if recall
            else line_for_alarms(unseen, holds, alarms or 0.0)
        )
    return replace(fitted, axis=moved(fitted.axis, lines))
