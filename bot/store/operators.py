"""Who logs in: people, their open sessions, and what stands between a guessed password and the console."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from bot.store.base import Base, identity, now
from bot.store.sealing import SealedText


class Operator(Base):
    """Somebody who logs in. `role`: see bot/roles.py.

    `presence`: online · busy (speaks on, takes nothing new) · away · offline.
    """

    __tablename__ = "operators"

    id: Mapped[int] = identity()
    login: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    password: Mapped[str]  # argon2
    role: Mapped[str] = mapped_column(server_default="operator")
    language: Mapped[str] = mapped_column(server_default="zh")
    active: Mapped[bool] = mapped_column(server_default=text("true"))
    presence: Mapped[str] = mapped_column(server_default="offline")
    present_since: Mapped[datetime | None]  # in this presence
    capacity: Mapped[int] = mapped_column(server_default="5")  # conversations at a time
    offers: Mapped[bool] = mapped_column(server_default=text("true"))  # is given conversations unasked
    missed: Mapped[int] = mapped_column(server_default="0")  # offers in a row without an answer
    seen_at: Mapped[datetime | None]
    factor_at: Mapped[datetime | None]  # since when a second factor is asked
    password_due: Mapped[bool] = mapped_column(server_default=text("false"))  # somebody else chose it
    created_at: Mapped[datetime] = now()


class Login(Base):
    """A session of the console: only the hash of its cookie is kept."""

    __tablename__ = "logins"

    token_hash: Mapped[bytes] = mapped_column(primary_key=True)
    operator_id: Mapped[int] = mapped_column(ForeignKey("operators.id"))
    csrf: Mapped[str]
    agent: Mapped[str] = mapped_column(server_default="")
    address: Mapped[str] = mapped_column(server_default="")
    created_at: Mapped[datetime] = now()
    seen_at: Mapped[datetime] = now()
    expires_at: Mapped[datetime]

    __table_args__ = (Index("ix_logins_operator_id", "operator_id"),)


class LoginFailure(Base):
    """Failed log-ins, counted per login name and per address, to slow guessing down."""

    __tablename__ = "login_failures"

    id: Mapped[int] = identity()
    key: Mapped[str]
    at: Mapped[datetime] = now()

    __table_args__ = (Index("ix_login_failures_key", "key", "at"),)


class SecondFactor(Base):
    """The secret that an operator's authenticator app shares with us, from the moment it is offered.

    It counts once `operators.factor_at` is set: until a first code was right, nobody may be locked out by it.
    """

    __tablename__ = "second_factors"

    operator_id: Mapped[int] = mapped_column(ForeignKey("operators.id"), primary_key=True)
    secret: Mapped[str] = mapped_column(SealedText)
    last_step: Mapped[int] = mapped_column(server_default="0")  # a code is good once: RFC 6238, 5.2
    created_at: Mapped[datetime] = now()


class RecoveryCode(Base):
    """A code on paper that stands in for the app, once. Only its keyed hash is kept."""

    __tablename__ = "recovery_codes"

    id: Mapped[int] = identity()
    operator_id: Mapped[int] = mapped_column(ForeignKey("operators.id"))
    code_index: Mapped[bytes]
    used_at: Mapped[datetime | None]

    __table_args__ = (Index("ix_recovery_codes_operator_id", "operator_id"),)
