"""From a stored push to what the dialogue hears, and to the citizen's line in the conversation."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot import codec, outbox
from bot.dialogue.meaning import clear
from bot.dialogue.policy import Policy
from bot.dialogue.types import Heard, Understanding
from bot.masking import mask
from bot.seats import duty, handover
from bot.store import transcript
from bot.store.conversations import Attachment, Conversation, Inbox, Message
from bot.store.session import notify
from bot.understanding import PRESENT
from bot.world import World
from channels.base import AttachmentId, Inbound

AGAIN = "next"  # account of a push that we made ourselves: a queued request, taken up again
Files = tuple[tuple[str, AttachmentId], ...]  # (kind, id)


async def files(session: AsyncSession, row: Inbox, inbound: Inbound) -> Files:
    """The message's files. One still at the provider gets a pending row, which the sweeper fetches."""
    found = {
        a.ref: AttachmentId(str(a.id))
        for a in await session.scalars(select(Attachment).where(Attachment.inbox_id == row.id))
    }
    out: list[tuple[str, AttachmentId]] = []
    for media in inbound.media:
        if media.attachment:
            out.append((media.kind, media.attachment))
            continue
        if media.ref not in found:
            pending = Attachment(
                conversation_id=row.conversation_id,
                inbox_id=row.id,
                kind=media.kind,
                mime=media.mime,
                name=media.name[:200],
                status="pending",
                ref=media.ref,
            )
            session.add(pending)
            await session.flush()
            await notify(session, "attachments")
            found[media.ref] = AttachmentId(str(pending.id))
        out.append((media.kind, found[media.ref]))
    return tuple(out)


async def record(
    session: AsyncSession,
    conversation: Conversation,
    row: Inbox,
    inbound: Inbound,
    media: Files,
    heard: Understanding | None,
    policy: Policy,
) -> None:
    """The citizen's line, once. What the model understands later is added to it."""
    understood = _understood(inbound, heard, policy)
    line = await session.scalar(
        select(Message).where(Message.inbox_id == row.id, Message.author == "citizen")
    )
    if line is not None:
        for name, value in understood.items():
            setattr(line, name, value)
        return
    if inbound.account == AGAIN or not (inbound.text or media or inbound.location):
        return  # following us or opening the chat is no line of the conversation
    extra: dict[str, Any] = {}
    if media:
        extra["media"] = [{"kind": kind, "attachment": attachment} for kind, attachment in media]
    if inbound.location:
        extra["location"] = codec.dump(inbound.location)
    await transcript.append(
        session,
        conversation,
        "citizen",
        inbound.text,
        extra=extra or None,
        inbox_id=row.id,
        client_id=_client_id(inbound),
        **understood,
    )


async def heard(
    session: AsyncSession,
    world: World,
    conversation: Conversation,
    row: Inbox,
    inbound: Inbound,
    media: Files,
    understanding: Understanding | None,
) -> Heard:
    now = datetime.now(UTC)
    failed = understanding is not None and understanding.failure is not None
    location = inbound.location
    channel = world.channels.get(conversation.channel)
    staffed = await handover.staffed(session)
    opens = None if staffed else await duty.opens(session, world.city, now)
    return Heard(
        now=now,
        text=inbound.text,
        payload=inbound.payload,
        event=inbound.event,
        attachments=tuple(attachment for _, attachment in media),
        location=(location.latitude, location.longitude) if location else None,
        location_label=location.label if location else "",
        voice_unread=not inbound.text and any(m.kind == "voice" for m in inbound.media),
        understanding=understanding,
        language=inbound.language,
        known_phone=conversation.address if conversation.channel.startswith("sms/") else "",
        brief=bool(channel and not channel.limits.free_text) and not outbox.on_the_web(conversation),
        staffed=staffed,
        opens=world.city.when(opens, inbound.language or conversation.language) if opens else "",
        queued=inbound.account == AGAIN,
        first=conversation.state is None and conversation.seq <= 1,
        waited_long=failed and now - row.received_at > timedelta(seconds=world.settings.nlu_patience),
    )


def _understood(inbound: Inbound, heard: Understanding | None, policy: Policy) -> dict[str, Any]:
    if heard is None or heard.failure is not None:
        return {}
    best = heard.service if heard.service and heard.service.confidence >= PRESENT else None
    return {
        "understanding": codec.dump(heard),
        "service": best.name if best else None,
        "confidence": best.confidence if best else None,
        "model": heard.model,
        "act": heard.act.name if heard.act else None,
        "understood": clear(heard, policy),
        "masked": mask(inbound.text, heard.entities),
    }


def _client_id(inbound: Inbound) -> str:
    """The id that the citizen's own device gave the message, so that it knows its line again."""
    return str(inbound.provider_id).rpartition(":")[2] if inbound.account == "web" else ""
