"""Passwords: argon2id hashes, made off the event loop, and the rules that a new one must pass.

The rules are those of NIST SP 800-63B: length counts, what everybody tries first is refused, what belongs to
the log-in is refused; no demand for signs and capitals, no change for its own sake.
"""

from __future__ import annotations

import asyncio

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from bot.console.common_passwords import common
from bot.errors import Invalid

SHORTEST = 10  # unless LIANXIN_PASSWORD_LENGTH says otherwise
_hasher = PasswordHasher()
_DUMMY = _hasher.hash("nobody has this password")
_turns = asyncio.Semaphore(2)  # each costs 64 MiB and a core for a moment


async def make(password: str) -> str:
    async with _turns:
        return await asyncio.to_thread(_hasher.hash, password)


async def fits(password: str, kept: str | None) -> bool:
    """Whether it is the password. Takes as long for a login that does not exist."""
    async with _turns:
        right = await asyncio.to_thread(_verify, kept or _DUMMY, password)
    return right and kept is not None


def _verify(kept: str, password: str) -> bool:
    try:
        return _hasher.verify(kept, password)
    except (VerificationError, InvalidHashError):
        return False


def check(password: str, login: str, field: str = "password", shortest: int = SHORTEST) -> None:
    """Raises Invalid with the first rule that it breaks."""
    if len(password) < shortest:
        raise Invalid({field: f"至少 {shortest} 个字符 · at least {shortest} characters"})
    if len(login) > 2 and login.lower() in password.lower() and len(password) < len(login) + 6:
        raise Invalid({field: "不能与登录名相近 · too close to the login name"})
    if len(set(password)) < 4:
        raise Invalid({field: "字符太单一 · too few different characters"})
    if common(password):
        raise Invalid({field: "太常见，别人一猜就中 · too common, it is guessed at once"})
