"""A candidate beside the model in service: what is needed for it, what came out, and which gates opened."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from bot.safety import Cries, SafetyNet
from bot.store.models import HeldOut, Judgement, ModelVersion
from bot.store.teaching import Misread
from bot.studio import files, gates
from bot.studio.rehearsal.stage import Missed

RECENT = timedelta(days=30)
MOST_RECENT = 3000  # validated messages that are read


async def validated(session: AsyncSession) -> str:
    """What people confirmed or corrected lately, a JSON object a line."""
    rows = await session.execute(
        select(Misread.words, Misread.wanted, Misread.kind)
        .where(Misread.wanted != "", Misread.updated_at > datetime.now(UTC) - RECENT)
        .order_by(Misread.id.desc())
        .limit(MOST_RECENT)
    )
    lines = [{"text": text, "service": service, "kind": kind} for text, service, kind in rows]
    return "".join(json.dumps(one, ensure_ascii=False) + "\n" for one in lines)


async def freeze(session: AsyncSession, data: Path) -> str:
    """Keep a copy of the held-out phrases by their hash, so that a figure can always be traced."""
    packed = await asyncio.to_thread(files.packed, data / "tests")
    key = hashlib.sha256(packed).hexdigest()
    await session.execute(insert(HeldOut).values(sha256=key, data=packed).on_conflict_do_nothing())
    return key


def join_rules(report: dict[str, Any], net: SafetyNet) -> None:
    """What citizens get is model and rules together: add that recall to every class of danger."""
    hits: dict[str, list[tuple[bool, bool | None]]] = {}
    for line in report.pop("dangers"):
        cries = net.cries(line["text"])
        for name in line["safety"]:
            old = None if line["old"] is None else _heard(cries, line["old"])
            hits.setdefault(name, []).append((_heard(cries, line["new"]), old))
    for line in report["safety"]:
        found = hits[line["label"]]
        line["new"].append(sum(new for new, _ in found) / len(found))
        if line["old"] is not None:
            line["old"].append(sum(bool(old) for _, old in found) / len(found))


def _heard(cries: Cries, seen: dict[str, bool]) -> bool:
    return bool(cries.sure or seen["alarm"] or (cries.raised and seen["glimpse"]))


def rehearsed(new: Missed, old: Missed | None) -> dict[str, Any]:
    """The transcripts' part of a report: counts, and every conversation that went another way."""
    names = [name for name in new if new[name] or (old and old.get(name))]
    return {
        "count": len(new),
        "new": sum(not misses for misses in new.values()),
        "old": None if old is None else sum(not misses for misses in old.values()),
        "changes": [
            {"name": name, "new": new[name][:3], "old": old.get(name, [])[:3] if old is not None else []}
            for name in names
        ],
    }


async def keep(
    session: AsyncSession,
    version: ModelVersion,
    against: ModelVersion | None,
    test_set: str,
    report: Mapping[str, Any],
) -> Judgement:
    """The judgement with its gates as they are set now."""
    found = gates.weigh(report, await gates.setting(session), exact=version.exact)
    row = Judgement(
        model_id=version.id,
        against_id=against.id if against else None,
        test_set=test_set,
        report=dict(report),
        gates={"gates": [gate.plain() for gate in found]},
        passed=gates.passed(found),
    )
    session.add(row)
    await session.flush()
    return row


async def latest(session: AsyncSession, model_id: int, against: int | None = None) -> Judgement | None:
    query = select(Judgement).where(Judgement.model_id == model_id)
    if against is not None:
        query = query.where(Judgement.against_id == against)
    found: Judgement | None = await session.scalar(query.order_by(Judgement.id.desc()).limit(1))
    return found
