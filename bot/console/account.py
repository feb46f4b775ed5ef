"""Log-in, log-out and what everybody may change about themselves."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Literal

from aiohttp import web
from pydantic import Field
from sqlalchemy import select, update

from bot.console import audit, entrance, passwords, throttle
from bot.console.api import Call
from bot.console.problems import LoggedOut
from bot.console.shapes import Answer, Done, Nothing, Shape
from bot.console.users import DEMO
from bot.console.views import PersonView, Titled, person
from bot.errors import Invalid
from bot.roles import RIGHTS, Right, at_seat
from bot.seats import handover
from bot.store.tables import Login, Operator


class Credentials(Shape):
    login: str = Field(min_length=1, max_length=32)
    password: str = Field(min_length=1, max_length=200)


class Mine(Shape):
    language: Literal["zh", "en"]


class NewPassword(Shape):
    old: str = Field(max_length=200)
    new: str = Field(max_length=200)


class PresenceChange(Shape):
    presence: Literal["online", "away", "offline"]


class Me(Answer):
    """Who is logged in, and what every page needs to know about the city."""

    me: PersonView
    rights: list[Right]
    csrf: str
    city: Titled
    timezone: str
    now: datetime


class Front(Answer):
    """What the log-in page shows. `demo` lists log-ins while the demo is on, else it is empty."""

    city: Titled
    demo: list[dict[str, str]]


async def front(call: Call[Nothing, Nothing]) -> Front:
    demo = [{"login": d[0], "name": d[1], "role": d[2], "password": d[3]} for d in DEMO]
    return Front(city=_city(call), demo=demo if call.world.settings.demo_on else [])


async def login(call: Call[Nothing, Credentials]) -> web.Response:
    """Opens two transactions: a failure must be counted although the answer is a refusal."""
    session, name = call.session, call.body.login.strip()
    address = entrance.address(call.world, call.request)
    async with session.begin():
        await throttle.check(session, name, address)
        operator = await session.scalar(select(Operator).where(Operator.login == name))
        right = await passwords.fits(call.body.password, operator.password if operator else None)
        if operator is None or not right or not operator.active:
            await throttle.failed(session, name, address)
            operator = None
        else:
            await throttle.forgive(session, name)
            audit.record(session, operator.id, "login")
            kept, token = await entrance.admit(session, operator, call.request.headers.get("User-Agent", ""))
            await handover.set_presence(
                session, operator, "online" if at_seat(operator.role) else operator.presence
            )
    if operator is None:
        raise LoggedOut("登录名或密码不正确 · wrong login name or password")
    response = web.Response(
        body=_me(call, operator, kept).model_dump_json().encode(), content_type="application/json"
    )
    entrance.set_cookie(call.world, call.request, response, token)
    response.headers["Cache-Control"] = "no-store"
    return response


async def logout(call: Call[Nothing, Nothing]) -> web.Response:
    async with call.session.begin():
        kept = await call.session.get(Login, call.login.token_hash)
        if kept is not None:
            await call.session.delete(kept)
        await _leave(call)
    return _dropped()


async def logout_everywhere(call: Call[Nothing, Nothing]) -> web.Response:
    async with call.session.begin():
        await entrance.end_all(call.session, call.operator.id)
        audit.record(call.session, call.operator.id, "logout_everywhere")
        await _leave(call)
    return _dropped()


async def _leave(call: Call[Nothing, Nothing]) -> None:
    operator = await call.session.get(Operator, call.operator.id, with_for_update=True)
    others = await call.session.scalar(select(Login.token_hash).where(Login.operator_id == call.operator.id))
    if operator is not None and others is None:
        await handover.set_presence(call.session, operator, "offline")


def _dropped() -> web.Response:
    response = web.json_response({"ok": True})
    entrance.drop_cookie(response)
    return response


async def me(call: Call[Nothing, Nothing]) -> Me:
    return _me(call, call.operator, call.login)


async def change(call: Call[Nothing, Mine]) -> Done:
    await call.session.execute(
        update(Operator).where(Operator.id == call.operator.id).values(language=call.body.language)
    )
    return Done()


async def password(call: Call[Nothing, NewPassword]) -> Done:
    """A stolen cookie must not be enough to guess the old one: failures count as those of a log-in do."""
    session, address = call.session, entrance.address(call.world, call.request)
    async with session.begin():
        await throttle.check(session, call.operator.login, address)
        right = await passwords.fits(call.body.old, call.operator.password)
        if not right:
            await throttle.failed(session, call.operator.login, address)
    if not right:
        raise Invalid({"old": "旧密码不正确 · the old password is wrong"})
    passwords.check(call.body.new, call.operator.login, "new")
    made = await passwords.make(call.body.new)
    async with session.begin():
        await session.execute(update(Operator).where(Operator.id == call.operator.id).values(password=made))
        await entrance.end_all(session, call.operator.id, but=call.login.token_hash)
        audit.record(session, call.operator.id, "password")
    return Done()


async def presence(call: Call[Nothing, PresenceChange]) -> PersonView:
    operator = await call.session.get_one(Operator, call.operator.id, with_for_update=True)
    await handover.set_presence(call.session, operator, call.body.presence)
    return person(operator)


def _me(call: Call[Nothing, Nothing] | Call[Nothing, Credentials], operator: Operator, kept: Login) -> Me:
    return Me(
        me=person(operator),
        rights=sorted(RIGHTS.get(operator.role, ())),  # type: ignore[call-overload]  # any text of the column
        csrf=kept.csrf,
        city=_city(call),
        timezone=str(call.world.city.timezone),
        now=datetime.now(UTC),
    )


def _city(call: Call[Nothing, Nothing] | Call[Nothing, Credentials]) -> Titled:
    city = call.world.city
    return Titled(id=city.hotline, zh=city.name, en=city.name_en)
