"""Passwords: argon2id hashes, made off the event loop, and the one rule a new password must pass."""

from __future__ import annotations

import asyncio

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from bot.errors import Invalid

SHORTEST = 8
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


def check(password: str, login: str, field: str = "password") -> None:
    """Raises Invalid. Length is what counts; a password that is the login name is none."""
    if len(password) < SHORTEST:
        raise Invalid({field: f"至少 {SHORTEST} 个字符 · at least {SHORTEST} characters"})
    if login.lower() in password.lower() and len(password) < len(login) + 6:
        raise Invalid({field: "不能与登录名相近 · too close to the login name"})
    if len(set(password)) < 4:
        raise Invalid({field: "字符太单一 · too few different characters"})
