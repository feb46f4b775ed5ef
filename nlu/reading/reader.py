"""All axes of one message put together: what `POST /model/parse` says beside the entities.

The Rasa intent stays a single name for whoever needs one: a service, an act, or `emergency`. It is
derived from the axes (is this an emergency? is it a request? which?), so that the axes never contradict
it.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from nlu.reading.axes import Axes, Floats
from nlu.reading.features import Vocabulary
from nlu.reading.kinds import Kinds
from nlu.reading.pooling import pieces, pool
from nlu.reading.requests import separate
from nlu.reading.second import LONGEST, SecondOpinion

REQUEST = "request"
EMERGENCY = "emergency"
DANGER = "danger"
AXES = ("service", "act", "kind", "request", "danger", "safety", "conduct")
LOCAL = "street"  # the department of towns and subdistricts
ALARM = ASKED = 0.5
_TOWN, _VILLAGE = 0.3, 0.2
_NOT_LOCAL = 0.5  # of it where the service is none of a town's own
_NAMED = 0.3  # an office that the citizen names: asked before, or accused
_MENTIONED = 0.15  # a word of a department's own field, whatever the service
_SHOWN = 10
_WORTH_SHOWING = 0.2
_BELOW_DOUBT = 0.1

Named = dict[str, Any]


@dataclass(frozen=True)
class Areas:
    """Which kinds of small places a message names."""

    town: bool = False
    village: bool = False


NOWHERE = Areas()


@dataclass(frozen=True)
class Facts:
    """What the data files say beside phrases: of each service its category and who handles it, with
    weights; what people call the departments, words of their fields, and how much work they get.
    """

    categories: dict[str, str]
    departments: dict[str, dict[str, float]]
    offices: dict[str, str] = field(default_factory=dict)
    words: dict[str, str] = field(default_factory=dict)
    loads: dict[str, float] = field(default_factory=dict)

    def save(self, folder: Path) -> None:
        """Write as JSON."""
        content = json.dumps(asdict(self), ensure_ascii=False, indent=1)
        (folder / "facts.json").write_text(content, encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> Facts:
        """Read what `save` wrote."""
        return cls(**json.loads((folder / "facts.json").read_text(encoding="utf-8")))


def _named(name: str | None, confidence: float) -> Named:
    return {"name": name, "confidence": float(confidence)}


def _any_of(words: Iterable[str]) -> re.Pattern[str]:
    """One pattern for all of them, longest first."""
    return re.compile("|".join(map(re.escape, sorted(words, key=len, reverse=True))) or "(?!)")


def _ranking(labels: Iterable[str], probabilities: Iterable[float], count: int = _SHOWN) -> list[Named]:
    pairs = sorted(zip(labels, probabilities, strict=False), key=lambda pair: (-pair[1], pair[0]))
    return [_named(name, confidence) for name, confidence in pairs[:count]]


class Reader:
    """Holds the learnt tables; `read` is pure and safe to call from many threads."""

    def __init__(
        self,
        vocabulary: Vocabulary,
        axes: Axes,
        facts: Facts,
        kinds: Kinds | None = None,
        second: SecondOpinion | None = None,
    ) -> None:
        self._vocabulary = vocabulary
        self._axes = axes
        self._facts = facts
        self.kinds = kinds
        self._second = second
        self._named, self._mentioned = _any_of(facts.offices), _any_of(facts.words)

    def read(self, text: str, areas: Areas = NOWHERE) -> dict[str, Any]:
        """Answer every axis for a normalised text; `areas` says whether it names a town or a village."""
        if not text.strip():
            return self._nothing()
        answers = self._answers(text)
        danger = self._danger(text, answers["danger"])
        intents = self._intents(answers, danger if danger >= ALARM else 0.0)
        services = {name: share for name, share in intents.items() if name in self._facts.categories}
        ranking = _ranking(intents, intents.values())
        service = _ranking(services, services.values())
        kind = _ranking(self._axes["kind"].labels, answers["kind"])
        # A danger changes what is done first, not what the message is about.
        about = self._intents(answers, danger=0.0)
        category = self._category({name: about[name] for name in services if name != EMERGENCY})
        return {
            "intent": dict(ranking[0]),
            "intent_ranking": ranking,
            "act": self._act(answers),
            "service": dict(service[0]),
            "service_ranking": service,
            "category": {**category[0], "ranking": category},
            "department_ranking": self._departments(text, services, areas),
            "kind": {**kind[0], "ranking": kind},
            "safety": self._safety(answers["safety"], danger),
            "conduct": self._conduct(answers["conduct"]),
            "requests": self._requests(text) if float(answers["request"][0]) >= ASKED else [],
        }

    def _danger(self, text: str, first: Floats) -> float:
        """The first look; where it leaves a doubt, the second opinion on the most telling piece."""
        if not len(first):
            return 0.0
        if self._second is None:
            return float(first[0])
        score, piece = self.telling(text)
        if not self._second.doubts(score, long=len(text) > LONGEST):
            return min(float(first[0]), _BELOW_DOUBT)
        return self._second.danger(piece, self._vocabulary.vector(piece))

    def telling(self, text: str) -> tuple[float, str]:
        """How much a text sounds like danger, and where: a short one whole, of a letter its worst piece."""
        parts = pieces(text)
        scores = [
            float(self._axes.score(DANGER, self._vocabulary.vector(part))[0]) for part in (text, *parts)
        ]
        if not parts or len(text) <= LONGEST:
            return max(scores), text
        return max(scores), parts[int(np.argmax(scores[1:]))]

    def _requests(self, text: str) -> list[Named]:
        """The separate requests, with their places in the normalised text; empty when there is one."""
        return [
            {"start": part.start, "end": part.end, "service": _named(part.service, part.confidence)}
            for part in separate(text, self._services)
        ]

    def _services(self, text: str) -> dict[str, float]:
        """What a piece of text is about, if it asks for something."""
        axis = self._axes["service"]
        shares = axis.probabilities(self._axes.score("service", self._vocabulary.vector(text)))
        return dict(zip(axis.labels, shares.tolist(), strict=True))

    def about(self, text: str) -> dict[str, float]:
        """The share of every service as if a request were certain: for choosing among some of them."""
        if not text.strip():
            return {}
        shares = self._answers(text, ("service",))["service"]
        return {name: float(p) for name, p in zip(self._axes["service"].labels, shares, strict=True)}

    @property
    def slope(self) -> float:
        """How scores on the service axis become probabilities."""
        return self._axes["service"].slope[0]

    def category(self, text: str) -> str | None:
        """The official category, by the same shares."""
        ranking = self._category(self.about(text))
        return str(ranking[0]["name"]) if ranking else None

    def _answers(self, text: str, names: Iterable[str] = AXES) -> dict[str, Floats]:
        """Probabilities on every axis, from the whole text and its pieces (see `pooling`)."""
        whole = self._axes.scores(self._vocabulary.vector(text))
        parts = [self._vocabulary.vector(part) for part in pieces(text)]
        scores = {name: pool(name, whole[name], parts, self._axes.score) for name in names}
        if self.kinds and "kind" in scores:
            scores["kind"] = self.kinds.scores(text, scores["kind"])
        return {name: self._axes[name].probabilities(found) for name, found in scores.items()}

    def labels(self, name: str) -> tuple[str, ...]:
        """The answers that an axis knows."""
        return self._axes[name].labels

    def characters(self, name: str, text: str) -> Floats:
        """What the characters of a text alone say on an axis, as raw scores."""
        return self._axes.score(name, self._vocabulary.vector(text))

    def _intents(self, answers: dict[str, Floats], danger: float) -> dict[str, float]:
        """One flat distribution: an emergency comes first, then whether anything is asked for, then what."""
        asked = (1 - danger) * float(answers["request"][0])
        other = (1 - danger) * (1 - float(answers["request"][0]))
        shares = {EMERGENCY: danger}
        for name, share in zip(self._axes["act"].labels, answers["act"], strict=True):
            shares[name] = other * float(share)
        for name, share in zip(self._axes["service"].labels, answers["service"], strict=True):
            shares[name] = asked * float(share)
        return shares

    def _act(self, answers: dict[str, Floats]) -> Named:
        """The dialogue act; `request` where something is asked for."""
        asked = float(answers["request"][0])
        if asked >= ASKED:
            return _named(REQUEST, asked)
        best = _ranking(self._axes["act"].labels, answers["act"], 1)[0]
        return _named(best["name"], best["confidence"] * (1 - asked))

    def _safety(self, classes: Floats, danger: float) -> list[Named]:
        """The likeliest danger is as likely as there is one at all; one half and above is an alarm."""
        likely = classes * (danger / classes.max()) if len(classes) else classes
        found = {
            n: p for n, p in zip(self._axes["safety"].labels, likely, strict=True) if p >= _WORTH_SHOWING
        }
        return _ranking(found, found.values())

    def _conduct(self, probabilities: Floats) -> list[Named]:
        labels = self._axes["conduct"].labels
        found = {n: p for n, p in zip(labels, probabilities, strict=True) if p >= _WORTH_SHOWING}
        return _ranking(found, found.values())

    def _departments(self, text: str, services: dict[str, float], areas: Areas) -> list[Named]:
        """Who will handle it: by service, by the offices and matters that are named, a town's or village's
        own matter also by its township; a department that gets more work is likelier.
        """
        shares: dict[str, float] = {}
        local = 0.0
        for name, share in services.items():
            handled = self._facts.departments.get(name, {})
            local += share * (1.0 if LOCAL in handled else _NOT_LOCAL)
            for department, weight in handled.items():
                shares[department] = shares.get(department, 0.0) + share * weight
        local *= _TOWN * areas.town + _VILLAGE * areas.village
        if local and LOCAL in {d for of in self._facts.departments.values() for d in of}:
            shares[LOCAL] = shares.get(LOCAL, 0.0) + local
        certain = sum(services.values())
        for department, weight in self._spoken_of(text).items():
            shares[department] = shares.get(department, 0.0) + certain * weight
        for department, load in self._facts.loads.items():
            if department in shares:
                shares[department] *= load
        total = sum(shares.values())
        return _ranking(shares, (share / total for share in shares.values())) if total else []

    def _spoken_of(self, text: str) -> dict[str, float]:
        """What speaks for departments beside the service: that they or things of their field are named."""
        weights: dict[str, float] = {}
        for pattern, table, worth in (
            (self._named, self._facts.offices, _NAMED),
            (self._mentioned, self._facts.words, _MENTIONED),
        ):
            found = Counter(table[match.group()] for match in pattern.finditer(text))
            for department, times in found.items():
                weights[department] = weights.get(department, 0.0) + worth * min(times, 3) ** 0.5
        return weights

    def _category(self, services: dict[str, float]) -> list[Named]:
        """What is sure even when the service is not: the shares of a category's services add up."""
        shares: dict[str, float] = {}
        for name, share in services.items():
            category = self._facts.categories[name]
            shares[category] = shares.get(category, 0.0) + share
        return _ranking(shares, shares.values())

    @staticmethod
    def _nothing() -> dict[str, Any]:
        empty: dict[str, Any] = {name: _named(None, 0.0) for name in ("intent", "act", "service")}
        empty.update(
            intent_ranking=[], service_ranking=[], department_ranking=[], safety=[], conduct=[], requests=[]
        )
        for name in ("category", "kind"):
            empty[name] = {**_named(None, 0.0), "ranking": []}
        return empty

    def save(self, folder: Path) -> None:
        """Write all tables."""
        self._vocabulary.save(folder)
        self._axes.save(folder)
        self._facts.save(folder)
        if self.kinds:
            self.kinds.save(folder)
        if self._second is not None:
            self._second.save(folder)

    @classmethod
    def load(cls, folder: Path) -> Reader:
        """Read what `save` wrote."""
        kinds, second = Kinds.load(folder), SecondOpinion.load(folder)
        return cls(Vocabulary.load(folder), Axes.load(folder), Facts.load(folder), kinds, second)
