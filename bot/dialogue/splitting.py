"""Several requests in one message, told apart by the words with which people begin the next one.

The model's own separation is believed first; this is for models that give none, so it is careful: a new
sentence must begin with "另外" or the like and tell of trouble by itself.
"""

from __future__ import annotations

import re

from bot.dialogue import details

_NEXT = re.compile(
    r"(?:(?<=[。；;！!\n])|(?<=\. ))\s*"
    r"(?=(?:另外|还有一?[件个]?|再有|再就是|第[二三四][件个点]?|其次|顺便|also,? )\S)",
    re.IGNORECASE,
)
_LONGEST = 160  # a long letter is one matter told at length
_LEAST = 6


def requests(text: str, given: tuple[str, ...]) -> tuple[str, ...]:
    """The separate requests of a message; empty when it holds one."""
    if given or len(text) > _LONGEST:
        return given
    parts = [part.strip() for part in _NEXT.split(text) if part.strip()]
    if len(parts) < 2 or not all(len(part) >= _LEAST and details.trouble(part) for part in parts[1:]):
        return ()
    return tuple(parts) if details.trouble(parts[0]) else ()
