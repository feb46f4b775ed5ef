"""The farmers' calendar, for "腊月二十八" and for feasts that move (春节, 端午, 中秋).

One number a year from 2000 to 2039: bits 15 to 4 say whether months 1 to 12 have 30 days, bits 3 to 0 which
month comes twice, bit 16 whether that second one has 30 days.
"""

from __future__ import annotations

from datetime import date, timedelta

_FIRST = 2000
_NEW_YEAR = date(2000, 2, 5)
_YEARS = (
    0x0C960, 0x0D954, 0x0D4A0, 0x0DA50, 0x07552, 0x056A0, 0x0ABB7, 0x025D0, 0x092D0, 0x0CAB5,
    0x0A950, 0x0B4A0, 0x0BAA4, 0x0AD50, 0x055D9, 0x04BA0, 0x0A5B0, 0x15176, 0x052B0, 0x0A930,
    0x07954, 0x06AA0, 0x0AD50, 0x05B52, 0x04B60, 0x0A6E6, 0x0A4E0, 0x0D260, 0x0EA65, 0x0D530,
    0x05AA0, 0x076A3, 0x096D0, 0x04AFB, 0x04AD0, 0x0A4D0, 0x1D0B6, 0x0D250, 0x0D520, 0x0DD45,
)  # fmt: skip


def _months(year: int) -> list[tuple[int, int]]:
    """Month and its days, in order; a month that comes twice stands there twice."""
    facts = _YEARS[year - _FIRST]
    out = []
    for month in range(1, 13):
        out.append((month, 30 if facts >> (16 - month) & 1 else 29))
        if facts & 0xF == month:
            out.append((month, 30 if facts >> 16 else 29))
    return out


def solar(year: int, month: int, day: int) -> date | None:
    """The day in our calendar; of a month that comes twice the first. None outside the table."""
    if not _FIRST <= year < _FIRST + len(_YEARS):
        return None
    at = _NEW_YEAR + timedelta(days=sum(days for y in range(_FIRST, year) for _, days in _months(y)))
    for name, days in _months(year):
        if name == month:
            return at + timedelta(days=day - 1) if 1 <= day <= days else None
        at += timedelta(days=days)
    return None


def latest(month: int, day: int, today: date) -> date | None:
    """The last time that this day of the farmers' year came."""
    for year in (today.year, today.year - 1):
        found = solar(year, month, day)
        if found and found <= today:
            return found
    return None
