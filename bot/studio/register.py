"""The entry in the public register of algorithms: what the model is for and how good it is, for everybody.

Facts are read off the rows when somebody asks, so the page cannot go stale; what people must say themselves
(purpose, whom to ask) is a setting. Nothing is public before an admin switches it on.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, StringConstraints
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.dialogue.policy import Policy
from bot.services import Catalogue
from bot.store.conversations import Message
from bot.store.models import Judgement, Publication, StudioSetting
from bot.store.tickets import Ticket, TicketEvent
from bot.studio import models
from bot.studio.gates import JOINED
from bot.studio.watching import READ

WINDOW = timedelta(days=90)
Line = Annotated[str, StringConstraints(strip_whitespace=True, max_length=2000)]
PURPOSE = (
    "识别市民来信涉及的事项、诉求类型和紧急情况，转给对应部门；"
    "不作任何审批或处罚决定，市民随时可以要求人工服务。"
)
PURPOSE_EN = (
    "Tells what a citizen's message is about, what kind of request it is and whether there is danger, so "
    "that it reaches the right department. It decides about nobody's rights; a person can be asked for at "
    "any time."
)


class Words(BaseModel):
    """What people say about it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    public: bool = False
    purpose: Line = PURPOSE
    purpose_en: Line = PURPOSE_EN
    owner: Line = ""
    contact: Line = ""
    basis: Line = ""


class Precision(BaseModel):
    service: str
    title: str
    title_en: str
    precision: float
    recall: float
    messages: int


class Entry(BaseModel):
    """The whole entry, as page and as JSON."""

    name: str
    purpose: str
    purpose_en: str
    owner: str
    contact: str
    basis: str
    version: int | None
    model: str
    in_service_since: datetime | None
    phrases: int
    data_revision: int | None
    window_from: date
    window_to: date
    threshold: float
    gap: float
    messages: int
    understood_rate: float | None
    override_rate: float | None  # tickets whose service a person changed
    tickets: int
    accuracy: float | None
    emergency_recall: float | None
    false_alarms: float | None
    tested_on: int
    tested_at: datetime | None
    classes: list[Precision]
    updated_at: datetime


async def words(session: AsyncSession) -> Words:
    row = await session.get(StudioSetting, "register")
    return Words.model_validate(row.value) if row else Words()


async def entry(session: AsyncSession, catalogue: Catalogue, policy: Policy) -> Entry:
    said, now = await words(session), datetime.now(UTC)
    since = now - WINDOW
    live = (await models.in_service(session)).live
    judged = await _judged(session, live.id) if live else None
    report = judged.report if judged else {}
    figures = {one["name"]: one for one in report.get("figures", ())}
    began = (
        await session.scalar(select(func.min(Publication.created_at)).where(Publication.live_id == live.id))
        if live
        else None
    )
    count, clear = (
        await session.execute(
            select(func.count(), func.count().filter(Message.understood.is_(True))).where(
                Message.created_at >= since, *READ
            )
        )
    ).one()
    tickets, changed = await _overridden(session, since)
    return Entry(
        name=f"连心 · {catalogue.city.name}",
        purpose=said.purpose,
        purpose_en=said.purpose_en,
        owner=said.owner,
        contact=said.contact,
        basis=said.basis,
        version=live.id if live else None,
        model=live.name if live else "",
        in_service_since=began,
        phrases=live.phrases if live else 0,
        data_revision=live.revision if live else None,
        window_from=since.astimezone(catalogue.city.timezone).date(),
        window_to=now.astimezone(catalogue.city.timezone).date(),
        threshold=policy.threshold,
        gap=policy.gap,
        messages=count,
        understood_rate=clear / count if count else None,
        override_rate=changed / tickets if tickets else None,
        tickets=tickets,
        accuracy=figures.get("service", {}).get("new"),
        emergency_recall=_joined(report),
        false_alarms=figures.get("false_alarms", {}).get("new"),
        tested_on=sum(report.get("counts", {}).values()),
        tested_at=judged.created_at if judged else None,
        classes=[_class(line, catalogue) for line in report.get("services", ())],
        updated_at=now,
    )


async def _judged(session: AsyncSession, model_id: int) -> Judgement | None:
    found: Judgement | None = await session.scalar(
        select(Judgement).where(Judgement.model_id == model_id).order_by(Judgement.id.desc()).limit(1)
    )
    return found


async def _overridden(session: AsyncSession, since: datetime) -> tuple[int, int]:
    """Tickets that the assistant filed, and those of them whose service a person changed."""
    bots = (Ticket.created_at >= since, Ticket.filed_by.is_(None))
    tickets = await session.scalar(select(func.count()).select_from(Ticket).where(*bots))
    changed = await session.scalar(
        select(func.count(func.distinct(TicketEvent.ticket_id)))
        .join(Ticket, Ticket.id == TicketEvent.ticket_id)
        .where(*bots, TicketEvent.verb == "edited", TicketEvent.data["service"].is_not(None))
    )
    return tickets or 0, changed or 0


def _joined(report: dict[str, Any]) -> float | None:
    """Recall of danger, model and rules together, over all classes."""
    lines = [line for line in report.get("safety", ()) if len(line["new"]) > JOINED]
    total = sum(line["count"] for line in lines)
    return sum(line["new"][JOINED] * line["count"] for line in lines) / total if total else None


def _class(line: dict[str, Any], catalogue: Catalogue) -> Precision:
    return Precision(
        service=line["label"],
        title=catalogue.title(line["label"]),
        title_en=catalogue.title(line["label"], "en"),
        precision=line["new"][0],
        recall=line["new"][1],
        messages=line["count"],
    )
