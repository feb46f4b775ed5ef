""" "不是路灯", "你理解错了": the request was opened about the wrong thing.

Everything said so far is read once more without the service that the citizen refused, together with the
words that say it better; what is sure then is begun, what is likely offered. The second time a person helps.
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
_NOT_THAT = re.compile(  # 噪音 is enough for 生活娱乐噪音
    r"(?:(?:不对|错了?|no)[,，。\s]*)?(?:不是|并非|not)\s*(?:说|指|要|想|反映|投诉|about )*"
    r"(\S{2,12}?|[a-z][a-z ]{2,20}?)(?:的?(?:事|问题|类|方面))*\s*(?:$|[,，。.!！;；]|而?是)",
    re.IGNORECASE,
)


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
        return to_person(moment.with_state(draft=replace(draft, service=ServiceId(""))), "misunderstood")
    loose = tuple(dict.fromkeys((*state.loose, *draft.attachments)))
    again = replace(closed(state), refused=(service.id,), loose=loose)
    return Decision(again, (say("mistaken"),), next="\n".join(filter(None, (said, _instead(meaning.text)))))


def _refuses(moment: Moment, service: Service) -> bool:
    text, state = phrases.plain(moment.meaning.text), moment.state
    just_begun = state.questions == 1 and state.asked not in ("confirm", "change", "")
    if phrases.MISTAKEN.match(text) or (just_begun and phrases.NOT_SO.match(text)):
        return True
    named = _NOT_THAT.match(text)
    return named is not None and named.group(1).lower() in moment.title(service.id).lower()


def _instead(text: str) -> str:
    """The words after "是…": what it is about."""
    found = _INSTEAD.search(text)
    said = found.group(1).strip() if found else ""
    return said if len(said) >= _LEAST else ""
