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
    from bot.studio.grouping import Grouper
    from bot.understanding import Understander


@dataclass(slots=True, eq=False)
class Guide:
    """What the house knows of its city. Each part is exchanged whole while messages are handled, so whoever
    needs two things that belong together takes the catalogue once."""

    catalogue: Catalogue
    knowledge: Knowledge
    net: SafetyNet


@dataclass(frozen=True, slots=True, eq=False)
class World:
    settings: Settings
    engine: AsyncEngine
    session: async_sessionmaker[AsyncSession]
    sealer: Sealer
    news: News
    guide: Guide
    policy: Policy
    understander: Understander
    attachments: Attachments
    grouper: Grouper
    channels: Mapping[str, Channel] = field(default_factory=dict)

    @property
    def catalogue(self) -> Catalogue:
        """As the model in service knows it."""
        return self.guide.catalogue

    @property
    def net(self) -> SafetyNet:
        """The rules for danger that the model in service was judged with."""
        return self.guide.net

    @property
    def city(self) -> City:
        return self.guide.catalogue.city

    @property
    def knowledge(self) -> Knowledge:
        return self.guide.knowledge


WORLD: web.AppKey[World] = web.AppKey("world", World)
