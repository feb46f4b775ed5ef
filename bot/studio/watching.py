"""How the models fare on live messages: understood, handed over, corrected, per version; drifts and surges.

Everything is counted from rows that are there anyway, in the city's days; no number leads to a person, and
phrases are masked words.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

from pydantic import BaseModel
from sqlalchemy import Float, Integer, case, cast, func, literal, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.city import City
from bot.store.conversations import Message
from bot.store.handovers import Handover
from bot.store.models import ModelVersion
from bot.store.teaching import Misread
from bot.store.tickets import Ticket
from bot.studio import models
from bot.studio.vocabulary import runs, terms

READ = (Message.author == "citizen", Message.model.is_not(None))
SAMPLE = 4000  # newest messages whose words are looked at
WEEKS = 4  # of which the same hours are the usual
LEAST_SURGE = 5  # messages, below which nothing is called a surge
CERTAIN = 0.001  # chance of so many by accident, below which it is one
LEAST_PHRASE = 4  # messages that must hold a new phrase
LONGEST_PHRASE = 8
LONGEST_SHOWN = 8


class Day(BaseModel):
    day: date
    messages: int
    understood: int
    handovers: int
    corrected: int


class Version(BaseModel):
    """One model's share of the messages. Rates are of its own messages."""

    model: str  # reader id
    version: int | None
    messages: int
    understood: int
    handovers: int
    corrected: int
    confidence: float | None


class Topic(BaseModel):
    """A service's share now, in the weeks before, and in the training data."""

    service: str
    now: int
    share: float
    before: float
    trained: float | None


class Surge(BaseModel):
    service: str
    area: str
    count: int
    usual: float
    times: float | None
    chance: float


class NewPhrase(BaseModel):
    """Words that keep coming and that the training data do not know."""

    words: str
    count: int
    example: str
    service: str


class Watch(BaseModel):
    days: int
    messages: int
    understood: int
    handovers: int
    conversations: int
    corrected: int
    by_day: list[Day]
    versions: list[Version]
    topics: list[Topic]
    topic_drift: float | None  # 0: as in the weeks before, 1: nothing in common
    unknown_words: float | None  # share of pairs of characters that the training data never had
    surges: list[Surge]
    phrases: list[NewPhrase]


async def watch(session: AsyncSession, city: City, days: int) -> Watch:
    """The last `days` of the city's calendar, today among them."""
    today = datetime.now(city.timezone).replace(hour=0, minute=0, second=0, microsecond=0)
    since = today - timedelta(days=days - 1)
    by_day = await _by_day(session, city, since, days)
    live = (await models.in_service(session)).live
    topics, drift = await _topics(session, since, days, live)
    sample = await _sample(session, since)
    known = set(str(live.profile.get("terms", "")).split()) if live else set()
    conversations = await session.scalar(
        select(func.count(func.distinct(Message.conversation_id))).where(
            Message.created_at >= since, Message.author == "citizen"
        )
    )
    return Watch(
        days=days,
        messages=sum(day.messages for day in by_day),
        understood=sum(day.understood for day in by_day),
        handovers=sum(day.handovers for day in by_day),
        conversations=conversations or 0,
        corrected=sum(day.corrected for day in by_day),
        by_day=by_day,
        versions=await _versions(session, since),
        topics=topics,
        topic_drift=drift,
        unknown_words=unknown_share((text for text, _ in sample), known) if known else None,
        surges=await _surges(session),
        phrases=new_phrases(sample, known) if known else [],
    )


async def _by_day(session: AsyncSession, city: City, since: datetime, days: int) -> list[Day]:
    def local(column: Any) -> Any:
        return func.date(func.timezone(str(city.timezone), column)).label("day")

    messages = await session.execute(
        select(local(Message.created_at), func.count(), func.count().filter(Message.understood.is_(True)))
        .where(Message.created_at >= since, *READ)
        .group_by("day")
    )
    read = {day: (count, clear) for day, count, clear in messages}
    seats = await session.execute(
        select(local(Handover.queued_at), func.count()).where(Handover.queued_at >= since).group_by("day")
    )
    handed: dict[Any, int] = dict(seats.all())
    wrong = await session.execute(
        select(local(Misread.created_at), func.count())
        .where(Misread.created_at >= since, Misread.wanted != "", Misread.wanted != Misread.service)
        .group_by("day")
    )
    corrected: dict[Any, int] = dict(wrong.all())
    every = [(since + timedelta(days=n)).date() for n in range(days)]
    return [
        Day(
            day=day,
            messages=read.get(day, (0, 0))[0],
            understood=read.get(day, (0, 0))[1],
            handovers=handed.get(day, 0),
            corrected=corrected.get(day, 0),
        )
        for day in every
    ]


async def _versions(session: AsyncSession, since: datetime) -> list[Version]:
    """A hand-over counts for the model that read the last message before it."""
    last = (
        select(Message.model)
        .where(
            Message.conversation_id == Handover.conversation_id,
            Message.created_at <= Handover.queued_at,
            *READ,
        )
        .order_by(Message.seq.desc())
        .limit(1)
        .scalar_subquery()
    )
    handed = await session.execute(
        select(last.label("model"), func.count()).where(Handover.queued_at >= since).group_by("model")
    )
    handovers: dict[Any, int] = dict(handed.all())
    wrong = await session.execute(
        select(Message.model, func.count())
        .join(Misread, Misread.message_id == Message.id)
        .where(Message.created_at >= since, Misread.wanted != "", Misread.wanted != Misread.service)
        .group_by(Message.model)
    )
    corrected: dict[Any, int] = dict(wrong.all())
    rows = await session.execute(
        select(
            Message.model,
            func.count(),
            func.count().filter(Message.understood.is_(True)),
            cast(func.avg(Message.confidence), Float),
            func.max(Message.id),
        )
        .where(Message.created_at >= since, *READ)
        .group_by(Message.model)
        .order_by(func.max(Message.id).desc())
        .limit(20)
    )
    named = await session.execute(select(ModelVersion.reader_id, ModelVersion.id))
    numbers: dict[str, int] = dict(named.all())
    return [
        Version(
            model=str(model),
            version=numbers.get(str(model)),
            messages=count,
            understood=clear,
            handovers=handovers.get(model, 0),
            corrected=corrected.get(model, 0),
            confidence=confidence,
        )
        for model, count, clear, confidence, _ in rows
    ]


async def _topics(
    session: AsyncSession, since: datetime, days: int, live: ModelVersion | None
) -> tuple[list[Topic], float | None]:
    async def counts(start: datetime, end: datetime) -> dict[str, int]:
        rows = await session.execute(
            select(Message.service, func.count())
            .where(Message.created_at >= start, Message.created_at < end, *READ, Message.service.is_not(None))
            .group_by(Message.service)
        )
        return {str(name): count for name, count in rows}

    now = await counts(since, datetime.now(UTC))
    before = await counts(since - timedelta(days=max(days, 7 * WEEKS)), since)
    trained: Mapping[str, int] = live.profile.get("services", {}) if live else {}
    total, earlier, taught = sum(now.values()), sum(before.values()), sum(trained.values())
    names = sorted({*now, *before}, key=lambda name: -now.get(name, 0))
    topics = [
        Topic(
            service=name,
            now=now.get(name, 0),
            share=now.get(name, 0) / total if total else 0.0,
            before=before.get(name, 0) / earlier if earlier else 0.0,
            trained=trained.get(name, 0) / taught if taught else None,
        )
        for name in names[:30]
    ]
    return topics, divergence(now, before) if total and earlier else None


def divergence(one: Mapping[str, int], other: Mapping[str, int]) -> float:
    """How far two distributions lie apart: Jensen–Shannon, 0 the same, 1 nothing in common."""
    p, q = sum(one.values()), sum(other.values())
    found = 0.0
    for name in {*one, *other}:
        a, b = one.get(name, 0) / p, other.get(name, 0) / q
        middle = (a + b) / 2
        found += sum(x * math.log2(x / middle) / 2 for x in (a, b) if x)
    return max(0.0, min(1.0, found))


async def _sample(session: AsyncSession, since: datetime) -> list[tuple[str, str]]:
    rows = await session.execute(
        select(Message.masked, Message.service)
        .where(Message.created_at >= since, *READ)
        .order_by(Message.id.desc())
        .limit(SAMPLE)
    )
    return [(text, service or "") for text, service in rows]


def unknown_share(texts: Iterable[str], known: set[str]) -> float | None:
    """Of all pairs of characters that citizens wrote, those that training never saw."""
    total = new = 0
    for text in texts:
        for term in terms(text):
            total += 1
            new += term not in known
    return new / total if total else None


def new_phrases(sample: Iterable[tuple[str, str]], known: set[str], most: int = 15) -> list[NewPhrase]:
    """Stretches of words, each with a pair that training never saw, that several messages hold. The longest
    form of a phrase stands for its parts."""
    where: dict[str, list[int]] = {}
    texts: list[tuple[str, str]] = []
    for number, (text, service) in enumerate(sample):
        texts.append((text, service))
        for phrase in _candidates(text, known):
            where.setdefault(phrase, []).append(number)
    common = {phrase: held for phrase, held in where.items() if len(held) >= LEAST_PHRASE}
    chosen: list[str] = []
    told: dict[str, set[int]] = {}  # pair of characters → messages that a chosen phrase with it stands for
    for phrase in sorted(common, key=lambda p: (-len(common[p]) * (1 + len(p) / 20), p)):
        held = set(common[phrase])
        seen = set().union(*(told.get(pair, set()) for pair in terms(phrase)))
        if len(held & seen) > 0.5 * len(held):
            continue
        chosen.append(phrase)
        for pair in terms(phrase):
            told.setdefault(pair, set()).update(held)
    found = []
    for phrase in chosen[:most]:
        numbers = common[phrase]
        services = Counter(texts[n][1] for n in numbers)
        example = texts[numbers[0]][0]
        name = services.most_common(1)[0][0]
        phrase = _whole(phrase, [texts[n][0] for n in numbers])
        found.append(NewPhrase(words=phrase, count=len(numbers), example=example[:120], service=name))
    return found


def _whole(phrase: str, holding: Sequence[str]) -> str:
    """Longer as long as all these messages agree on the next character: 放无 is a piece of 放无人机."""
    while len(phrase) < LONGEST_SHOWN:
        ends = [text.find(phrase) + len(phrase) for text in holding]
        after = {text[end : end + 1] for text, end in zip(holding, ends, strict=True)}
        before = {text[: text.find(phrase)][-1:] for text in holding}
        if len(after) == 1 and (after_it := after.pop()) >= "\u3400":
            phrase += after_it
        elif len(before) == 1 and (before_it := before.pop()) >= "\u3400":
            phrase = before_it + phrase
        else:
            break
    return phrase


def _candidates(text: str, known: set[str]) -> set[str]:
    found = set()
    for run in runs(text):
        if run[0] < "\u3400":
            if run not in known:
                found.add(run)
            continue
        for start in range(len(run) - 1):
            for end in range(start + 2, min(start + LONGEST_PHRASE, len(run)) + 1):
                piece = run[start:end]
                if piece[:2] not in known and piece[-2:] not in known:
                    found.add(piece)
    return found


async def _surges(session: AsyncSession) -> list[Surge]:
    """Topics of the last hour, and topics by area of tickets of the last day, against the same hours of the
    weeks before."""
    now = datetime.now(UTC)
    found: list[Surge] = []
    for column, made, area, hours in (
        (Message.service, Message.created_at, literal(""), 1),
        (Ticket.service, Ticket.created_at, Ticket.area, 24),
    ):
        conditions = READ if column is Message.service else ()
        windows = [
            (now - timedelta(hours=hours) - timedelta(weeks=n), now - timedelta(weeks=n)) for n in range(5)
        ]
        which = case(
            *[((made >= start) & (made < end), n) for n, (start, end) in enumerate(windows)], else_=None
        )
        rows = await session.execute(
            select(column, area, cast(which, Integer).label("week"), func.count())
            .where(made >= windows[-1][0], column.is_not(None), which.is_not(None), *conditions)
            .group_by(column, area, "week")
        )
        counts: dict[tuple[str, str], list[int]] = {}
        for service, place, week, count in rows:
            counts.setdefault((str(service), str(place)), [0] * (WEEKS + 1))[week] = count
        found += [surge for key, by_week in counts.items() if (surge := _surge(*key, by_week))]
    return sorted(found, key=lambda one: one.chance)[:15]


def _surge(service: str, area: str, by_week: list[int]) -> Surge | None:
    count, usual = by_week[0], sum(by_week[1:]) / WEEKS
    chance = at_least(count, max(usual, 0.5))
    if count < LEAST_SURGE or chance >= CERTAIN:
        return None
    times = count / usual if usual else None
    return Surge(service=service, area=area, count=count, usual=usual, times=times, chance=chance)


def at_least(count: int, mean: float) -> float:
    """The chance of `count` or more where `mean` are usual (Poisson)."""
    term, below = math.exp(-mean), 0.0
    for k in range(count):
        below += term
        term *= mean / (k + 1)
    return max(0.0, 1.0 - below)
