"""The world: what every part of the house is given. Made once by `bot.app`, passed on by hand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker

from bot.config import Settings
from bot.store.sealing import Sealer
from bot.store.session import News
from channels.base import Channel

if TYPE_CHECKING:
    from bot.attachments import Attachments
    from bot.city import City
    from bot.dialogue import Policy
    from bot.knowledge import Knowledge
    from bot.safety import SafetyNet
    from bot.services import Catalogue
    from bot.understanding import Understander


@dataclass(frozen=True, slots=True, eq=False)
class World:
    settings: Settings
    engine: AsyncEngine
    session: async_sessionmaker[AsyncSession]
    sealer: Sealer
    news: News
    catalogue: Catalogue
    city: City
    net: SafetyNet
    policy: Policy
    understander: Understander
    knowledge: Knowledge
    attachments: Attachments
    channels: Mapping[str, Channel] = field(default_factory=dict)


WORLD: web.AppKey[World] = web.AppKey("world", World)
