"""Log-in, log-out and what everybody may change about themselves."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Literal

from aiohttp import web
from pydantic import Field
from sqlalchemy import select, update

from bot.console import audit, entrance, factor, passwords, reauth, throttle
from bot.console.api import Call
from bot.console.problems import CodeNeeded, LoggedOut
from bot.console.shapes import Answer, Done, Nothing, Shape
from bot.console.users import DEMO
from bot.console.views import PersonView, Titled, person
from bot.errors import Invalid
from bot.roles import RIGHTS, Right, at_seat
from bot.seats import handover, routing
from bot.store.operators import Login, Operator

_WRONG = "登录名或密码不正确 · wrong login name or password"


class Credentials(Shape):
    login: str = Field(min_length=1, max_length=32)
    password: str = Field(min_length=1, max_length=200)
    code: str = Field("", max_length=32, description="of the second factor, where one is asked")


class Mine(Shape):
    language: Literal["zh", "en"]


class NewPassword(Shape):
    old: str = Field(max_length=200)
    new: str = Field(max_length=200)


class PresenceChange(Shape):
    presence: Literal["online", "busy", "away", "offline"]


class Me(Answer):
    """Who is logged in, and what every page needs to know about the city."""

    me: PersonView
    rights: list[Right]
    owed: Literal["", "password", "factor"]
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
        why = await _refusal(call, operator if right else None)
        if why is None and operator is not None:
            await throttle.forgive(session, name)
            audit.record(session, operator.id, "login")
            agent = call.request.headers.get("User-Agent", "")
            kept, token = await entrance.admit(session, operator, agent, address)
            await handover.set_presence(
                session, operator, "online" if at_seat(operator.role) else operator.presence
            )
        elif not isinstance(why, CodeNeeded):
            await throttle.failed(session, name, address)
            audit.record(session, operator.id if operator else None, "login.refused")
    if why is not None or operator is None:
        raise why or LoggedOut(_WRONG)
    response = web.Response(
        body=_me(call, operator, kept).model_dump_json().encode(), content_type="application/json"
    )
    entrance.set_cookie(call.world, call.request, response, token)
    response.headers["Cache-Control"] = "no-store"
    return response


async def _refusal(
    call: Call[Nothing, Credentials], operator: Operator | None
) -> LoggedOut | CodeNeeded | None:
    """Why this log-in is refused. `operator` is None unless the password was right: only who knows it hears
    that a code is asked."""
    if operator is None or not operator.active:
        return LoggedOut(_WRONG)
    if operator.factor_at is None:
        return None
    if not call.body.code:
        return CodeNeeded()
    right = await factor.passes(call.session, call.world.sealer, operator, call.body.code)
    return None if right else LoggedOut(factor.WRONG)


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
    """The last log-in ended: what they held goes back to the queue."""
    others = await call.session.scalar(select(Login.token_hash).where(Login.operator_id == call.operator.id))
    if others is None:
        await routing.be(call.session, call.operator.id, "offline")


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
    session = call.session
    await reauth.check(call, call.body.old, "old")
    passwords.check(call.body.new, call.operator.login, "new", call.world.settings.password_length)
    if call.body.new == call.body.old:
        raise Invalid({"new": "与旧密码相同 · the same as the old one"})
    made = await passwords.make(call.body.new)
    async with session.begin():
        await session.execute(
            update(Operator).where(Operator.id == call.operator.id).values(password=made, password_due=False)
        )
        await entrance.end_all(session, call.operator.id, but=call.login.token_hash)
        audit.record(session, call.operator.id, "password")
    return Done()


async def presence(call: Call[Nothing, PresenceChange]) -> PersonView:
    return person(await routing.be(call.session, call.operator.id, call.body.presence))


def _me(call: Call[Nothing, Nothing] | Call[Nothing, Credentials], operator: Operator, kept: Login) -> Me:
    return Me(
        me=person(operator),
        rights=sorted(RIGHTS.get(operator.role, ())),
        owed=entrance.owed(call.world, operator),
        csrf=kept.csrf,
        city=_city(call),
        timezone=str(call.world.city.timezone),
        now=datetime.now(UTC),
    )


def _city(call: Call[Nothing, Nothing] | Call[Nothing, Credentials]) -> Titled:
    city = call.world.city
    return Titled(id=city.hotline, zh=city.name, en=city.name_en)
