"""What the pages are shown of a conversation: its row in a list, its lines, who waits or holds it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import Field

from bot import codec
from bot.console.shapes import Answer
from bot.console.views import Titled, shown, titled_service, who
from bot.dialogue.policy import Policy
from bot.dialogue.types import Understanding
from bot.masking import mask
from bot.services import Catalogue
from bot.store.conversations import Conversation, Message, Outbox
from bot.store.handovers import Handover
from bot.store.talking import Correction

_BELIEVED = Policy().conduct  # from which on the assistant acts on it too: nobody is called rude for less


class HandoverView(Answer):
    id: int
    conversation: int
    status: str
    reason: str
    urgency: str
    safety: list[str]
    note: str
    queued_at: datetime
    claimed_at: datetime | None = None
    first_reply_at: datetime | None = None
    ended_at: datetime | None = None
    ended_how: str = ""
    operator_id: int | None = None
    operator: str = ""
    waiting_since: datetime
    came_back: bool = False
    group_id: int | None = None
    wanted_id: int | None = None
    offered_id: int | None = None  # before whom it is now
    offered: str = ""
    offered_until: datetime | None = None


class ConversationRow(Answer):
    """One conversation in a list. `last` are the citizen's last words, masked (ours when they said nothing
    yet); `last_author` is who spoke last, `unanswered` when that is the citizen."""

    id: int
    channel: str
    who: str
    language: str
    mode: str
    seq: int
    last: str
    last_author: str
    last_at: datetime
    unanswered: bool
    service: Titled | None = None
    handover: HandoverView | None = None


class EntityView(Answer):
    name: str
    value: str
    normal: str


class GuessView(Answer):
    id: str
    zh: str
    en: str
    confidence: float


class UnderstoodView(Answer):
    services: list[GuessView]
    kind: str = ""
    kind_confidence: float = 0.0
    act: str = ""
    act_title: Titled | None = None
    alarms: list[str]
    conduct: list[str]
    entities: list[EntityView]
    failure: str | None = None
    model: str = ""


class DeliveryView(Answer):
    """How far a line of ours came. `waiting` seconds until the next try are not promised, so not shown.
    `template` is the approved sentence that leaves instead where an account may send no words."""

    id: int
    status: str
    attempts: int
    error: str
    at: datetime | None = None
    template: str = ""


class MediaView(Answer):
    kind: str
    attachment: str | None = None
    name: str = ""


class CorrectedView(Answer):
    """How a person reads the line; empty fields say that the model was right there."""

    service: Titled | None
    kind: str
    place: str
    by: str
    at: datetime


class LineView(Answer):
    seq: int
    author: str
    name: str
    text: str
    at: datetime
    masked: bool
    notice: str = ""
    choices: list[str] = Field(default_factory=list)
    media: list[MediaView] = Field(default_factory=list)
    location: dict[str, Any] | None = None  # not while masked: it leads to a door
    located: bool = False
    delivery: DeliveryView | None = None
    understood: UnderstoodView | None = None
    corrected: CorrectedView | None = None
    client_id: str = ""


def handover(row: Handover, operator: str = "") -> HandoverView:
    return HandoverView(
        id=row.id,
        conversation=row.conversation_id,
        status=row.status,
        reason=row.reason,
        urgency=row.urgency,
        safety=row.safety,
        note=mask(row.note or ""),
        queued_at=row.queued_at,
        claimed_at=row.claimed_at,
        first_reply_at=row.first_reply_at,
        ended_at=row.ended_at,
        ended_how=row.ended_how or "",
        operator_id=row.operator_id,
        operator=operator,
        waiting_since=row.waiting_since,
        came_back=row.came_back,
        group_id=row.group_id,
        wanted_id=row.wanted_id,
    )


def conversation_row(
    catalogue: Catalogue,
    row: Conversation,
    last: Message | None,
    open_handover: HandoverView | None,
    service: str | None = None,
    said: Message | None = None,
) -> ConversationRow:
    return ConversationRow(
        id=row.id,
        channel=row.channel,
        who=who(row.channel, row.address),
        language=row.language,
        mode=row.mode,
        seq=row.seq,
        last=_words(said or last),
        last_author=last.author if last else "",
        last_at=last.created_at if last else row.created_at,
        unanswered=last is not None and last.author == "citizen",
        service=titled_service(catalogue, service) if service else None,
        handover=open_handover,
    )


def _words(row: Message | None) -> str:
    """A line in a list; a picture or a place without words by its kind in brackets."""
    if row is None or row.masked:
        return row.masked if row else ""
    extra = row.extra or {}
    media = extra.get("media") or []
    kind = media[0].get("kind", "file") if media else "location" if extra.get("location") else ""
    return f"[{kind}]" if kind else ""


def understood(catalogue: Catalogue, kept: dict[str, Any], masked: bool) -> UnderstoodView:
    heard = codec.load(Understanding, kept)
    act = catalogue.acts.get(heard.act.name) if heard.act else None
    return UnderstoodView(
        services=[
            GuessView(
                id=guess.name,
                zh=catalogue.title(guess.name),
                en=catalogue.title(guess.name, "en"),
                confidence=guess.confidence,
            )
            for guess in heard.services[:3]
        ],
        kind=heard.kind.name if heard.kind else "",
        kind_confidence=heard.kind.confidence if heard.kind else 0.0,
        act=heard.act.name if heard.act else "",
        act_title=Titled(id=act.id, zh=act.title, en=act.title_en) if act else None,
        alarms=list(heard.alarms),
        conduct=[guess.name for guess in heard.conduct if guess.confidence >= _BELIEVED],
        entities=[
            EntityView(
                name=entity.name,
                value=shown(entity.name, entity.value, masked),
                normal=shown(entity.name, entity.normal, masked),
            )
            for entity in heard.entities
        ],
        failure=heard.failure,
        model=heard.model,
    )


def corrected(catalogue: Catalogue, row: Correction, name: str, masked: bool) -> CorrectedView:
    return CorrectedView(
        service=titled_service(catalogue, row.service) if row.service else None,
        kind=row.kind,
        place=shown("place", row.place, masked),
        by=name,
        at=row.created_at,
    )


def delivery(row: Outbox) -> DeliveryView:
    template = row.content.get("template")
    return DeliveryView(
        id=row.id,
        status=row.status,
        attempts=row.attempts,
        error=row.error,
        at=row.sent_at or row.created_at,
        template=str(template.get("name", "")) if isinstance(template, dict) else "",
    )


def line(
    catalogue: Catalogue,
    row: Message,
    masked: bool,
    name: str = "",
    out: Outbox | None = None,
    correction: CorrectedView | None = None,
) -> LineView:
    extra = row.extra or {}
    location = extra.get("location")
    return LineView(
        seq=row.seq,
        author=row.author,
        name=name or str(extra.get("name") or ""),
        text=row.masked if masked else row.body,
        at=row.created_at,
        masked=masked,
        notice=str(extra.get("notice") or ""),
        choices=[str(choice.get("label", "")) for choice in extra.get("choices") or []],
        media=[
            MediaView(
                kind=str(media.get("kind", "file")),
                attachment=media.get("attachment"),
                name=str(media.get("name") or ""),
            )
            for media in extra.get("media") or []
        ],
        location=None if masked or not isinstance(location, dict) else location,
        located=isinstance(location, dict),
        delivery=delivery(out) if out else None,
        understood=understood(catalogue, row.understanding, masked) if row.understanding else None,
        corrected=correction,
        client_id=row.client_id,
    )
