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
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from nlu.reading.axes import Axes, Floats
from nlu.reading.features import Vocabulary
from nlu.reading.kinds import Kinds
from nlu.reading.pooling import pieces, pool
from nlu.reading.ranking import Holders, Named, Ranking, named
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
_WORTH_SHOWING = 0.2
_BELOW_DOUBT = 0.1


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


@dataclass(frozen=True)
class Look:
    """A text, its pieces, and their raw scores on every axis: a row for the whole and one for each piece."""

    text: str
    parts: list[str]
    scores: dict[str, Floats]


def _any_of(words: Iterable[str]) -> re.Pattern[str]:
    """One pattern for all of them, longest first."""
    return re.compile("|".join(map(re.escape, sorted(words, key=len, reverse=True))) or "(?!)")


class _Labels:
    """What can be worked out of the labels before there is a text."""

    def __init__(self, axes: Axes, facts: Facts) -> None:
        acts, services = axes["act"].labels, axes["service"].labels
        intents = list(dict.fromkeys((EMERGENCY, *acts, *services)))
        self.intents = Ranking(intents)
        self.count = len(intents)
        self.acts = [intents.index(name) for name in acts]
        self.services = [intents.index(name) for name in services]
        self.act, self.kind = Ranking(acts), Ranking(axes["kind"].labels)
        self.safety, self.conduct = Ranking(axes["safety"].labels), Ranking(axes["conduct"].labels)
        handled = [name for name in intents if name in facts.categories]
        self.handled = [intents.index(name) for name in handled]
        self.service = Ranking(handled)
        named = {*facts.offices.values(), *facts.words.values()}
        self.departments = Holders(handled, facts.departments, named)
        self.loads = np.array([facts.loads.get(name, 1.0) for name in self.departments.names])
        local = [1.0 if LOCAL in facts.departments.get(name, {}) else _NOT_LOCAL for name in handled]
        self.local = np.array(local)


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

    @cached_property
    def _labels(self) -> _Labels:
        return _Labels(self._axes, self._facts)

    @cached_property
    def _categories(self) -> Holders:
        services, known = self._axes["service"].labels, self._facts.categories
        return Holders(services, {name: {known[name]: 1.0} for name in services})

    def read(self, text: str, areas: Areas = NOWHERE, at_once: bool = False) -> dict[str, Any]:
        """Answer every axis for a normalised text; `areas` says whether it names a town or a village. With
        `at_once` raises Slow where that takes the sentence encoder.
        """
        if not text.strip():
            return self._nothing()
        look = self._look(text)
        answers = self._answers(look)
        danger = self._danger(look, answers["danger"], at_once)
        labels = self._labels
        intents = self._intents(answers, danger if danger >= ALARM else 0.0)
        ranking = labels.intents.of(intents)
        services = intents[labels.handled]
        service = labels.service.of(services)
        kind = labels.kind.of(answers["kind"])
        asked = float(answers["request"][0])
        # A danger changes what is done first, not what the message is about.
        category = self._category(asked * answers["service"])
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
            "conduct": labels.conduct.above(answers["conduct"], _WORTH_SHOWING),
            "requests": self._requests(text) if asked >= ASKED else [],
        }

    def _look(self, text: str) -> Look:
        parts = pieces(text)
        return Look(text, parts, self._axes.scores(*self._vocabulary.grid([text, *parts])))

    def _danger(self, look: Look, first: Floats, at_once: bool) -> float:
        """The first look; where it leaves a doubt, the second opinion on the most telling piece."""
        if not len(first):
            return 0.0
        if self._second is None:
            return float(first[0])
        score, piece = self._telling(look)
        if not self._second.doubts(score, long=len(look.text) > LONGEST):
            return min(float(first[0]), _BELOW_DOUBT)
        return self._second.danger(piece, self._vocabulary.vector(piece), at_once)

    def telling(self, text: str) -> tuple[float, str]:
        """How much a text sounds like danger, and where: a short one whole, of a letter its worst piece."""
        return self._telling(self._look(text))

    @staticmethod
    def _telling(look: Look) -> tuple[float, str]:
        scores = look.scores[DANGER][:, 0]
        if not look.parts or len(look.text) <= LONGEST:
            return float(scores.max()), look.text
        return float(scores.max()), look.parts[int(np.argmax(scores[1:]))]

    def _requests(self, text: str) -> list[Named]:
        """The separate requests, with their places in the normalised text; empty when there is one."""
        return [
            {"start": part.start, "end": part.end, "service": named(part.service, part.confidence)}
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
        shares = self._answers(self._look(text), ("service",))["service"]
        return dict(zip(self._axes["service"].labels, shares.tolist(), strict=True))

    @property
    def slope(self) -> float:
        """How scores on the service axis become probabilities."""
        return self._axes["service"].slope[0]

    def category(self, text: str) -> str | None:
        """The official category, by the same shares."""
        if not text.strip():
            return None
        ranking = self._category(self._answers(self._look(text), ("service",))["service"])
        return str(ranking[0]["name"])

    def _answers(self, look: Look, names: Iterable[str] = AXES) -> dict[str, Floats]:
        """Probabilities on every axis, from the whole text and its pieces (see `pooling`)."""
        scores = {name: pool(name, look.scores[name]) for name in names}
        if self.kinds and "kind" in scores:
            scores["kind"] = self.kinds.scores(look.text, scores["kind"])
        return {name: self._axes[name].probabilities(found) for name, found in scores.items()}

    def labels(self, name: str) -> tuple[str, ...]:
        """The answers that an axis knows."""
        return self._axes[name].labels

    def characters(self, name: str, text: str) -> Floats:
        """What the characters of a text alone say on an axis, as raw scores."""
        return self._axes.score(name, self._vocabulary.vector(text))

    def _intents(self, answers: dict[str, Floats], danger: float) -> Floats:
        """One flat distribution: an emergency comes first, then whether anything is asked for, then what."""
        asked = float(answers["request"][0])
        shares = np.zeros(self._labels.count)
        shares[0] = danger
        shares[self._labels.acts] = (1 - danger) * (1 - asked) * answers["act"]
        shares[self._labels.services] = (1 - danger) * asked * answers["service"]
        return shares

    def _act(self, answers: dict[str, Floats]) -> Named:
        """The dialogue act; `request` where something is asked for."""
        asked = float(answers["request"][0])
        if asked >= ASKED:
            return named(REQUEST, asked)
        (best,) = self._labels.act.of(answers["act"], 1)
        return named(best["name"], best["confidence"] * (1 - asked))

    def _safety(self, classes: Floats, danger: float) -> list[Named]:
        """The likeliest danger is as likely as there is one at all; one half and above is an alarm."""
        likely = classes * (danger / classes.max()) if len(classes) else classes
        return self._labels.safety.above(likely, _WORTH_SHOWING)

    def _departments(self, text: str, services: Floats, areas: Areas) -> list[Named]:
        """Who will handle it: by service, by the offices and matters that are named, a town's or village's
        own matter also by its township; a department that gets more work is likelier.
        """
        holders = self._labels.departments
        shares = services @ holders.shares
        local = float(services @ self._labels.local) * (_TOWN * areas.town + _VILLAGE * areas.village)
        if local and LOCAL in holders.place:
            shares[holders.place[LOCAL]] += local
        certain = float(services.sum())
        for department, weight in self._spoken_of(text).items():
            shares[holders.place[department]] += certain * weight
        shares *= self._labels.loads
        total = float(shares.sum())
        return [one for one in holders.ranking.of(shares / total) if one["confidence"]] if total else []

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

    def _category(self, services: Floats) -> list[Named]:
        """What is sure even when the service is not: the shares of a category's services add up."""
        return self._categories.ranking.of(services @ self._categories.shares)

    @staticmethod
    def _nothing() -> dict[str, Any]:
        empty: dict[str, Any] = {name: named(None, 0.0) for name in ("intent", "act", "service")}
        empty.update(
            intent_ranking=[], service_ranking=[], department_ranking=[], safety=[], conduct=[], requests=[]
        )
        for name in ("category", "kind"):
            empty[name] = {**named(None, 0.0), "ranking": []}
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
