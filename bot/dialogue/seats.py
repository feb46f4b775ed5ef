"""After a person: the stars that were asked for, and the words that may follow them.

Words count as a rating only while nothing else is in them: a matter, a wish for a person or a courtesy goes
its usual way, so no request is lost in a rating.
"""

from __future__ import annotations

import re

from actions.base import RateSeat
from bot.dialogue.moment import Moment, understood
from bot.dialogue.types import Decision

_PLAIN = ("", "inform", "add_detail", "rate")  # what the model calls words that say something
_STARS = re.compile(r"([1-5]):(\d{1,18})")


def rated(moment: Moment) -> Decision | None:
    word, rest = moment.choice
    if word == "seat":
        found = _STARS.fullmatch(rest)
        return _stars(moment, int(found[1]), int(found[2])) if found else None
    return None if word else _words(moment)


def _stars(moment: Moment, stars: int, handover: int) -> Decision:
    """An open request keeps its question; without one, what comes next may be words about the person."""
    asked = moment.state.asked if moment.draft else f"seat:{handover}"
    return understood(moment.state, RateSeat(handover, stars), asked=asked)


def _words(moment: Moment) -> Decision | None:
    word, _, handover = moment.state.asked.partition(":")
    meaning = moment.meaning
    if word != "seat" or not handover.isdigit() or moment.draft is not None or not meaning.text:
        return None
    a_matter = meaning.emergency or meaning.requests or (meaning.sure and meaning.service)
    if a_matter or meaning.by_rule or meaning.act not in _PLAIN:
        return None
    return understood(moment.state, RateSeat(int(handover), None, meaning.text), asked="")
