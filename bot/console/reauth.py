"""The password once more, before what a stolen cookie must not be able to do.

Failures count as those of a log-in do, or the cookie would be a way to guess.
"""

from __future__ import annotations

from typing import Any

from bot.console import entrance, passwords, throttle
from bot.console.api import Call
from bot.errors import Invalid


async def check(call: Call[Any, Any], password: str, field: str = "password") -> None:
    """In a transaction of its own, so that a failure is counted although the answer is a refusal."""
    session, address = call.session, entrance.address(call.world, call.request)
    async with session.begin():
        await throttle.check(session, call.operator.login, address)
        right = await passwords.fits(password, call.operator.password)
        if not right:
            await throttle.failed(session, call.operator.login, address)
    if not right:
        raise Invalid({field: "密码不正确 · the password is wrong"})
