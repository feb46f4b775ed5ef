"""Signatures and AES envelopes of official accounts, on wechatpy's ciphers.

wechatpy compares signatures with `!=`, draws its salt from `random`, and lets unrelated exceptions out of a
bad envelope; here comparison takes constant time, the salt is secret, and a bad envelope is a BadPush.
"""

from __future__ import annotations

import base64
import hmac
import secrets
import struct
from typing import NewType

from wechatpy.crypto import PrpCrypto
from wechatpy.exceptions import InvalidAppIdException
from wechatpy.utils import WeChatSigner

from channels.base import BadPush

AesKey = NewType("AesKey", bytes)  # the 32 bytes behind an EncodingAESKey


def signature(*parts: str) -> str:
    signer = WeChatSigner()
    signer.add_data(*parts)
    return str(signer.signature)


def genuine(given: str, *parts: str) -> bool:
    """Whether `given` signs `parts`, in constant time."""
    return hmac.compare_digest(signature(*parts).encode(), given.encode(errors="replace"))


def decode_key(encoded: str) -> AesKey:
    """The key behind the 43 characters of an EncodingAESKey; ValueError says what is wrong."""
    if len(encoded) != 43:
        raise ValueError("EncodingAESKey has 43 characters")
    key = base64.b64decode(encoded + "=", validate=True)
    if len(key) != 32:
        raise ValueError("EncodingAESKey does not hold 32 bytes")
    return AesKey(key)


class _Cipher(PrpCrypto):  # type: ignore[misc]  # wechatpy ships no types
    def get_random_string(self) -> str:
        """The salt in front of every plaintext; the IV never changes, so this alone hides repetitions."""
        return secrets.token_hex(8)


class Envelopes:
    """Opens with the present key or the previous one, and seals with the key that opened."""

    def __init__(self, appid: str, keys: tuple[AesKey, ...]) -> None:
        self._appid, self._keys = appid, keys

    def open(self, encrypted: str) -> tuple[str, AesKey]:
        elsewhere = False
        for key in self._keys:
            try:
                return str(_Cipher(key).decrypt(encrypted, self._appid)), key
            except InvalidAppIdException:
                elsewhere = True
            except (ValueError, IndexError, struct.error):
                continue  # the other key, or garbage
        why = "is for another appid" if elsewhere else "opens with none of our keys"
        raise BadPush(f"WeChat: Encrypt: {why}", 403)

    def seal(self, text: str, key: AesKey) -> str:
        return bytes(_Cipher(key).encrypt(text, self._appid)).decode()
