"""Personal data at rest: AES-256-GCM, and a keyed hash ("blind index") to look a value up unread.

All keys are derived from LIANXIN_SECRET_KEY; losing it loses the data, so
`./lianxin up` keeps it in data_dir.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import secrets
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from sqlalchemy import LargeBinary
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator

_NONCE = 12


class Sealer:
    """Seals and opens text; `index` makes the blind index (32 bytes)."""

    def __init__(self, secret: str) -> None:
        self._cipher = AESGCM(_derive(secret, b"seal"))
        self._index_key = _derive(secret, b"index")
        self.token_key = _derive(secret, b"token").hex()

    def seal(self, text: str) -> bytes:
        nonce = os.urandom(_NONCE)
        return nonce + self._cipher.encrypt(nonce, text.encode(), None)

    def open(self, sealed: bytes) -> str:
        return self._cipher.decrypt(sealed[:_NONCE], sealed[_NONCE:], None).decode()

    def index(self, text: str) -> bytes:
        return hmac.new(self._index_key, text.encode(), hashlib.sha256).digest()


def _derive(secret: str, purpose: bytes) -> bytes:
    return HKDF(hashes.SHA256(), 32, salt=b"lianxin", info=purpose).derive(secret.encode())


def kept_secret(data_dir: Path, given: str) -> str:
    """The given secret, or the one kept in `data_dir`, made at the first start."""
    if given:
        return given
    path = data_dir / "secret.key"
    if not path.exists():
        data_dir.mkdir(parents=True, exist_ok=True)
        fresh = path.with_suffix(f".{os.getpid()}")
        fresh.touch(mode=0o600)
        fresh.write_text(secrets.token_urlsafe(48))
        try:
            os.link(fresh, path)  # fails if another process was faster: then its key counts
        except FileExistsError:
            pass
        finally:
            fresh.unlink()
    return path.read_text().strip()


_sealer: Sealer | None = None


def use(sealer: Sealer) -> None:
    """Set the sealer of this process: column types have no other way to reach it."""
    global _sealer
    _sealer = sealer


def sealer() -> Sealer:
    if _sealer is None:
        raise RuntimeError("bot.store.sealing.use() was not called")
    return _sealer


class SealedText(TypeDecorator[str]):
    """A text column that nobody reads without the key."""

    impl = LargeBinary
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> bytes | None:
        return None if value is None else sealer().seal(value)

    def process_result_value(self, value: bytes | None, dialect: Dialect) -> str | None:
        return None if value is None else sealer().open(bytes(value))


class SealedJson(TypeDecorator[dict[str, Any]]):
    """A JSON object, sealed. Assign a new dict to change it."""

    impl = LargeBinary
    cache_ok = True

    def process_bind_param(self, value: dict[str, Any] | None, dialect: Dialect) -> bytes | None:
        return None if value is None else sealer().seal(json.dumps(value, ensure_ascii=False))

    def process_result_value(self, value: bytes | None, dialect: Dialect) -> dict[str, Any] | None:
        return None if value is None else json.loads(sealer().open(bytes(value)))
