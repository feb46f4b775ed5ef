"""The XML of passive replies. wechatpy's replies let `]]>` end the CDATA, so a citizen's words could add
elements; here text is cleaned and `]]>` split over two CDATA sections."""

from __future__ import annotations

from collections.abc import Sequence

from channels.base import Choice
from channels.wild import clean

MAX_BYTES = 2048  # of UTF-8 in one message


def cdata(text: str) -> str:
    return "<![CDATA[" + clean(text).replace("]]>", "]]]]><![CDATA[>") + "]]>"


def text_reply(to: str, account: str, at: int, text: str) -> str:
    return (
        f"<xml><ToUserName>{cdata(to)}</ToUserName><FromUserName>{cdata(account)}</FromUserName>"
        f"<CreateTime>{at}</CreateTime><MsgType>{cdata('text')}</MsgType><Content>{cdata(text)}</Content></xml>"
    )


def sealed_reply(encrypted: str, signed: str, at: str, nonce: str) -> str:
    return (
        f"<xml><Encrypt>{cdata(encrypted)}</Encrypt><MsgSignature>{cdata(signed)}</MsgSignature>"
        f"<TimeStamp>{at}</TimeStamp><Nonce>{cdata(nonce)}</Nonce></xml>"
    )


def numbered(text: str, choices: Sequence[Choice], hint: str) -> str:
    """`text` with its choices as numbered lines. When both do not fit, the words give way: a citizen can do
    with a shortened sentence, not with a missing choice."""
    if not choices:
        return text
    menu = "\n".join(["", hint, *(f"{number}. {choice.label}" for number, choice in enumerate(choices, 1))])
    return cut(text, MAX_BYTES - len(menu.encode())) + menu


def cut(text: str, room: int) -> str:
    """`text` within `room` bytes of UTF-8, cut between code points, with … where something is missing."""
    raw = text.encode()
    if len(raw) <= room:
        return text
    return raw[: max(room - 3, 0)].decode(errors="ignore") + "…"
