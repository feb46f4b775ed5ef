"""Those who log in: their list for admins, and the two functions for the command line and the demo."""

from __future__ import annotations

import re

from pydantic import Field
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from bot.console import audit, entrance, passwords
from bot.console.api import Call
from bot.console.shapes import Named, Nothing, Shape
from bot.console.views import PersonView, person
from bot.errors import Conflict, Invalid, NotFound
from bot.roles import ROLES, Role
from bot.store.office import CannedReply
from bot.store.operators import Operator

# login, name, role, password: shown at the start and usable only while the demo is on
DEMO = (
    ("seat1", "王芳", "operator", "lianxin-seat1"),
    ("seat2", "李强", "operator", "lianxin-seat2"),
    ("lead", "陈静", "supervisor", "lianxin-lead"),
    ("admin", "赵明", "admin", "lianxin-admin"),
)
PHRASES = (
    ("hello", "问候", "您好，我是{my_name}，很高兴为您服务。您遇到的情况我已经看到了，我来帮您。"),
    ("wait", "请稍等", "请您稍等一下，我马上为您核实。"),
    ("calm", "安抚情绪", "我特别理解您的心情，遇到这样的事谁都会着急。您慢慢说，我一字一句给您记下来。"),
    ("calm2", "理解与承诺", "换作是我也会着急。事情要紧：您说说具体是什么事、在哪里，我马上给您办。"),
    ("calm3", "请文明沟通", "我一直在帮您，也请您好好说。您的诉求我记着，一件都不会丢。"),
    ("addr", "询问地址", "麻烦您告诉我具体地址：哪个小区、几号楼、几单元，方便工作人员上门。"),
    ("phone", "询问电话", "方便留一个联系电话吗？办理过程中好及时跟您联系。"),
    ("filed", "已经登记", "您反映的{service}已经登记，工单号{ticket_number}，承办单位会尽快与您联系。"),
    ("bye", "结束语", "感谢您的来信。还有需要随时找我们，祝您生活顺心！"),
)
_DEMO_LOCK = 12346
_DEMO_HASHES: dict[str, str] = {}  # public passwords: one hash each is enough for a process
_LOGIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{1,31}")


class NewUser(Shape):
    login: str = Field(max_length=32)
    name: Named
    role: Role = "operator"
    password: str = Field(max_length=200)


class UserChange(Shape):
    """What is given is changed. A new password or a lock logs the person out everywhere."""

    name: Named | None = None
    role: Role | None = None
    active: bool | None = None
    password: str | None = Field(None, max_length=200)


async def add_user(
    session: AsyncSession,
    login: str,
    name: str,
    role: str,
    password: str,
    shortest: int = passwords.SHORTEST,
    due: bool = False,
) -> Operator:
    """Make somebody who may log in; `due`: they choose their own password first. Raises Invalid or
    Conflict."""
    if not _LOGIN.fullmatch(login):
        raise Invalid({"login": "2–32 个字母、数字或 . _ - · 2–32 letters, digits or . _ -"})
    if role not in ROLES:
        raise Invalid({"role": ", ".join(ROLES)})
    if not name.strip():
        raise Invalid({"name": "不能为空 · must not be empty"})
    passwords.check(password, login, shortest=shortest)
    if await by_login(session, login):
        raise Conflict("登录名已被使用 · the login name is taken")
    operator = Operator(login=login, name=name.strip(), role=role, password=await passwords.make(password))
    operator.password_due = due
    try:
        async with session.begin_nested():
            session.add(operator)
    except IntegrityError as error:
        raise Conflict("登录名已被使用 · the login name is taken") from error
    await session.refresh(operator)
    return operator


async def ensure_demo(session: AsyncSession) -> list[tuple[str, str, str]]:
    """The demo log-ins, made once: [(login, role, password)] for the end of the start-up."""
    await session.execute(select(func.pg_advisory_xact_lock(_DEMO_LOCK)))  # processes may start together
    for login, name, role, password in DEMO:
        if await by_login(session, login) is None:
            kept = _DEMO_HASHES.get(password) or await passwords.make(password)
            _DEMO_HASHES[password] = kept
            session.add(Operator(login=login, name=name, role=role, password=kept))
    if await session.scalar(select(CannedReply.id).limit(1)) is None:
        session.add_all(
            CannedReply(title=t, body=b, shortcut=s, purpose="calm" if s.startswith("calm") else "")
            for s, t, b in PHRASES
        )
    await session.flush()
    return [(login, role, password) for login, _, role, password in DEMO]


async def by_login(session: AsyncSession, login: str) -> Operator | None:
    found: Operator | None = await session.scalar(select(Operator).where(Operator.login == login))
    return found


async def create(call: Call[Nothing, NewUser]) -> PersonView:
    body = call.body
    shortest = call.world.settings.password_length
    made = await add_user(call.session, body.login, body.name, body.role, body.password, shortest, due=True)
    audit.record(call.session, call.operator.id, "user.create", f"user:{made.id}", role=made.role)
    return person(made)


async def change(call: Call[Nothing, UserChange]) -> PersonView:
    user = await call.session.get(Operator, call.id, with_for_update=True)
    if user is None:
        raise NotFound("没有这个用户 · no such user")
    body = call.body
    if user.id == call.operator.id and (body.active is False or body.role not in (None, user.role)):
        raise Conflict("不能停用或降级自己 · you cannot lock or demote yourself")
    changed = {k: v for k, v in body.model_dump(exclude_none=True).items() if k != "password"}
    for name, value in changed.items():
        setattr(user, name, value)
    if body.password is not None:
        passwords.check(body.password, user.login, shortest=call.world.settings.password_length)
        user.password, user.password_due = await passwords.make(body.password), True
    if body.password is not None or body.active is False or body.role is not None:
        await entrance.end_all(call.session, user.id, but=call.login.token_hash)
    if body.active is False:
        user.presence = "offline"
    fields = sorted(changed) + (["password"] if body.password is not None else [])
    audit.record(call.session, call.operator.id, "user.change", f"user:{user.id}", fields=fields)
    await call.session.flush()
    return person(user)
