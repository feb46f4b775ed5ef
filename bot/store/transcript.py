"""The conversation as both sides see it: lines with a rising `seq`, and the queueing of what goes out.

All functions work inside the caller's transaction, on a conversation that the caller has locked.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot import codec
from bot.errors import NotFound
from bot.masking import mask
from bot.store.conversations import Conversation, Message, Outbox
from bot.store.session import notify
from channels.base import Address, AttachmentId, Choice, Outbound, OutboxId, Template

Author = Literal["citizen", "bot", "operator", "system"]


async def lock(session: AsyncSession, conversation_id: int) -> Conversation:
    """The conversation, locked until the transaction ends. Raises NotFound."""
    conversation = await session.get(
        Conversation, conversation_id, with_for_update={"key_share": True}, populate_existing=True
    )
    if conversation is None:
        raise NotFound("没有这个会话 · no such conversation")
    return conversation


async def append(
    session: AsyncSession,
    conversation: Conversation,
    author: Author,
    text: str,
    *,
    extra: dict[str, Any] | None = None,
    **columns: Any,
) -> Message:
    """Add one line and tell the watchers. `columns` are further columns of Message."""
    conversation.seq += 1
    message = Message(
        conversation_id=conversation.id,
        seq=conversation.seq,
        author=author,
        body=text,
        masked=columns.pop("masked", None) or mask(text),
        extra=extra,
        **columns,
    )
    session.add(message)
    await session.flush()
    await notify(session, f"conversation:{conversation.id}", seq=conversation.seq)
    return message


async def say(
    session: AsyncSession,
    conversation: Conversation,
    text: str,
    *,
    author: Author = "bot",
    choices: Sequence[Choice] = (),
    template: Template | None = None,
    attachment: AttachmentId | None = None,
    inbox_id: int | None = None,
    **columns: Any,
) -> Message:
    """Add a line of ours and queue it for delivery, whole: `outbox.pack` cuts it when it leaves."""
    extra: dict[str, Any] = columns.pop("extra", None) or {}
    if choices:
        extra["choices"] = [codec.dump(choice) for choice in choices]
    if attachment:
        extra["media"] = [{"kind": "image", "attachment": attachment}]
    message = await append(
        session, conversation, author, text, extra=extra or None, inbox_id=inbox_id, **columns
    )
    out = Outbound(
        id=OutboxId(0),
        to=Address(conversation.address),
        text=text,
        choices=tuple(choices),
        template=template,
        attachment=attachment,
        author="operator" if author == "operator" else "bot" if author == "bot" else "system",
        account=conversation.account,
        seq=message.seq,
    )
    session.add(
        Outbox(
            conversation_id=conversation.id,
            message_id=message.id,
            inbox_id=inbox_id,
            channel=conversation.channel,
            content=codec.dump(out),
            status="cancelled" if conversation.opted_out else "queued",
        )
    )
    await notify(session, "outbox", conversation=conversation.id)
    return message


async def by_address(session: AsyncSession, channel: str, index: bytes) -> Conversation | None:
    found: Conversation | None = await session.scalar(
        select(Conversation).where(Conversation.channel == channel, Conversation.address_index == index)
    )
    return found
