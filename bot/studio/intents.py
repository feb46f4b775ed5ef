"""What a phrase can be taught as: the services and acts of the running catalogue, and those made since."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.services import Catalogue
from bot.store.teaching import PhraseRow
from bot.studio import data, phrase_file, tree


@dataclass(frozen=True, slots=True)
class Intent:
    id: str
    title: str
    title_en: str
    axis: Literal["service", "act"]
    kind: str  # the usual one
    fresh: bool  # made since the app started: nobody is served by it yet


async def known(session: AsyncSession, catalogue: Catalogue) -> list[Intent]:
    """Services first."""
    found = [Intent(s.id, s.title, s.title_en, "service", s.kind, False) for s in catalogue.services.values()]
    found += [Intent(act.id, act.title, act.title_en, "act", "", False) for act in catalogue.acts.values()]
    there = {intent.id for intent in found}
    await data.revision(session)  # an empty database is seeded first
    rows = await session.execute(select(PhraseRow.intent, PhraseRow.path).distinct())
    fresh = {(intent, path) for intent, path in rows if intent not in there and path.startswith("services/")}
    return [*[await _made(session, intent, path) for intent, path in sorted(fresh)], *found]


async def _made(session: AsyncSession, intent: str, path: str) -> Intent:
    blocks = phrase_file.read(path, await tree.content(session, path) or "")
    facts = next((block.metadata for block in blocks if block.metadata.get("title")), {})
    title = str(facts.get("title") or intent)
    return Intent(
        intent, title, str(facts.get("title_en") or title), "service", str(facts.get("kind") or ""), True
    )
