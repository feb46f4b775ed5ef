"""One model against all sets: every section is a list of lines `Figure`, with the target where one was
set.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

from nlu.evaluation import measures, sets
from nlu.phrases import Phrase

Parse = dict[str, Any]
Reads = Callable[[str], Parse]
Net = Callable[[str, Parse], Sequence[str]]  # the alarms of model and rules together
Finds = Callable[[str, date], Sequence[dict[str, Any]]]
ALARM = 0.5
BY_FORM = ("phone", "plate", "id_number", "ticket")
OUTSIDE = ("out_of_scope", "chitchat")
# Short everyday talk that a line does not refuse (greetings and small talk are answered, not rejected).
CARRIERS = ("我住在{}，楼上天天漏水没人管", "投诉{}晚上施工扰民", "请问{}什么时候通公交")


@dataclass(frozen=True)
class Figure:
    """One measured value, over so many messages."""

    name: str
    value: float
    count: int
    target: float | None = None
    lower_is_better: bool = False

    @property
    def met(self) -> bool | None:
        """Whether the target is reached."""
        if self.target is None:
            return None
        return self.value <= self.target if self.lower_is_better else self.value >= self.target


@dataclass
class Section:
    """Figures of one set, with the tables and pairs that the report draws."""

    title: str
    figures: list[Figure] = field(default_factory=list)
    classes: list[measures.Class] = field(default_factory=list)
    expected: list[str] = field(default_factory=list)
    predicted: list[str] = field(default_factory=list)
    confidences: list[float] = field(default_factory=list)


def alarms(parse: Parse) -> list[str]:
    """Safety classes that count as raised."""
    return [one["name"] for one in parse["safety"] if one["confidence"] >= ALARM]


def services(found: Sequence[Phrase], read: Reads, category: dict[str, str]) -> Section:
    """Our held-out requests."""
    section = Section("Services (our held-out phrases)")
    parses = [read(phrase.text) for phrase in found]
    section.expected = [phrase.intent for phrase in found]
    section.predicted = [parse["service"]["name"] for parse in parses]
    section.confidences = [parse["service"]["confidence"] for parse in parses]
    pairs = list(zip(found, parses, strict=True))
    section.classes = measures.by_class(section.expected, section.predicted)
    first3 = [p.intent in [s["name"] for s in r["service_ranking"][:3]] for p, r in pairs]
    same = [category.get(p.intent) == r["category"]["name"] for p, r in pairs]
    kinds = [(p.metadata["kind"], r["kind"]["name"]) for p, r in pairs if p.metadata.get("kind")]
    n = len(found)
    section.figures = [
        Figure(
            "service, first",
            measures.share(e == p for e, p in zip(section.expected, section.predicted, strict=True)),
            n,
        ),
        Figure("service, among the first three", measures.share(first3), n),
        Figure("service, macro-F1", measures.macro_f1(section.classes), n),
        Figure("category", measures.share(same), n),
        Figure("kind", measures.share(a == b for a, b in kinds), len(kinds)),
        Figure("taken for a request", measures.share(r["act"]["name"] == "request" for r in parses), n, 0.95),
        Figure("false alarms", measures.share(bool(alarms(r)) for r in parses), n, 0.02, True),
        Figure("cut into several by mistake", measures.share(bool(r["requests"]) for r in parses), n),
    ]
    return section


def acts(found: Sequence[Phrase], read: Reads) -> Section:
    """Dialogue acts; small talk and what is out of scope."""
    section = Section("Dialogue acts (our held-out phrases)")
    section.expected = [phrase.intent for phrase in found]
    section.predicted = [read(phrase.text)["act"]["name"] for phrase in found]
    section.classes = measures.by_class(section.expected, section.predicted)
    hits = [e == p for e, p in zip(section.expected, section.predicted, strict=True)]
    outside = [p in OUTSIDE for e, p in zip(section.expected, section.predicted, strict=True) if e in OUTSIDE]
    section.figures = [
        Figure("act", measures.share(hits), len(hits)),
        Figure("act, macro-F1", measures.macro_f1(section.classes), len(hits)),
        Figure("out of scope or small talk seen as such", measures.share(outside), len(outside), 0.90),
    ]
    return section


def safety(found: Sequence[Phrase], shadows: Sequence[Phrase], read: Reads, net: Net | None) -> Section:
    """Emergencies by class and their hard negatives; with the app's rules joined in if they are given."""

    def raised(text: str) -> bool:
        return bool(net(text, read(text)) if net else alarms(read(text)))

    section = Section("Safety, model and rules joined" if net else "Safety, the model alone")
    by_class: dict[str, list[bool]] = {}
    for phrase in found:
        wanted = phrase.metadata.get("safety")
        for name in wanted if isinstance(wanted, list) else [str(wanted)]:
            by_class.setdefault(name, []).append(raised(phrase.text))
    target = 0.98 if net else None
    every = [hit for hits in by_class.values() for hit in hits]
    section.figures = [Figure("recall, all classes", measures.share(every), len(every), target)]
    section.figures += [
        Figure(f"recall, {n}", measures.share(h), len(h), target) for n, h in sorted(by_class.items())
    ]
    alarmed = [raised(phrase.text) for phrase in shadows]
    section.figures.append(
        Figure("false alarms, hard negatives", measures.share(alarmed), len(alarmed), 0.02, True)
    )
    return section


def conduct(found: Sequence[Phrase], read: Reads) -> Section:
    """Insults, pranks, advertising, repetition."""
    hits = []
    for phrase in found:
        wanted = phrase.metadata.get("conduct")
        got = {one["name"] for one in read(phrase.text)["conduct"] if one["confidence"] >= ALARM}
        hits.append(bool(got & set(wanted if isinstance(wanted, list) else [wanted])))
    return Section("Conduct (our held-out phrases)", [Figure("class found", measures.share(hits), len(hits))])


def several(messages: Sequence[dict[str, Any]], read: Reads) -> Section:
    """Messages with several requests."""
    counted, exact, whole = [], [], []
    for message in messages:
        found = [one["service"]["name"] for one in read(message["text"])["requests"]]
        if len(message["services"]) == 1:
            whole.append(not found)
        else:
            counted.append(len(found) == len(message["services"]))
            exact.append(found == message["services"])
    figures = [
        Figure("several: as many as there are", measures.share(counted), len(counted)),
        Figure("several: the same services", measures.share(exact), len(exact)),
        Figure("long stories left whole", measures.share(whole), len(whole)),
    ]
    return Section("Several requests in one message", figures)


def spans(found: Sequence[Phrase], read: Reads) -> Section:
    """Entities that our held-out phrases mark. A mark is found if a span of its kind covers the same
    characters.
    """
    want: dict[str, int] = {}
    hit: dict[str, int] = {}
    touched: dict[str, int] = {}
    for phrase in (p for p in found if p.spans):
        got = [(e["start"], e["end"], e["entity"]) for e in read(phrase.text)["entities"]]
        for span in phrase.spans:
            want[span.entity] = want.get(span.entity, 0) + 1
            hit[span.entity] = hit.get(span.entity, 0) + ((span.start, span.end, span.entity) in got)
            over = any(s < span.end and e > span.start for s, e, _ in got)
            touched[span.entity] = touched.get(span.entity, 0) + over
    section = Section("Entities marked in our held-out phrases")
    for name, count in sorted(want.items()):
        section.figures.append(Figure(f"{name}: exact", hit[name] / count, count))
        section.figures.append(Figure(f"{name}: found at all", touched[name] / count, count))
    return section


def slots(messages: Sequence[dict[str, Any]], find: Finds) -> Section:
    """Details in sentences: found word for word, and with the right value where one is given. What is told
    by its form alone may not be found where there is none.
    """
    found: dict[str, list[bool]] = {}
    extra: dict[str, int] = {}
    for message in messages:
        got = find(message["text"], datetime.fromisoformat(str(message["now"])).date())
        for wanted in message["expect"]:
            found.setdefault(wanted["entity"], []).append(any(_same(one, wanted) for one in got))
        words = {(wanted["entity"], wanted["value"]) for wanted in message["expect"]}
        for one in got:
            if one["entity"] in BY_FORM and (one["entity"], one["value"]) not in words:
                extra[one["entity"]] = extra.get(one["entity"], 0) + 1
    section = Section("Details in sentences, with their values")
    for name, hits in sorted(found.items()):
        target = 0.99 if name in ("phone", "plate", "time") else None
        section.figures.append(Figure(name, measures.share(hits), len(hits), target))
    every = sum(len(hits) for name, hits in found.items() if name in BY_FORM)
    section.figures.append(
        Figure("false finds of what is told by its form", sum(extra.values()) / every, every)
    )
    return section


def _same(one: dict[str, Any], wanted: dict[str, Any]) -> bool:
    if (one["entity"], one["value"]) != (wanted["entity"], wanted["value"]):
        return False
    return "normalized" not in wanted or _plain(one.get("normalized")) == _plain(wanted["normalized"])


def _plain(value: Any) -> str:
    return f"{value:g}" if isinstance(value, float) and value < 1e6 else str(value).removesuffix(".0")


def topics(rows: Sequence[dict[str, str]], read: Reads) -> Section:
    """Real messages with their official category."""
    section = Section("Category of real messages")
    known = sorted({row["topic"] for row in rows})
    for name, target in (("title", 0.80), ("title and body", 0.85)):
        texts = [row["title"] if name == "title" else f"{row['title']}\n{row['body']}" for row in rows]
        rankings = [read(text)["category"]["ranking"] for text in texts]
        first = [ranking[0]["name"] for ranking in rankings]
        among = [next((c["name"] for c in ranking if c["name"] in known), "") for ranking in rankings]
        gold = [row["topic"] for row in rows]
        hits = measures.share(a == b for a, b in zip(first, gold, strict=True))
        near = measures.share(a == b for a, b in zip(among, gold, strict=True))
        section.figures.append(Figure(f"category from {name}", hits, len(rows), target))
        section.figures.append(
            Figure(f"category from {name}, chosen among the seven that occur", near, len(rows))
        )
        section.expected, section.predicted = gold, first
    section.classes = measures.by_class(section.expected, section.predicted)
    return section


def kinds(rows: Sequence[dict[str, str]], read: Reads) -> Section:
    """Kind of request from the body alone (the label was read off the title)."""
    rows = [row for row in rows if row["kind"] in sets.KINDS]
    section = Section("Kind of real messages")
    section.expected = [sets.KINDS[row["kind"]] for row in rows]
    section.predicted = [
        next(
            k["name"] for k in read(row["body"])["kind"]["ranking"] or [{"name": ""}] if k["name"] != "praise"
        )
        for row in rows
    ]
    hits = [e == p for e, p in zip(section.expected, section.predicted, strict=True)]
    section.figures = [Figure("kind from the body", measures.share(hits), len(hits), 0.78)]
    section.classes = measures.by_class(section.expected, section.predicted)
    return section


def departments(folder: Path, half: str, read: Reads) -> Section:
    """Which department answered: guessed from the ranking of services."""
    common = sets.commonest_departments(folder)
    rows = [row for row in sets.rows(folder, "departments", half) if row["department"] in common]
    section = Section("Department of real messages")
    first3 = []
    for row in rows:
        ranking = [one["name"] for one in read(f"{row['title']}\n{row['body']}")["department_ranking"]]
        wanted = sets.DEPARTMENTS[row["department"]]
        section.expected.append(wanted)
        section.predicted.append(ranking[0] if ranking else "")
        first3.append(wanted in ranking[:3])
    hits = [e == p for e, p in zip(section.expected, section.predicted, strict=True)]
    section.figures = [
        Figure("department, first", measures.share(hits), len(hits), 0.65),
        Figure("department, among the first three", measures.share(first3), len(hits), 0.85),
    ]
    return section


def outside(rows: Sequence[dict[str, str]], read: Reads) -> Section:
    """Everyday utterances that are nothing for a city line."""
    named = [read(row["text"])["act"]["name"] for row in rows]
    figures = [
        Figure(
            "not taken for a request", measures.share(name != "request" for name in named), len(named), 0.90
        ),
        Figure(
            "named out of scope or small talk", measures.share(name in OUTSIDE for name in named), len(named)
        ),
    ]
    return Section("Out of scope (everyday utterances)", figures)


def places(found: Sequence[sets.Address], read: Reads) -> Section:
    """Addresses alone, part by part, and inside a sentence."""
    tags = set(sets.PARTS.values())
    pairs: list[tuple[set[measures.Span], set[measures.Span]]] = []
    for one in found:
        got = {(e["start"], e["end"], e["entity"]) for e in read(one.text)["entities"] if e["entity"] in tags}
        got = {g for g in got if not set(range(g[0], g[1])) <= one.repeated}
        pairs.append((set(one.parts), got))
    precision, recall, f1 = measures.spans_f1(pairs)
    section = Section("Addresses")
    section.figures = [
        Figure("parts of addresses, F1", f1, len(found), 0.90),
        Figure("parts, precision", precision, len(found)),
        Figure("parts, recall", recall, len(found)),
    ]
    for tag in sorted(tags):
        of_tag = [({w for w in want if w[2] == tag}, {g for g in got if g[2] == tag}) for want, got in pairs]
        section.figures.append(
            Figure(f"{tag}, F1", measures.spans_f1(of_tag)[2], sum(len(w) for w, _ in of_tag))
        )
    section.figures.append(
        Figure("characters of the address found inside a sentence, F1", *_inside(found, read))
    )
    return section


def _inside(found: Sequence[sets.Address], read: Reads) -> tuple[float, int]:
    want = got = both = 0
    for i, one in enumerate(found[:600]):
        carrier = CARRIERS[i % len(CARRIERS)]
        first = carrier.index("{")
        inside = range(first, first + len(one.text))
        text = carrier.format(one.text)
        marked = {
            at
            for e in read(text)["entities"]
            if e["entity"] in {*sets.PARTS.values(), "landmark", "org"}
            for at in range(e["start"], e["end"])
        }
        want, got, both = want + len(inside), got + len(marked), both + len(marked & set(inside))
    return (2 * both / (want + got) if want + got else 0.0), min(len(found), 600)
