""" "不是路灯", "你理解错了": the request was opened about the wrong thing.

The words that say it better are read, or else everything said so far once more; without the service that the
citizen refused. What is sure then is begun, what is likely offered. The second time a person helps.
"""

from __future__ import annotations

import re
from dataclasses import replace

from actions.base import Draft, ServiceId
from bot.dialogue import correcting, phrases
from bot.dialogue.moment import Moment, closed, say, to_person
from bot.dialogue.types import Decision, Service

_LEAST = 4  # characters that say anything
_INSTEAD = re.compile(
    r"(?:[，,。;；\s]|而)+(?:我(?:说|指|问|要说)的)?(?:是|it's|i mean)\s*(.+)$", re.IGNORECASE
)
_NOT = r"(?:(?:不对|错了?|no)[,，。\s]*)?(?:不是|并非|not)\s*(?:说|指|要|想|反映|投诉|about )*"
_END = r"(?:的?(?:事|问题|类|方面))*\s*(?:$|[,，。.!！;；]|而?是)"
_PARTS = re.compile(r"[与和、/]| and ", re.IGNORECASE)


def refused(moment: Moment, draft: Draft, service: Service) -> Decision | None:
    """Taken up again from the beginning; None where nothing is refused."""
    meaning = moment.meaning
    if meaning.payload or not meaning.text or not _refuses(moment, service):
        return None
    better = correcting.other_service(moment, draft)
    if better is not None:
        return better
    state = moment.state
    said = draft.text.removesuffix(meaning.text).strip()
    if state.refused:
        return to_person(moment, "misunderstood")
    again = replace(closed(state), refused=(service.id,))
    if instead := _instead(meaning.text):
        waiting = replace(draft, service=ServiceId(""), text=said)
        return Decision(replace(again, draft=waiting, asked="service"), (say("mistaken"),), next=instead)
    loose = tuple(dict.fromkeys((*state.loose, *draft.attachments)))
    return Decision(replace(again, loose=loose), (say("mistaken"),), next=said)


def _refuses(moment: Moment, service: Service) -> bool:
    text, state = phrases.plain(moment.meaning.text), moment.state
    just_begun = state.questions == 1 and state.asked not in ("confirm", "change", "")
    if phrases.MISTAKEN.match(text) or (just_begun and phrases.NOT_SO.match(text)):
        return True
    title = moment.title(service.id)
    names = "|".join(re.escape(name) for part in (title, *_PARTS.split(title)) for name in _beginnings(part))
    return bool(re.match(f"{_NOT}(?:{names}){_END}", text, re.IGNORECASE))


def _beginnings(title: str) -> list[str]:
    """A service is called by the beginning of its name, too: 垃圾 for 垃圾环卫."""
    name = title.strip()
    return [name[:length] for length in range(2, len(name) + 1)]


def _instead(text: str) -> str:
    """The words after "是…": what it is about."""
    found = _INSTEAD.search(text)
    said = found.group(1).strip() if found else ""
    return said if len(said) >= _LEAST else ""
