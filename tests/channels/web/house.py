"""An Intake that keeps everything in memory: what the channel's tests, and the widget's, talk to.

It keeps the promises of the real one: stored once per id, lines in order, watchers woken,
files told by their magic bytes.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import time
import uuid
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import AsyncGenerator, Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

import filetype

from channels.base import (
    Address,
    AttachmentId,
    BadPush,
    ChannelName,
    Choice,
    Inbound,
    Line,
    MediaKind,
    Outbound,
    Presence,
    ProviderId,
    Report,
    Stored,
)

Key = tuple[ChannelName, Address]


class Away(Exception):
    """The database has no connection to spare."""


@dataclass
class Talk:
    """One conversation."""

    lines: list[Line] = field(default_factory=list)
    presence: Presence = field(default_factory=Presence)
    watchers: set[asyncio.Queue[Presence | None]] = field(default_factory=set)


Answer = Callable[["House", Inbound], None]


def echo(house: House, inbound: Inbound) -> None:
    if inbound.event == "open":
        house.say(inbound.sender, "您好，我是12345智能助手。", channel=inbound.channel)
    elif inbound.text:
        house.say(inbound.sender, f"收到：{inbound.text}", channel=inbound.channel)


class House:
    """`answer` is what the bot does with a new message."""

    def __init__(self, answer: Answer = echo) -> None:
        self.answer = answer
        self.talks: dict[Key, Talk] = {}
        self.accepted: dict[tuple[ChannelName, ProviderId], Inbound] = {}
        self.pushes = 0
        self.away = False
        self.reports: list[Report] = []
        self.files: dict[AttachmentId, Stored] = {}
        self.typed: list[Address] = []

    def talk(self, channel: ChannelName, sender: Address) -> Talk:
        return self.talks.setdefault((channel, sender), Talk())

    @property
    def newest(self) -> Address:
        return list(self.talks)[-1][1]

    def say(
        self,
        to: Address,
        text: str,
        *,
        author: str = "bot",
        choices: Sequence[tuple[str, str]] = (),
        name: str = "",
        notice: str = "",
        channel: ChannelName = ChannelName("web"),  # noqa: B008
    ) -> None:
        talk = self.talk(channel, to)
        talk.lines.append(
            Line(
                seq=len(talk.lines) + 1,
                author=author,  # type: ignore[arg-type]  # literals in tests
                text=text,
                at=datetime.now(UTC),
                choices=tuple(Choice(label, payload) for label, payload in choices),
                name=name,
                notice=notice,
            )
        )
        self._wake(talk, None)

    def show(self, to: Address, presence: Presence, channel: ChannelName = ChannelName("web")) -> None:  # noqa: B008
        talk = self.talk(channel, to)
        talk.presence = presence
        self._wake(talk, presence)

    def _wake(self, talk: Talk, news: Presence | None) -> None:
        for watcher in talk.watchers:
            watcher.put_nowait(news)

    # Intake

    async def accept(self, inbound: Inbound, patience: float = 0) -> Sequence[Outbound]:
        if self.away:
            raise Away
        self.pushes += 1
        if (inbound.channel, inbound.provider_id) in self.accepted:
            return ()
        self.accepted[inbound.channel, inbound.provider_id] = inbound
        talk = self.talk(inbound.channel, inbound.sender)
        if inbound.event is None:
            line = Line(
                len(talk.lines) + 1, "citizen", inbound.text, inbound.sent_at, str(inbound.provider_id)
            )
            talk.lines.append(replace(line, media=inbound.media))
            self._wake(talk, None)
        self.answer(self, inbound)
        return ()

    async def report(self, report: Report) -> None:
        self.reports.append(report)

    async def keep(self, sender: Address, data: bytes, kind: MediaKind, name: str = "") -> AttachmentId:
        found = filetype.guess(data)
        if found is None or found.mime not in ("image/png", "image/jpeg", "image/webp", "application/pdf"):
            raise BadPush("file: this type is not accepted", 415)
        id = AttachmentId(str(uuid.uuid4()))
        self.files[id] = Stored(id, found.mime, len(data), data)
        return id

    async def stored(self, attachment: AttachmentId) -> Stored | None:
        return self.files.get(attachment)

    async def lines(self, channel: ChannelName, sender: Address, after: int) -> Sequence[Line]:
        return [line for line in self.talk(channel, sender).lines if line.seq > after][:200]

    async def watch(self, channel: ChannelName, sender: Address) -> AsyncGenerator[Presence | None]:
        talk = self.talk(channel, sender)
        news: asyncio.Queue[Presence | None] = asyncio.Queue()
        talk.watchers.add(news)
        if talk.presence != Presence():
            news.put_nowait(talk.presence)
        try:
            while True:
                yield await news.get()
        finally:
            talk.watchers.discard(news)

    async def typing(self, channel: ChannelName, sender: Address) -> None:
        self.typed.append(sender)

    def token(self, channel: ChannelName, sender: Address) -> str:
        body = urlsafe_b64encode(json.dumps([channel, sender, time.time()]).encode())
        return f"{body.decode()}.{_seal(body)}"

    def sender_of(self, token: str, max_age: int) -> tuple[ChannelName, Address] | None:
        body, _, seal = token.encode("utf-8", "replace").partition(b".")
        if not hmac.compare_digest(seal, _seal(body).encode()):
            return None
        channel, sender, made = json.loads(urlsafe_b64decode(body))
        if time.time() - made > max_age:
            return None
        return ChannelName(channel), Address(sender)


def _seal(body: bytes) -> str:
    return hmac.new(b"a secret of tests", body, hashlib.sha256).hexdigest()
