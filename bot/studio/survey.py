"""The data at a glance: per service how many phrases, of which kinds, how varied, what is wrong, how it does.

Counting everything takes a moment, so it is kept per revision; what citizens and operators did is asked anew.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any, cast

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.store.conversations import Message
from bot.store.models import Judgement
from bot.store.teaching import Misread, PhraseRow
from bot.studio import checks, items, models, phrase_file, tree
from bot.studio.kept import kept

SINCE = timedelta(days=90)
_COLUMNS = PhraseRow.__table__.columns


@dataclass(frozen=True, slots=True)
class Counted:
    """One service or act."""

    id: str
    path: str
    facts: dict[str, Any]
    phrases: int
    kinds: dict[str, int]
    safety: int
    conduct: int
    marked: int
    variety: float
    problems: dict[str, int]  # by level


@dataclass(frozen=True, slots=True)
class Survey:
    revision: int
    services: list[Counted]
    acts: list[Counted]
    problems: list[checks.Problem]
    safety: dict[str, int]
    conduct: dict[str, int]
    phrases: int


async def survey(session: AsyncSession) -> Survey:
    """As of the present revision."""
    number = await tree.ready(session)

    async def make() -> Survey:
        # plain rows: thousands of mapped objects would cost three times as much
        found = await session.execute(select(*_COLUMNS).order_by(PhraseRow.path, PhraseRow.line))
        rows = cast(list[PhraseRow], list(found))
        content = await tree.files(session)
        return await asyncio.to_thread(_survey, number, rows, content)

    return await kept(session, number, "survey", make)


@lru_cache(maxsize=1024)
def _facts(path: str, text: str) -> dict[str, Any]:
    """A revision changes a file or two: the others were read for the one before."""
    return items.facts(path, text).facts


@lru_cache(maxsize=128)
def _acts(path: str, text: str) -> tuple[tuple[str, dict[str, Any]], ...]:
    return tuple((block.intent, dict(block.metadata)) for block in phrase_file.read(path, text))


def _survey(number: int, rows: Sequence[PhraseRow], content: tree.Files) -> Survey:
    services = {
        path.removeprefix("services/").removesuffix(".yml"): (path, _facts(path, text))
        for path, text in content.items()
        if path.startswith("services/")
    }
    acts: dict[str, tuple[str, dict[str, Any]]] = {}
    for path, text in content.items():
        if path.startswith("acts/"):
            for name, facts in _acts(path, text):
                acts.setdefault(name, (path, facts))
    problems = checks.of_all(rows, list(services), list(acts))
    per = checks.per_intent(rows)
    wrong: dict[str, Counter[str]] = {}
    for one in problems:
        wrong.setdefault(one.intent, Counter())[one.level] += 1

    def counted(name: str, path: str, facts: dict[str, Any]) -> Counted:
        mine = per.get(name, [])
        usual = str(facts.get("kind") or "")
        return Counted(
            id=name,
            path=path,
            facts=facts,
            phrases=len(mine),
            kinds=dict(Counter(row.kind or usual for row in mine if row.kind or usual)),
            safety=sum(bool(row.safety) for row in mine),
            conduct=sum(bool(row.conduct) for row in mine),
            marked=sum(bool(row.entities) for row in mine),
            variety=checks.variety([row.text for row in mine]),
            problems=dict(wrong.get(name, {})),
        )

    return Survey(
        revision=number,
        services=[counted(name, *where) for name, where in sorted(services.items())],
        acts=[counted(name, *where) for name, where in sorted(acts.items())],
        problems=problems,
        safety=dict(Counter(row.safety for row in rows if row.safety)),
        conduct=dict(Counter(row.conduct for row in rows if row.conduct)),
        phrases=len(rows),
    )


@dataclass(frozen=True, slots=True)
class Live:
    """How a service does with citizens: messages read as it, and those that a person put elsewhere."""

    reads: int = 0
    wrong: int = 0

    @property
    def precision(self) -> float | None:
        """None until somebody wrote of it."""
        return round(1 - min(self.wrong, self.reads) / self.reads, 3) if self.reads else None


async def live(session: AsyncSession) -> dict[str, Live]:
    """By service, of the last 90 days."""
    since = datetime.now(UTC) - SINCE
    reads = await session.execute(
        select(Message.service, func.count())
        .where(Message.created_at > since, Message.author == "citizen", Message.service.is_not(None))
        .group_by(Message.service)
    )
    wrong = await session.execute(
        select(Misread.service, func.count())
        .where(
            Misread.created_at > since,
            Misread.service != "",
            Misread.wanted != "",
            Misread.wanted != Misread.service,
        )
        .group_by(Misread.service)
    )
    corrected = {name: int(count) for name, count in wrong}
    return {name: Live(int(count), corrected.get(name, 0)) for name, count in reads if name}


@dataclass(frozen=True, slots=True)
class Confusion:
    """`expected` was read as `read`. `source`: live (people corrected it) · test (the held-out phrases)."""

    expected: str
    read: str
    count: int
    source: str


async def confusions(session: AsyncSession, name: str) -> list[Confusion]:
    """With whom a service is confused, most first."""
    since = datetime.now(UTC) - SINCE
    count = func.count()
    rows = await session.execute(
        select(Misread.wanted, Misread.service, count)
        .where(
            Misread.created_at > since,
            Misread.wanted != "",
            Misread.service != "",
            Misread.wanted != Misread.service,
            (Misread.wanted == name) | (Misread.service == name),
        )
        .group_by(Misread.wanted, Misread.service)
        .order_by(count.desc())
        .limit(20)
    )
    found = [Confusion(wanted, read, int(times), "live") for wanted, read, times in rows]
    return [*found, *await _judged(session, name)]


async def _judged(session: AsyncSession, name: str) -> list[Confusion]:
    """From the newest judgement of the model in service, else of any: pairs of its service section."""
    served = (await models.in_service(session)).live
    query = select(Judgement.report).order_by(Judgement.id.desc()).limit(1)
    report = None
    if served is not None:
        report = await session.scalar(query.where(Judgement.model_id == served.id))
    report = report or await session.scalar(query)
    pairs = pairs_of(report or {})
    mine = [Confusion(e, p, n, "test") for (e, p), n in pairs.items() if e != p and name in (e, p)]
    return sorted(mine, key=lambda one: -one.count)[:20]


def pairs_of(report: dict[str, Any]) -> Counter[tuple[str, str]]:
    """(expected, read) of the judged model; empty for a report that keeps no pairs."""
    kept_pairs = report.get("confusions")
    rows = kept_pairs.get("new") if isinstance(kept_pairs, dict) else None
    return Counter({(str(expected), str(read)): int(count) for expected, read, count in rows or ()})
