"""The XML of passive replies. wechatpy's replies let `]]>` end the CDATA, so a citizen's words could add
elements; here text is cleaned and `]]>` split over two CDATA sections."""

from __future__ import annotations

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
