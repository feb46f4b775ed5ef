"""Numbers as people write them: 3, 1.2万, 三千六, 十几, 两万八, 二〇二五."""

from __future__ import annotations

import re

_DIGITS = {c: i for i, c in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2, "俩": 2, "仨": 3, "幺": 1}
_UNITS = {
    "十": 10,
    "百": 100,
    "千": 1000,
    "k": 1000,
    "K": 1000,
    "w": 10_000,
    "W": 10_000,
    "万": 10_000,
    "亿": 10**8,
}
CHARS = "零〇一二两三四五六七八九十百千万亿"
NUMBER = rf"(?:\d[\d,]*(?:\.\d+)?(?:[十百千万亿]|[kKwW](?![A-Za-z]))*[{CHARS}]*|[{CHARS}]+)"
ABOUT = "[多几余来好]"


def digits(text: str) -> str | None:
    """A run read out digit by digit (一三八 → 138); None if something else is in it."""
    out = [str(_DIGITS[c]) if c in _DIGITS else c for c in text]
    return "".join(out) if all(c.isascii() and c.isdigit() for c in out) else None


def number(text: str) -> float | None:
    """The value, None if it is no number. 几 and 多 ("some") count as nothing: 三十几 → 30."""
    text = re.sub(r"[,\s]|" + ABOUT, "", text)
    if not text:
        return None
    if re.fullmatch(r"\d+(\.\d+)?", text):
        return float(text)
    if len(text) > 1 and (run := digits(text)) is not None:
        return float(run)
    return _composed(text)


def _composed(text: str) -> float | None:
    total = section = 0.0
    current: float | None = None
    last_unit = 1
    for piece in re.findall(r"\d+(?:\.\d+)?|.", text):
        if piece[0].isdigit() and piece.isascii():
            current = float(piece)
        elif piece in _DIGITS:
            current = float(_DIGITS[piece])
        elif piece in _UNITS:
            unit = _UNITS[piece]
            if unit >= 10_000:
                section = (section + (current or 0)) or 1
                total += section * unit
                section = 0
            else:
                section += (1 if current is None else current) * unit
            current, last_unit = None, unit
        else:
            return None
    if current is not None:
        # 三千六 is 3600, 两万八 is 28000; 三千零六 is 3006.
        trailing = last_unit // 10 if last_unit >= 100 and len(text) > 1 and text[-2] in _UNITS else 1
        section += current * trailing
    return total + section
