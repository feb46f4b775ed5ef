"""A candidate beside the model in service, on the same messages: figures, classes, and phrase by phrase.

Everything is measured on what neither was trained on: held-out phrases that the candidate's own data holds
are left out and counted. The answer is plain JSON, for whoever shows it or decides by it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from nlu.evaluation import measures
from nlu.evaluation.judge import ALARM, OUTSIDE
from nlu.phrases import Phrase

Parse = dict[str, Any]
MOST_CHANGES = 400  # phrases listed on each side
BINS = 20


@dataclass(frozen=True)
class Asked:
    """One message with what is true of it; "" and () where nothing is said."""

    text: str
    set: str  # services · acts · safety · hard_negatives · conduct · traffic
    intent: str = ""
    kind: str = ""
    safety: tuple[str, ...] = ()
    conduct: tuple[str, ...] = ()


@dataclass(frozen=True)
class Read:
    """What a model made of it."""

    service: str
    confidence: float
    first3: tuple[str, ...]
    act: str
    kind: str
    alarms: tuple[str, ...]
    glimpse: bool  # any danger at all, if only a shadow of one
    conduct: tuple[str, ...]

    @classmethod
    def of(cls, parse: Parse) -> Read:
        """From the answer of a parse."""
        service = parse.get("service") or {}
        return cls(
            str(service.get("name") or ""),
            float(service.get("confidence") or 0.0),
            tuple(one["name"] for one in parse.get("service_ranking", [])[:3]),
            str((parse.get("act") or {}).get("name") or ""),
            str((parse.get("kind") or {}).get("name") or ""),
            tuple(one["name"] for one in parse.get("safety", []) if one["confidence"] >= ALARM),
            bool(parse.get("safety")),
            tuple(one["name"] for one in parse.get("conduct", []) if one["confidence"] >= ALARM),
        )


def asked(phrase: Phrase, name: str) -> Asked:
    """A held-out phrase with its block's metadata."""
    return Asked(
        phrase.text,
        name,
        phrase.intent,
        str(phrase.metadata.get("kind") or ""),
        _several(phrase.metadata.get("safety")),
        _several(phrase.metadata.get("conduct")),
    )


def _several(value: Any) -> tuple[str, ...]:
    if not value:
        return ()
    return tuple(map(str, value)) if isinstance(value, list) else (str(value),)


def right(one: Asked, read: Read) -> bool:
    """Whether the message was read as it should be, for its set."""
    if one.set == "safety":
        return bool(read.alarms)
    if one.set == "hard_negatives":
        return not read.alarms
    if one.set == "conduct":
        return bool(set(one.conduct) & set(read.conduct))
    if one.set == "acts":
        return read.act == one.intent or (one.intent in OUTSIDE and read.act in OUTSIDE)
    return read.service == one.intent


def said(one: Asked, read: Read) -> str:
    """What a model answered, in a word."""
    if one.set in ("safety", "hard_negatives"):
        return "、".join(read.alarms)
    if one.set == "conduct":
        return "、".join(read.conduct)
    return read.act if one.set == "acts" else read.service


def expected(one: Asked) -> str:
    """What it should have answered."""
    return {"safety": "、".join(one.safety), "hard_negatives": "", "conduct": "、".join(one.conduct)}.get(
        one.set, one.intent
    )


Reads = Sequence[Read]


class Side:
    """One model's answers to all messages, and figures from them."""

    def __init__(self, every: Sequence[Asked], reads: Reads) -> None:
        self.every = every
        self.reads = reads

    def pairs(self, *names: str) -> list[tuple[Asked, Read]]:
        return [(a, r) for a, r in zip(self.every, self.reads, strict=True) if a.set in names]

    def share(self, name: str, hit: Callable[[Asked, Read], bool]) -> tuple[float, int]:
        pairs = self.pairs(name)
        return measures.share(hit(a, r) for a, r in pairs), len(pairs)

    def classes(self, name: str) -> dict[str, measures.Class]:
        pairs = self.pairs(name)
        got = [r.act if name == "acts" else r.service for _, r in pairs]
        return {one.label: one for one in measures.by_class([a.intent for a, _ in pairs], got)}

    def recall(self) -> dict[str, tuple[float, float, int]]:
        """Danger → share that raised any alarm, share that raised this one, how many."""
        hits: dict[str, list[tuple[bool, bool]]] = {}
        for one, read in self.pairs("safety"):
            for name in one.safety:
                hits.setdefault(name, []).append((bool(read.alarms), name in read.alarms))
        return {
            name: (measures.share(a for a, _ in found), measures.share(b for _, b in found), len(found))
            for name, found in sorted(hits.items())
        }

    def calibration(self) -> list[tuple[float, float, int]]:
        pairs = self.pairs("services")
        return measures.calibration([r.confidence for _, r in pairs], [right(a, r) for a, r in pairs])

    def histogram(self) -> dict[str, list[int]]:
        """How sure, where right and where wrong."""
        bins = {"right": [0] * BINS, "wrong": [0] * BINS}
        for one, read in self.pairs("services", "traffic"):
            side = "right" if right(one, read) else "wrong"
            bins[side][min(int(read.confidence * BINS), BINS - 1)] += 1
        return bins

    def confusions(self) -> list[list[Any]]:
        pairs = Counter((a.intent, r.service) for a, r in self.pairs("services", "traffic"))
        return [[e, p, n] for (e, p), n in pairs.most_common()]

    def figures(self) -> dict[str, tuple[float, int]]:
        """The headline numbers by name."""
        services = self.classes("services")
        count = len(self.pairs("services"))
        kinds = [(a, r) for a, r in self.pairs("services", "traffic") if a.kind]
        curve = self.calibration()
        return {
            "service": self.share("services", right),
            "service3": self.share("services", lambda a, r: a.intent in r.first3),
            "service_f1": (measures.macro_f1(list(services.values())), count),
            "kind": (measures.share(a.kind == r.kind for a, r in kinds), len(kinds)),
            "act": self.share("acts", right),
            "safety": self.share("safety", right),
            "false_alarms": self.share("hard_negatives", lambda a, r: bool(r.alarms)),
            "request_alarms": self.share("services", lambda a, r: bool(r.alarms)),
            "conduct": self.share("conduct", right),
            "calibration_error": (measures.expected_error(curve), count),
            "traffic": self.share("traffic", right),
        }


def compare(every: Sequence[Asked], ours: Reads, theirs: Reads | None) -> dict[str, Any]:
    """The report. `theirs` is the model in service; None where there is none."""
    new, old = Side(every, ours), Side(every, theirs) if theirs is not None else None
    return {
        "counts": Counter(one.set for one in every),
        "figures": _figures(new, old),
        "services": _classes(new, old, "services"),
        "traffic": _classes(new, old, "traffic"),
        "acts": _classes(new, old, "acts"),
        "safety": _safety(new, old),
        "dangers": _dangers(new, old),
        "confusions": {"new": new.confusions(), "old": old.confusions() if old else []},
        "calibration": {"new": new.calibration(), "old": old.calibration() if old else []},
        "histogram": {"new": new.histogram(), "old": old.histogram() if old else None},
        **_changes(new, old),
    }


def _figures(new: Side, old: Side | None) -> list[dict[str, Any]]:
    before = old.figures() if old else {}
    return [
        {"name": name, "new": value, "old": before[name][0] if old else None, "count": count}
        for name, (value, count) in new.figures().items()
        if count
    ]


def _classes(new: Side, old: Side | None, name: str) -> list[dict[str, Any]]:
    before = old.classes(name) if old else {}
    return [
        {
            "label": label,
            "count": one.support,
            "new": [one.precision, one.recall, one.f1],
            "old": [before[label].precision, before[label].recall, before[label].f1] if old else None,
        }
        for label, one in new.classes(name).items()
    ]


def _safety(new: Side, old: Side | None) -> list[dict[str, Any]]:
    before = old.recall() if old else {}
    return [
        {
            "label": label,
            "count": count,
            "new": [any_alarm, this],
            "old": list(before[label][:2]) if old else None,
        }
        for label, (any_alarm, this, count) in new.recall().items()
    ]


def _dangers(new: Side, old: Side | None) -> list[dict[str, Any]]:
    """Every message about danger and every one that only sounds so, for whoever joins the app's rules in."""
    names = ("safety", "hard_negatives")
    before = [_seen(read) for _, read in old.pairs(*names)] if old else None
    return [
        {
            "text": one.text,
            "safety": list(one.safety),
            "new": _seen(read),
            "old": before[i] if before else None,
        }
        for i, (one, read) in enumerate(new.pairs(*names))
    ]


def _seen(read: Read) -> dict[str, bool]:
    return {"alarm": bool(read.alarms), "glimpse": read.glimpse}


def _changes(new: Side, old: Side | None) -> dict[str, Any]:
    """Phrase by phrase: what got better, what got worse; without a rival, what is wrong."""
    better: list[dict[str, Any]] = []
    worse: list[dict[str, Any]] = []
    wrong: list[dict[str, Any]] = []
    for i, (one, read) in enumerate(zip(new.every, new.reads, strict=True)):
        before = old.reads[i] if old else None
        line = {
            "text": one.text[:300],
            "set": one.set,
            "expected": expected(one),
            "new": said(one, read),
            "confidence": round(read.confidence, 3),
            "old": said(one, before) if before else None,
        }
        if before is None or right(one, read) == right(one, before):
            if not right(one, read):
                wrong.append(line)
        else:
            (better if right(one, read) else worse).append(line)
    return {
        "better": better[:MOST_CHANGES],
        "worse": worse[:MOST_CHANGES],
        "wrong": wrong[:MOST_CHANGES],
        "better_count": len(better),
        "worse_count": len(worse),
        "wrong_count": len(wrong),
    }
