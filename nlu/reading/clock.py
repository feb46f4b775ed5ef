"""The day that "yesterday" is counted from: the city's, not the machine's."""

from __future__ import annotations

import os
from datetime import date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

SETTING = "LIANXIN_TIMEZONE"


def today() -> date:
    """The date in the city's time zone."""
    try:
        zone: ZoneInfo | timezone = ZoneInfo(os.environ.get(SETTING, "Asia/Shanghai"))
    except ZoneInfoNotFoundError:  # a machine without the time zone database
        zone = timezone(timedelta(hours=8))
    return datetime.now(zone).date()
