"""How a message travelled, in the few words that /try shows beside it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Literal

from standins.base import Answered

Provider = Literal["twilio", "aliyun", "tencent"]
NAMES: Mapping[Provider, str] = {"twilio": "Twilio", "aliyun": "阿里云短信", "tencent": "腾讯云短信"}
PROOFS: Mapping[Provider, str] = {
    "twilio": "X-Twilio-Signature",
    "aliyun": "地址中的密钥",
    "tencent": "地址中的密钥",
}


def verdict(answered: Answered, proof: str) -> dict[str, str]:
    said = {0: "没有应答", 200: f"通过（{proof}）", 204: f"通过（{proof}）", 403: f"被拒绝（{proof}）"}
    return {"校验": said.get(answered.status, f"HTTP {answered.status}")}


def sms_facts(provider: Provider, text: str) -> dict[str, str]:
    units = len(text.encode("utf-16-le")) // 2
    parts = 1 if units <= 70 else -(-units // 67)
    return {"通道": NAMES[provider], "长度": f"{units} 字，计 {parts} 条"}


def template(templates: Mapping[str, str], text: str) -> str:
    """Which approved template a delivered text was made from."""
    for code, template in templates.items():
        pattern = re.sub(r"(?:\\\$)?\\\{\w+\\\}", ".*", re.escape(template))
        if re.search(f"{pattern}$", text, re.DOTALL):
            return code
    return ""
