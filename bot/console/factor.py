"""The second factor: six digits of an authenticator app (TOTP, RFC 6238), or one of ten codes on paper.

A code is good once and for its own half minute or a neighbour's. Whoever changes the factor gives the
password again: an unlocked screen must not be enough to take a log-in over.
"""

from __future__ import annotations

import hmac
import secrets
from datetime import UTC, datetime

import pyotp
import segno
from pydantic import Field
from sqlalchemy import delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.console import audit, entrance, reauth
from bot.console.api import Call
from bot.console.shapes import Answer, Done, Nothing, Shape
from bot.errors import Conflict, Invalid, NotFound
from bot.store.operators import Operator, RecoveryCode, SecondFactor
from bot.store.sealing import Sealer

STEP = 30  # seconds
CODES = 10
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # without what looks alike on paper
WRONG = "验证码不对或已用过 · the code is wrong or was used"


class Password(Shape):
    password: str = Field(max_length=200)


class Code(Shape):
    code: str = Field(min_length=6, max_length=32)


class Factor(Answer):
    """`due`: the role needs one and this log-in may do nothing else before."""

    on: bool
    since: datetime | None
    obligatory: bool
    codes_left: int


class Offer(Answer):
    """What the authenticator app is given: a picture, or the same to type in."""

    secret: str
    uri: str
    qr: str


class Codes(Answer):
    """Shown once and never again."""

    codes: list[str]


async def passes(session: AsyncSession, sealer: Sealer, operator: Operator, given: str) -> bool:
    """Whether it is a good code of this operator's, which is thereby used up."""
    code = "".join(given.split()).lower().replace("-", "")
    if code.isascii() and code.isdigit() and len(code) == 6:
        return await _of_app(session, operator.id, code)
    row = await session.scalar(
        select(RecoveryCode)
        .where(
            RecoveryCode.operator_id == operator.id,
            RecoveryCode.code_index == _index(sealer, operator.id, code),
            RecoveryCode.used_at.is_(None),
        )
        .with_for_update()
    )
    if row is None:
        return False
    row.used_at = datetime.now(UTC)
    audit.record(session, operator.id, "factor.paper")
    return True


async def _of_app(session: AsyncSession, operator_id: int, code: str) -> bool:
    kept = await session.get(SecondFactor, operator_id, with_for_update=True)
    if kept is None:
        return False
    now = int(datetime.now(UTC).timestamp()) // STEP
    for step in (now - 1, now, now + 1):
        if step > kept.last_step and hmac.compare_digest(pyotp.TOTP(kept.secret).generate_otp(step), code):
            kept.last_step = step
            return True
    return False


async def mine(call: Call[Nothing, Nothing]) -> Factor:
    left = await call.session.scalar(
        select(func.count()).where(
            RecoveryCode.operator_id == call.operator.id, RecoveryCode.used_at.is_(None)
        )
    )
    return Factor(
        on=call.operator.factor_at is not None,
        since=call.operator.factor_at,
        obligatory=call.world.settings.needs_factor(call.operator.role),
        codes_left=left or 0,
    )


async def begin(call: Call[Nothing, Password]) -> Offer:
    """A fresh secret. It asks nobody for anything until `confirm` saw a right code."""
    await reauth.check(call, call.body.password)
    if call.operator.factor_at is not None:
        raise Conflict("已经开启，先关闭再重设 · it is on; turn it off first")
    secret = pyotp.random_base32()
    async with call.session.begin():
        await call.session.execute(delete(SecondFactor).where(SecondFactor.operator_id == call.operator.id))
        call.session.add(SecondFactor(operator_id=call.operator.id, secret=secret))
    issuer = f"{call.world.city.name}{call.world.city.hotline}"
    uri = pyotp.TOTP(secret).provisioning_uri(name=call.operator.login, issuer_name=issuer)
    return Offer(secret=secret, uri=uri, qr=segno.make(uri, error="m").svg_data_uri(scale=5, border=2))


async def confirm(call: Call[Nothing, Code]) -> Codes:
    """The app shows the right digits: from now on they are asked. Other log-ins end."""
    session = call.session
    operator = await session.get_one(Operator, call.operator.id, with_for_update=True)
    if operator.factor_at is not None:
        raise Conflict("已经开启 · it is on")
    if not await _of_app(session, operator.id, call.body.code.strip()):
        raise Invalid({"code": WRONG})
    operator.factor_at = datetime.now(UTC)
    await entrance.end_all(session, operator.id, but=call.login.token_hash)
    audit.record(session, operator.id, "factor.on")
    return Codes(codes=await _fresh(session, call.world.sealer, operator.id))


async def codes(call: Call[Nothing, Password]) -> Codes:
    """Ten new ones; the old ones are worth nothing."""
    await reauth.check(call, call.body.password)
    if call.operator.factor_at is None:
        raise Conflict("还没有开启 · it is not on")
    async with call.session.begin():
        audit.record(call.session, call.operator.id, "factor.codes")
        return Codes(codes=await _fresh(call.session, call.world.sealer, call.operator.id))


async def off(call: Call[Nothing, Password]) -> Done:
    await reauth.check(call, call.body.password)
    if call.world.settings.needs_factor(call.operator.role):
        raise Conflict("您的角色必须使用双重验证 · your role must use a second factor")
    async with call.session.begin():
        await forget(call.session, await call.session.get_one(Operator, call.operator.id))
        audit.record(call.session, call.operator.id, "factor.off")
    return Done()


async def reset(call: Call[Nothing, Nothing]) -> Done:
    """Somebody lost their phone and the paper: an admin takes the factor away and ends what is open."""
    operator = await call.session.get(Operator, call.id, with_for_update=True)
    if operator is None:
        raise NotFound("没有这个用户 · no such user")
    await forget(call.session, operator)
    await entrance.end_all(call.session, operator.id, but=call.login.token_hash)
    audit.record(call.session, call.operator.id, "factor.reset", f"user:{operator.id}")
    return Done()


async def forget(session: AsyncSession, operator: Operator) -> None:
    operator.factor_at = None
    await session.execute(delete(SecondFactor).where(SecondFactor.operator_id == operator.id))
    await session.execute(delete(RecoveryCode).where(RecoveryCode.operator_id == operator.id))


async def _fresh(session: AsyncSession, sealer: Sealer, operator_id: int) -> list[str]:
    await session.execute(delete(RecoveryCode).where(RecoveryCode.operator_id == operator_id))
    made = ["".join(secrets.choice(_LETTERS) for _ in range(10)) for _ in range(CODES)]
    session.add_all(
        RecoveryCode(operator_id=operator_id, code_index=_index(sealer, operator_id, code)) for code in made
    )
    return [f"{code[:5]}-{code[5:]}" for code in made]


def _index(sealer: Sealer, operator_id: int, code: str) -> bytes:
    return sealer.index(f"recovery:{operator_id}:{code}")
