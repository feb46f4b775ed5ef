"""What may travel between a page and us, frame by frame. Nothing from outside passes unchecked.

Knows JSON and the values of channels.base; knows no socket and no house.
"""

from __future__ import annotations

import json
import re
import unicodedata
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    RootModel,
    ValidationError,
    model_validator,
)
from pydantic_core import from_json

from channels.base import JsonObject, Line, Presence

MAX_TEXT = 5000  # the longest real letters have 3,700 characters
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")  # NUL breaks databases, the rest breaks terminals


def _clean(text: str) -> str:
    return _CONTROL.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


def _single_line(text: str) -> str:
    return " ".join(_clean(text).split())


Text = Annotated[str, Field(max_length=MAX_TEXT), AfterValidator(_clean)]
Short = Annotated[str, Field(max_length=200), AfterValidator(_single_line)]
Seq = Annotated[int, Field(ge=0, le=2**53)]


class _Frame(BaseModel):
    model_config = ConfigDict(frozen=True, strict=True, extra="ignore", allow_inf_nan=False)


class Place(_Frame):
    latitude: float = Field(ge=-90, le=90)
    longitude: float = Field(ge=-180, le=180)
    label: Short = ""


class Hello(_Frame):
    type: Literal["hello"]
    token: str | None = Field(None, max_length=4096)
    last_seq: Seq = 0
    language: Literal["zh", "en"] | None = None


class Message(_Frame):
    type: Literal["message"]
    id: UUID
    text: Text = ""
    choice: Short | None = None
    attachments: list[Annotated[str, Field(max_length=4096)]] = Field(default_factory=list, max_length=9)
    location: Place | None = None

    @model_validator(mode="after")
    def _says_something(self) -> Message:
        visible = any(unicodedata.category(char)[0] not in "CZ" for char in self.text)
        if not (visible or self.choice or self.attachments or self.location):
            raise ValueError("says nothing")
        return self


class Typing(_Frame):
    type: Literal["typing"]


class Ack(_Frame):
    type: Literal["ack"]
    seq: Seq


class Ping(_Frame):
    type: Literal["ping"]


Frame = Hello | Message | Typing | Ack | Ping


class _Any(RootModel[Annotated[Frame, Field(discriminator="type")]]):
    """One frame of any kind."""


class BadFrame(ValueError):
    """Names the field; `id` is the message's own id where it could still be read."""

    def __init__(self, field: str, message: str, id: str = "") -> None:
        super().__init__(f"{field}: {message}")
        self.field, self.message, self.id = field, message, id

    def answer(self) -> JsonObject:
        if self.id:
            return rejected(self.id, "bad_field", field=self.field)
        return error("bad_frame", field=self.field, message=self.message)


def parse(raw: str | bytes) -> Frame:
    """The frame in `raw`. Raises BadFrame."""
    try:
        return _Any.model_validate_json(raw).root
    except ValidationError as problem:
        first = problem.errors(include_url=False, include_context=False, include_input=False)[0]
        path = [str(part) for part in first["loc"]]
        field = ".".join(path[1:]) or ("type" if first["type"].startswith("union_tag") else "frame")
        raise BadFrame(field, str(first["msg"]), own_id(raw)) from None


def own_id(raw: str | bytes) -> str:
    """The id of a message that is otherwise wrong, so that the page can mark the right bubble."""
    try:
        value: Any = from_json(raw)
        return str(UUID(value["id"])) if value.get("type") == "message" else ""
    except (ValueError, TypeError, KeyError, AttributeError):
        return ""


def welcome(token: str, seq: int, language: str, resumed: bool) -> JsonObject:
    return {"type": "welcome", "token": token, "seq": seq, "language": language, "resumed": resumed}


def line(entry: Line) -> JsonObject:
    return {
        "type": "line",
        "seq": entry.seq,
        "author": entry.author,
        "text": entry.text,
        "at": entry.at.isoformat(),
        "client_id": entry.client_id,
        "choices": [{"label": choice.label, "payload": choice.payload} for choice in entry.choices],
        "media": [
            {"kind": media.kind, "id": media.attachment or "", "mime": media.mime, "name": media.name}
            for media in entry.media
        ],
        "name": entry.name,
        "notice": entry.notice,
    }


def presence(now: Presence) -> JsonObject:
    return {"type": "presence", "typing": now.typing, "person": now.person, "queue": now.queue}


def accepted(id: str) -> JsonObject:
    return {"type": "accepted", "id": id}


def rejected(id: str, code: str, **more: str) -> JsonObject:
    return {"type": "rejected", "id": id, "error": code, **more}


def slow_down(seconds: float, id: str = "") -> JsonObject:
    return {"type": "slow_down", "seconds": round(seconds, 1), **({"id": id} if id else {})}


def error(code: str, **more: str) -> JsonObject:
    return {"type": "error", "code": code, **more}


def dumps(value: JsonObject) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
