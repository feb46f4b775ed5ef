"""What a channel is: routes through which a provider reaches us, and `send` by which we reach the citizen.

A channel verifies and translates. It knows nothing of conversations, tickets or the database: what it needs
from the house comes through `Intake`. Past this border there are only frozen, typed values.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, NewType, Protocol, runtime_checkable

from aiohttp import web

ChannelName = NewType("ChannelName", str)  # "wechat", "sms/aliyun", "web" …
ProviderId = NewType("ProviderId", str)  # what makes a push unique within its channel
Address = NewType("Address", str)  # who it is, in the channel's words: openid, E.164 number, chat id
AttachmentId = NewType("AttachmentId", str)  # UUID of a file in the attachment store
OutboxId = NewType("OutboxId", int)

MediaKind = Literal["image", "voice", "video", "file"]
EventKind = Literal["subscribe", "unsubscribe", "menu", "scan", "open", "opt_out", "opt_in"]


class ChannelError(Exception):
    """
    ChannelError
    ├── BadPush          the provider (or somebody posing as it) sent what we cannot accept → 400/403
    └── DeliveryError    a message could not be handed over
        ├── TryLater     may work later: time-out, 5xx, rate limit, token just expired
        └── Refused      will not work by repeating: window closed, blocked, bad address
    """


class BadPush(ChannelError):
    """Names the field and the provider; `status` is the HTTP answer (400, 403, 413)."""

    def __init__(self, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.status = status


class DeliveryError(ChannelError):
    """`code` is the provider's own error code, for operators and metrics."""

    def __init__(self, message: str, code: str = "") -> None:
        super().__init__(message)
        self.code = code


class TryLater(DeliveryError):
    def __init__(self, message: str, code: str = "", after: float | None = None) -> None:
        super().__init__(message, code)
        self.after = after  # seconds the provider asked us to wait


class Refused(DeliveryError):
    """`hold` says that the next message of the citizen opens the way again (a closed 48 h window)."""

    def __init__(self, message: str, code: str = "", hold: bool = False) -> None:
        super().__init__(message, code)
        self.hold = hold


@dataclass(frozen=True, slots=True)
class Media:
    """A file of the citizen. Either already kept (`attachment`) or to be fetched later by `Channel.fetch`."""

    kind: MediaKind
    attachment: AttachmentId | None = None
    ref: str = ""  # the provider's media id
    mime: str = ""
    name: str = ""


@dataclass(frozen=True, slots=True)
class Location:
    latitude: float
    longitude: float
    label: str = ""


@dataclass(frozen=True, slots=True)
class Inbound:
    """One message or event of a citizen. `text` is what they wrote or said, "" if nothing."""

    channel: ChannelName
    provider_id: ProviderId
    sender: Address
    sent_at: datetime
    text: str = ""
    media: tuple[Media, ...] = ()
    location: Location | None = None
    event: EventKind | None = None
    payload: str = ""  # of a button, menu key, QR scene, msgmenu id
    language: Literal["zh", "en"] | None = None
    account: str = ""  # which of our accounts or numbers it came to


@dataclass(frozen=True, slots=True)
class Choice:
    label: str
    payload: str


TemplateName = Literal["alarm", "receipt", "status", "continue", "person"]


@dataclass(frozen=True, slots=True)
class Template:
    """A sentence that providers approved beforehand: `alarm` {call}, `receipt` {number, code, service,
    deadline}, `status` {number, state}, `continue` {link}, `person` {number}. Values are plain strings."""

    name: TemplateName
    values: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Outbound:
    """One message on the wire, already cut to the channel's limits."""

    id: OutboxId
    to: Address
    text: str
    choices: tuple[Choice, ...] = ()
    template: Template | None = None
    attachment: AttachmentId | None = None
    author: Literal["bot", "operator", "system"] = "bot"
    account: str = ""
    seq: int = 0  # place in the conversation, for channels that replay it


@dataclass(frozen=True, slots=True)
class Sent:
    """`ref` is the provider's id for delivery reports; `delivered` when it is known to have arrived."""

    ref: str = ""
    delivered: bool = False


@dataclass(frozen=True, slots=True)
class Report:
    """A delivery report. `ref` as in `Sent`, or `outbox` where the provider echoes our own id."""

    channel: ChannelName
    ref: str
    ok: bool
    code: str = ""
    outbox: OutboxId | None = None


@dataclass(frozen=True, slots=True)
class Limits:
    """What the house must know to cut and count messages for a channel."""

    max_bytes: int = 0  # UTF-8 bytes of one message; 0: no limit
    coalesce: bool = False  # join the sentences of a turn into as few messages as possible
    free_text: bool = True  # False: only templates may go out
    per_inbound: int = 0  # messages allowed per message of the citizen; 0: no limit
    window_hours: int = 0  # hours after the citizen's last message; 0: no limit
    templates: frozenset[str] = frozenset()  # of an account without free text: those that are approved


@dataclass(frozen=True, slots=True)
class Stored:
    """A file as the attachment store keeps it."""

    id: AttachmentId
    mime: str
    size: int
    data: bytes


@dataclass(frozen=True, slots=True)
class Line:
    """One entry of a conversation as the citizen sees it: for channels that show it themselves."""

    seq: int
    author: Literal["citizen", "bot", "operator", "system"]
    text: str
    at: datetime
    client_id: str = ""  # the id that the citizen's device gave it
    choices: tuple[Choice, ...] = ()
    media: tuple[Media, ...] = ()
    name: str = ""  # shown name of the operator
    notice: str = ""  # for the page: "person_joined", "person_left", "queued" …


@dataclass(frozen=True, slots=True)
class Presence:
    """What is going on in a conversation right now, never stored: somebody types, a person is there."""

    typing: bool = False
    person: str = ""
    queue: int = 0


class Intake(Protocol):
    """The house, as a channel sees it. Nothing here raises for anything the provider can do wrong."""

    async def accept(self, inbound: Inbound, patience: float = 0) -> Sequence[Outbound]:
        """Store `inbound` once and commit; only then acknowledge the provider.

        With `patience` (seconds) waits for the turn and returns the messages that may be answered in the same
        HTTP response, marked as sent: at most one. A repeat of the same push gets the same answer again.
        """

    async def report(self, report: Report) -> None:
        """Note a delivery report; an unknown reference is logged and forgotten."""

    async def keep(self, sender: Address, data: bytes, kind: MediaKind, name: str = "") -> AttachmentId:
        """Check the magic bytes, store the file, return its id. Raises BadPush (413, 415)."""

    async def stored(self, attachment: AttachmentId) -> Stored | None: ...

    async def lines(self, channel: ChannelName, sender: Address, after: int) -> Sequence[Line]:
        """The conversation after `after` (a seq), in order; at most 200 lines."""

    def watch(self, channel: ChannelName, sender: Address) -> AsyncIterator[Presence | None]:
        """Yields whenever the conversation has something new (None) or its presence changed."""

    async def typing(self, channel: ChannelName, sender: Address) -> None: ...

    def token(self, channel: ChannelName, sender: Address) -> str:
        """A signed token that lets this citizen continue, see `sender_of`."""

    def sender_of(self, token: str, max_age: int) -> tuple[ChannelName, Address] | None:
        """Who a token belongs to; None when forged or older than `max_age` seconds."""


class Channel(Protocol):
    """Two doors: in and out. `fetch` is the third only where media must be collected from the provider."""

    name: ChannelName
    limits: Limits

    def routes(self, intake: Intake) -> Sequence[web.AbstractRouteDef]: ...

    async def send(self, message: Outbound) -> Sent:
        """Hand one message to the provider. Raises TryLater or Refused."""

    async def fetch(self, media: Media) -> bytes:
        """The bytes of a file that came as `media.ref`. Raises TryLater or Refused."""

    async def close(self) -> None: ...


@runtime_checkable
class ShowsTyping(Protocol):
    """A channel that can show the citizen that somebody writes, without a socket of ours to tell it."""

    def show_typing(self, to: Address) -> None:
        """In the background, at most every few seconds. A courtesy: nobody hears when it fails."""


JsonObject = dict[str, Any]
