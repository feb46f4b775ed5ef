"""Opaque tokens that let a citizen go on with their conversation: sealed, so nobody reads or forges them."""

from __future__ import annotations

import base64
import binascii
import json
import time

from cryptography.exceptions import InvalidTag

from bot.store.sealing import Sealer
from channels.base import Address, ChannelName


def make(sealer: Sealer, channel: ChannelName, sender: Address) -> str:
    sealed = sealer.seal(json.dumps([channel, sender, int(time.time())], ensure_ascii=False))
    return base64.urlsafe_b64encode(sealed).decode().rstrip("=")


def read(sealer: Sealer, token: str, max_age: int) -> tuple[ChannelName, Address] | None:
    """Who it belongs to; None when forged, damaged or older than `max_age` seconds."""
    try:
        sealed = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
        channel, sender, made = json.loads(sealer.open(sealed))
    except (binascii.Error, ValueError, InvalidTag):
        return None
    if not 0 <= time.time() - made <= max_age:
        return None
    return ChannelName(channel), Address(sender)
