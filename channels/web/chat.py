"""What socket and long polling have in common: who is chatting, taking a message, following the conversation.

Everything durable is the house's; nothing here survives a restart, and nothing needs to.
"""

from __future__ import annotations

import asyncio
import json
import secrets
from collections import OrderedDict
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Literal

from channels.base import (
    Address,
    AttachmentId,
    ChannelName,
    Inbound,
    Intake,
    JsonObject,
    Line,
    Location,
    Media,
    MediaKind,
    Presence,
    ProviderId,
    Report,
)
from channels.web import frames
from channels.web.buckets import Buckets, Rate

WEB = ChannelName("web")
_FILE = ChannelName("web/file")  # tokens that stand for an uploaded file, never for a chat
_PAGE = 200  # what Intake.lines gives at most


@dataclass(frozen=True, slots=True)
class WebOptions:
    """`public_url` is ours; `allowed_origins` are the sites that embed the widget."""

    public_url: str
    allowed_origins: tuple[str, ...] = ()
    trusted_proxies: int = 0
    token_seconds: int = 14 * 24 * 3600  # renewed whenever the citizen comes back
    max_upload: int = 10 * 1024 * 1024
    max_frame: int = 64 * 1024
    heartbeat: float = 20
    send_queue: int = 64  # frames waiting for a slow reader …
    send_patience: float = 10  # … and the seconds we wait for it
    hello_seconds: float = 10
    poll_seconds: float = 25
    reread_seconds: float = 300  # looks by itself, should a wake-up ever get lost
    away: tuple[type[Exception], ...] = (OSError,)  # what the house raises when it cannot serve just now
    messages: Rate = field(default=Rate(12, 0.5))  # per chat
    frames: Rate = field(default=Rate(60, 10))  # per chat, all kinds
    address: Rate = field(default=Rate(240, 20))  # per internet address: a whole office may share one
    uploads: Rate = field(default=Rate(9, 0.1))  # per chat


@dataclass(frozen=True, slots=True)
class Guest:
    """Who is at the other end. A token from an SMS link may carry another channel's conversation."""

    channel: ChannelName
    address: Address
    language: Literal["zh", "en"] = "zh"
    resumed: bool = False

    @property
    def key(self) -> str:
        return f"{self.channel}:{self.address}"


class Seen:
    """How far each page has read. A page may be quicker than the courier that marks a line as sent."""

    def __init__(self, size: int = 20_000) -> None:
        self._size = size
        self._until: OrderedDict[Address, int] = OrderedDict()

    def note(self, address: Address, seq: int) -> None:
        self._until[address] = max(seq, self._until.pop(address, 0))
        if len(self._until) > self._size:
            self._until.popitem(last=False)

    def has(self, address: Address, seq: int) -> bool:
        return 0 < seq <= self._until.get(address, 0)


class Chat:
    """One per app; socket, poll and files share it."""

    def __init__(self, intake: Intake, options: WebOptions, seen: Seen | None = None) -> None:
        self.intake, self.options = intake, options
        self._seen = seen or Seen()
        self._messages, self._frames = Buckets(options.messages), Buckets(options.frames)
        self._uploads, self._addresses = Buckets(options.uploads), Buckets(options.address)
        self._typing = Buckets(Rate(1, 0.5))

    # who

    def guest(self, token: str | None, language: Literal["zh", "en"] | None = None) -> Guest | None:
        found = self.intake.sender_of(token, self.options.token_seconds) if token else None
        if found is None or found[0] == _FILE:
            return None
        return Guest(found[0], found[1], language or "zh", resumed=True)

    def open(self, hello: frames.Hello) -> Guest:
        """The chat that the token stands for, otherwise a new one. Ids are never invented by a page."""
        fresh = Guest(WEB, Address(secrets.token_urlsafe(18)), hello.language or "zh")
        return self.guest(hello.token, hello.language) or fresh

    def welcome(self, guest: Guest, last_seq: int) -> JsonObject:
        token = self.intake.token(guest.channel, guest.address)
        return frames.welcome(token, last_seq if guest.resumed else 0, guest.language, guest.resumed)

    async def greet(self, guest: Guest) -> None:
        """A new chat says so to the house, which then greets."""
        if not guest.resumed:
            await self.intake.accept(self._inbound(guest, ProviderId(f"open:{guest.address}"), event="open"))

    # how much

    def from_address(self, ip: str, cost: float = 1) -> float:
        return self._addresses.take(ip, cost)

    def frame_wait(self, guest: Guest) -> float:
        return self._frames.take(guest.key)

    def upload_wait(self, guest: Guest) -> float:
        return self._uploads.take(guest.key)

    # in

    async def take(self, guest: Guest, frame: frames.Frame) -> JsonObject | None:
        """Act on one frame of a citizen; the answer, if it needs one."""
        match frame:
            case frames.Message():
                return await self._message(guest, frame)
            case frames.Typing():
                if not self._typing.take(guest.key):
                    await self.intake.typing(guest.channel, guest.address)
                return None
            case frames.Ack():
                await self.shown(guest, [frame.seq])
                return None
            case frames.Ping():
                return {"type": "pong"}
            case frames.Hello():
                return frames.error("unexpected", field="type", message="hello comes once, first")

    async def shown(self, guest: Guest, seqs: Sequence[int]) -> None:
        """The page has shown these lines. A talk that came from an SMS has its own delivery reports."""
        if guest.channel != WEB or not seqs:
            return
        self._seen.note(guest.address, max(seqs))
        # Side by side: each waits a moment for a line that is not marked as sent yet, or never was one.
        reports = (Report(WEB, reference(guest.address, seq), ok=True) for seq in seqs)
        await asyncio.gather(*map(self.intake.report, reports))

    async def _message(self, guest: Guest, frame: frames.Message) -> JsonObject:
        id = str(frame.id)
        if wait := self._messages.take(guest.key):
            return frames.slow_down(wait, id)
        media = [self._opened(guest, ref) for ref in frame.attachments]
        if None in media:
            return frames.rejected(id, "unknown_attachment", field="attachments")
        place = frame.location
        inbound = self._inbound(
            guest,
            ProviderId(id),
            text=frame.text.strip(),
            payload=frame.choice or "",
            media=tuple(item for item in media if item),
            location=Location(place.latitude, place.longitude, place.label) if place else None,
        )
        await self.intake.accept(inbound)
        return frames.accepted(id)

    def _inbound(
        self,
        guest: Guest,
        id: ProviderId,
        *,
        text: str = "",
        payload: str = "",
        media: tuple[Media, ...] = (),
        location: Location | None = None,
        event: Literal["open"] | None = None,
    ) -> Inbound:
        return Inbound(
            channel=guest.channel,
            provider_id=id,
            sender=guest.address,
            sent_at=datetime.now(UTC),
            text=text,
            payload=payload,
            media=media,
            location=location,
            event=event,
            language=guest.language,
            account="web",
        )

    # files

    def sealed(self, guest: Guest, media: Media) -> str:
        """What a page sends back to attach an upload: signed, so that nobody attaches another's file."""
        body = json.dumps([guest.key, media.attachment, media.kind, media.mime, media.name])
        return self.intake.token(_FILE, Address(body))

    def _opened(self, guest: Guest, ref: str) -> Media | None:
        found = self.intake.sender_of(ref, self.options.token_seconds)
        if found is None or found[0] != _FILE:
            return None
        owner, attachment, kind, mime, name = json.loads(found[1])
        return Media(kind, AttachmentId(attachment), mime=mime, name=name) if owner == guest.key else None

    async def keep(self, guest: Guest, data: bytes, kind: MediaKind, name: str) -> Media | None:
        attachment = await self.intake.keep(guest.address, data, kind, name)
        stored = await self.intake.stored(attachment)
        return Media(kind, attachment, mime=stored.mime, name=name) if stored else None

    async def owns(self, guest: Guest, attachment: AttachmentId) -> bool:
        """Whether the file is part of this citizen's own conversation."""
        async for page in self._pages(guest, 0):
            if any(media.attachment == attachment for entry in page for media in entry.media):
                return True
        return False

    # out

    async def _pages(self, guest: Guest, after: int) -> AsyncIterator[list[Line]]:
        while page := list(await self.intake.lines(guest.channel, guest.address, after)):
            yield page
            if len(page) < _PAGE:
                return
            after = page[-1].seq

    async def follow(
        self,
        guest: Guest,
        after: int,
        known: Presence = Presence(),  # noqa: B008  # frozen
    ) -> AsyncGenerator[list[JsonObject]]:
        """Frames of what is new, in batches, for as long as the house lets us watch."""
        bell = _Bell()
        listener = asyncio.create_task(bell.listen(self.intake.watch(guest.channel, guest.address)))
        await asyncio.sleep(0)  # watch first, then read: what comes between is seen twice, never missed
        try:
            while True:
                async for page in self._pages(guest, after):
                    after = page[-1].seq
                    yield [frames.line(entry) for entry in page]
                now, bell.presence = bell.presence, None
                if now is not None and (now != known or now.typing):  # who goes on typing says so again
                    known = now
                    yield [frames.presence(now)]
                if listener.done():
                    listener.result()  # raises what ended it
                    return
                await bell.wait(self.options.reread_seconds)
        finally:
            listener.cancel()


class _Bell:
    """Joins many wake-ups into one, so that a busy conversation is read once per round."""

    def __init__(self) -> None:
        self.presence: Presence | None = None
        self._rung = asyncio.Event()

    async def listen(self, news: AsyncIterator[Presence | None]) -> None:
        try:
            async for item in news:
                self.presence = self.presence if item is None else item
                self._rung.set()
        finally:
            self._rung.set()

    async def wait(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self._rung.wait()
        except TimeoutError:
            pass
        self._rung.clear()


def reference(address: Address, seq: int) -> str:
    """`Sent.ref` and the `ref` of the report that follows when the page acknowledges the line."""
    return f"{address}:{seq}"
