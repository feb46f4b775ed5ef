"""The service of one past ticket: what its labels allow, and among that what the present model sees in the
text.

A person's category is believed, the model only chooses inside it. A department is a weaker hint (it handles
more than its own services), so where the model is sure of something else the ticket is left out.
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
    DISAGREES = "text and department do not fit"
    NEEDS_MODEL = "several services, and no model yet to choose"
    SHORT = "hardly any text"
    DUPLICATE = "duplicate"
    ALREADY = "imported before"
    ENOUGH = "enough of this service already"


@dataclass(frozen=True)
class Choice:
    """A service, and whether the model by itself would have named another category with confidence."""

    service: str
    doubted: str | None = None


def allowed(labels: Labels, categories: tuple[str, ...], department: str) -> tuple[Meant | None, bool]:
    """The services that the labels allow, and whether a category (not a department alone) says so."""
    topic = labels.category(*categories)
    office = labels.department(department)
    if topic is None:
        return office, False
    return (topic & office if office else topic) or topic, True


def choose(labels: Labels, meant: Meant, by_category: bool, text: str, judge: Judge | None) -> Choice | Left:
    """Pick one."""
    if judge is None:
        return Choice(next(iter(meant))) if len(meant) == 1 else Left.NEEDS_MODEL
    shares = judge(text)
    best = max(meant, key=lambda name: (shares.get(name, 0.0), name))
    seen = max(shares, key=lambda name: (shares[name], name), default=best)
    elsewhere = shares.get(seen, 0.0) >= _SURE and labels.categories.get(seen) != labels.categories[best]
    if elsewhere and not by_category:
        return Left.DISAGREES
    return Choice(best, seen if elsewhere else None)
