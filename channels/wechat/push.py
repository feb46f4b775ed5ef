"""What WeChat pushes, read into frozen values.

Parsed with xmltodict, not with wechatpy's `parse_message`: that one raises a dozen unrelated exceptions,
turns doubled elements into lists and hides `bizmsgmenuid`, `MediaId16K` and `subscribe_msg_*`. Every field is
checked where it is read. What is genuine but of no use to us is None, so that WeChat is told "success".
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any
from xml.parsers import expat

import xmltodict
from pydantic import AliasChoices, Field

from channels.base import (
    Address,
    BadPush,
    ChannelName,
    EventKind,
    Inbound,
    Location,
    Media,
    MediaKind,
    ProviderId,
    Report,
)
from channels.wild import Text, Wild, clean, tame

NAME = ChannelName("wechat")
END_OF_TIME = 4_102_444_800  # 2100-01-01

Elements = Mapping[str, Any]


class Envelope(Wild):
    """What every push has."""

    account: Text = Field(alias="ToUserName", min_length=1, max_length=128)
    sender: Text = Field(alias="FromUserName", min_length=1, max_length=128)
    created: int = Field(alias="CreateTime", ge=0, le=END_OF_TIME)
    kind: Text = Field(alias="MsgType", min_length=1, max_length=64)

    @property
    def at(self) -> datetime:
        return datetime.fromtimestamp(self.created, UTC)


class _Message(Wild):
    id: Text = Field("", validation_alias=AliasChoices("MsgId", "MsgID"), max_length=64)


class _Words(_Message):
    text: Text = Field("", alias="Content")
    menu: Text = Field("", alias="bizmsgmenuid")


class _File(_Message):
    media: Text = Field("", alias="MediaId")
    wide: Text = Field("", alias="MediaId16K")  # the same voice at 16 kHz, which recognises better
    format: Text = Field("", alias="Format")
    heard: Text = Field("", alias="Recognition")


class _Place(_Message):
    latitude: float = Field(alias="Location_X", ge=-90, le=90)
    longitude: float = Field(alias="Location_Y", ge=-180, le=180)
    label: Text = Field("", alias="Label")


class _Titled(_Message):
    title: Text = Field("", alias="Title")
    url: Text = Field("", alias="Url")


class _Event(Wild):
    event: Text = Field(alias="Event", min_length=1, max_length=64)


class _Key(Wild):
    key: Text = Field("", alias="EventKey")


class _Template(Wild):
    id: Text = Field(validation_alias=AliasChoices("MsgID", "MsgId"), min_length=1, max_length=64)
    status: Text = Field("", alias="Status")


class _Notice(Wild):
    """One entry of `subscribe_msg_sent_event`."""

    id: Text = Field(alias="MsgID", min_length=1, max_length=64)
    status: Text = Field("", alias="ErrorStatus")


def _no_declarations(encoding: str | None, separator: str | None) -> expat.XMLParserType:
    """A parser that refuses document types. Searching for "<!DOCTYPE" would refuse citizens who write it."""
    parser = expat.ParserCreate(encoding, separator)

    def refuse(*_: object) -> None:
        raise BadPush("WeChat: body: declares a document type")

    parser.StartDoctypeDeclHandler = refuse
    return parser


STRICT_EXPAT = SimpleNamespace(ParserCreate=_no_declarations)  # the one function of expat that xmltodict uses


def elements(body: bytes | str) -> Elements:
    """The children of <xml>. Documents that declare anything are refused: pushes never do, attacks always."""
    try:
        text = body.decode() if isinstance(body, bytes) else body
        root = xmltodict.parse(clean(text), expat=STRICT_EXPAT)
    except (expat.ExpatError, ValueError) as error:
        raise BadPush("WeChat: body: is not XML in UTF-8") from error
    found = root.get("xml")
    if not isinstance(found, dict):
        raise BadPush("WeChat: body: has no <xml> with elements")
    return found


def read(raw: Elements) -> Inbound | Report | None:
    """What a push means for us; None for what is genuine and of no use."""
    envelope = tame(Envelope, raw, "WeChat")
    kind = envelope.kind.lower()
    if kind == "event":
        event = tame(_Event, raw, "WeChat").event.lower()
        reader = EVENTS.get(event)
        return reader(event, envelope, raw) if reader else None
    message = MESSAGES.get(kind)
    return message(envelope, raw) if message else None


def _inbound(envelope: Envelope, message: _Message, text: str = "", **more: Any) -> Inbound:
    """MsgId alone has collided between citizens, so sender and time count too; repeats share all three."""
    unique = message.id or hashlib.sha256(f"{envelope.kind}\0{text}\0{more}".encode()).hexdigest()[:16]
    return Inbound(
        channel=NAME,
        provider_id=ProviderId(f"{unique}:{envelope.sender}:{envelope.created}"),
        sender=Address(envelope.sender),
        sent_at=envelope.at,
        text=text,
        account=envelope.account,
        **more,
    )


def _words(envelope: Envelope, raw: Elements) -> Inbound:
    words = tame(_Words, raw, "WeChat")
    return _inbound(envelope, words, words.text, payload=words.menu)


def _file(kind: MediaKind) -> Callable[[Envelope, Elements], Inbound]:
    def read_file(envelope: Envelope, raw: Elements) -> Inbound:
        file = tame(_File, raw, "WeChat")
        mime = f"audio/{file.format.lower()}" if kind == "voice" and file.format.isalnum() else ""
        ref = file.wide or file.media  # without any, that something was sent is still worth a turn
        return _inbound(envelope, file, file.heard, media=(Media(kind, ref=ref, mime=mime),) if ref else ())

    return read_file


def _place(envelope: Envelope, raw: Elements) -> Inbound:
    place = tame(_Place, raw, "WeChat")
    return _inbound(envelope, place, location=Location(place.latitude, place.longitude, place.label))


def _titled(envelope: Envelope, raw: Elements) -> Inbound:
    titled = tame(_Titled, raw, "WeChat")
    return _inbound(envelope, titled, "\n".join(filter(None, (titled.title, titled.url))))


def _event(kind: EventKind, prefix: str = "") -> Callable[[str, Envelope, Elements], Inbound]:
    """`prefix` marks the keys that carry a payload; it is taken off."""

    def read_event(event: str, envelope: Envelope, raw: Elements) -> Inbound:
        key = tame(_Key, raw, "WeChat").key
        return Inbound(
            channel=NAME,
            # Two different events may share a second (subscribe and menu): the event is part of the key.
            provider_id=ProviderId(f"{event}:{envelope.sender}:{envelope.created}:{key[:64]}"),
            sender=Address(envelope.sender),
            sent_at=envelope.at,
            event=kind,
            payload=key.removeprefix(prefix) if key.startswith(prefix) else "",
            account=envelope.account,
        )

    return read_event


def _template(event: str, envelope: Envelope, raw: Elements) -> Report:
    done = tame(_Template, raw, "WeChat")
    return Report(NAME, done.id, ok=done.status == "success", code=done.status)


def _notice(event: str, envelope: Envelope, raw: Elements) -> Report | None:
    sent = raw.get("SubscribeMsgSentEvent")
    entry = sent.get("List") if isinstance(sent, dict) else None
    notice = tame(_Notice, entry[0] if isinstance(entry, list) else entry or {}, "WeChat")
    return Report(NAME, notice.id, ok=notice.status == "success", code=notice.status)


MESSAGES: dict[str, Callable[[Envelope, Elements], Inbound]] = {
    "text": _words,
    "image": _file("image"),
    "voice": _file("voice"),
    "video": _file("video"),
    "shortvideo": _file("video"),
    "location": _place,
    "link": _titled,
    "file": _titled,  # WeChat keeps its bytes to itself; the name still tells a person what was meant
    "miniprogrampage": _titled,
}

# VIEW (the citizen opened a page) and LOCATION (reported on its own) ask for no answer and begin no turn.
EVENTS: dict[str, Callable[[str, Envelope, Elements], Inbound | Report | None]] = {
    "subscribe": _event("subscribe", "qrscene_"),
    "unsubscribe": _event("unsubscribe"),
    "scan": _event("scan"),
    "click": _event("menu"),
    "templatesendjobfinish": _template,
    "subscribe_msg_sent_event": _notice,
}
