"""What may still be sent to a citizen, for the person who writes to them."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from bot import outbox
from bot.console.shapes import Answer
from bot.store.conversations import Conversation
from bot.world import World


class SendingView(Answer):
    """`quota`: messages left until the citizen writes again (null: no limit); `until`: when the provider's
    window closes. Without `free_text` words leave as an approved template with a link to the web chat."""

    connected: bool
    free_text: bool
    on_the_web: bool
    opted_out: bool
    per_inbound: int
    quota: int | None
    until: datetime | None


async def state(session: AsyncSession, world: World, row: Conversation) -> SendingView:
    channel = world.channels.get(row.channel)
    hours = channel.limits.window_hours if channel else 0
    return SendingView(
        connected=channel is not None,
        free_text=channel is None or channel.limits.free_text,
        on_the_web=outbox.on_the_web(row),
        opted_out=row.opted_out,
        per_inbound=channel.limits.per_inbound if channel else 0,
        quota=await outbox.quota_left(session, world, row),
        until=row.last_inbound_at + timedelta(hours=hours) if hours and row.last_inbound_at else None,
    )
