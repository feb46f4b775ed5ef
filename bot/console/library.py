"""What all seats share: canned replies, and the catalogue of services and departments."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import StringConstraints
from sqlalchemy import select

from bot.console import audit
from bot.console.api import Call
from bot.console.shapes import Answer, Done, Named, Nothing, Shape
from bot.errors import NotFound
from bot.store.office import CannedReply


class CannedView(Answer):
    id: int
    title: str
    body: str
    shortcut: str
    purpose: str


class CannedList(Answer):
    rows: list[CannedView]


class Canned(Shape):
    title: Named
    body: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=1000)]
    shortcut: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{0,20}$")] = ""
    purpose: Literal["", "calm"] = ""


class DetailKind(Answer):
    name: str
    required: bool


class ServiceView(Answer):
    id: str
    zh: str
    en: str
    about: str
    category: str
    department: str
    kind: str
    deadline: str
    details: list[DetailKind]


class Services(Answer):
    rows: list[ServiceView]


class DepartmentView(Answer):
    id: str
    zh: str
    en: str
    short: str
    phone: str


class DangerView(Answer):
    """A safety class: whom to call and what to say at once."""

    id: str
    zh: str
    en: str
    call: str
    advice_zh: str
    advice_en: str


class Dangers(Answer):
    rows: list[DangerView]


class Departments(Answer):
    rows: list[DepartmentView]


async def canned(call: Call[Nothing, Nothing]) -> CannedList:
    rows = await call.session.scalars(select(CannedReply).order_by(CannedReply.shortcut, CannedReply.id))
    return CannedList(rows=[CannedView.model_validate(row) for row in rows])


async def canned_create(call: Call[Nothing, Canned]) -> CannedView:
    row = CannedReply(**call.body.model_dump())
    call.session.add(row)
    await call.session.flush()
    audit.record(call.session, call.operator.id, "canned.create", f"canned:{row.id}")
    return CannedView.model_validate(row)


async def canned_change(call: Call[Nothing, Canned]) -> CannedView:
    row = await _canned(call)
    for name, value in call.body.model_dump().items():
        setattr(row, name, value)
    audit.record(call.session, call.operator.id, "canned.change", f"canned:{row.id}")
    return CannedView.model_validate(row)


async def canned_delete(call: Call[Nothing, Nothing]) -> Done:
    row = await _canned(call)
    await call.session.delete(row)
    audit.record(call.session, call.operator.id, "canned.delete", f"canned:{row.id}", title=row.title)
    return Done()


async def _canned(call: Call[Nothing, Canned] | Call[Nothing, Nothing]) -> CannedReply:
    row = await call.session.get(CannedReply, call.id, with_for_update=True)
    if row is None:
        raise NotFound("没有这条常用语 · no such canned reply")
    return row


async def services(call: Call[Nothing, Nothing]) -> Services:
    return Services(
        rows=[
            ServiceView(
                id=s.id,
                zh=s.title,
                en=s.title_en,
                about=s.about,
                category=s.category,
                department=s.department,
                kind=s.kind,
                deadline=s.deadline,
                details=[DetailKind(name=d.name, required=d.required) for d in s.details],
            )
            for s in call.world.catalogue.services.values()
        ]
    )


async def departments(call: Call[Nothing, Nothing]) -> Departments:
    return Departments(
        rows=[
            DepartmentView(id=d.id, zh=d.name, en=d.name_en, short=d.short, phone=d.phone)
            for d in call.world.city.departments.values()
        ]
    )


async def dangers(call: Call[Nothing, Nothing]) -> Dangers:
    net = call.world.net
    rows = []
    for danger in net.classes:
        zh, en = net.emergency(danger.id, "zh"), net.emergency(danger.id, "en")
        rows.append(
            DangerView(
                id=danger.id, zh=zh.title, en=en.title, call=zh.call, advice_zh=zh.advice, advice_en=en.advice
            )
        )
    return Dangers(rows=rows)
