"""The house in memory, as a channel sees it: obeys `channels.base.Intake`, stores once, answers by a rule."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence

from channels.base import (
    Address,
    AttachmentId,
    ChannelName,
    Inbound,
    Line,
    MediaKind,
    Outbound,
    OutboxId,
    Presence,
    ProviderId,
    Report,
    Stored,
)

Rule = Callable[[Inbound], Outbound | None]


class StoreDown(Exception):
    """The database cannot be reached."""


class FakeIntake:
    """`rule` is the bot; a turn takes `turn_seconds`. What was not answered in time is in `outbox`."""

    def __init__(self, rule: Rule = lambda inbound: None, turn_seconds: float = 0) -> None:
        self.rule, self.turn_seconds = rule, turn_seconds
        self.turns: list[Inbound] = []
        self.accepted = 0
        self.reports: list[Report] = []
        self.outbox: list[Outbound] = []
        self.files: dict[AttachmentId, Stored] = {}
        self.down = False
        self._turns: dict[tuple[ChannelName, ProviderId], asyncio.Task[Outbound | None]] = {}

    async def accept(self, inbound: Inbound, patience: float = 0) -> Sequence[Outbound]:
        if self.down:
            raise StoreDown
        self.accepted += 1
        key = (inbound.channel, inbound.provider_id)
        if key not in self._turns:
            self._turns[key] = asyncio.get_running_loop().create_task(self._turn(inbound))
        turn = self._turns[key]
        if patience <= 0:
            turn.add_done_callback(self._send_later)
            return []
        done, _ = await asyncio.wait([turn], timeout=patience)
        if not done:
            turn.add_done_callback(self._send_later)
            return []
        reply = turn.result()
        return [reply] if reply else []

    async def _turn(self, inbound: Inbound) -> Outbound | None:
        await asyncio.sleep(self.turn_seconds)
        self.turns.append(inbound)
        return self.rule(inbound)

    def _send_later(self, turn: asyncio.Task[Outbound | None]) -> None:
        if not turn.cancelled() and (reply := turn.result()):
            self.outbox.append(reply)

    async def report(self, report: Report) -> None:
        if self.down:
            raise StoreDown
        self.reports.append(report)

    async def keep(self, sender: Address, data: bytes, kind: MediaKind, name: str = "") -> AttachmentId:
        made = AttachmentId(f"file-{len(self.files)}")
        self.files[made] = Stored(made, "application/octet-stream", len(data), data)
        return made

    async def stored(self, attachment: AttachmentId) -> Stored | None:
        return self.files.get(attachment)

    async def lines(self, channel: ChannelName, sender: Address, after: int) -> Sequence[Line]:
        return []

    async def watch(self, channel: ChannelName, sender: Address) -> AsyncIterator[Presence | None]:
        yield None

    async def typing(self, channel: ChannelName, sender: Address) -> None:
        return None

    def token(self, channel: ChannelName, sender: Address) -> str:
        return f"{channel}:{sender}"

    def sender_of(self, token: str, max_age: int) -> tuple[ChannelName, Address] | None:
        channel, _, sender = token.partition(":")
        return (ChannelName(channel), Address(sender)) if sender else None


def echo(inbound: Inbound) -> Outbound:
    """A bot that repeats what it heard."""
    return saying(inbound.sender, f"听到：{inbound.text or inbound.payload or inbound.event}")


def saying(to: str, text: str, **more: object) -> Outbound:
    return Outbound(OutboxId(7), Address(to), text, **more)  # type: ignore[arg-type]  # checked by the dataclass
