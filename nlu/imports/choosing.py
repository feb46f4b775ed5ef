"""The service of one past ticket: what its labels allow, and among that what the present model sees in the
text.

The model only chooses inside what a person said. Where it is sure of something else, one of the two is wrong,
or the city draws its lines differently; such a ticket is shown and left out: measured on real messages that
costs nothing, while taking it under the label would teach the likeliest wrong service.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum

from nlu.imports.labels import Labels, Meant

# Text → share of every service; what a trained model answers.
Judge = Callable[[str], Mapping[str, float]]
_SURE = 0.5


class Left(Enum):
    """Why a ticket does not become a phrase."""

    UNKNOWN_LABEL = "label not known"
    DISAGREES = "text and label do not fit"
    NEEDS_MODEL = "several services, and no model yet to choose"
    SHORT = "hardly any text"
    DUPLICATE = "duplicate"
    ALREADY = "imported before"
    ENOUGH = "enough of this service already"


@dataclass(frozen=True)
class Doubt:
    """The model is sure of a service outside what the labels allow."""

    service: str


def allowed(labels: Labels, categories: tuple[str, ...], department: str) -> Meant | None:
    """The services that the labels allow; a department narrows a category and never leaves it."""
    topic, office = labels.category(*categories), labels.department(department)
    if topic is None or office is None:
        return topic or office
    return topic & office or topic


def choose(labels: Labels, meant: Meant, text: str, judge: Judge | None) -> str | Doubt | None:
    """Pick one; None where only a model could."""
    if judge is None:
        return next(iter(meant)) if len(meant) == 1 else None
    shares = judge(text)
    best = max(meant, key=lambda name: (shares.get(name, 0.0), name))
    seen = max(shares, key=lambda name: (shares[name], name), default=best)
    elsewhere = labels.categories.get(seen) not in {labels.categories[name] for name in meant}
    return Doubt(seen) if elsewhere and shares[seen] >= _SURE else best
